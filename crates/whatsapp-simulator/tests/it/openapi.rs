//! What our client sends and what the simulator answers, against Meta's own description of the API.
//!
//! `tests/data/openapi-v23.0.json` holds the schemas of Meta's OpenAPI document (v23.0) for the calls that are made here,
//! without words and examples. Where Meta's platform and its other documentation differ from them, [`departures`] says so.

#![expect(clippy::unwrap_used, reason = "test helpers outside of #[test] functions")]

use serde_json::{Value, json};
use whatsapp_graph::client::{
    AccessToken, Body, GraphClient, HttpLimits, Recipient, SendRequest, http_client,
};
use whatsapp_simulator::ClientMessage;

use crate::stand::{HIDDEN, JANE, PRIMARY, PRIMARY_ID, SECONDARY_ID, Stand, TOKEN, WABA};

/// Without them Meta answers with fewer fields than the document demands.
const FIELDS: &str = "id,display_phone_number,verified_name,status,quality_rating";

/// Where the document is not followed: at which place of the schemas, what stands there instead, and why.
fn departures() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        (
            "/TextMessage/allOf/1/additionalProperties",
            json!(true),
            "beside `allOf` it forbids what the other part demands: Meta's own examples do not pass",
        ),
        (
            "/BaseMessageProperties/required",
            json!(["messaging_product", "recipient_type", "type"]),
            "the document is older than user ids, which stand in `recipient` instead of `to`",
        ),
        (
            "/LanguageObject/required",
            json!(["code"]),
            "the policy is no longer asked for: Meta's guide to templates leaves it out",
        ),
        (
            "/WhatsAppPhoneNumberStatus/enum",
            Value::Null,
            "CONNECTED is missing, the state of every number that works",
        ),
    ]
}

fn schemas(departing: bool) -> Value {
    let document: Value = serde_json::from_str(include_str!("../data/openapi-v23.0.json")).unwrap();
    let mut schemas = document["schemas"].clone();
    for (place, instead, _) in departures() {
        let place = schemas
            .pointer_mut(place)
            .expect("the document says something there");
        if departing {
            *place = instead;
        }
    }
    schemas
}

/// What is wrong with the value, each with its place.
fn mistakes(schemas: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Some(name) = schema["$ref"].as_str().and_then(|to| to.rsplit('/').next()) {
        return mistakes(schemas, &schemas[name], value, at);
    }
    if value.is_null() && schema["nullable"] == true {
        return Vec::new();
    }
    let list = |key: &str| schema[key].as_array().into_iter().flatten();
    let mut found = Vec::new();
    let fits = match schema["type"].as_str() {
        None => true,
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some(other) => panic!("{at}: the checker does not know the type {other}"),
    };
    if !fits {
        found.push(format!("{at}: {value} is no {}", schema["type"]));
    }
    if schema["enum"].is_array() && !list("enum").any(|one| one == value) {
        found.push(format!("{at}: {value} is none of {}", schema["enum"]));
    }
    for name in list("required").filter_map(Value::as_str) {
        if value.get(name).is_none() {
            found.push(format!("{at}: {name} is missing"));
        }
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(name) {
            Some(known) => found.extend(mistakes(schemas, known, inner, &format!("{at}/{name}"))),
            None if schema["additionalProperties"] == false => {
                found.push(format!("{at}: {name} is not allowed"));
            }
            None => {}
        }
    }
    for (place, inner) in value.as_array().into_iter().flatten().enumerate() {
        found.extend(mistakes(
            schemas,
            &schema["items"],
            inner,
            &format!("{at}/{place}"),
        ));
    }
    for part in list("allOf") {
        found.extend(mistakes(schemas, part, value, at));
    }
    found
}

#[track_caller]
fn assert_fits(name: &str, value: &Value) {
    let schemas = schemas(true);
    assert!(schemas[name].is_object(), "{name} is in the document");
    assert_eq!(
        mistakes(&schemas, &schemas[name], value, name),
        Vec::<String>::new(),
        "{value}"
    );
}

/// What our client sends, as the simulator got it: free text by phone and by user id, a template, one with buttons, and a
/// subscription.
async fn sent(stand: &Stand) -> Vec<Value> {
    for client in [JANE, HIDDEN] {
        let hello = ClientMessage::text(PRIMARY, "hello");
        stand.simulator.client_sends(client, hello).unwrap();
    }
    let http = http_client(&HttpLimits::default()).unwrap();
    let client = GraphClient::new(&stand.simulator.graph_url(), "v23.0", http).unwrap();
    let token = AccessToken::new(TOKEN.to_owned());
    let text = || Body::Text {
        body: "hi".to_owned(),
        preview_url: false,
    };
    let template = |name: &str, payloads: &[&str]| Body::Template {
        name: name.to_owned(),
        language: "en".to_owned(),
        body_parameters: vec!["Dom".to_owned(), "Acme".to_owned()],
        button_payloads: payloads.iter().map(|&payload| payload.to_owned()).collect(),
    };
    let phone = || Recipient::Phone(JANE.to_owned());
    for (recipient, body) in [
        (phone(), text()),
        (Recipient::UserId(HIDDEN.to_owned()), text()),
        (phone(), template("client_invitation", &[])),
        (phone(), template("with_buttons", &["accept.1", "decline.1"])),
    ] {
        let request = SendRequest {
            recipient,
            body,
            context_message_id: None,
            biz_opaque_callback_data: Some("outbox:1".to_owned()),
        };
        client.send(&token, PRIMARY_ID, &request).await.unwrap();
    }
    client.subscribe(&token, WABA).await.unwrap();
    stand.simulator.with_ledger(|ledger| {
        ledger
            .graph_calls
            .iter()
            .map(|call| call.body.clone().unwrap_or_else(|| json!({})))
            .collect()
    })
}

