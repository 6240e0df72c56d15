//! Calls from a tab of Microsoft Teams, and tokens that are for somebody else.

use actix_web::test::TestRequest;
use onboarding_core::{TeamsSignIn, TenantId};
use onboarding_testkit::acme_id;
use serde_json::{Value, json};

use crate::{
    bench::{Answer, Bench, request, with_token},
    openid::{configures, gives},
    provider::{Key, Provider, unsigned},
    world::no_limits,
};

const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const AUDIENCE: &str = "5a0b1c2d-0000-4000-8000-000000000001";
/// By what the directory names Dom.
const OBJECT: &str = "0b2f4f9e-1111-4222-8333-000000000007";

async fn bench() -> (Bench, Provider) {
    let microsoft = Provider::start(&format!("/{TENANT}/v2.0"));
    let authority = microsoft.issuer.split(&format!("/{TENANT}")).next().unwrap();
    let bench = Bench::with_microsoft_at(authority, no_limits()).await;
    configures(&bench, |config| {
        config.settings.sign_in.teams = Some(TeamsSignIn {
            tenant: TenantId::parse(TENANT).unwrap(),
            audience: AUDIENCE.to_owned(),
        });
        gives(config, "dom", &microsoft.issuer, OBJECT);
    })
    .await;
    (bench, microsoft)
}

fn claims(bench: &Bench, microsoft: &Provider) -> Value {
    let now = bench.api.clock.now().as_micros() / 1_000_000;
    json!({
        "iss": microsoft.issuer, "aud": AUDIENCE, "tid": TENANT, "oid": OBJECT, "sub": "pairwise", "ver": "2.0",
        "scp": "openid access_as_user", "iat": now, "nbf": now, "exp": now + 3600,
        "preferred_username": "dom@acme.example",
    })
}

async fn me(bench: &Bench, token: &str) -> Answer {
    bench.sends(with_token("GET", "/api/v1/me", token)).await
}

#[actix_web::test]
async fn a_token_of_the_companys_directory_calls_as_its_user_and_never_with_a_cookie() {
    let (bench, microsoft) = bench().await;
    let token = microsoft.key.signs(&claims(&bench, &microsoft));
    let seen = me(&bench, &token).await;
    assert_eq!(
        (seen.status.as_u16(), &seen.json["user"]["username"]),
        (200, &json!("dom"))
    );
    assert_eq!(seen.json["csrf_token"], Value::Null);
    let page = bench
        .sends(with_token("GET", "/teams/profile?lang=ar", &token))
        .await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(page.header("set-cookie"), "");
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("frame-ancestors https://teams.microsoft.com"),
        "{policy}"
    );

    // A session is worth nothing there, and nothing that a page of ours would lead to.
    let dom = bench.signs_in(&acme_id(), "dom").await;
    for (method, path) in [
        ("GET", "/teams"),
        ("GET", "/teams/profile"),
        ("GET", "/teams/qr.svg"),
        ("POST", "/teams/notices/00000000-0000-7000-8000-000000000000/seen"),
    ] {
        let answer = bench.browses(&dom, request(method, path)).await;
        assert_eq!(answer.status, 401, "{path}");
        assert_eq!((answer.header("location"), answer.header("set-cookie")), ("", ""));
    }
    assert_eq!(
        bench.browses(&dom, request("GET", "/app/profile")).await.status,
        200
    );
}

/// As a browser asks for a page.
fn page(path: &str) -> TestRequest {
    request("GET", path).insert_header(("Accept", "text/html,application/xhtml+xml"))
}

#[actix_web::test]
async fn a_tab_opens_for_anybody_and_shows_nobody() {
    let (bench, microsoft) = bench().await;
    let dom = bench.signs_in(&acme_id(), "dom").await;
    for path in ["/teams", "/teams/profile?lang=ar", "/teams/chats"] {
        let opened = bench.browses(&dom, page(path)).await;
        assert_eq!(opened.status, 200, "{path}");
        assert!(
            opened.text.contains("MicrosoftTeams.min.js") && !opened.text.contains("Dom"),
            "{}",
            opened.text
        );
        assert_eq!(opened.header("set-cookie"), "");
        assert!(
            opened
                .header("content-security-policy")
                .contains("frame-ancestors https://teams.microsoft.com")
        );
    }
    // What the page then fetches is let in by its token alone, and says so in words for people.
    let token = microsoft.key.signs(&claims(&bench, &microsoft));
    let bearer =
        |token: &str| page("/teams/profile").insert_header(("Authorization", format!("Bearer {token}")));
    let seen = bench.sends(bearer(&token)).await;
    assert!(seen.status == 200 && seen.text.contains("Dom"), "{}", seen.text);
    let mut other = claims(&bench, &microsoft);
    other["oid"] = "0b2f4f9e-1111-4222-8333-000000000008".into();
    let unknown = bench.sends(bearer(&microsoft.key.signs(&other))).await;
    assert_eq!(unknown.status, 403);
    assert!(
        unknown.text.contains("Ask your company admin"),
        "{}",
        unknown.text
    );
    let refused = bench.sends(bearer(&Key::new("elsewhere").signs(&other))).await;
    assert_eq!(refused.status, 401);
    assert!(
        refused.text.contains("Microsoft Teams did not sign you in"),
        "{}",
        refused.text
    );
    // Strangers who open tabs all day use up nobody's tries.
    for _ in 0..200 {
        assert_eq!(bench.sends(page("/teams/profile")).await.status, 200);
    }
}

