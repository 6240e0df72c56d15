//! What can be set, over HTTP: the life of each kind of thing, and the rules that manifests have.

use onboarding_core::access::TokenScope;
use onboarding_testkit::acme_id;
use serde_json::{Value, json};

use crate::{
    bench::{Answer, Bench, Browser, request, with_body, with_token},
    world::no_limits,
};

async fn bench() -> (Bench, Browser) {
    let bench = Bench::with(no_limits()).await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    (bench, admin)
}

async fn gets(bench: &Bench, admin: &Browser, path: &str) -> Answer {
    bench
        .browses(admin, request("GET", &format!("/api/v1/{path}")))
        .await
}

async fn posts(bench: &Bench, admin: &Browser, path: &str, body: &Value) -> Answer {
    let asked = request("POST", &format!("/api/v1/{path}"));
    bench.browses(admin, with_body(asked, &body.to_string())).await
}

async fn puts(bench: &Bench, admin: &Browser, path: &str, body: &Value) -> Answer {
    let seen = gets(bench, admin, path).await;
    let asked = request("PUT", &format!("/api/v1/{path}")).insert_header(("If-Match", seen.header("etag")));
    bench.browses(admin, with_body(asked, &body.to_string())).await
}

async fn deletes(bench: &Bench, admin: &Browser, path: &str) -> Answer {
    bench
        .browses(admin, request("DELETE", &format!("/api/v1/{path}")))
        .await
}

fn refusal(answer: &Answer) -> (u16, &str, &str) {
    let field = answer.json["errors"][0]["field"].as_str().unwrap_or_default();
    (answer.status.as_u16(), answer.kind(), field)
}

/// A whole way through the company, as an integrator builds it, and back.
#[actix_web::test]
async fn each_kind_of_thing_is_created_read_changed_and_removed() {
    let (bench, admin) = bench().await;
    let pool = json!({
        "id": "sg", "org_units": ["sg"], "primary": "+6531290001", "secondaries": ["+6531290002"],
        "draining": [], "default_country": "SG", "fallback_upward": true, "geography_mapping": { "MY": "SG" }
    });
    let account =
        |number: &str| json!({ "phone_number": number, "phone_number_id": number, "waba_id": "waba-acme" });
    let user = json!({
        "username": "mia wong/1", "name": "Mia", "email": null, "title": "RM", "org_unit": "sg-private",
        "extension": "#mia", "external_companies": ["initrode"], "roles": ["user"],
        "identities": [{ "issuer": "https://login.example.com", "subject": "u-mia" }]
    });
    let profile = json!({
        "id": "cp 7", "name": "Jane", "phone_number": "+6591234567", "org_unit": "sg-private",
        "external_company": "initrode", "assigned_to": ["mia wong/1"]
    });
    let steps = [
        (
            "org-units",
            "sg-private",
            json!({ "id": "sg-private", "name": "Private", "parent": "sg" }),
            "name",
        ),
        (
            "external-companies",
            "initrode",
            json!({ "id": "initrode", "name": "Initrode" }),
            "name",
        ),
        (
            "official-accounts",
            "+6531290001",
            account("+6531290001"),
            "phone_number_id",
        ),
        (
            "official-accounts",
            "+6531290002",
            account("+6531290002"),
            "phone_number_id",
        ),
        ("pools", "sg", pool, ""),
        ("users", "mia%20wong%2F1", user, "name"),
        ("client-profiles", "cp%207", profile, "name"),
    ];
    for (list, key, body, text) in &steps {
        let created = posts(&bench, &admin, list, body).await;
        assert_eq!(created.status, 201, "{list}: {}", created.text);
        let address = created
            .header("location")
            .strip_prefix("/api/v1/")
            .unwrap()
            .to_owned();
        assert_eq!(address, format!("{list}/{key}"));
        let read = gets(&bench, &admin, &address).await;
        assert_eq!(
            (&read.json, read.header("etag")),
            (body, created.header("etag")),
            "{list}"
        );
        assert_eq!(
            refusal(&posts(&bench, &admin, list, body).await).1,
            "exists",
            "{list}"
        );
        let mut changed = body.clone();
        match *text {
            "" => changed["fallback_upward"] = json!(false),
            text => changed[text] = json!("another"),
        }
        let put = puts(&bench, &admin, &address, &changed).await;
        // Both numbers would have one id in the Graph API.
        let clashes = *key == "+6531290002";
        let expected = if clashes { (422, body) } else { (200, &changed) };
        assert_eq!(put.status, expected.0, "{list}: {}", put.text);
        assert_eq!(gets(&bench, &admin, &address).await.json, *expected.1, "{list}");
    }
    let needed = deletes(&bench, &admin, "external-companies/initrode").await;
    assert_eq!(needed.status, 409);
    assert!(needed.text.contains("client-profiles/cp 7"), "{}", needed.text);
    for (list, key, ..) in steps.iter().rev() {
        let address = format!("{list}/{key}");
        let gone = deletes(&bench, &admin, &address).await;
        assert_eq!(gone.status, 204, "{address}: {}", gone.text);
        assert_eq!(gets(&bench, &admin, &address).await.status, 404, "{address}");
    }
}

