//! Who may call what, and what they see of others: every route, role, state of the account and company, generated from
//! the table of endpoints. A new route is in it without a change here; a new kind of thing has to be in [`seeded`].

use std::{collections::BTreeMap, time::Duration};

use actix_web::test::TestRequest;
use onboarding_core::{
    CompanyId,
    access::{Action, ApiTokenId, TokenScope},
    audit::Origin,
    config::ConfigChange,
    ports::Clock as _,
};
use onboarding_http::api::{Endpoint, Policy, document, endpoints};
use onboarding_testkit::acme_id;
use serde_json::Value;

use crate::{
    bench::{Answer, Bench, Browser, initech, request, with_body, with_token},
    world::{seeded, seeded_with_a_long_trail},
};

/// Nobody has it, as a key of any kind.
const MISSING: &str = "00000000-0000-7000-8000-000000000000";

/// Somebody who calls.
enum Caller {
    Nobody,
    Person(Browser),
    Service(String),
}

impl Caller {
    async fn sends(&self, bench: &Bench, asked: TestRequest) -> Answer {
        match self {
            Self::Nobody => bench.sends(asked).await,
            Self::Person(browser) => bench.browses(browser, asked).await,
            Self::Service(token) => {
                let bearer = format!("Bearer {token}");
                bench.sends(asked.insert_header(("Authorization", bearer))).await
            }
        }
    }
}

/// What the table of rights in docs/api.md says: role or scope to the rights that it gives.
fn documented() -> BTreeMap<String, Vec<String>> {
    let page = include_str!("../../../../docs/api.md");
    let start = page
        .find("| right |")
        .expect("docs/api.md has the table of rights");
    let rows = page[start..].lines().take_while(|line| line.starts_with('|'));
    let mut rights: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows.skip(2) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let [_, names, user, admin, auditor, token, _] = cells[..] else {
            panic!("a row of the table of rights has five cells: {row}");
        };
        for right in names.split(", ").map(|name| name.trim_matches('`')) {
            assert!(Action::from_name(right).is_some(), "{right} is no right");
            for (role, cell) in [("user", user), ("admin", admin), ("auditor", auditor)] {
                if cell != "–" {
                    rights.entry(role.to_owned()).or_default().push(right.to_owned());
                }
            }
            for scope in TokenScope::ALL {
                if token == "any scope" || token.contains(&format!("`{scope}`")) {
                    rights
                        .entry(scope.to_string())
                        .or_default()
                        .push(right.to_owned());
                }
            }
        }
    }
    rights
}

