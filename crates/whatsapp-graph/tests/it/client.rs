//! The client tells apart what was not sent, what was refused, and what nobody can know.

use std::error::Error as _;
use std::fmt::Write as _;
use std::time::Duration;

use tokio::net::TcpListener;
use whatsapp_graph::client::{
    Accepted, AccessToken, Body, GraphClient, HttpLimits, ReadError, Recipient, SendError, SendRequest,
    UnknownOutcome, http_client,
};
use whatsapp_graph::{ErrorClass, TemplateTrouble};

use crate::server::{Seen, Then, answer, serve};

const TOKEN: &str = "EAAG-secret-token";

fn client(base: &str) -> GraphClient {
    let limits = HttpLimits {
        total: Duration::from_millis(500),
        ..HttpLimits::default()
    };
    GraphClient::new(base, "v26.0", http_client(&limits).unwrap()).unwrap()
}

fn token() -> AccessToken {
    AccessToken::new(TOKEN.to_owned())
}

fn hi() -> SendRequest {
    SendRequest {
        recipient: Recipient::Phone("14155550123".to_owned()),
        body: Body::Text {
            body: "hi".to_owned(),
            preview_url: false,
        },
        context_message_id: None,
        biz_opaque_callback_data: Some("outbox:1".to_owned()),
    }
}

async fn send(then: Then) -> (Result<Accepted, SendError>, Seen) {
    let (base, seen) = serve(then).await;
    let result = client(&base).send(&token(), "106540352242922", &hi()).await;
    (result, seen.await.unwrap())
}

async fn refusal(status: &str, headers: &str, body: &str) -> (i64, u16, ErrorClass, Option<Duration>) {
    let (result, _) = send(answer(status, headers, body)).await;
    let Err(SendError::Refused {
        error,
        status,
        class,
        retry_after,
    }) = result
    else {
        panic!("{result:?}")
    };
    (error.code, status, class, retry_after)
}

async fn unknown(then: Then) -> UnknownOutcome {
    let (result, _) = send(then).await;
    let Err(SendError::Unknown(unknown)) = result else {
        panic!("{result:?}")
    };
    unknown
}

fn api_sample(name: &str) -> String {
    let path = format!(
        "{}/tests/data/samples/api/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read_to_string(path).unwrap()
}

#[tokio::test]
async fn an_accepted_message_has_an_id() {
    let (result, seen) = send(answer("200 OK", "", &api_sample("send.response.phone"))).await;
    let accepted = result.unwrap();
    assert!(accepted.message_id.starts_with("wamid."));
    assert_eq!(
        (accepted.wa_id.as_deref(), accepted.user_id),
        (Some("14155550123"), None)
    );
    assert_eq!(
        seen.request_line(),
        "POST /v26.0/106540352242922/messages HTTP/1.1"
    );
    let head = seen.head.to_ascii_lowercase();
    assert!(
        head.contains(&format!("authorization: bearer {}", TOKEN.to_ascii_lowercase())),
        "{head}"
    );
    assert!(head.contains("user-agent: whatsapp-graph/") && head.contains("content-type: application/json"));
    assert_eq!(
        seen.json(),
        serde_json::json!({"messaging_product": "whatsapp", "recipient_type": "individual", "to": "+14155550123",
            "type": "text", "text": {"body": "hi"}, "biz_opaque_callback_data": "outbox:1"})
    );

    let (result, _) = send(answer("200 OK", "", &api_sample("send.response.bsuid"))).await;
    assert_eq!(
        result.unwrap().user_id.as_deref(),
        Some("US.90817263544536271809")
    );
    let (result, _) = send(answer("200 OK", "", &api_sample("send.response.template-held"))).await;
    assert_eq!(
        result.unwrap().message_status.as_deref(),
        Some("held_for_quality_assessment")
    );
}

/// Failure 35: WhatsApp fetches media by their link from where it cannot be seen, and as often as their host lets it. We send
/// none; a body that does takes the id of what was uploaded.
#[tokio::test]
async fn no_message_makes_whatsapp_fetch_anything() {
    let template = Body::Template {
        name: "invite".to_owned(),
        language: "en".to_owned(),
        body_parameters: vec!["Dom".to_owned()],
        button_payloads: vec!["yes".to_owned()],
    };
    for body in [hi().body, template] {
        let kind = match &body {
            Body::Text { .. } => "text",
            Body::Template { .. } => "template",
        };
        let request = SendRequest { body, ..hi() };
        let (base, seen) = serve(answer("200 OK", "", &api_sample("send.response.phone"))).await;
        client(&base).send(&token(), "1", &request).await.unwrap();
        let seen = seen.await.unwrap();
        assert_eq!(seen.json()["type"], kind);
        assert!(
            !seen.body.contains("\"link\"") && !seen.body.contains("http"),
            "{}",
            seen.body
        );
    }
}

#[tokio::test]
async fn no_connection_means_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let result = client(&base).send(&token(), "1", &hi()).await;
    assert!(matches!(result, Err(SendError::NotSent(_))), "{result:?}");
}

