//! Users in bulk, over HTTP.

use onboarding_core::access::TokenScope;
use onboarding_http::api::MAX_JSON;
use onboarding_testkit::acme_id;

use crate::bench::{Answer, Bench, request};

/// As a service with the right to change the configuration.
struct Service {
    bench: Bench,
    token: String,
}

impl Service {
    async fn new() -> Self {
        let bench = Bench::new().await;
        let token = bench.token(&acme_id(), &[TokenScope::ConfigWrite]).await;
        Self { bench, token }
    }

    async fn posts(&self, address: &str, table: &str) -> Answer {
        let asked = request("POST", address)
            .insert_header(("Authorization", format!("Bearer {}", self.token)))
            .insert_header(("Content-Type", "text/csv; charset=utf-8"))
            .set_payload(table.to_owned());
        self.bench.sends(asked).await
    }

    async fn gets(&self, address: &str) -> Answer {
        let asked =
            request("GET", address).insert_header(("Authorization", format!("Bearer {}", self.token)));
        self.bench.sends(asked).await
    }

    /// What a worker does.
    async fn works(&self) {
        let api = &self.bench.api;
        let service = onboarding_core::service::ImportService::on_store(
            &api.store,
            api.clock.clone(),
            api.entropy.clone(),
        );
        while let Some(lease) = service.lease().await.unwrap() {
            while service.step(&lease).await.unwrap() == onboarding_core::service::Stepped::More {}
        }
    }
}

const TABLE: &str = "username,name,org_unit,title,extension\n\
    mia,Mia Wong,hk,,#mia\n\
    dom,Dom,hk-private,Director,#dom123456\n";

#[actix_web::test]
async fn a_dry_run_tells_what_a_table_would_do_and_does_nothing() {
    let service = Service::new().await;
    let before = service.bench.audit(&acme_id()).await.len();
    let table = format!("{TABLE}eve,Eve,zz,,#eve\n");
    let answer = service.posts("/api/v1/imports?dry_run=true", &table).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let told = &answer.json;
    let counts =
        ["total", "created", "changed", "unchanged", "refused"].map(|name| told[name].as_u64().unwrap());
    assert_eq!(counts, [3, 1, 1, 0, 1]);
    assert_eq!(
        told["rows"][1],
        serde_json::json!({
            "line": 3, "username": "dom", "outcome": "changed", "mistakes": [],
            "changes": [{"column": "title", "before": "", "after": "Director"}],
        })
    );
    assert_eq!(told["rows"][2]["mistakes"][0]["column"], "org_unit");
    assert_eq!(
        service.gets("/api/v1/imports").await.json["items"],
        serde_json::json!([])
    );
    assert_eq!(service.bench.audit(&acme_id()).await.len(), before);
}

#[actix_web::test]
async fn an_import_runs_to_its_end_and_tells_what_it_did() {
    let service = Service::new().await;
    let table = format!("{TABLE}eve,Eve,zz,,#eve\n");
    let refused = service.posts("/api/v1/imports", &table).await;
    assert_eq!((refused.status.as_u16(), refused.kind()), (422, "rows-refused"));
    assert_eq!(refused.json["errors"][0]["field"], "line 4, org_unit");
    let begun = service.posts("/api/v1/imports?skip_refused=true", &table).await;
    assert_eq!(begun.status, 201, "{}", begun.text);
    assert_eq!(begun.json["state"], "running");
    let address = begun.header("location").to_owned();
    let second = service.posts("/api/v1/imports", TABLE).await;
    assert_eq!((second.status.as_u16(), second.kind()), (409, "import-under-way"));
    service.works().await;
    let ended = service.gets(&address).await.json;
    assert_eq!(
        (&ended["state"], &ended["done"]),
        (&"finished".into(), &3.into()),
        "{ended}"
    );
    assert!(ended["begun_by"].as_str().unwrap().starts_with("token:"));
    let rows = service.gets(&format!("{address}/refused-rows")).await.json;
    assert_eq!(rows["items"][0]["line"], 4);
    assert_eq!(rows["items"][0]["username"], "eve");
    assert_eq!(service.gets("/api/v1/users/mia").await.json["extension"], "#mia");
    let told = service.bench.audit(&acme_id()).await;
    let by_token = told.iter().filter(|entry| entry.actor_kind == "token");
    let told: Vec<_> = by_token
        .map(|entry| format!("{} {}", entry.action, entry.subject_kind))
        .collect();
    assert_eq!(
        told,
        ["create import", "change user", "create user", "change import"]
    );
}

