//! Coming in through an identity provider, and everything that a hostile one or a hostile browser tries.

mod beside;

use std::{collections::BTreeMap, time::Duration};

use onboarding_core::{
    ButtonKey, ExternalIdentity, ExternalSubject, IdentityProvider, Issuer, SecretRef, SignInSettings,
    SubjectClaim, UserId,
    audit::Origin,
    config::{CompanyConfig, ConfigChange},
    ports::ApplyOutcome,
};
use onboarding_testkit::acme_id;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    bench::{Answer, Bench, ORIGIN, request},
    provider::{Key, Provider, unsigned},
    world::no_limits,
};

/// Changes honest claims, or gives another token altogether.
type Forge<'a> = Box<dyn Fn(&mut Value) -> Option<String> + 'a>;

/// By what the provider names Dom.
const SUBJECT: &str = "u-7f3a|dom";

/// Applies what was changed in Acme's configuration.
pub(crate) async fn configures(bench: &Bench, edit: impl FnOnce(&mut CompanyConfig)) {
    let store = &bench.api.store;
    let (mut config, revision) = store.config(&acme_id()).await.unwrap().unwrap();
    edit(&mut config);
    let settings = ConfigChange::PutCompany {
        new_key: ButtonKey::from_bytes([1; 32]),
        settings: Box::new(config.settings.clone()),
    };
    let users = config.users.iter().map(|user| ConfigChange::PutUser {
        new_id: UserId::from_uuid(Uuid::nil()),
        user: user.clone(),
    });
    let changes = std::iter::once(settings).chain(users).collect();
    let now = bench.api.clock.now();
    let by = Origin::operator("tests");
    let applied = store
        .apply(&acme_id(), Some(revision), changes, &by, now)
        .await
        .unwrap();
    assert!(matches!(applied, ApplyOutcome::Applied(_)), "{applied:?}");
}

pub(crate) fn gives(config: &mut CompanyConfig, username: &str, issuer: &str, subject: &str) {
    let user = config
        .users
        .iter_mut()
        .find(|user| user.username == username)
        .unwrap();
    user.identities = vec![ExternalIdentity {
        issuer: Issuer::parse(issuer).unwrap(),
        subject: ExternalSubject::parse(subject).unwrap(),
    }];
}

fn settings(issuer: &str) -> SignInSettings {
    SignInSettings {
        provider: Some(IdentityProvider {
            issuer: Issuer::parse(issuer).unwrap(),
            client_id: "acme-client".to_owned(),
            client_secret: SecretRef::Env("ACME_OIDC_SECRET".to_owned()),
            subject_claim: SubjectClaim::Sub,
            second_factor: false,
        }),
        ..SignInSettings::default()
    }
}

/// Acme has a provider, which knows Dom.
async fn bench() -> (Bench, Provider) {
    let bench = Bench::with_passwords(no_limits()).await;
    let provider = Provider::start("");
    configures(&bench, |config| {
        config.settings.sign_in = settings(&provider.issuer);
        gives(config, "dom", &provider.issuer, SUBJECT);
    })
    .await;
    (bench, provider)
}

/// A browser on its way to the provider.
struct Away {
    cookie: String,
    asked: BTreeMap<String, String>,
}

fn cookies(answer: &Answer) -> Vec<String> {
    let all = answer.headers.get_all("set-cookie");
    all.map(|cookie| cookie.to_str().unwrap().to_owned()).collect()
}

fn session(answer: &Answer) -> Option<String> {
    let set = cookies(answer)
        .into_iter()
        .find(|cookie| cookie.starts_with("__Host-s="));
    set.map(|cookie| cookie.split(';').next().unwrap().to_owned())
}

async fn leaves(bench: &Bench) -> Away {
    let answer = bench
        .sends(request("GET", "/sign-in/provider?company=acme"))
        .await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let set = cookies(&answer);
    let cookie = set.iter().find(|one| one.starts_with("__Host-sign-in=")).unwrap();
    for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=600"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let location = answer.header("location");
    let query = location.split_once('?').unwrap().1;
    let asked = actix_web::web::Query::<BTreeMap<String, String>>::from_query(query);
    Away {
        cookie: cookie.split(';').next().unwrap().to_owned(),
        asked: asked.unwrap().into_inner(),
    }
}