#[tokio::test]
async fn what_our_client_sends_is_what_meta_describes() {
    let stand = Stand::new();
    let bodies = sent(&stand).await;
    let [text, by_id, template, with_buttons, subscription] = bodies.as_slice() else {
        panic!("{bodies:?}")
    };
    assert_fits("TextMessage", text);
    assert_fits("TextMessage", by_id);
    assert_fits("TemplateMessage", template);
    assert_fits("TemplateMessage", with_buttons);
    let components = with_buttons["template"]["components"].as_array().unwrap();
    let buttons: Vec<_> = components.iter().filter(|one| one["type"] == "button").collect();
    assert_eq!(buttons.len(), 2, "{with_buttons}");
    for (index, button) in buttons.into_iter().enumerate() {
        // The document leaves out what stands in `parameters`; Meta's guide to templates has it.
        assert_eq!(button["index"], json!(index.to_string()));
        assert_eq!(button["parameters"][0]["type"], "payload");
    }
    assert_fits("SubscriptionRequest", subscription);
}

#[tokio::test]
async fn what_the_simulator_answers_is_what_meta_describes() {
    let stand = Stand::new();
    for (path, name) in [
        (
            format!("v23.0/{WABA}/phone_numbers?fields={FIELDS}"),
            "WhatsAppBusinessAccountPhoneNumbersConnection",
        ),
        (format!("v23.0/{WABA}/subscribed_apps"), "SubscribedAppsResponse"),
        (format!("v23.0/{WABA}/message_templates"), "TemplateListing"),
        (format!("v23.0/{PRIMARY_ID}"), "PhoneNumberInfo"),
    ] {
        let (status, answer) = stand.get(&path).await;
        assert_eq!(status, 200, "{path}");
        assert_fits(name, &answer);
    }
    let (_, answer) = stand
        .send(SECONDARY_ID, crate::stand::invitation(&["Dom", "Acme"]))
        .await;
    assert!(answer["messages"][0]["id"].is_string(), "{answer}");
    assert_fits("MessageResponsePayload", &answer);
    let path = format!("v23.0/{WABA}/subscribed_apps");
    let (_, answer) = stand.post(&path, TOKEN, &json!({})).await;
    assert_fits("SubscriptionResponse", &answer);
}

#[tokio::test]
async fn what_the_simulator_refuses_it_refuses_as_meta_describes() {
    let stand = Stand::new();
    let messages = format!("v23.0/{PRIMARY_ID}/messages");
    let outside_the_window =
        json!({"messaging_product": "whatsapp", "to": JANE, "type": "text", "text": {"body": "hi"}});
    let paused = json!({"messaging_product": "whatsapp", "to": JANE, "type": "template",
        "template": {"name": "paused", "language": {"code": "en"}}});
    for (path, token, body) in [
        (&messages, "a token of nobody", &outside_the_window),
        (&messages, TOKEN, &outside_the_window),
        (&messages, TOKEN, &paused),
        (&messages, TOKEN, &json!({"messaging_product": "whatsapp"})),
        (&"v23.0/1/messages".to_owned(), TOKEN, &paused),
        (&"v23.0/1/subscribed_apps".to_owned(), TOKEN, &json!({})),
    ] {
        let (status, answer) = stand.post(path, token, body).await;
        assert!(status.is_client_error(), "{path}: {status} {answer}");
        assert_fits("GraphAPIError", &answer);
    }
}

/// A departure that nothing needs any more goes.
#[tokio::test]
async fn without_the_departures_meta_would_describe_another_platform() {
    let stand = Stand::new();
    let bodies = sent(&stand).await;
    let (_, numbers) = stand
        .get(&format!("v23.0/{WABA}/phone_numbers?fields={FIELDS}"))
        .await;
    let literal = schemas(false);
    let found: Vec<_> = [
        ("TextMessage", &bodies[0]),
        ("TextMessage", &bodies[1]),
        ("TemplateMessage", &bodies[2]),
        ("WhatsAppBusinessAccountPhoneNumbersConnection", &numbers),
    ]
    .iter()
    .flat_map(|(name, value)| mistakes(&literal, &literal[*name], value, name))
    .collect();
    for part in [
        "is not allowed",
        "to is missing",
        "policy is missing",
        "CONNECTED",
    ] {
        assert!(found.iter().any(|one| one.contains(part)), "{part}: {found:?}");
    }
}

#[test]
fn what_meta_does_not_describe_is_told() {
    let schemas = schemas(true);
    for (name, value) in [
        (
            "TextMessage",
            json!({"messaging_product": "whatsapp", "recipient_type": "individual", "type": "text"}),
        ),
        ("SubscriptionResponse", json!({"success": "true"})),
        ("SubscribedAppsResponse", json!({"data": {}})),
        ("MessageResponsePayload", json!({"messages": [{"id": 7}]})),
        ("PhoneNumberInfo", json!({"quality_rating": "SPLENDID"})),
        ("GraphAPIError", json!({"error": {"message": "no", "code": 190}})),
    ] {
        assert_ne!(
            mistakes(&schemas, &schemas[name], &value, name),
            Vec::<String>::new(),
            "{name}"
        );
    }
}
