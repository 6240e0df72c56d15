//! Bodies that are none of ours, at every endpoint that takes one.

use onboarding_http::api::{MAX_JSON, document, endpoints};
use onboarding_testkit::acme_id;

use crate::{bench::request, table::address, world::seeded};

#[actix_web::test]
async fn every_endpoint_refuses_them_by_their_kind_and_changes_nothing() {
    let bench = seeded().await;
    let described = serde_json::to_value(document(&endpoints())).unwrap();
    // The right to hand out access needs a second factor and a fresh sign-in; rooms of others need an admin.
    let admin = bench.signs_in(&acme_id(), "michael").await;
    let large = format!("{{\"a\": \"{}\"}}", "a".repeat(MAX_JSON));
    let mut looked_at = 0;
    let before = bench.audit(&acme_id()).await.len();
    for endpoint in endpoints() {
        let method = endpoint.method().as_str().to_lowercase();
        let operation = &described["paths"][endpoint.path()][method];
        // A table is no JSON; what is refused of it is tested with imports.
        if operation["requestBody"]["content"]["application/json"].is_null() {
            continue;
        }
        for (kind, content_type, body, status) in [
            ("invalid-json", "application/json", "{", 400),
            ("invalid-json", "application/json", "", 400),
            ("duplicate-key", "application/json", r#"{"a": 1, "a": 1}"#, 400),
            ("body-too-large", "application/json", &large, 413),
            ("wrong-content-type", "text/plain", "{}", 415),
            (
                "wrong-content-type",
                "application/x-www-form-urlencoded",
                "a=1",
                415,
            ),
            ("invalid-field", "application/json", r#"{"zzz": 1}"#, 422),
            ("invalid-field", "application/json", "[]", 422),
            ("invalid-field", "application/json", "null", 422),
        ] {
            let asked = request(endpoint.method().as_str(), &address(&endpoint))
                .insert_header(("Content-Type", content_type))
                .insert_header(("If-Match", "\"any\""))
                .set_payload(body.to_owned());
            let answer = bench.browses(&admin, asked).await;
            let named = format!("{} {} with {kind}", endpoint.method(), endpoint.path());
            let got = (answer.status.as_u16(), answer.kind());
            assert_eq!(got, (status, kind), "{named}: {}", answer.text);
            assert_eq!(
                answer.header("content-type"),
                "application/problem+json",
                "{named}"
            );
            let documented = &operation["responses"][status.to_string()];
            assert!(documented.is_object(), "{named}: {status} is in the description");
            if body.contains("zzz") {
                assert_eq!(answer.json["errors"][0]["field"], "/zzz", "{named}");
            }
        }
        looked_at += 1;
    }
    assert!(looked_at > 15, "{looked_at}");
    assert_eq!(bench.audit(&acme_id()).await.len(), before, "nothing was changed");
}