#[actix_web::test]
async fn a_token_for_somebody_else_is_refused() {
    let (bench, microsoft) = bench().await;
    let now = bench.api.clock.now().as_micros() / 1_000_000;
    let (stranger, elsewhere) = (Key::new("first"), Key::new("elsewhere"));
    let honest = claims(&bench, &microsoft);
    let other_tenant = "00000000-86f1-41af-91ab-2d7cd011db47";
    let with = |name: &str, value: Value| {
        let mut claims = honest.clone();
        claims[name] = value;
        microsoft.key.signs(&claims)
    };
    let tokens = [
        with("tid", other_tenant.into()),
        with("tid", "common".into()),
        with("tid", Value::Null),
        with(
            "iss",
            format!("https://login.microsoftonline.com/{TENANT}/v2.0").into(),
        ),
        with("iss", microsoft.issuer.replace(TENANT, other_tenant).into()),
        with("iss", format!("https://sts.windows.net/{TENANT}/").into()),
        with("aud", "00000003-0000-0000-c000-000000000000".into()),
        with("aud", Value::Null),
        with("ver", "1.0".into()),
        with("ver", Value::Null),
        with("scp", "User.Read access_as_user_too".into()),
        with("scp", Value::Null),
        with("exp", (now - 61).into()),
        with("nbf", (now + 61).into()),
        with("oid", Value::Null),
        unsigned(&honest),
        microsoft.key.misused(&honest),
        stranger.signs(&honest),
        elsewhere.signs(&honest),
        microsoft.key.signs(&honest) + "x",
        "a.b.c".to_owned(),
        "..".to_owned(),
    ];
    for token in tokens {
        let answer = me(&bench, &token).await;
        assert_eq!(
            (answer.status.as_u16(), answer.kind()),
            (401, "not-signed-in"),
            "{token}"
        );
        assert!(answer.header("www-authenticate").contains("invalid_token"));
        assert!(!answer.text.contains(OBJECT), "{}", answer.text);
    }
    assert_eq!(me(&bench, &microsoft.key.signs(&honest)).await.status, 200);
    // An unknown person is told whom to ask.
    let unknown = me(
        &bench,
        &with("oid", "0b2f4f9e-1111-4222-8333-000000000008".into()),
    )
    .await;
    assert_eq!(
        (unknown.status.as_u16(), unknown.kind()),
        (403, "unknown-account")
    );
    assert!(
        unknown.text.contains("ask your company admin"),
        "{}",
        unknown.text
    );
    assert!(!unknown.text.contains("000000000008"), "{}", unknown.text);
    configures(&bench, |config| config.settings.sign_in.teams = None).await;
    assert_eq!(
        me(&bench, &microsoft.key.signs(&honest)).await.status,
        401,
        "not any more"
    );
}

#[actix_web::test]
async fn nobody_administers_from_a_tab() {
    let (bench, microsoft) = bench().await;
    configures(&bench, |config| {
        config.users.iter_mut().for_each(|user| user.identities.clear());
        gives(config, "michael", &microsoft.issuer, OBJECT);
    })
    .await;
    let token = microsoft.key.signs(&claims(&bench, &microsoft));
    let answer = bench.sends(with_token("GET", "/api/v1/users", &token)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.kind()),
        (403, "second-factor-needed")
    );
}

#[actix_web::test]
async fn without_keys_nobody_is_let_in_and_nothing_falls_over() {
    let bench = Bench::with_microsoft_at("http://127.0.0.1:9", no_limits()).await;
    let nowhere = Provider::start("");
    configures(&bench, |config| {
        config.settings.sign_in.teams = Some(TeamsSignIn {
            tenant: TenantId::parse(TENANT).unwrap(),
            audience: AUDIENCE.to_owned(),
        });
    })
    .await;
    let token = nowhere.key.signs(&claims(&bench, &nowhere));
    for _ in 0..2 {
        let answer = me(&bench, &token).await;
        assert_eq!((answer.status.as_u16(), answer.kind()), (503, "unavailable"));
    }
}
