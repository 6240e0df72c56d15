//! An identity provider on this machine that says whatever a test wants, signed with keys of its own.

use std::{
    collections::BTreeMap,
    net::TcpListener,
    sync::{Mutex, MutexGuard},
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};

/// A key of the provider, or of somebody else.
pub(crate) struct Key {
    id: &'static str,
    pair: EcdsaKeyPair,
}

impl Key {
    pub(crate) fn new(id: &'static str) -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random);
        Self {
            id,
            pair: pair.unwrap(),
        }
    }

    /// As it is published.
    pub(crate) fn published(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({
            "kty": "EC", "crv": "P-256", "kid": self.id, "use": "sig",
            "x": part(&point[1..33]), "y": part(&point[33..]),
        })
    }

    /// A token signed with it.
    pub(crate) fn signs(&self, claims: &Value) -> String {
        self.signs_as(&json!({ "alg": "ES256", "kid": self.id, "typ": "JWT" }), claims)
    }

    pub(crate) fn signs_as(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// A token that takes the published key for a shared secret.
    pub(crate) fn misused(&self, claims: &Value) -> String {
        let message = message(&json!({ "alg": "HS256", "kid": self.id }), claims);
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.pair.public_key().as_ref());
        let tag = hmac::sign(&key, message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
    }
}

/// A token that nobody signed.
pub(crate) fn unsigned(claims: &Value) -> String {
    format!("{}.", message(&json!({ "alg": "none" }), claims))
}

fn message(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// What it says, and what it was asked.
#[derive(Default)]
pub(crate) struct Says {
    pub(crate) discovery: Value,
    pub(crate) keys: Vec<Value>,
    /// To a code, which is good once: the challenge that it was given for, and the token.
    pub(crate) codes: BTreeMap<String, (String, String)>,
    /// How often it was asked for its keys.
    pub(crate) asked_for_keys: u32,
}

/// The provider.
pub(crate) struct Provider {
    pub(crate) issuer: String,
    pub(crate) key: Key,
    says: web::Data<Mutex<Says>>,
}

/// The secret that it gave us.
pub(crate) const CLIENT_SECRET: &str = "s3cret/+& of acme";

impl Provider {
    /// Below this path; an empty one is its root.
    pub(crate) fn start(path: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let issuer = format!("{base}{path}");
        let key = Key::new("first");
        let says = web::Data::new(Mutex::new(Says {
            discovery: json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{base}/authorize"),
                "token_endpoint": format!("{base}/token"),
                "jwks_uri": format!("{base}/keys"),
            }),
            keys: vec![key.published()],
            ..Says::default()
        }));
        let (shared, discovery) = (says.clone(), format!("{path}/.well-known/openid-configuration"));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .route(&discovery, web::get().to(discover))
                .route("/keys", web::get().to(keys))
                .route("/token", web::post().to(token))
        });
        let server = server
            .workers(1)
            .disable_signals()
            .listen(listener)
            .unwrap()
            .run();
        actix_web::rt::spawn(server);
        Self { issuer, key, says }
    }

    pub(crate) fn says(&self) -> MutexGuard<'_, Says> {
        self.says.lock().unwrap()
    }
}

async fn discover(says: web::Data<Mutex<Says>>) -> HttpResponse {
    HttpResponse::Ok().json(&says.lock().unwrap().discovery)
}

async fn keys(says: web::Data<Mutex<Says>>) -> HttpResponse {
    let mut says = says.lock().unwrap();
    says.asked_for_keys += 1;
    HttpResponse::Ok().json(json!({ "keys": says.keys }))
}

/// As strict as a real one: it knows us by our secret, and gives the token to whom the code was meant for.
async fn token(
    says: web::Data<Mutex<Says>>,
    request: HttpRequest,
    form: web::Form<BTreeMap<String, String>>,
) -> HttpResponse {
    use base64::engine::general_purpose::STANDARD;
    let secret = "s3cret%2F%2B%26+of+acme";
    let ours = format!("Basic {}", STANDARD.encode(format!("acme-client:{secret}")));
    let shown = request
        .headers()
        .get("authorization")
        .map(|value| value.to_str().unwrap());
    let redirect = "https://onboarding.example/sign-in/callback";
    if shown != Some(&ours) || form["redirect_uri"] != redirect || form["grant_type"] != "authorization_code"
    {
        return HttpResponse::Unauthorized().json(json!({ "error": "invalid_client" }));
    }
    let Some((challenge, token)) = says.lock().unwrap().codes.remove(&form["code"]) else {
        return HttpResponse::BadRequest().json(json!({ "error": "invalid_grant" }));
    };
    let digest = ring::digest::digest(&ring::digest::SHA256, form["code_verifier"].as_bytes());
    if URL_SAFE_NO_PAD.encode(digest) != challenge {
        return HttpResponse::BadRequest().json(json!({ "error": "invalid_grant" }));
    }
    HttpResponse::Ok().json(json!({ "access_token": "x", "token_type": "Bearer", "id_token": token }))
}