fn with_missing_keys(endpoint: &Endpoint) -> String {
    let parts = endpoint.path().split('/');
    let parts = parts.map(|part| if part.starts_with('{') { MISSING } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// A body that the endpoint takes: the example of its form.
fn example(described: &Value, endpoint: &Endpoint) -> Option<String> {
    let method = endpoint.method().as_str().to_lowercase();
    let body = &described["paths"][endpoint.path()][method]["requestBody"];
    let name = body["content"]["application/json"]["schema"]["$ref"].as_str()?;
    let name = name.rsplit('/').next()?;
    let schema = &described["components"]["schemas"][name];
    // A form without one example says one for each of its fields.
    let example = match &schema["example"] {
        Value::Null => {
            let fields = schema["properties"].as_object().unwrap().iter();
            let told = fields.filter(|(_, field)| !field["example"].is_null());
            told.map(|(name, field)| (name.clone(), field["example"].clone()))
                .collect()
        }
        whole => whole.clone(),
    };
    assert_ne!(example, serde_json::json!({}), "{name} has no example");
    Some(example.to_string())
}

fn asks(described: &Value, endpoint: &Endpoint, address: &str) -> TestRequest {
    let asked = request(endpoint.method().as_str(), address);
    match example(described, endpoint) {
        Some(body) => with_body(asked, &body),
        None => asked,
    }
}

fn described() -> Value {
    serde_json::to_value(document(&endpoints())).unwrap()
}

/// Asks every endpoint, with keys that nobody has; gives those that did not answer as they should.
async fn differing(bench: &Bench, caller: &Caller, expected: impl Fn(Action) -> Option<u16>) -> Vec<String> {
    let described = described();
    let mut wrong = Vec::new();
    for endpoint in endpoints() {
        let Policy::May(action) = endpoint.policy() else {
            continue;
        };
        let asked = asks(&described, &endpoint, &with_missing_keys(&endpoint));
        let answer = caller.sends(bench, asked).await;
        let status = answer.status.as_u16();
        let refusal = [401, 403].contains(&status).then_some(status);
        // Who may change a user may not give them every role: what refuses that names the field.
        if refusal != expected(action) && answer.json["errors"].is_null() {
            let (method, path) = (endpoint.method(), endpoint.path());
            wrong.push(format!("{method} {path}: {status}, not {:?}", expected(action)));
        }
    }
    wrong
}

#[actix_web::test]
async fn every_role_and_scope_may_what_the_documentation_says_and_nothing_else() {
    let rights = documented();
    for company in [acme_id(), initech()] {
        let bench = seeded().await;
        let mut callers = Vec::new();
        for (role, username) in [("user", "dom"), ("admin", "michael"), ("auditor", "lee")] {
            callers.push((role, Caller::Person(bench.signs_in(&company, username).await)));
        }
        for scope in TokenScope::ALL {
            let token = bench.token(&company, &[*scope]).await;
            callers.push((scope.as_str(), Caller::Service(token)));
        }
        for (name, caller) in callers {
            let may = |action: Action| rights[name].iter().any(|right| right == action.as_str());
            let wrong = differing(&bench, &caller, |action| (!may(action)).then_some(403)).await;
            assert_eq!(wrong, [""; 0], "{name} of {company}");
        }
    }
}

#[actix_web::test]
async fn who_is_nobody_any_more_is_nobody_everywhere() {
    let bench = seeded().await;
    let everything = TokenScope::ALL;
    let mut callers = vec![("nobody", Caller::Nobody)];
    let expired = bench.token(&acme_id(), everything).await;
    bench.clock.advance(Duration::from_hours(25));
    callers.push(("an expired token", Caller::Service(expired)));
    let revoked = bench.token(&acme_id(), everything).await;
    let now = bench.clock.now();
    let tokens = bench.api.store.tokens(&acme_id(), None, 1).await.unwrap();
    let id: ApiTokenId = tokens[0].id;
    let by = Origin::operator("tests");
    let gone = bench.api.store.revoke_token(&acme_id(), id, &by, now).await;
    assert!(gone.unwrap().is_some());
    callers.push(("a revoked token", Caller::Service(revoked)));
    for username in ["dom", "michael", "lee"] {
        let left = bench.signs_in(&acme_id(), username).await;
        let (_, revision) = bench.api.store.config(&acme_id()).await.unwrap().unwrap();
        let change = ConfigChange::DeactivateUser {
            username: username.to_owned(),
            successor: None,
        };
        let store = &bench.api.store;
        let applied = store
            .apply(&acme_id(), Some(revision), vec![change], &by, now)
            .await;
        applied.unwrap();
        callers.push((username, Caller::Person(left)));
    }
    for (name, caller) in callers {
        let wrong = differing(&bench, &caller, |_| Some(401)).await;
        assert_eq!(wrong, [""; 0], "{name}");
    }
}

/// The last key of a collection of Acme that Initech has not, as their lists tell it.
pub(crate) async fn key_of(bench: &Bench, path: &str) -> String {
    let (collection, rest) = path.split_once("/{").unwrap();
    let field = rest.split_once('}').unwrap().0;
    let theirs = keys(bench, &acme_id(), collection, field).await;
    let ours = keys(bench, &initech(), collection, field).await;
    let only = theirs.into_iter().rfind(|key| !ours.contains(key));
    only.unwrap_or_else(|| {
        panic!("Acme has nothing in {collection} that Initech has not: add it to the world")
    })
}

/// The keys that admin or auditor of the company see, page by page.
async fn keys(bench: &Bench, company: &CompanyId, collection: &str, field: &str) -> Vec<String> {
    let mut keys = Vec::new();
    for username in ["michael", "lee"] {
        let browser = bench.signs_in(company, username).await;
        let mut address = format!("{collection}?limit=200");
        loop {
            let page = bench.browses(&browser, request("GET", &address)).await;
            let items = page.json["items"].as_array().cloned().unwrap_or_default();
            keys.extend(items.iter().map(|item| match &item[field] {
                Value::String(text) => text.clone(),
                value => value.to_string(),
            }));
            let Some(cursor) = page.json["next_cursor"].as_str() else {
                break;
            };
            address = format!("{collection}?limit=200&cursor={cursor}");
        }
    }
    keys
}

/// The address with the key in place of the first name in braces; what is further down is missing.
pub(crate) fn with_key(path: &str, key: &str) -> String {
    let (before, rest) = path.split_once("/{").unwrap();
    let rest = rest.split_once('}').unwrap().1;
    let key = key.replace('+', "%2B");
    let rest: Vec<_> = rest
        .split('/')
        .map(|part| if part.starts_with('{') { MISSING } else { part })
        .collect();
    format!("{before}/{key}{}", rest.join("/"))
}

#[actix_web::test]
async fn what_is_another_companys_answers_as_what_is_nowhere() {
    let bench = seeded_with_a_long_trail().await;
    let described = described();
    let mut looked_at = 0;
    for endpoint in endpoints() {
        let (path, Policy::May(_)) = (endpoint.path().to_owned(), endpoint.policy()) else {
            continue;
        };
        if !path.contains('{') {
            continue;
        }
        let key = key_of(&bench, &path).await;
        for username in ["michael", "lee", "dom"] {
            let caller = bench.signs_in(&initech(), username).await;
            let mut answers = Vec::new();
            for key in [key.as_str(), MISSING] {
                let address = with_key(&path, key);
                let asked = asks(&described, &endpoint, &address);
                let answer = bench.browses(&caller, asked).await;
                let refused = [403, 404].contains(&answer.status.as_u16());
                assert!(
                    refused,
                    "{username} {} {address}: {}",
                    endpoint.method(),
                    answer.text
                );
                answers.push((answer.status, answer.text));
            }
            assert_eq!(answers[0], answers[1], "{username} {} {path}", endpoint.method());
        }
        looked_at += 1;
    }
    assert!(looked_at > 20, "{looked_at}");
}

/// The same key opens the thing for those of its company: the test above looks at what is really there.
#[actix_web::test]
async fn what_is_ones_own_companys_is_there() {
    let bench = seeded_with_a_long_trail().await;
    for endpoint in endpoints() {
        let path = endpoint.path();
        if endpoint.method() != "GET" || !path.contains('{') {
            continue;
        }
        let key = key_of(&bench, path).await;
        let mut seen = Vec::new();
        for username in ["michael", "lee"] {
            let caller = bench.signs_in(&acme_id(), username).await;
            let answer = bench
                .browses(&caller, request("GET", &with_key(path, &key)))
                .await;
            seen.push(answer.status.as_u16());
        }
        assert!(seen.contains(&200), "{path}: {seen:?}");
    }
}

/// Users see what is theirs and of the rest nothing.
#[actix_web::test]
async fn what_is_anothers_is_not_there_for_users() {
    let bench = seeded().await;
    let dom = bench.signs_in(&acme_id(), "dom").await;
    let zoe = bench.signs_in(&acme_id(), "zoe").await;
    for list in ["chat-rooms", "onboardings", "client-profiles"] {
        let address = format!("/api/v1/{list}");
        let theirs = bench.browses(&dom, request("GET", &address)).await;
        let item = theirs.json["items"][0]["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{list}"));
        let none = bench.browses(&zoe, request("GET", &address)).await;
        assert_eq!(none.json["items"], serde_json::json!([]), "{list}");
        let one = format!("{address}/{item}");
        assert_eq!(bench.browses(&dom, request("GET", &one)).await.status, 200);
        let foreign = bench.browses(&zoe, request("GET", &one)).await;
        let missing = bench
            .browses(&zoe, request("GET", &format!("{address}/{MISSING}")))
            .await;
        assert_eq!(
            (foreign.status, foreign.text),
            (missing.status, missing.text),
            "{list}"
        );
    }
    let of_others = bench
        .browses(&zoe, request("GET", "/api/v1/chat-rooms?user=dom"))
        .await;
    assert_eq!(of_others.json["items"], serde_json::json!([]));
}

/// A token reaches the whole company, and only that.
#[actix_web::test]
async fn a_service_sees_its_company_and_no_other() {
    let bench = seeded().await;
    let ours = bench.token(&acme_id(), TokenScope::ALL).await;
    let theirs = bench.token(&initech(), TokenScope::ALL).await;
    let room = bench.sends(with_token("GET", "/api/v1/chat-rooms", &ours)).await;
    let id = room.json["items"][0]["id"].as_str().unwrap();
    let address = format!("/api/v1/chat-rooms/{id}");
    assert_eq!(bench.sends(with_token("GET", &address, &ours)).await.status, 200);
    assert_eq!(
        bench.sends(with_token("GET", &address, &theirs)).await.status,
        404
    );
}