#[actix_web::test]
async fn what_manifests_may_not_say_nobody_may_say_here() {
    let (bench, admin) = bench().await;
    let user = |field: &str, value: Value| {
        let mut user = json!({ "username": "mia", "name": "Mia", "org_unit": "hk" });
        user[field] = value;
        user
    };
    for (field, value) in [
        ("/username", json!(" ")),
        ("/name", json!("a\nb")),
        ("/org_unit", json!("nowhere")),
        ("/org_unit", json!("NO SLUG")),
        ("/extension", json!("#dom123456")),
        ("/extension", json!("#rnichael")),
        ("/extension", json!("no hash")),
        ("/external_companies/0", json!(["nobody"])),
        ("/roles/1", json!(["user", "user"])),
        ("/roles/0", json!(["king"])),
    ] {
        let name = field[1..].split('/').next().unwrap();
        let answer = posts(&bench, &admin, "users", &user(name, value)).await;
        assert_eq!(refusal(&answer), (422, "invalid-field", field), "{}", answer.text);
    }
    let pool = gets(&bench, &admin, "pools/hk").await.json;
    for (field, key, value) in [
        ("/secondaries", "secondaries", json!([])),
        ("/secondaries/0", "secondaries", json!(["+85256428035"])),
        ("/primary", "primary", json!("+85299999999")),
        ("/org_units/0", "org_units", json!(["nowhere"])),
        (
            "/geography_mapping",
            "geography_mapping",
            json!({ "mo": "HK", "MO": "HK" }),
        ),
    ] {
        let mut body = pool.clone();
        body[key] = value;
        let answer = puts(&bench, &admin, "pools/hk", &body).await;
        assert_eq!(refusal(&answer).0, 422, "{}", answer.text);
        assert!(refusal(&answer).2.starts_with(field), "{}", answer.text);
    }
    for (path, body, field) in [
        (
            "limits",
            json!({ "auto_replies_per_hour": 0, "wrong_extensions": { "attempts": 1, "within_seconds": 1, "lock_minutes": 1 }, "prospects_expire_after_days": 1, "waiting_expires_after_hours": 1, "link_expires_after_hours": 1 }),
            "/auto_replies_per_hour",
        ),
        (
            "texts",
            json!({ "texts": { "en": { "user_info": "Hi {nobody}" } } }),
            "/texts/en/user_info",
        ),
        (
            "texts",
            json!({ "texts": { "de": { "user_info": "Hi" } } }),
            "/texts/de",
        ),
        (
            "texts",
            json!({ "texts": { "en": { "user_info": "a\u{0}b" } } }),
            "/texts/en/user_info",
        ),
        ("qr", json!({ "text": "hello" }), "/text"),
        (
            "qr",
            json!({ "text": format!("{{extension}}{}", "x".repeat(140)) }),
            "/text",
        ),
        (
            "templates",
            json!({ "templates": { "invitation": { "name": "hi", "language": "en", "text": "Hi {{1}}" } } }),
            "/templates/invitation/text",
        ),
        (
            "templates",
            json!({ "templates": { "invitation": { "name": "hi", "language": "en", "text": "Hi {{name}}" } } }),
            "/templates/invitation/text",
        ),
        (
            "company",
            json!({ "name": "Acme", "country": "HK", "default_language": "fr", "languages": ["en"] }),
            "/default_language",
        ),
        (
            "whatsapp-secrets",
            json!({ "app_secret": "s3cr3t", "verify_token": "env:A", "access_token": "env:B" }),
            "/app_secret",
        ),
        (
            "opt-out-words",
            json!({ "opt_out": { "en": { "stop": [], "start": ["go"] } } }),
            "/opt_out/en/stop",
        ),
    ] {
        let answer = puts(&bench, &admin, path, &body).await;
        assert_eq!(
            refusal(&answer),
            (422, "invalid-field", field),
            "{path}: {}",
            answer.text
        );
        assert!(!answer.text.contains("s3cr3t"), "a secret is not repeated");
    }
}