#[tokio::test]
async fn a_failed_tls_handshake_means_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { drop(listener.accept().await) });
    let result = client(&base).send(&token(), "1", &hi()).await;
    assert!(matches!(result, Err(SendError::NotSent(_))), "{result:?}");
    server.await.unwrap();
}

#[tokio::test]
async fn a_token_that_fits_no_header_means_not_sent() {
    let token = AccessToken::new("line\nbreak".to_owned());
    let result = client("http://127.0.0.1:1").send(&token, "1", &hi()).await;
    assert!(matches!(result, Err(SendError::NotSent(_))), "{result:?}");
}

#[tokio::test]
async fn silence_after_the_request_is_unknown() {
    assert!(matches!(unknown(Then::Hang).await, UnknownOutcome::Transport(_)));
    assert!(matches!(unknown(Then::Close).await, UnknownOutcome::Transport(_)));
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"messages\":[{\"id\":\"wamid.A\"}]}".to_vec();
    assert!(matches!(
        unknown(Then::Answer(cut)).await,
        UnknownOutcome::Transport(_)
    ));
}

#[tokio::test]
async fn a_success_without_an_id_is_unknown() {
    for body in [
        "",
        "garbage",
        "{}",
        "[]",
        r#"{"messages":[]}"#,
        r#"{"messages":null}"#,
        r#"{"messages":[{"id":""}]}"#,
        r#"{"messages":[{}]}"#,
        r#"{"error":{"code":190}}"#,
    ] {
        let outcome = unknown(answer("200 OK", "", body)).await;
        assert!(
            matches!(outcome, UnknownOutcome::NoMessageId(200)),
            "{body}: {outcome:?}"
        );
    }
    assert!(matches!(
        unknown(answer("204 No Content", "", "")).await,
        UnknownOutcome::NoMessageId(204)
    ));
}

