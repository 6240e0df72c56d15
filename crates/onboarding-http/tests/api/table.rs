//! What holds for every endpoint of the table, whoever wrote it.

use onboarding_core::access::Action;
use onboarding_http::api::{Endpoint, Policy, TableError, check, document, endpoints};
use onboarding_testkit::acme_id;
use serde_json::Value;

use crate::{
    bench::{Bench, all_endpoints, initech, request, with_token},
    world::no_limits,
};

fn described() -> Value {
    serde_json::to_value(document(&endpoints())).unwrap()
}

/// The address with an id that nobody has.
pub(crate) fn address(endpoint: &Endpoint) -> String {
    let parts = endpoint.path().split('/').map(|part| {
        if part.starts_with('{') {
            "00000000-0000-7000-8000-000000000000"
        } else {
            part
        }
    });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn the_table_is_in_order() {
    assert_eq!(check(&all_endpoints()), Ok(()));
    let twice = [endpoints(), endpoints()].concat();
    assert!(matches!(check(&twice), Err(TableError::Twice(_))));
}

/// Open endpoints are few, and each is named here.
#[actix_web::test]
async fn whoever_shows_nothing_gets_nothing() {
    let bench = Bench::with(no_limits()).await;
    let open = [
        "GET /api/v1/openapi.json",
        "GET /app/manifest.webmanifest",
        "GET /assets/{path}",
        "GET /docs",
        "GET /set-up/{link}",
        "POST /set-up/{link}",
        "GET /sign-in",
        "GET /sign-in/callback",
        "GET /sign-in/provider",
        "POST /sign-in",
    ];
    for endpoint in all_endpoints() {
        let named = format!("{} {}", endpoint.method(), endpoint.path());
        let is_open = matches!(endpoint.policy(), Policy::Open(_));
        assert_eq!(is_open, open.contains(&named.as_str()), "{named}");
        if !is_open {
            let asked = request(endpoint.method().as_str(), &address(&endpoint));
            let answer = bench.sends(asked).await;
            let is_page = !endpoint.path().starts_with("/api/");
            let is_teams = endpoint.path().starts_with("/teams");
            if is_page && !is_teams && endpoint.method().is_safe() {
                assert_eq!(
                    (answer.status.as_u16(), answer.header("location")),
                    (303, "/sign-in"),
                    "{named}"
                );
            } else {
                assert_eq!(answer.status, 401, "{named}");
            }
        }
    }
}

/// The table of rights, asked over HTTP: the gate lets through whom the core's rule lets, and nobody else.
#[actix_web::test]
async fn every_endpoint_asks_the_rule() {
    let bench = Bench::with(no_limits()).await;
    for company in [acme_id(), initech()] {
        for username in ["dom", "michael", "lee"] {
            let browser = bench.signs_in(&company, username).await;
            let before = bench.audit(&company).await.len();
            let mut denied = 0;
            let me = bench.browses(&browser, request("GET", "/api/v1/me")).await;
            let may: Vec<_> = me.json["may"].as_array().unwrap().clone();
            for endpoint in endpoints() {
                let Policy::May(action) = endpoint.policy() else {
                    continue;
                };
                let asked = request(endpoint.method().as_str(), &address(&endpoint));
                let answer = bench.browses(&browser, asked).await;
                let refused = answer.status == 403;
                denied += usize::from(refused);
                assert_eq!(
                    refused,
                    !may.contains(&action.as_str().into()),
                    "{username}: {answer:?}"
                );
            }
            let told = bench.audit(&company).await.split_off(before);
            let told = told.iter().filter(|entry| entry.action == "deny").count();
            assert_eq!(told, denied, "{username}: each refusal is told");
        }
    }
}

#[actix_web::test]
async fn an_address_that_is_not_there_and_a_method_that_it_does_not_take_are_problems() {
    let bench = Bench::new().await;
    let answer = bench.sends(request("GET", "/api/v1/unicorns")).await;
    assert_eq!((answer.status.as_u16(), answer.kind()), (404, "no-such-route"));
    let answer = bench.sends(request("PUT", "/api/v1/me")).await;
    assert_eq!((answer.status.as_u16(), answer.kind()), (405, "wrong-method"));
    assert_eq!(answer.header("allow"), "GET");
}

#[test]
fn the_document_has_every_endpoint_and_says_who_may() {
    let document = described();
    assert_eq!(document["openapi"], "3.1.0");
    for endpoint in endpoints() {
        let method = endpoint.method().as_str().to_lowercase();
        let operation = &document["paths"][endpoint.path()][method];
        assert!(operation["operationId"].is_string(), "{}", endpoint.path());
        if let Policy::May(action) = endpoint.policy() {
            let description = operation["description"].as_str().unwrap();
            assert!(description.contains(&format!("`{action}`")), "{description}");
            assert!(operation["responses"]["401"].is_object());
        }
    }
}

/// Mass assignment: a field that nobody named is refused, not ignored.
#[test]
fn no_body_takes_what_it_does_not_know() {
    let document = described();
    let mut looked_at = 0;
    for path in document["paths"].as_object().unwrap().values() {
        for operation in path.as_object().unwrap().values() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
            let Some(name) = schema.as_str().and_then(|text| text.rsplit('/').next()) else {
                continue;
            };
            let schema = &document["components"]["schemas"][name];
            assert_eq!(
                schema["additionalProperties"], false,
                "{name}: deny_unknown_fields is missing"
            );
            looked_at += 1;
        }
    }
    assert!(looked_at > 0);
}

