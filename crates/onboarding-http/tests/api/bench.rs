//! The API on a store in memory with two companies, and short words to call it.

use std::{rc::Rc, sync::Arc};

use actix_web::{
    App,
    body::BoxBody,
    dev::ServiceResponse,
    http::{Method, StatusCode, header::HeaderMap},
    middleware::from_fn,
    test::{self, TestRequest},
    web,
};
use async_trait::async_trait;
use futures_util::future::LocalBoxFuture;
use onboarding_access::{
    Access, AccessPorts,
    local::LocalSignIn,
    openid::{OpenIdPorts, OpenIdSignIn, SecretReader},
};
use onboarding_core::{
    CompanyId, Draw, Role, SecretRef,
    access::{SignInMeans, TokenScope, TokenWish},
    audit::{AuditFilter, NewAuditEntry, Origin},
    config::CompanyConfig,
    ports::{Clock, Entropy, OnboardingStore, SetUp, SetUpReport, SetUpState, SetUpStep, SetUpWish},
};
use onboarding_http::{
    api::{self, Api, Endpoint, Limiter, Limits},
    headers::{self, Surroundings},
    pages::{self, Live, WaysIn},
};
use onboarding_testkit::{ManualClock, MemoryStore, SeededEntropy, acme, acme_id, create, number};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::provider::CLIENT_SECRET;

/// The origin of our pages.
pub(crate) const ORIGIN: &str = "https://onboarding.example";

pub(crate) struct Bench {
    pub(crate) api: web::Data<Api>,
    pub(crate) clock: ManualClock,
    app: Served,
}

/// The whole table, mounted once.
type Served = Box<dyn Fn(TestRequest) -> LocalBoxFuture<'static, ServiceResponse<BoxBody>>>;

const HTTPS: Surroundings = Surroundings {
    https: true,
    demo: false,
};

async fn served(api: web::Data<Api>, ways: WaysIn) -> Served {
    let endpoints = endpoints_of(&ways);
    let app = App::new()
        .app_data(web::Data::new(ways))
        .app_data(web::Data::new(Live::default()))
        .wrap(from_fn(|request, next| headers::secure(HTTPS, request, next)))
        .configure(|app| api::configure(app, api, &endpoints));
    let app = Rc::new(test::init_service(app).await);
    Box::new(move |request| {
        let app = app.clone();
        Box::pin(async move {
            test::call_service(&*app, request.to_request())
                .await
                .map_into_boxed_body()
        })
    })
}

/// Every reference leads to the provider's secret.
struct OneSecret;

impl SecretReader for OneSecret {
    fn read(&self, _: &CompanyId, _: &SecretRef) -> Option<SecretString> {
        Some(CLIENT_SECRET.into())
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The end of the problem's type, and nothing for what is no problem.
    pub(crate) fn kind(&self) -> &str {
        let kind = self.json["type"].as_str().unwrap_or_default();
        kind.strip_prefix("urn:onboarding:problem:").unwrap_or_default()
    }
}

/// A browser's session.
pub(crate) struct Browser {
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

impl Bench {
    /// Fresh chance.
    pub(crate) fn draw(&self) -> Draw {
        Draw::from_seed(self.api.entropy.seed())
    }

    pub(crate) async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    pub(crate) async fn with(limits: Limits) -> Self {
        Self::with_microsoft_at("http://127.0.0.1:9", limits).await
    }

    /// Microsoft signs people in there.
    pub(crate) async fn with_microsoft_at(authority: &str, limits: Limits) -> Self {
        let (clock, entropy) = (ManualClock::default(), SeededEntropy::new(5));
        let store: Arc<dyn OnboardingStore> = Arc::new(MemoryStore::new());
        for (company, config) in companies() {
            create(
                store.as_ref(),
                &company,
                &config,
                &mut Draw::from_seed(entropy.seed()),
            )
            .await;
        }
        Self::build(store, clock, entropy, limits, authority).await
    }

    /// On a store that is there.
    pub(crate) async fn on(
        store: Arc<dyn OnboardingStore>,
        clock: ManualClock,
        entropy: SeededEntropy,
        limits: Limits,
    ) -> Self {
        Self::build(store, clock, entropy, limits, "http://127.0.0.1:9").await
    }

    async fn build(
        store: Arc<dyn OnboardingStore>,
        clock: ManualClock,
        entropy: SeededEntropy,
        limits: Limits,
        authority: &str,
    ) -> Self {
        let clock_port: Arc<dyn Clock> = Arc::new(clock.clone());
        let entropy: Arc<dyn Entropy> = Arc::new(entropy);
        let openid = OpenIdPorts {
            store: store.clone(),
            clock: clock_port.clone(),
            entropy: entropy.clone(),
            secrets: Arc::new(OneSecret),
        };
        let api = web::Data::new(Api {
            openid: OpenIdSignIn::new(openid, authority).unwrap(),
            access: Access::new(AccessPorts::on_store(&store, clock_port.clone(), entropy.clone())),
            local: LocalSignIn::on_store(&store, clock_port.clone(), entropy.clone()),
            store,
            clock: clock_port,
            entropy,
            limits: Limiter::new(limits),
            proxies: "10.0.0.0/8".parse().unwrap(),
            origin: Some(ORIGIN.to_owned()),
            set_up: Arc::new(Unsubscribed),
        });
        let app = served(api.clone(), ways()).await;
        Self { api, clock, app }
    }