/// A text with which somebody's code would open WhatsApp with half of it typed; and an extension with which it would.
#[actix_web::test]
async fn a_code_that_would_be_typed_in_part_is_refused_where_it_is_set() {
    let (bench, admin) = bench().await;
    let text = |room: usize| json!({ "text": format!("{{extension}}{}", "x".repeat(room)) });
    let answer = puts(&bench, &admin, "qr", &text(135)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.kind()),
        (409, "does-not-fit"),
        "{}",
        answer.text
    );
    assert!(
        answer
            .text
            .contains("users/dom/extension: with it the code would type 145 characters"),
        "{}",
        answer.text
    );
    assert_eq!(puts(&bench, &admin, "qr", &text(120)).await.status, 200);
    let body = json!({ "extension": "#thelongestinthecompany" });
    let answer = puts(&bench, &admin, "users/dom/extension", &body).await;
    assert_eq!(
        refusal(&answer),
        (422, "invalid-field", "/extension"),
        "{}",
        answer.text
    );
}

#[actix_web::test]
async fn what_something_else_needs_stays() {
    let (bench, admin) = bench().await;
    for (path, words) in [
        ("org-units/hk", "org-units/hk-private"),
        ("official-accounts/%2B85256428035", "pools/hk"),
        ("external-companies/globex", "users/dom"),
    ] {
        let answer = deletes(&bench, &admin, path).await;
        assert_eq!(refusal(&answer).0, 409, "{path}: {}", answer.text);
        assert_eq!(answer.kind(), "does-not-fit");
        assert!(answer.text.contains(words), "{}", answer.text);
    }
    let mut features = gets(&bench, &admin, "templates").await.json;
    features["templates"] = json!({});
    let answer = puts(&bench, &admin, "templates", &features).await;
    assert_eq!(
        refusal(&answer),
        (422, "invalid-field", "/templates/invitation"),
        "{}",
        answer.text
    );
}

#[actix_web::test]
async fn a_change_is_in_the_audit_as_done_by_whoever_did_it() {
    let (bench, admin) = bench().await;
    let mut dom = gets(&bench, &admin, "users/dom").await.json;
    dom["title"] = json!("Director");
    assert_eq!(puts(&bench, &admin, "users/dom", &dom).await.status, 200);
    let entry = bench.audit(&acme_id()).await.pop().unwrap();
    let told = (entry.actor_kind.as_str(), entry.actor_id.as_deref());
    assert_eq!(told, ("person", Some("michael")));
    let what = (
        entry.action.as_str(),
        entry.subject_kind.as_str(),
        entry.subject_id.as_str(),
    );
    assert_eq!(what, ("change", "user", "dom"));
    assert!(entry.after.unwrap().contains("Director"));
}

/// Whoever was overtaken by a change of something else need not begin again.
#[actix_web::test]
async fn a_change_elsewhere_makes_nothing_stale() {
    let (bench, admin) = bench().await;
    let seen = gets(&bench, &admin, "users/dom").await;
    let mut kate = gets(&bench, &admin, "users/kate").await.json;
    kate["title"] = json!("Director");
    assert_eq!(puts(&bench, &admin, "users/kate", &kate).await.status, 200);
    let mut dom = seen.json.clone();
    dom["title"] = json!("Director");
    let asked = request("PUT", "/api/v1/users/dom").insert_header(("If-Match", seen.header("etag")));
    let first = bench.browses(&admin, with_body(asked, &dom.to_string())).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let asked = request("PUT", "/api/v1/users/dom").insert_header(("If-Match", seen.header("etag")));
    let second = bench.browses(&admin, with_body(asked, &seen.text)).await;
    assert_eq!(refusal(&second).1, "stale");
}

#[actix_web::test]
async fn roles_are_given_by_people_who_may_give_access() {
    let (bench, admin) = bench().await;
    let service = bench.token(&acme_id(), &[TokenScope::ConfigWrite]).await;
    let body = |roles: Value| {
        json!({ "username": "mia", "name": "Mia", "org_unit": "hk", "roles": roles }).to_string()
    };
    let post = |roles| with_body(with_token("POST", "/api/v1/users", &service), &body(roles));
    let refused = bench.sends(post(json!(["user", "admin"]))).await;
    assert_eq!(refusal(&refused), (403, "not-allowed", "/roles"));
    assert_eq!(bench.sends(post(json!(["user"]))).await.status, 201);
    let mia: Value = serde_json::from_str(&body(json!(["auditor"]))).unwrap();
    assert_eq!(puts(&bench, &admin, "users/mia", &mia).await.status, 200);
}

#[actix_web::test]
async fn the_last_admin_stays() {
    let (bench, admin) = bench().await;
    let mut michael = gets(&bench, &admin, "users/michael").await.json;
    michael["roles"] = json!(["user"]);
    let answer = puts(&bench, &admin, "users/michael", &michael).await;
    assert_eq!(refusal(&answer).1, "last-admin", "{}", answer.text);
    let answer = deletes(&bench, &admin, "users/michael").await;
    assert_eq!(refusal(&answer).1, "last-admin", "{}", answer.text);
}

