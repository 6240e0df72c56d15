//! Users in bulk on the pages of the Organization Admin, as a browser sends them.

use onboarding_testkit::acme_id;

use crate::bench::{Answer, Bench, Browser, ORIGIN, request};

const TABLE: &str = "username,name,org_unit,extension\nmia,Mia Wong,hk,#mia\nzed,Zed,nowhere,#zed\n";

/// Sends the form with a file, as a browser does.
async fn sends(bench: &Bench, browser: &Browser, parts: &[(&str, &str)], token: &str) -> Answer {
    let part = |(name, value): &(&str, &str)| {
        let file = if *name == "table" {
            "; filename=\"users.csv\""
        } else {
            ""
        };
        format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n")
    };
    let all = [("form_token", token)];
    let body: String = all.iter().chain(parts).map(part).collect();
    let body = body + "--XX--\r\n";
    let form = request("POST", "/admin/import")
        .insert_header(("Cookie", browser.cookie.as_str()))
        .insert_header(("Origin", ORIGIN))
        .insert_header(("Content-Type", "multipart/form-data; boundary=XX"))
        .set_payload(body);
    bench.sends(form).await
}

#[actix_web::test]
async fn a_table_is_previewed_begun_looked_at_and_stopped() {
    let bench = Bench::new().await;
    let michael = bench.signs_in(&acme_id(), "michael").await;
    let sent = async |parts: &[(&str, &str)]| sends(&bench, &michael, parts, &michael.csrf).await;
    let before = bench.audit(&acme_id()).await.len();
    let preview = sent(&[("table", TABLE)]).await;
    assert_eq!(preview.status, 200, "{}", preview.text);
    for part in [
        "name: ",
        "Mia Wong",
        "org_unit: ",
        "Leave out the refused rows",
        "Nothing was changed yet.",
    ] {
        assert!(preview.text.contains(part), "{part}: {}", preview.text);
    }
    let refused = sent(&[("table", TABLE), ("what", "begin")]).await;
    assert_eq!(refused.status, 409);
    assert!(
        refused.text.contains("1 rows are refused, and nothing was done"),
        "{}",
        refused.text
    );
    let unreadable = sent(&[("table", "name\nMia\n")]).await;
    assert_eq!(unreadable.status, 422);
    assert!(unreadable.text.contains("role=\"alert\""), "{}", unreadable.text);
    assert_eq!(
        bench.audit(&acme_id()).await.len(),
        before,
        "so far nothing has happened"
    );
    let begun = sent(&[("table", TABLE), ("what", "begin"), ("skip_refused", "on")]).await;
    assert_eq!(begun.status, 303, "{}", begun.text);
    let place = begun.header("location").to_owned();
    let shown = bench.browses(&michael, request("GET", &place)).await;
    for part in ["Runs", "1 / 2", ">zed<", &format!("{place}/stop")] {
        assert!(shown.text.contains(part), "{part}: {}", shown.text);
    }
    let lee = bench.signs_in(&acme_id(), "lee").await;
    let looked = bench.browses(&lee, request("GET", &place)).await;
    assert!(
        looked.status == 200 && !looked.text.contains("/stop"),
        "{}",
        looked.text
    );
    assert_eq!(
        sends(&bench, &lee, &[("table", TABLE)], &lee.csrf).await.status,
        403
    );
    let stop = format!("{place}/stop");
    let asked = bench.browses(&michael, request("GET", &stop)).await;
    assert!(asked.text.contains("This cannot be undone."), "{}", asked.text);
    assert_eq!(bench.browses(&michael, request("POST", &stop)).await.status, 303);
    let list = bench.browses(&michael, request("GET", "/admin/import")).await;
    assert!(
        list.text.contains("Stopped") && list.text.contains(&place),
        "{}",
        list.text
    );
}

#[actix_web::test]
async fn a_form_with_a_file_carries_its_token_too() {
    let bench = Bench::new().await;
    let michael = bench.signs_in(&acme_id(), "michael").await;
    for token in ["", "another"] {
        let answer = sends(&bench, &michael, &[("table", TABLE)], token).await;
        assert_eq!(
            (answer.status.as_u16(), answer.kind()),
            (403, "csrf-token-needed")
        );
    }
    let large = "x".repeat(5 * 1024 * 1024);
    let answer = sends(&bench, &michael, &[("table", &large)], &michael.csrf).await;
    assert_eq!(answer.kind(), "body-too-large");
}