#[actix_web::test]
async fn an_import_that_is_stopped_does_no_more() {
    let service = Service::new().await;
    let begun = service.posts("/api/v1/imports", TABLE).await;
    let address = begun.header("location").to_owned();
    for _ in 0..2 {
        let stopped = service.posts(&format!("{address}/stop"), "").await;
        assert_eq!(
            (stopped.status.as_u16(), &stopped.json["state"]),
            (200, &"stopped".into())
        );
    }
    service.works().await;
    assert_eq!(service.gets("/api/v1/users/mia").await.status, 404);
    assert_eq!(service.gets(&address).await.json["done"], 0);
}

#[actix_web::test]
async fn what_is_exported_changes_nothing_when_it_is_imported() {
    let service = Service::new().await;
    let table = service.gets("/api/v1/users.csv").await;
    assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
    assert!(table.header("content-disposition").contains("users.csv"));
    let told = service
        .posts("/api/v1/imports?dry_run=true", &table.text)
        .await
        .json;
    assert_eq!(
        (told["total"].as_u64().unwrap(), &told["rows"]),
        (told["unchanged"].as_u64().unwrap(), &serde_json::json!([]))
    );
    assert!(told["total"].as_u64().unwrap() > 3);
}

#[actix_web::test]
async fn a_body_that_is_no_table_is_refused_by_its_kind() {
    let service = Service::new().await;
    let large = "a".repeat(5 * 1024 * 1024);
    for (table, status, kind) in [
        ("", 422, "invalid-table"),
        ("username;name\n", 422, "invalid-table"),
        (large.as_str(), 413, "body-too-large"),
    ] {
        let answer = service.posts("/api/v1/imports", table).await;
        assert_eq!(
            (answer.status.as_u16(), answer.kind()),
            (status, kind),
            "{}",
            answer.text
        );
    }
    let asked = request("POST", "/api/v1/imports")
        .insert_header(("Authorization", format!("Bearer {}", service.token)))
        .insert_header(("Content-Type", "application/json"))
        .set_payload(TABLE);
    let answer = service.bench.sends(asked).await;
    assert_eq!(
        (answer.status.as_u16(), answer.kind()),
        (415, "wrong-content-type")
    );
    let answer = service.posts("/api/v1/imports?dry_rum=true", TABLE).await;
    assert_eq!(
        (answer.status.as_u16(), answer.kind()),
        (400, "invalid-parameter")
    );
}

/// Far more than a JSON body may have; sent again with the same key, it begins nothing.
#[actix_web::test]
async fn a_large_table_is_taken_once_for_its_key() {
    let service = Service::new().await;
    let rows: Vec<_> = (0..5_000)
        .map(|one| format!("user{one},User {one},hk,,#user{one}\n"))
        .collect();
    let rows = rows.concat();
    let table = format!("username,name,org_unit,title,extension\n{rows}");
    assert!(table.len() > 2 * MAX_JSON);
    let mut answers = Vec::new();
    for _ in 0..2 {
        let asked = request("POST", "/api/v1/imports")
            .insert_header(("Authorization", format!("Bearer {}", service.token)))
            .insert_header(("Content-Type", "text/csv"))
            .insert_header(("Idempotency-Key", "a table of ours".replace(' ', "-")))
            .set_payload(table.clone());
        answers.push(service.bench.sends(asked).await);
    }
    assert_eq!(
        (answers[0].status.as_u16(), answers[1].status.as_u16()),
        (201, 201)
    );
    assert_eq!(answers[0].json["id"], answers[1].json["id"]);
    assert_eq!(answers[1].header("idempotency-replayed"), "true");
    assert_eq!(answers[0].json["total"], 5_000);
}

/// A token that changes the configuration hands out no access, one row or thousands.
#[actix_web::test]
async fn a_service_gives_no_role_in_bulk() {
    let service = Service::new().await;
    let answer = service
        .posts("/api/v1/imports", "username,roles\ndom,admin;user\n")
        .await;
    assert_eq!((answer.status.as_u16(), answer.kind()), (422, "rows-refused"));
    assert_eq!(answer.json["errors"][0]["field"], "line 2, roles");
    let admin = service.bench.signs_in(&acme_id(), "michael").await;
    let asked = request("POST", "/api/v1/imports?dry_run=true")
        .insert_header(("Content-Type", "text/csv"))
        .set_payload("username,roles\ndom,admin;user\n");
    let told = service.bench.browses(&admin, asked).await;
    assert_eq!(told.json["changed"], 1, "{}", told.text);
}