#[tokio::test]
async fn answers_that_are_not_graphs_are_unknown() {
    for (status, body) in [
        ("500 Internal Server Error", ""),
        ("502 Bad Gateway", "<html>"),
        ("503 Service Unavailable", r#"{"error":"busy"}"#),
        ("404 Not Found", "no such page"),
        ("400 Bad Request", r#"{"error":{"message":"no code"}}"#),
        ("429 Too Many Requests", "slow down"),
        ("304 Not Modified", ""),
    ] {
        let outcome = unknown(answer(status, "", body)).await;
        assert!(
            matches!(outcome, UnknownOutcome::Unreadable(_)),
            "{status}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let outcome = unknown(answer("200 OK", "", &" ".repeat(3 * 1024 * 1024))).await;
    assert!(matches!(outcome, UnknownOutcome::TooLarge(200)), "{outcome:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_gets_no_token() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for status in ["302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let location = format!("location: http://{}/steal\r\n", elsewhere.local_addr().unwrap());
        let outcome = unknown(answer(status, &location, "")).await;
        assert!(matches!(outcome, UnknownOutcome::Unreadable(_)), "{outcome:?}");
    }
    let visit = tokio::time::timeout(Duration::from_millis(50), elsewhere.accept()).await;
    assert!(visit.is_err(), "somebody followed");
}

#[tokio::test]
async fn graph_errors_are_refusals_of_their_class() {
    let safe = ErrorClass::Retry { safe: true };
    let doubtful = ErrorClass::Retry { safe: false };
    for (name, status, code, class) in [
        ("error.190", "401 Unauthorized", 190, ErrorClass::PauseAccount),
        (
            "error.131047",
            "400 Bad Request",
            131_047,
            ErrorClass::WindowClosed,
        ),
        ("error.131056", "400 Bad Request", 131_056, safe),
        (
            "error.132001",
            "404 Not Found",
            132_001,
            ErrorClass::Template(TemplateTrouble::Missing),
        ),
        ("error.transient-2", "503 Service Unavailable", 2, doubtful),
        // A server error takes back the promise that nothing was processed.
        ("error.130429", "500 Internal Server Error", 130_429, doubtful),
    ] {
        let refused = refusal(status, "", &api_sample(name)).await;
        assert_eq!((refused.0, refused.2), (code, class), "{name}");
    }
    assert_eq!(
        refusal("500 Error", "", r#"{"error":{"code":987654}}"#).await.2,
        doubtful
    );
    assert_eq!(
        refusal("400 Bad Request", "", r#"{"error":{"code":987654}}"#)
            .await
            .2,
        ErrorClass::Message
    );
    assert_eq!(
        refusal("500 Error", "", r#"{"error":{"code":3}}"#).await.2,
        ErrorClass::PauseAccount
    );
    assert_eq!(
        refusal("500 Error", "", r#"{"error":{"code":131009}}"#).await.2,
        ErrorClass::Message
    );
}

#[tokio::test]
async fn the_time_to_wait_is_passed_on() {
    let body = api_sample("error.130429");
    let safe = ErrorClass::Retry { safe: true };
    for (header, wait) in [
        ("retry-after: 17\r\n", Some(17)),
        ("Retry-After: 99999999999999\r\n", Some(86_400)),
        ("retry-after: Wed, 21 Oct 2026 07:28:00 GMT\r\n", None),
        ("retry-after: -1\r\n", None),
        ("", None),
    ] {
        let refused = refusal("429 Too Many Requests", header, &body).await;
        assert_eq!(
            refused,
            (130_429, 429, safe, wait.map(Duration::from_secs)),
            "{header}"
        );
    }
}

#[tokio::test]
async fn a_message_is_marked_as_read() {
    let (base, seen) = serve(answer("200 OK", "", r#"{"success":true}"#)).await;
    client(&base)
        .mark_as_read(&token(), "1", "wamid.X")
        .await
        .unwrap();
    assert_eq!(
        seen.await.unwrap().json(),
        serde_json::json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.X"})
    );
    let (base, _seen) = serve(answer("200 OK", "", r#"{"success":false}"#)).await;
    let result = client(&base).mark_as_read(&token(), "1", "wamid.X").await;
    assert!(matches!(result, Err(SendError::Unknown(_))), "{result:?}");
}

#[tokio::test]
async fn the_health_of_a_number_is_read() {
    let (base, seen) = serve(answer("200 OK", "", &api_sample("phone-number.get.response"))).await;
    let number = client(&base)
        .phone_number(&token(), "106540352242922")
        .await
        .unwrap();
    assert_eq!(
        (number.status.as_deref(), number.quality_rating.as_deref()),
        (Some("CONNECTED"), Some("GREEN"))
    );
    assert_eq!((number.can_send_message, number.problems.len()), (None, 0));
    let line = seen.await.unwrap().request_line().to_owned();
    assert!(
        line.starts_with("GET /v26.0/106540352242922?fields=id%2Cdisplay_phone_number"),
        "{line}"
    );

    let (base, _seen) = serve(answer("200 OK", "", &api_sample("health.blocked-payment"))).await;
    let number = client(&base).phone_number(&token(), "1").await.unwrap();
    assert_eq!(number.can_send_message.as_deref(), Some("BLOCKED"));
    assert_eq!(
        (number.problems[0].entity_type.as_str(), number.problems[0].code),
        ("WABA", Some(141_006))
    );
    let (base, _seen) = serve(answer("200 OK", "", &api_sample("health.limited"))).await;
    let number = client(&base).phone_number(&token(), "1").await.unwrap();
    assert_eq!(
        number.problems[0].description,
        "Your display name has not been approved yet."
    );
}

#[tokio::test]
async fn subscriptions_and_templates_are_listed() {
    let (base, _seen) = serve(answer("200 OK", "", &api_sample("subscribed-apps.get.response"))).await;
    let apps = client(&base)
        .subscribed_apps(&token(), "102290129340398")
        .await
        .unwrap();
    assert_eq!((apps.len(), apps[0].id.as_str()), (1, "634974688087057"));

    let body = r#"{"data":[{"name":"invite","language":"en_US","status":"APPROVED","category":"UTILITY","id":"1"},
        {"name":"invite_old","language":"en_US","status":"PAUSED"},{"name":"invite","language":"de"},null]}"#;
    let (base, seen) = serve(answer("200 OK", "", body)).await;
    let templates = client(&base)
        .message_template(&token(), "1", "invite")
        .await
        .unwrap();
    let found: Vec<_> = templates
        .iter()
        .map(|t| (t.language.as_deref(), t.status.as_deref()))
        .collect();
    assert_eq!(found, [(Some("en_US"), Some("APPROVED")), (Some("de"), None)]);
    let line = seen.await.unwrap().request_line().to_owned();
    assert!(
        line.starts_with("GET /v26.0/1/message_templates?name=invite&"),
        "{line}"
    );
}

#[tokio::test]
async fn failed_reads_say_why() {
    let (base, _seen) = serve(answer("401 Unauthorized", "", &api_sample("error.190"))).await;
    let result = client(&base).subscribed_apps(&token(), "1").await;
    let Err(ReadError::Refused {
        class: ErrorClass::PauseAccount,
        status: 401,
        ..
    }) = result
    else {
        panic!("{result:?}")
    };
    for (status, body) in [("200 OK", "{}"), ("200 OK", "x"), ("302 Found", r#"{"data":[]}"#)] {
        let (base, _seen) = serve(answer(status, "", body)).await;
        let result = client(&base).subscribed_apps(&token(), "1").await;
        assert!(
            matches!(result, Err(ReadError::Unreadable(_))),
            "{status} {body}: {result:?}"
        );
    }
    let result = client("http://127.0.0.1:1").subscribed_apps(&token(), "1").await;
    assert!(matches!(result, Err(ReadError::Unreachable(_))), "{result:?}");
}

#[tokio::test]
async fn an_id_stays_one_segment_of_the_path() {
    let (base, seen) = serve(answer("200 OK", "", "{}")).await;
    let _ = client(&format!("{base}/graph/"))
        .send(&token(), "../me?x=#y", &hi())
        .await;
    let line = seen.await.unwrap().request_line().to_owned();
    assert_eq!(line, "POST /graph/v26.0/..%2Fme%3Fx=%23y/messages HTTP/1.1");
}

#[tokio::test]
async fn nothing_secret_is_printed() {
    let (base, _seen) = serve(Then::Close).await;
    let client = client(&base);
    let error = client.send(&token(), "106540352242922", &hi()).await.unwrap_err();
    let mut printed = format!("{client:?} {:?} {error:?} {error}", token());
    let mut source = error.source();
    while let Some(error) = source {
        write!(printed, " {error}").unwrap();
        source = error.source();
    }
    for secret in [TOKEN, "14155550123", "106540352242922", "outbox:1"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

#[test]
fn a_base_that_is_no_web_address_is_refused() {
    for base in [
        "",
        "graph.facebook.com",
        "ftp://graph.facebook.com",
        "file:///etc",
    ] {
        let http = http_client(&HttpLimits::default()).unwrap();
        assert!(GraphClient::new(base, "v26.0", http).is_err(), "{base}");
    }
}