impl Away {
    /// What an honest provider says of Dom.
    fn claims(&self, bench: &Bench, provider: &Provider) -> Value {
        let now = bench.api.clock.now().as_micros() / 1_000_000;
        json!({
            "iss": provider.issuer, "aud": "acme-client", "sub": SUBJECT, "nonce": self.asked["nonce"],
            "iat": now, "exp": now + 300,
        })
    }

    /// The provider has this token ready for the code that it gives the browser.
    fn is_given(&self, provider: &Provider, token: String) {
        let challenge = self.asked["code_challenge"].clone();
        provider
            .says()
            .codes
            .insert("the-code".to_owned(), (challenge, token));
    }

    async fn comes_back(&self, bench: &Bench) -> Answer {
        let query = format!("code=the-code&state={}", self.asked["state"]);
        returns(bench, &query, Some(&self.cookie)).await
    }
}

async fn returns(bench: &Bench, query: &str, cookie: Option<&str>) -> Answer {
    let mut asked = request("GET", &format!("/sign-in/callback?{query}"));
    if let Some(cookie) = cookie {
        asked = asked.insert_header(("Cookie", cookie));
    }
    bench.sends(asked.insert_header(("Accept", "text/html"))).await
}

/// Why the last sign-in was refused, as the audit tells it, and how many entries there are.
async fn told(bench: &Bench) -> (usize, String) {
    let entries = bench.audit(&acme_id()).await;
    let denied = entries
        .iter()
        .filter(|entry| entry.subject_id == "GET /sign-in/callback");
    let last = denied.clone().next_back().and_then(|entry| entry.after.clone());
    (denied.count(), last.unwrap_or_default())
}

fn is_refused(answer: &Answer, words: &str) {
    assert!(matches!(answer.status.as_u16(), 403 | 502), "{}", answer.status);
    assert_eq!(session(answer), None, "no session");
    assert!(answer.text.contains(words), "{}", answer.text);
    for secret in [SUBJECT, "the-code", "acme-client"] {
        assert!(!answer.text.contains(secret), "{secret}: {}", answer.text);
    }
    let over = cookies(answer)
        .iter()
        .any(|one| one.starts_with("__Host-sign-in=;"));
    assert!(over, "{:?}", cookies(answer));
}

const BROKEN: &str = "The sign-in was not completed";

#[actix_web::test]
async fn whom_the_provider_knows_signs_in_with_code_and_verifier() {
    let (bench, provider) = bench().await;
    let page = bench.sends(request("GET", "/sign-in?company=acme")).await;
    assert!(
        page.text.contains("href=\"/sign-in/provider?company=acme\""),
        "{}",
        page.text
    );
    assert!(
        !page.text.contains("name=\"password\""),
        "the company set no passwords"
    );
    let away = leaves(&bench).await;
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "acme-client"),
        ("scope", "openid"),
        ("code_challenge_method", "S256"),
        ("redirect_uri", &format!("{ORIGIN}/sign-in/callback")),
    ] {
        assert_eq!(away.asked[name], value);
    }
    away.is_given(&provider, provider.key.signs(&away.claims(&bench, &provider)));
    let answer = away.comes_back(&bench).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (303, "/app/profile")
    );
    let asked = request("GET", "/api/v1/me").insert_header(("Cookie", session(&answer).unwrap()));
    assert_eq!(bench.sends(asked).await.json["user"]["username"], "dom");
    assert!(
        cookies(&answer)
            .iter()
            .any(|one| one.starts_with("__Host-sign-in=;"))
    );
    let entries = bench.audit(&acme_id()).await;
    let entry = entries.iter().find(|entry| entry.action == "sign_in").unwrap();
    assert_eq!(
        entry.after.as_deref(),
        Some("{\"means\":\"openid_connect\",\"second_factor\":false}")
    );
    assert!(!format!("{entries:?}").contains(&away.asked["state"]));
}