#[actix_web::test]
async fn who_leaves_names_who_goes_on() {
    let (bench, admin) = bench().await;
    let answer = deletes(&bench, &admin, "users/dom?hand_over_to=nobody").await;
    assert_eq!(refusal(&answer), (422, "invalid-field", "hand_over_to"));
    let answer = deletes(&bench, &admin, "users/dom?hand_over_to=dom").await;
    assert_eq!(answer.status, 422);
    let answer = deletes(&bench, &admin, "users/dom?hand_over_to=kate").await;
    assert_eq!(answer.status, 204, "{}", answer.text);
    let dom = bench
        .api
        .store
        .user_named(&acme_id(), "dom")
        .await
        .unwrap()
        .unwrap();
    let kate = bench
        .api
        .store
        .user_named(&acme_id(), "kate")
        .await
        .unwrap()
        .unwrap();
    let successor = bench.api.store.successor_of(&acme_id(), dom.id).await.unwrap();
    assert_eq!((dom.active, successor), (false, Some(kate.id)));
}

#[actix_web::test]
async fn an_extension_is_given_and_taken_away() {
    let (bench, admin) = bench().await;
    let put = |extension: &str| json!({ "extension": extension });
    let answer = puts(&bench, &admin, "users/kate/extension", &put("#dom123456")).await;
    assert_eq!(
        refusal(&answer),
        (422, "invalid-field", "/extension"),
        "{}",
        answer.text
    );
    let answer = puts(&bench, &admin, "users/kate/extension", &put("#katie")).await;
    assert_eq!((answer.status.as_u16(), answer.json), (200, put("#katie")));
    assert_eq!(
        gets(&bench, &admin, "users/kate").await.json["extension"],
        "#katie"
    );
    assert_eq!(deletes(&bench, &admin, "users/kate/extension").await.status, 204);
    assert_eq!(
        gets(&bench, &admin, "users/kate").await.json["extension"],
        Value::Null
    );
}

#[actix_web::test]
async fn users_come_page_by_page_in_order_of_their_names() {
    let (bench, admin) = bench().await;
    let (mut names, mut path) = (Vec::new(), "users?limit=3".to_owned());
    loop {
        let page = gets(&bench, &admin, &path).await.json;
        let items = page["items"].as_array().unwrap();
        names.extend(
            items
                .iter()
                .map(|user| user["username"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("users?limit=3&cursor={cursor}");
    }
    assert_eq!(names, ["dom", "kate", "lee", "michael"]);
}

#[actix_web::test]
async fn a_profile_is_kept_by_whom_it_is_assigned_to() {
    let (bench, admin) = bench().await;
    let dom = bench.signs_in(&acme_id(), "dom").await;
    let profile =
        |users: Value| json!({ "id": "cp-1", "name": "Jane", "org_unit": "hk", "assigned_to": users });
    let answer = posts(&bench, &dom, "client-profiles", &profile(json!(["kate"]))).await;
    assert_eq!(
        refusal(&answer),
        (422, "invalid-field", "/assigned_to"),
        "{}",
        answer.text
    );
    let answer = posts(&bench, &dom, "client-profiles", &profile(json!(["dom"]))).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    // What is left out of a replacement is gone, unlike in a manifest.
    let moved = puts(&bench, &admin, "client-profiles/cp-1", &profile(json!([]))).await;
    assert_eq!(
        (moved.status.as_u16(), &moved.json["assigned_to"]),
        (200, &json!([]))
    );
    assert_eq!(gets(&bench, &dom, "client-profiles/cp-1").await.status, 404);
    assert_eq!(
        gets(&bench, &admin, "client-profiles/cp-1").await.json["assigned_to"],
        json!([])
    );
}

/// Whoever could name any secret could have it sent to WhatsApp's address, or compare it with what they guess.
#[actix_web::test]
async fn the_secrets_of_others_cannot_be_named() {
    let bench = Bench::new().await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    for foreign in [
        "env:INITECH_APP_SECRET",
        "env:DATABASE_URL",
        "env:ONBOARDING_AUDIT_KEY",
    ] {
        let body = json!({ "app_secret": "env:ACME_OWN", "verify_token": "env:ACME_OTHER", "access_token": foreign });
        let answer = puts(&bench, &admin, "whatsapp-secrets", &body).await;
        assert_eq!(
            refusal(&answer),
            (422, "invalid-field", "/access_token"),
            "{foreign}: {}",
            answer.text
        );
    }
    let body = json!({ "app_secret": "env:ACME_OWN", "verify_token": "env:ACME_OTHER", "access_token": "env:ACME_T" });
    let answer = puts(&bench, &admin, "whatsapp-secrets", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}
