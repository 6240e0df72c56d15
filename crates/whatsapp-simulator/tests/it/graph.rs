//! What the Graph endpoints answer and refuse.

use actix_web::http::StatusCode;
use serde_json::json;
use whatsapp_simulator::ClientMessage;

use crate::stand::{HIDDEN, JANE, PRIMARY, PRIMARY_ID, SECONDARY_ID, Stand, WABA, invitation, text};

#[tokio::test]
async fn a_wrong_or_missing_token_is_401_code_190() {
    let stand = Stand::new();
    let path = format!("v25.0/{PRIMARY_ID}/messages");
    for token in ["wrong", ""] {
        let (status, answer) = stand.post(&path, token, &json!({})).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer["error"]["code"], 190);
    }
}

#[tokio::test]
async fn an_unknown_number_is_400_code_100_subcode_33() {
    let stand = Stand::new();
    let (status, answer) = stand.send("999", text("+85291234567", "hi")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(answer["error"]["code"], 100);
    assert_eq!(answer["error"]["error_subcode"], 33);
}

#[tokio::test]
async fn an_unknown_path_is_a_graph_error() {
    let stand = Stand::new();
    let (status, answer) = stand.get("v25.0/1/2/3").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(answer["error"]["code"], 2500);
}

#[tokio::test]
async fn templates_are_refused_as_meta_refuses_them() {
    let stand = Stand::new();
    let named = |name: &str, language: &str| {
        json!({"to": "+85291234567", "type": "template",
            "template": {"name": name, "language": {"code": language}}})
    };
    let cases = [
        (named("nothing", "en"), (404, 132_001)),
        (named("client_invitation", "fr"), (404, 132_001)),
        (named("pending", "en"), (404, 132_001)),
        (named("paused", "en"), (400, 132_015)),
        (named("disabled", "en"), (400, 132_016)),
        (invitation(&["Dom"]), (400, 132_000)),
        (invitation(&["Dom", "Acme", "more"]), (400, 132_000)),
        (invitation(&["Dom\nAM", "Acme"]), (400, 132_018)),
        (invitation(&["Dom\tAM", "Acme"]), (400, 132_018)),
        (invitation(&["Dom     AM", "Acme"]), (400, 132_018)),
        (invitation(&["", "Acme"]), (400, 131_008)),
        (invitation(&[&"x".repeat(1_020), "Acme"]), (400, 132_005)),
    ];
    for (body, refusal) in cases {
        assert_eq!(stand.refused(SECONDARY_ID, body.clone()).await, refusal, "{body}");
    }
    stand
        .accepted(SECONDARY_ID, invitation(&["Dom    AM", "{{1}}"]))
        .await;
    let filled = json!({"to": "+85291234567", "type": "template", "template": {"name": "named", "language": {"code": "en"},
        "components": [{"type": "body", "parameters": [{"type": "text", "parameter_name": "first_name", "text": "Ana"}]}]}});
    stand.accepted(SECONDARY_ID, filled).await;
}

#[tokio::test]
async fn bodies_are_refused_as_meta_refuses_them() {
    let stand = Stand::new();
    stand
        .simulator
        .client_sends(JANE, ClientMessage::text(PRIMARY, "hi"))
        .unwrap();
    let to = "+85291234567";
    let cases = [
        (text(PRIMARY, "hi"), (400, 131_021)),
        (text("nobody", "hi"), (400, 131_009)),
        (text(to, ""), (400, 100)),
        (text(to, &"x".repeat(4_097)), (400, 100)),
        (json!({"type": "text", "text": {"body": "hi"}}), (400, 100)),
        (json!({"to": to, "type": "dance"}), (400, 100)),
        (json!({"to": to, "type": "image", "image": {}}), (400, 131_008)),
        (
            json!({"recipient": "not one", "type": "text", "text": {"body": "hi"}}),
            (400, 100),
        ),
        (
            json!({"to": to, "text": {"body": "hi"}, "biz_opaque_callback_data": "x".repeat(513)}),
            (400, 100),
        ),
    ];
    for (body, refusal) in cases {
        assert_eq!(stand.refused(PRIMARY_ID, body.clone()).await, refusal, "{body}");
    }
    let longest =
        json!({"to": to, "text": {"body": "é".repeat(4_096)}, "biz_opaque_callback_data": "é".repeat(512)});
    stand.accepted(PRIMARY_ID, longest).await;
}

#[tokio::test]
async fn to_wins_over_recipient_and_each_is_answered_in_its_own_form() {
    let stand = Stand::new();
    for client in [JANE, HIDDEN] {
        stand
            .simulator
            .client_sends(client, ClientMessage::text(PRIMARY, "hi"))
            .unwrap();
    }
    let both = json!({"to": "+85291234567", "recipient": HIDDEN, "text": {"body": "hi"}});
    let (_, answer) = stand.send(PRIMARY_ID, both).await;
    assert_eq!(
        answer["contacts"],
        json!([{"input": "+85291234567", "wa_id": JANE}])
    );
    let (_, answer) = stand
        .send(PRIMARY_ID, json!({"recipient": HIDDEN, "text": {"body": "hi"}}))
        .await;
    assert_eq!(answer["contacts"], json!([{"input": HIDDEN, "user_id": HIDDEN}]));
    assert!(
        answer["messages"][0]["id"]
            .as_str()
            .unwrap()
            .starts_with("wamid.")
    );
}

#[tokio::test]
async fn numbers_accounts_templates_and_tokens_can_be_read() {
    let stand = Stand::new();
    let (_, number) = stand
        .get(&format!("v25.0/{PRIMARY_ID}?fields=status,health_status"))
        .await;
    assert_eq!(number["status"], "CONNECTED");
    assert_eq!(number["health_status"]["can_send_message"], "AVAILABLE");
    assert!(number.get("verified_name").is_none());
    let (_, apps) = stand.get(&format!("v25.0/{WABA}/subscribed_apps")).await;
    assert!(apps["data"][0]["whatsapp_business_api_data"]["id"].is_string());
    let (_, templates) = stand
        .get(&format!("v25.0/{WABA}/message_templates?name=paused"))
        .await;
    assert_eq!(templates["data"][0]["status"], "PAUSED");
    assert_eq!(templates["data"].as_array().unwrap().len(), 1);
    let (_, numbers) = stand.get(&format!("{WABA}/phone_numbers")).await;
    assert_eq!(numbers["data"].as_array().unwrap().len(), 2);
    let (_, token) = stand.get("v25.0/debug_token?input_token=token%20one").await;
    assert_eq!(token["data"]["is_valid"], true);
    let (_, token) = stand.get("v25.0/debug_token?input_token=other").await;
    assert_eq!(token["data"]["is_valid"], false);
}

#[tokio::test]
async fn a_read_mark_colours_the_ticks_and_a_wrong_id_is_131009() {
    let stand = Stand::new();
    let id = stand
        .simulator
        .client_sends(JANE, ClientMessage::text(PRIMARY, "hi"))
        .unwrap();
    let mark = |id: &str| json!({"status": "read", "message_id": id, "typing_indicator": {"type": "text"}});
    let (_, answer) = stand.send(PRIMARY_ID, mark(&id)).await;
    assert_eq!(answer, json!({"success": true}));
    let thread = stand.simulator.thread(JANE, PRIMARY);
    assert_eq!(thread[0].state, whatsapp_simulator::MessageState::Read);
    assert_eq!(
        stand.refused(PRIMARY_ID, mark("wamid.none")).await,
        (400, 131_009)
    );
    assert_eq!(stand.refused(SECONDARY_ID, mark(&id)).await, (400, 131_009));
}
