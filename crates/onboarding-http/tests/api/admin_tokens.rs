//! API tokens in the Organization Admin.

use actix_web::test::TestRequest;
use onboarding_core::access::TokenScope;
use onboarding_testkit::acme_id;

use crate::bench::{Bench, Browser, ORIGIN, initech, request, with_token};

fn sends(browser: &Browser, path: &str, fields: &str) -> TestRequest {
    request("POST", path)
        .insert_header(("Origin", ORIGIN))
        .insert_header(("Content-Type", "application/x-www-form-urlencoded"))
        .set_payload(format!("form_token={}&{fields}", browser.csrf))
}

#[actix_web::test]
async fn a_token_is_made_shown_once_used_and_revoked() {
    let bench = Bench::new().await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    let form = bench.browses(&admin, request("GET", "/admin/tokens/new")).await;
    for scope in TokenScope::ALL {
        assert!(form.text.contains(&format!("name=\"{scope}\"")), "{scope}");
    }
    let fields = "name=The+CRM&rooms%3Aread=on&config%3Aread=on&days=30";
    let made = bench
        .browses(&admin, sends(&admin, "/admin/tokens", fields))
        .await;
    assert_eq!(
        (made.status.as_u16(), made.header("cache-control")),
        (200, "no-store")
    );
    let secret = made.text.split("lxo_").nth(1).unwrap();
    let secret = format!("lxo_{}", secret.split('<').next().unwrap());
    let me = bench.sends(with_token("GET", "/api/v1/me", &secret)).await;
    assert_eq!(me.json["service"]["name"], "The CRM");
    let list = bench.browses(&admin, request("GET", "/admin/tokens")).await.text;
    assert!(
        list.contains("The CRM") && list.contains("config:read rooms:read"),
        "{list}"
    );
    assert!(!list.contains(&secret), "it is shown once");
    assert!(list.contains("person:michael"));
    let revocation = list
        .split("/admin/tokens/")
        .find(|rest| rest.contains("/revocation"))
        .unwrap();
    let id = revocation.split('/').next().unwrap();
    let address = format!("/admin/tokens/{id}/revocation");
    let sure = bench.browses(&admin, request("GET", &address)).await.text;
    assert!(sure.contains("The next request with it is refused") && sure.contains("The CRM"));
    assert_eq!(
        bench.sends(with_token("GET", "/api/v1/me", &secret)).await.status,
        200
    );
    let revoked = bench.browses(&admin, sends(&admin, &address, "")).await;
    assert_eq!(
        (revoked.status.as_u16(), revoked.header("location")),
        (303, "/admin/tokens?said=revoked")
    );
    assert_eq!(
        bench.sends(with_token("GET", "/api/v1/me", &secret)).await.status,
        401
    );
    let list = bench
        .browses(&admin, request("GET", "/admin/tokens?said=revoked"))
        .await
        .text;
    assert!(list.contains("The token is revoked.") && !list.contains("/revocation"));
}

#[actix_web::test]
async fn a_wish_that_cannot_be_is_told_and_what_was_written_stays() {
    let bench = Bench::new().await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    for (fields, words) in [
        (
            "name=+&rooms%3Aread=on&days=30",
            "Write a name of 1 to 100 characters",
        ),
        ("name=A+CRM&days=30", "Choose at least one"),
        ("name=A+CRM&rooms%3Aread=on&days=400", "Choose for how long"),
    ] {
        let told = bench
            .browses(&admin, sends(&admin, "/admin/tokens", fields))
            .await;
        assert_eq!(told.status, 422, "{fields}");
        assert!(told.text.contains(words), "{words}: {}", told.text);
        assert!(!told.text.contains("lxo_"));
    }
    let told = bench
        .browses(
            &admin,
            sends(&admin, "/admin/tokens", "name=A+CRM&rooms%3Aread=on&days=400"),
        )
        .await;
    assert!(
        told.text.contains("value=\"A CRM\"")
            && told.text.contains("name=\"rooms:read\" value=\"on\" checked")
    );
}

#[actix_web::test]
async fn tokens_are_for_admins_of_their_company() {
    let bench = Bench::new().await;
    for username in ["dom", "lee"] {
        let other = bench.signs_in(&acme_id(), username).await;
        for path in ["/admin/tokens", "/admin/tokens/new"] {
            assert_eq!(
                bench.browses(&other, request("GET", path)).await.status,
                403,
                "{username} {path}"
            );
        }
    }
    let admin = bench.signs_in(&acme_id(), "michael").await;
    bench.token(&acme_id(), &[TokenScope::RoomsRead]).await;
    let list = bench.browses(&admin, request("GET", "/admin/tokens")).await.text;
    let id = list
        .split("/admin/tokens/")
        .find(|rest| rest.contains("/revocation"))
        .unwrap();
    let address = format!("/admin/tokens/{}/revocation", id.split('/').next().unwrap());
    let foreign = bench.signs_in(&initech(), "michael").await;
    assert_eq!(
        bench.browses(&foreign, request("GET", &address)).await.status,
        404
    );
    assert_eq!(
        bench
            .browses(&foreign, sends(&foreign, &address, ""))
            .await
            .status,
        404
    );
}
