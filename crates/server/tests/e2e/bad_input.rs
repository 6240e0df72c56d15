//! What a stranger, a broken proxy or a confused Meta may send: each has its answer, none costs a neighbour.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::demo::{Demo, JANE, PRIMARY, until};

const PNID: &str = "100000000000001";

fn message(id: &str, text: &str) -> Value {
    json!({"from": "33612345678", "id": id, "timestamp": now(), "type": "text", "text": {"body": text}})
}

/// Real time, since the service judges by it how old a message is.
#[expect(
    clippy::disallowed_methods,
    reason = "the service under test runs on real time"
)]
fn now() -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    now.as_secs().to_string()
}

fn delivery(phone_number_id: &str, messages: &[Value]) -> String {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "200000000000001", "changes": [
        {"field": "messages", "value": {"messaging_product": "whatsapp",
            "metadata": {"display_phone_number": PRIMARY, "phone_number_id": phone_number_id},
            "contacts": [{"profile": {"name": "Léa"}, "wa_id": "33612345678", "user_id": "FR.1"}],
            "messages": messages}}]}]})
    .to_string()
}

async fn quarantined(demo: &Demo) -> u64 {
    let ready: Value = demo
        .http
        .get(format!("{}/readyz", demo.operations))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    ready["quarantined"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_signed_by_our_app_is_refused() {
    let demo = Demo::start();
    let body = delivery(PNID, &[message("wamid.forged", "#dom123456")]);
    let good = demo.app_secret().sign(body.as_bytes());
    let other = whatsapp_graph::AppSecret::new("another app's secret".to_owned()).sign(body.as_bytes());
    let upper = good.to_uppercase();
    let of_other_bytes = demo.app_secret().sign(b"other bytes");
    for signature in [
        None,
        Some(""),
        Some("sha256="),
        Some(&good[7..]),
        Some(&upper),
        Some(&other),
        Some(&of_other_bytes),
    ] {
        let answer = demo.webhook(body.clone(), signature).await;
        assert_eq!(answer.status(), 401, "{signature:?}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
    }
    assert_eq!(demo.webhook("", None).await.status(), 401, "empty");
    demo.quiet().await;
    assert!(demo.decisions().await.is_empty());
    assert_eq!(demo.signed(body).await.status(), 200);
    assert_eq!(demo.decision_on("#dom123456").await.outcome, "onboarded");
}

#[tokio::test(flavor = "multi_thread")]
async fn four_mebibytes_pass_and_one_byte_more_does_not() {
    let demo = Demo::start();
    let limit = 4 * 1024 * 1024;
    let mut body = delivery(PNID, &[message("wamid.big", "Hi there")]).into_bytes();
    body.resize(limit, b' ');
    assert_eq!(demo.signed(body.clone()).await.status(), 200);
    body.push(b' ');
    assert_eq!(demo.signed(body.clone()).await.status(), 413);
    assert_eq!(demo.webhook(body, None).await.status(), 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_genuine_but_cannot_be_read_is_put_aside_and_answered() {
    let demo = Demo::start();
    for (nth, body) in [
        &b""[..],
        b"not JSON",
        b"\xff\xfe\x00",
        b"[]",
        b"{\"object\":\"page\",\"entry\":[]}",
        "[".repeat(100_000).as_bytes(),
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(demo.signed(*body).await.status(), 200, "body {nth}");
        assert_eq!(quarantined(&demo).await, nth as u64 + 1, "body {nth}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_number_and_a_status_of_nobodys_message_are_kept_without_effect() {
    let demo = Demo::start();
    assert_eq!(
        demo.signed(delivery("999", &[message("wamid.s", "#dom123456")]))
            .await
            .status(),
        200
    );
    assert_eq!(quarantined(&demo).await, 1);
    let status = json!({"object": "whatsapp_business_account", "entry": [{"id": "200000000000001", "changes": [
        {"field": "messages", "value": {"metadata": {"phone_number_id": PNID},
            "statuses": [{"id": "wamid.nobodys", "status": "failed", "timestamp": "1795346001",
                "biz_opaque_callback_data": "outbox:not-an-id"}]}}]}]});
    assert_eq!(demo.signed(status.to_string()).await.status(), 200);
    demo.quiet().await;
    assert!(demo.decisions().await.is_empty());
    assert_eq!(quarantined(&demo).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn text_with_nul_lone_surrogates_and_bad_utf8_is_answered_like_any_other() {
    let demo = Demo::start();
    let with = |id: &str, text: &str| delivery(PNID, &[message(id, "PLACE")]).replace("PLACE", text);
    assert_eq!(
        demo.signed(with("wamid.nul", r"nul \u0000 here")).await.status(),
        200
    );
    assert_eq!(
        demo.signed(with("wamid.lone", r"lone \ud83d here"))
            .await
            .status(),
        200
    );
    let mut bytes = with("wamid.utf8", "bad @@ here").into_bytes();
    let at = bytes.windows(2).position(|pair| pair == b"@@").unwrap();
    bytes[at] = 0xff;
    assert_eq!(demo.signed(bytes).await.status(), 200);
    until("three decisions", || async {
        (demo.decisions().await.len() == 3).then_some(())
    })
    .await;
    assert!(
        demo.decisions()
            .await
            .iter()
            .all(|decision| decision.outcome == "no_extension")
    );
    assert_eq!(quarantined(&demo).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_updates_one_broken_one_costs_nothing_but_itself() {
    let demo = Demo::start();
    let client = |nth: usize| format!("3361{nth:07}");
    let mut messages: Vec<_> = (0..1000)
        .map(|nth| {
            json!({"from": client(nth), "id": format!("wamid.{nth}"), "timestamp": now(), "type": "reaction",
            "reaction": {"message_id": "wamid.x", "emoji": "👍"}})
        })
        .collect();
    messages[500] = json!({"from": {"no": "text"}, "type": 7});
    assert_eq!(demo.signed(delivery(PNID, &messages)).await.status(), 200);
    assert_eq!(quarantined(&demo).await, 1);
    demo.quiet().await;
    let metrics = demo
        .http
        .get(format!("{}/metrics", demo.operations))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let ignored = metrics
        .lines()
        .find(|line| line.starts_with("onboarding_inbound_total{outcome=\"ignored\"}"));
    assert_eq!(ignored.unwrap().split(' ').next_back(), Some("999"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_handshake_echoes_the_challenge_only_for_our_token() {
    let demo = Demo::start();
    let token = std::fs::read_to_string(demo.data.path().join("verify_token")).unwrap();
    let ask = |mode: &'static str, token: String| {
        let query = [
            ("hub.mode", mode.to_owned()),
            ("hub.challenge", "<b>1158</b>".to_owned()),
            ("hub.verify_token", token),
        ];
        let mut url = reqwest::Url::parse(&format!("{}/webhooks/whatsapp", demo.base)).unwrap();
        url.query_pairs_mut().extend_pairs(query);
        demo.http.get(url).send()
    };
    let good = ask("subscribe", token.clone()).await.unwrap();
    assert_eq!(good.status(), 200);
    assert!(
        good.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/plain")
    );
    assert_eq!(good.text().await.unwrap(), "<b>1158</b>");
    assert_eq!(ask("subscribe", "guess".to_owned()).await.unwrap().status(), 403);
    assert_eq!(ask("unsubscribe", token).await.unwrap().status(), 403);
    let bare = demo
        .http
        .get(format!("{}/webhooks/whatsapp", demo.base))
        .send()
        .await
        .unwrap();
    assert_eq!(bare.status(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_line_names_a_client_their_words_or_a_secret() {
    let data = tempfile::TempDir::new().unwrap();
    let mut command = crate::process::binary();
    command
        .arg("demo")
        .arg("--data")
        .arg(data.path())
        .env("ONBOARDING_LOG", "debug");
    let demo = Demo::of(crate::process::Running::start(command), data);
    demo.writes(JANE, PRIMARY, "Zanzibar #dom123456").await;
    demo.quiet().await;
    demo.signed("Zanzibar, which is not JSON").await;
    demo.webhook("Zanzibar", Some("sha256=Zanzibar")).await;
    let log = demo.running.log();
    assert!(log.contains("handled an inbound element"), "{log}");
    let secret = std::fs::read_to_string(demo.data.path().join("app_secret")).unwrap();
    for word in [
        JANE,
        "Jane",
        "Zanzibar",
        "dom123456",
        "Dom AM",
        "85256428035",
        "85251079302",
        &secret,
    ] {
        assert!(!log.contains(word), "{word} in {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_put_aside_is_listed_with_its_reason_and_without_a_word_of_it() {
    let demo = Demo::start();
    for body in [
        b"this is no JSON, says Jane".to_vec(),
        delivery("999", &[message("wamid.s", "#dom123456")]).into_bytes(),
    ] {
        assert_eq!(demo.signed(body).await.status(), 200);
    }
    let stopped = demo.stop();
    let listed = String::from_utf8(stopped.run(&["quarantine"]).stdout).unwrap();
    let rows: Vec<_> = listed.lines().collect();
    assert_eq!(rows.len(), 3, "{listed}");
    assert!(
        rows[0].starts_with("RECEIVED") && rows[0].ends_with("REASON"),
        "{listed}"
    );
    assert!(rows[1].ends_with("unknown phone_number_id"), "{listed}");
    assert!(rows[2].contains("not JSON"), "{listed}");
    assert!(
        !listed.contains("Jane") && !listed.contains("dom123456"),
        "{listed}"
    );
    let one = String::from_utf8(stopped.run(&["quarantine", "--limit", "1"]).stdout).unwrap();
    assert_eq!(one.lines().count(), 2, "{one}");
}

/// What the server says to words that come and then stop.
async fn told_to(demo: &Demo, words: &str) -> String {
    let address = demo.base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(words.as_bytes()).await.unwrap();
    let mut told = Vec::new();
    let answer = timeout(Duration::from_secs(30), stream.read_to_end(&mut told)).await;
    answer.expect("it hangs up").unwrap();
    String::from_utf8_lossy(&told).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_never_ends_a_request_is_told_so_and_loses_the_connection() {
    let demo = Demo::start();
    let start = "POST /webhooks/whatsapp HTTP/1.1\r\nHost: x\r\n";
    let slow_body = format!("{start}Content-Length: 100\r\n\r\n{{\"object\":");
    let (body, headers) = tokio::join!(told_to(&demo, &slow_body), told_to(&demo, start));
    assert!(body.starts_with("HTTP/1.1 408"), "{body}");
    assert!(headers.starts_with("HTTP/1.1 408"), "{headers}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_calls_itself_compressed_is_taken_as_it_is() {
    let demo = Demo::start();
    let body = delivery(PNID, &[message("wamid.zip", "Hi there")]);
    let url = format!("{}/webhooks/whatsapp", demo.base);
    let signature = demo.app_secret().sign(body.as_bytes());
    let request = demo.http.post(url).header("X-Hub-Signature-256", signature);
    let answer = request.header("Content-Encoding", "gzip").body(body).send().await;
    assert_eq!(
        answer.unwrap().status(),
        200,
        "the signature is over the bytes as they came"
    );
    assert_eq!(quarantined(&demo).await, 0);
}
