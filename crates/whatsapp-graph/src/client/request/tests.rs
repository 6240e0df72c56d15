use super::*;

fn sample(name: &str) -> Value {
    let path = format!("{}/tests/data/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn text(body: &str) -> SendRequest {
    SendRequest {
        recipient: Recipient::Phone("16505551234".to_owned()),
        body: Body::Text {
            body: body.to_owned(),
            preview_url: false,
        },
        context_message_id: None,
        biz_opaque_callback_data: None,
    }
}

fn template(name: &str, body_parameters: &[&str]) -> SendRequest {
    SendRequest {
        body: Body::Template {
            name: name.to_owned(),
            language: "en_US".to_owned(),
            body_parameters: body_parameters.iter().map(|&text| text.to_owned()).collect(),
            button_payloads: Vec::new(),
        },
        ..text("")
    }
}

/// The samples write `to` without the `+` that we always send.
fn with_plus(mut sample: Value) -> Value {
    sample["to"] = format!("+{}", sample["to"].as_str().unwrap()).into();
    sample
}

#[test]
fn requests_have_the_published_shapes() {
    let opaque = SendRequest {
        biz_opaque_callback_data: Some("abc".to_owned()),
        ..text("hi")
    };
    assert_eq!(opaque.to_json(), with_plus(sample("requests/text_opaque")));
    let context = SendRequest {
        context_message_id: Some("wamid.X".to_owned()),
        ..text("hi")
    };
    assert_eq!(context.to_json(), with_plus(sample("requests/text_context")));
    assert_eq!(
        template("hello_world", &[]).to_json(),
        with_plus(sample("requests/template_plain"))
    );
    assert_eq!(read_json("wamid.X"), sample("requests/read"));
}

#[test]
fn a_user_id_never_stands_in_to() {
    let request = SendRequest {
        recipient: Recipient::UserId("US.1".to_owned()),
        ..text("hi")
    }
    .to_json();
    assert_eq!(request["recipient"], "US.1");
    assert!(request.get("to").is_none());
}

#[test]
fn a_plus_is_not_doubled() {
    let request = SendRequest {
        recipient: Recipient::Phone("+1650".to_owned()),
        ..text("hi")
    };
    assert_eq!(request.to_json()["to"], "+1650");
}

#[test]
fn previews_are_asked_for() {
    let body = Body::Text {
        body: "hi".to_owned(),
        preview_url: true,
    };
    assert_eq!(
        SendRequest { body, ..text("") }.to_json()["text"],
        json!({"body": "hi", "preview_url": true})
    );
}

#[test]
fn parameters_are_positional_and_flat() {
    let request = template("t", &["Ana\n\tBea     C ", "2"]).to_json();
    assert_eq!(
        request["template"]["components"],
        json!([{"type": "body", "parameters": [{"type": "text", "text": "Ana Bea C"}, {"type": "text", "text": "2"}]}])
    );
}

#[test]
fn debug_shows_neither_person_nor_words() {
    let request = SendRequest {
        biz_opaque_callback_data: Some("data".to_owned()),
        ..text("secret words")
    };
    let logged = format!("{request:?} {:?}", template("t", &["Ana"]));
    for secret in ["1650", "secret", "data", "Ana"] {
        assert!(!logged.contains(secret), "{logged}");
    }
}