#[actix_web::test]
async fn the_document_is_served_to_anybody() {
    let bench = Bench::new().await;
    let answer = bench.sends(request("GET", "/api/v1/openapi.json")).await;
    assert_eq!(answer.json, described());
}

/// What browsers are told on every answer, whatever it is (reliability.md 5.5).
#[actix_web::test]
async fn every_answer_carries_the_security_headers() {
    let bench = Bench::with(no_limits()).await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    let nowhere = ("GET".to_owned(), "/nowhere".to_owned());
    let table = all_endpoints().into_iter();
    let table = table.map(|endpoint| (endpoint.method().to_string(), address(&endpoint)));
    for (method, address) in table.chain([nowhere]) {
        for answer in [
            bench.sends(request(&method, &address)).await,
            bench.browses(&admin, request(&method, &address)).await,
        ] {
            let named = format!("{method} {address}: {}", answer.status);
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "no-referrer"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
                ("strict-transport-security", "max-age=31536000; includeSubDomains"),
            ] {
                assert_eq!(answer.header(name), value, "{named}");
            }
            assert!(
                answer.header("permissions-policy").contains("camera=()"),
                "{named}"
            );
            let policy = answer.header("content-security-policy");
            for part in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
                assert!(policy.contains(part), "{named}: {policy}");
            }
            assert!(!policy.contains("unsafe"), "{named}: {policy}");
            let cached = answer.header("cache-control");
            let is_described = address == "/api/v1/openapi.json";
            // What a browser may keep, it asks for again each time.
            let is_tagged = !answer.header("etag").is_empty() && cached == "private, no-cache";
            assert!(
                cached == "no-store" || is_described || is_tagged,
                "{named}: {cached}"
            );
        }
    }
}

/// A service has the rights of its scopes; administration is for people.
#[actix_web::test]
async fn a_scope_opens_what_it_names() {
    use onboarding_core::access::TokenScope;
    let bench = Bench::new().await;
    for scope in TokenScope::ALL {
        let token = bench.token(&acme_id(), &[*scope]).await;
        let me = bench.sends(with_token("GET", "/api/v1/me", &token)).await;
        let may: Vec<_> = me.json["may"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one.as_str().unwrap())
            .collect();
        let expected = Action::ALL
            .iter()
            .filter(|action| **action == Action::SeeSelf || action.scopes().contains(scope));
        assert_eq!(
            may,
            expected.map(|action| action.as_str()).collect::<Vec<_>>(),
            "{scope}"
        );
        let answer = bench.sends(with_token("GET", "/api/v1/tokens", &token)).await;
        assert_eq!((answer.status.as_u16(), answer.kind()), (403, "not-allowed"));
    }
}