#[actix_web::test]
async fn a_token_that_is_not_what_was_asked_for_opens_no_session_and_the_audit_names_the_reason() {
    let (bench, provider) = bench().await;
    let stranger = Key::new("first");
    let elsewhere = Key::new("elsewhere");
    let claim = |name: &'static str, value: Value| -> Forge<'_> {
        Box::new(move |claims: &mut Value| {
            claims[name] = value.clone();
            None
        })
    };
    let without = |name: &'static str| -> Forge<'_> {
        Box::new(move |claims: &mut Value| {
            claims.as_object_mut().unwrap().remove(name);
            None
        })
    };
    let now = bench.api.clock.now().as_micros() / 1_000_000;
    let forgeries: Vec<(&str, Forge<'_>)> = vec![
        (
            "the issuer is another",
            claim("iss", "https://login.example.com".into()),
        ),
        (
            "the issuer is another",
            claim("iss", format!("{}/", provider.issuer).into()),
        ),
        ("the token cannot be read", claim("iss", json!([provider.issuer]))),
        ("the token cannot be read", without("iss")),
        ("the audience is another", claim("aud", "another-client".into())),
        (
            "the audience is another",
            claim("aud", json!(["acme-client", "another-client"])),
        ),
        ("the audience is another", claim("aud", json!([]))),
        ("the token cannot be read", without("aud")),
        (
            "the authorised party is another",
            claim("azp", "another-client".into()),
        ),
        ("it has expired", claim("exp", (now - 61).into())),
        ("the token cannot be read", without("exp")),
        ("the token cannot be read", claim("exp", "2099".into())),
        ("it is not valid yet", claim("nbf", (now + 61).into())),
        ("it is not valid yet", claim("iat", (now + 61).into())),
        ("the token cannot be read", without("iat")),
        ("the nonce is missing", without("nonce")),
        ("the nonce is another", claim("nonce", "another".into())),
        ("the token names nobody", without("sub")),
        ("the token names nobody", claim("sub", "".into())),
        (
            "the algorithm of the signature is not allowed",
            Box::new(|claims| Some(unsigned(claims))),
        ),
        (
            "the algorithm of the signature is not allowed",
            Box::new(|claims| Some(provider.key.misused(claims))),
        ),
        (
            "the algorithm of the signature is not allowed",
            Box::new(|claims| {
                Some(
                    provider
                        .key
                        .signs_as(&json!({ "alg": "None", "kid": "first" }), claims),
                )
            }),
        ),
        (
            "the signature is wrong",
            Box::new(|claims| Some(stranger.signs(claims))),
        ),
        (
            "the key is none of the provider's",
            Box::new(|claims| Some(elsewhere.signs(claims))),
        ),
        (
            "the key is none of the provider's",
            Box::new(|claims| {
                let own = json!({ "alg": "ES256", "kid": "mine", "jwk": elsewhere.published() });
                Some(elsewhere.signs_as(&own, claims))
            }),
        ),
        (
            "the token cannot be read",
            Box::new(|claims| {
                let header = json!({ "alg": "ES256", "kid": "first", "crit": ["b64"], "b64": false });
                Some(provider.key.signs_as(&header, claims))
            }),
        ),
        (
            "the token cannot be read",
            Box::new(|_| Some("no.token".to_owned())),
        ),
        (
            "the signature is wrong",
            Box::new(|claims| {
                let honest = provider.key.signs(claims);
                claims["sub"] = "somebody-else".into();
                let forged = provider.key.signs(claims);
                let (message, _) = forged.rsplit_once('.').unwrap();
                Some(format!("{message}.{}", honest.rsplit_once('.').unwrap().1))
            }),
        ),
    ];
    for (place, (reason, forge)) in forgeries.into_iter().enumerate() {
        let away = leaves(&bench).await;
        let mut claims = away.claims(&bench, &provider);
        let forged = forge(&mut claims);
        let token = forged.unwrap_or_else(|| provider.key.signs(&claims));
        away.is_given(&provider, token);
        is_refused(&away.comes_back(&bench).await, BROKEN);
        let (count, last) = told(&bench).await;
        assert_eq!(count, place + 1, "{reason}");
        assert!(last.contains(reason), "{reason}: {last}");
        assert!(
            !last.contains(SUBJECT) && !last.contains(&away.asked["nonce"]),
            "{last}"
        );
    }
    // The same, honest.
    let away = leaves(&bench).await;
    away.is_given(&provider, provider.key.signs(&away.claims(&bench, &provider)));
    assert!(session(&away.comes_back(&bench).await).is_some());
}