    /// No demo: people have passwords.
    pub(crate) async fn with_passwords(limits: Limits) -> Self {
        let bench = Self::with(limits).await;
        let ways = WaysIn {
            demo: None,
            local: true,
        };
        let app = served(bench.api.clone(), ways).await;
        Self { app, ..bench }
    }

    /// A new token of the company.
    pub(crate) async fn token(&self, company: &CompanyId, scopes: &[TokenScope]) -> String {
        let now = self.clock.now();
        let expires_at = now + std::time::Duration::from_hours(24);
        let wish = TokenWish::new("a service", scopes.to_vec(), expires_at, now).unwrap();
        let created = self
            .api
            .access
            .create_token(company, wish, &Origin::operator("tests"))
            .await;
        created.unwrap().secret.expose_secret().to_owned()
    }

    /// The user signs in.
    pub(crate) async fn signs_in(&self, company: &CompanyId, username: &str) -> Browser {
        let user = self
            .api
            .store
            .user_named(company, username)
            .await
            .unwrap()
            .unwrap();
        let opened = self
            .api
            .access
            .open_session(company, &user, SignInMeans::Password, true, None)
            .await;
        let text = opened.unwrap().secret.expose_secret().to_owned();
        Browser {
            csrf: onboarding_access::csrf_token(&text),
            cookie: format!("{}={text}", api::SESSION_COOKIE),
        }
    }

    /// Sends the request as it is.
    pub(crate) async fn sends(&self, request: TestRequest) -> Answer {
        let response = (self.app)(request).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = test::read_body(response).await;
        // Pictures are no text; whoever looks at them takes the bytes.
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer {
            status,
            headers,
            bytes: bytes.to_vec(),
            text,
            json,
        }
    }

    /// What the audit of the company tells, in order.
    pub(crate) async fn audit(&self, company: &CompanyId) -> Vec<NewAuditEntry> {
        let filter = AuditFilter::default();
        let entries = self.api.store.audit_entries(company, &filter, 0, 999).await;
        entries.unwrap().into_iter().map(|entry| entry.content).collect()
    }

    /// A request of a session from a page of ours.
    pub(crate) async fn browses(&self, browser: &Browser, request: TestRequest) -> Answer {
        let request = request
            .insert_header(("Cookie", browser.cookie.as_str()))
            .insert_header(("Origin", ORIGIN))
            .insert_header(("X-CSRF-Token", browser.csrf.as_str()));
        self.sends(request).await
    }
}

/// Acme is a demo here.
pub(crate) fn ways() -> WaysIn {
    WaysIn {
        demo: Some(acme_id()),
        local: true,
    }
}

pub(crate) fn all_endpoints() -> Vec<Endpoint> {
    endpoints_of(&ways())
}

fn endpoints_of(ways: &WaysIn) -> Vec<Endpoint> {
    [api::endpoints(), pages::endpoints(ways)].concat()
}

pub(crate) fn request(method: &str, path: &str) -> TestRequest {
    TestRequest::with_uri(path).method(Method::from_bytes(method.as_bytes()).unwrap())
}

pub(crate) fn with_token(method: &str, path: &str, token: &str) -> TestRequest {
    request(method, path).insert_header(("Authorization", format!("Bearer {token}")))
}

pub(crate) fn with_body(request: TestRequest, body: &str) -> TestRequest {
    request
        .insert_header(("Content-Type", "application/json"))
        .set_payload(body.to_owned())
}

/// Acme and a second company of the same shape. Michael is an admin, Lee an auditor, Dom a user.
pub(crate) fn companies() -> [(CompanyId, CompanyConfig); 2] {
    let mut ours = acme();
    for user in &mut ours.users {
        match user.username.as_str() {
            "michael" => user.roles = vec![Role::Admin],
            "lee" => user.roles = vec![Role::Auditor],
            _ => {}
        }
    }
    let mut theirs = ours.clone();
    let renumber = |text: &str| number(&text.replace("+8525", "+8526"));
    for account in &mut theirs.official_accounts {
        account.phone_number = renumber(account.phone_number.as_str());
        account.phone_number_id = format!("id-{}", account.phone_number.digits());
        "waba-initech".clone_into(&mut account.waba_id);
    }
    for pool in &mut theirs.pools {
        pool.primary = renumber(pool.primary.as_str());
        for secondary in &mut pool.secondaries {
            *secondary = renumber(secondary.as_str());
        }
    }
    [(acme_id(), ours), (initech(), theirs)]
}

pub(crate) fn initech() -> CompanyId {
    CompanyId::parse("initech").unwrap()
}

/// WhatsApp with one account, to which our app is not subscribed.
struct Unsubscribed;

#[async_trait]
impl SetUp for Unsubscribed {
    async fn set_up(&self, company: &CompanyId, wish: &SetUpWish) -> SetUpReport {
        if wish.accounts == ["404"] {
            return SetUpReport {
                steps: Vec::new(),
                outcome: Err("account 404: cannot be looked at: <b>it is not yours</b>".to_owned()),
            };
        }
        let state = if wish.dry_run {
            SetUpState::Would
        } else {
            SetUpState::Done
        };
        let text = "subscribe our app to account 2000".to_owned();
        SetUpReport {
            steps: vec![SetUpStep { state, text }],
            outcome: Ok(format!("[company]\nid = \"{company}\"\n")),
        }
    }
}