#[actix_web::test]
async fn an_answer_is_good_once_and_for_the_browser_that_asked() {
    let (bench, provider) = bench().await;
    let away = leaves(&bench).await;
    let token = |away: &Away| provider.key.signs(&away.claims(&bench, &provider));
    let query = |away: &Away| format!("code=the-code&state={}", away.asked["state"]);

    // Another browser: with a sign-in of its own, with none, and with one that somebody made up.
    let other = leaves(&bench).await;
    away.is_given(&provider, token(&away));
    let forged = other.cookie.replace("acme", "initech");
    for cookie in [
        Some(other.cookie.as_str()),
        None,
        Some("__Host-sign-in=x"),
        Some(&forged),
    ] {
        is_refused(&returns(&bench, &query(&away), cookie).await, BROKEN);
    }
    assert_eq!(told(&bench).await.0, 0, "nobody's sign-in is in nobody's audit");
    assert!(
        session(&away.comes_back(&bench).await).is_some(),
        "they spoiled nothing"
    );

    // The same answer again, with a code that is good again.
    away.is_given(&provider, token(&away));
    is_refused(&away.comes_back(&bench).await, BROKEN);
    assert!(told(&bench).await.1.contains("the state was used before"));

    // A code that was stolen elsewhere and is put into this browser's answer: the verifier is another.
    let stolen = leaves(&bench).await;
    let victim = leaves(&bench).await;
    stolen.is_given(&provider, token(&stolen));
    is_refused(&victim.comes_back(&bench).await, "cannot be reached right now");
    assert!(
        told(&bench).await.1.contains("it answers with status 400"),
        "{:?}",
        told(&bench).await
    );

    // Too late.
    let slow = leaves(&bench).await;
    bench.clock.advance(Duration::from_mins(10));
    slow.is_given(&provider, token(&slow));
    is_refused(&slow.comes_back(&bench).await, BROKEN);
    assert!(told(&bench).await.1.contains("took too long"));
}

#[actix_web::test]
async fn what_else_the_provider_may_answer_is_told_in_the_companys_words() {
    let (bench, provider) = bench().await;
    for (sent, words, reason) in [
        (
            "error=access_denied",
            "Your company account was not let in",
            "access_denied",
        ),
        (
            "error=%3Cscript%3E&error_description=x",
            BROKEN,
            "an unknown error",
        ),
        ("error=server_error&code=the-code", BROKEN, "server_error"),
        ("code=", BROKEN, "sent no code"),
        (
            "code=the-code&iss=https://evil.example",
            BROKEN,
            "another provider",
        ),
    ] {
        let away = leaves(&bench).await;
        let query = format!("{sent}&state={}", away.asked["state"]);
        is_refused(&returns(&bench, &query, Some(&away.cookie)).await, words);
        assert!(
            told(&bench).await.1.contains(reason),
            "{reason}: {:?}",
            told(&bench).await
        );
    }
    assert!(!format!("{:?}", bench.audit(&acme_id()).await).contains("script"));
    let other = Provider::start("");
    other.says().discovery["issuer"] = provider.issuer.clone().into();
    configures(&bench, |config| config.settings.sign_in = settings(&other.issuer)).await;
    let answer = bench
        .sends(request("GET", "/sign-in/provider?company=acme"))
        .await;
    assert_eq!(answer.status, 502);
    assert!(
        answer.text.contains("cannot be reached right now"),
        "{}",
        answer.text
    );
}
