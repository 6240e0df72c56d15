//! How webhooks get to the service.

use std::time::Duration;

use serde_json::json;
use whatsapp_simulator::{
    ClientMessage, DeliveryState, Faults, GraphErrorFault, Outcome, Retries, SimulatorConfig,
};

use crate::stand::{JANE, LIMIT, PRIMARY, PRIMARY_ID, SECONDARY, SECONDARY_ID, Stand, invitation, text};

#[tokio::test]
async fn a_text_arrives_signed_and_in_ascii() {
    let mut stand = Stand::new();
    let words = "＃michael José 👋 \u{0}";
    let id = stand
        .simulator
        .client_sends(JANE, ClientMessage::text(PRIMARY, words))
        .unwrap();
    let webhook = stand.webhook(|_| true).await;
    assert!(webhook.is_signed());
    assert!(webhook.bytes.is_ascii());
    let raw = String::from_utf8(webhook.bytes.clone()).unwrap();
    assert!(
        raw.contains(r"\uff03michael Jos\u00e9 \ud83d\udc4b \u0000"),
        "{raw}"
    );
    let body = webhook.json();
    assert_eq!(body["object"], "whatsapp_business_account");
    assert_eq!(body["entry"][0]["changes"][0]["field"], "messages");
    let message = &webhook.value()["messages"][0];
    assert_eq!(message["id"], id);
    assert_eq!(message["from"], JANE);
    assert_eq!(message["text"]["body"], words);
    assert!(message["timestamp"].is_string());
}

#[tokio::test]
async fn a_webhook_is_repeated_until_it_is_answered_with_200() {
    let mut stand = Stand::new();
    stand.refuse(&[500, 404, 204]);
    stand
        .simulator
        .client_sends(JANE, ClientMessage::text(PRIMARY, "hi"))
        .unwrap();
    let attempts = stand.webhooks(4, |_| true).await;
    assert!(attempts.iter().all(|attempt| attempt.bytes == attempts[0].bytes));
    let delivery = stand
        .simulator
        .wait_for(LIMIT, |simulator| {
            let delivery = simulator.ledger().deliveries.front()?.clone();
            (delivery.state == DeliveryState::Delivered).then_some(delivery)
        })
        .await
        .unwrap();
    let outcomes: Vec<_> = delivery
        .attempts
        .into_iter()
        .map(|attempt| attempt.outcome)
        .collect();
    assert_eq!(outcomes, [500, 404, 204, 200].map(Outcome::Answered));
}

#[tokio::test]
async fn a_webhook_that_nobody_answers_is_given_up_at_last() {
    let stand = Stand::with(|config| SimulatorConfig {
        webhook_url: Some("http://127.0.0.1:1/webhook".to_owned()),
        retries: Retries {
            pauses: vec![Duration::from_millis(1)],
            attempts: 6,
            ..Retries::default()
        },
        ..config
    });
    stand
        .simulator
        .client_sends(JANE, ClientMessage::text(PRIMARY, "hi"))
        .unwrap();
    let attempts = stand
        .simulator
        .wait_for(LIMIT, |simulator| {
            let delivery = simulator.ledger().deliveries.front()?.clone();
            (delivery.state == DeliveryState::Abandoned).then_some(delivery.attempts.len())
        })
        .await
        .unwrap();
    assert_eq!(attempts, 6);
}

#[tokio::test]
async fn webhooks_of_one_client_keep_their_order() {
    let mut stand = Stand::new();
    stand.refuse(&[500, 500]);
    for number in 0..20 {
        stand
            .simulator
            .client_sends(JANE, ClientMessage::text(PRIMARY, number.to_string()))
            .unwrap();
    }
    let mut texts: Vec<_> = stand
        .webhooks(22, |_| true)
        .await
        .iter()
        .map(|one| {
            one.value()["messages"][0]["text"]["body"]
                .as_str()
                .unwrap()
                .parse::<u32>()
                .unwrap()
        })
        .collect();
    texts.dedup();
    assert_eq!(texts, (0..20).collect::<Vec<_>>());
}

#[tokio::test]
async fn faults_duplicate_lose_and_disturb_but_never_forget() {
    let mut stand = Stand::new();
    stand.simulator.set_faults(Faults {
        duplicate_webhooks: 1.0,
        reorder_webhooks: 0.5,
        drop_webhooks: 0.5,
        delay_webhooks_ms: 5,
        ..Faults::default()
    });
    let ids: Vec<_> = (0..10)
        .map(|_| {
            stand
                .simulator
                .client_sends(JANE, ClientMessage::text(PRIMARY, "hi"))
                .unwrap()
        })
        .collect();
    for id in &ids {
        stand
            .webhooks(2, |one| one.value()["messages"][0]["id"] == *id)
            .await;
    }
    let ledger = stand.simulator.ledger();
    assert_eq!(
        ledger
            .deliveries
            .iter()
            .filter(|one| one.duplicate_of.is_some())
            .count(),
        10
    );
}

#[tokio::test]
async fn copies_arrive_as_often_as_asked_and_show_once() {
    let mut stand = Stand::new();
    let message = ClientMessage::image(PRIMARY, "#michael")
        .with_id("wamid.mine")
        .at(1_795_346_001)
        .copies(3);
    stand.simulator.client_sends(JANE, message).unwrap();
    let copies = stand.webhooks(3, |_| true).await;
    let message = &copies[0].value()["messages"][0];
    assert_eq!(message["id"], "wamid.mine");
    assert_eq!(message["timestamp"], "1795346001");
    assert_eq!(message["image"]["caption"], "#michael");
    assert_eq!(stand.simulator.thread(JANE, PRIMARY).len(), 1);
}

#[tokio::test]
async fn a_timeout_after_acceptance_leaves_the_message_on_the_phone() {
    let mut stand = Stand::new();
    stand.simulator.set_faults(Faults {
        graph_timeout_after_acceptance: 1.0,
        ..Faults::default()
    });
    let mut body = invitation(&["Dom", "Acme"]);
    body["messaging_product"] = json!("whatsapp");
    let answer = stand
        .http
        .post(format!(
            "{}/v25.0/{SECONDARY_ID}/messages",
            stand.simulator.graph_url()
        ))
        .bearer_auth("token one")
        .timeout(Duration::from_millis(300))
        .json(&body)
        .send()
        .await;
    assert!(answer.unwrap_err().is_timeout());
    stand
        .webhook(|one| one.value()["statuses"][0]["status"] == "delivered")
        .await;
    let thread = stand.simulator.thread(JANE, SECONDARY);
    assert_eq!(thread.len(), 1);
    let call = stand.simulator.ledger().graph_calls[0].clone();
    assert_eq!(call.status, None);
    assert_eq!(call.message_id.as_ref(), Some(&thread[0].id));
}

#[tokio::test]
async fn graph_faults_refuse_without_accepting() {
    let stand = Stand::new();
    stand
        .simulator
        .client_sends(JANE, ClientMessage::text(PRIMARY, "hi"))
        .unwrap();
    stand.simulator.set_faults(Faults {
        graph_error: Some(GraphErrorFault {
            code: 131_042,
            next: 2,
            templates_only: false,
        }),
        ..Faults::default()
    });
    let body = || text("+85291234567", "hello");
    assert_eq!(stand.refused(PRIMARY_ID, body()).await, (400, 131_042));
    assert_eq!(stand.refused(PRIMARY_ID, body()).await, (400, 131_042));
    stand.accepted(PRIMARY_ID, body()).await;
    stand.simulator.set_faults(Faults {
        graph_5xx: 1.0,
        ..Faults::default()
    });
    assert_eq!(stand.refused(PRIMARY_ID, body()).await, (503, 2));
}

#[tokio::test]
async fn a_thread_forgets_its_oldest_messages() {
    let stand = Stand::with(|config| SimulatorConfig {
        thread_capacity: 3,
        ..config
    });
    for number in 0..5 {
        stand
            .simulator
            .client_sends(JANE, ClientMessage::text(PRIMARY, number.to_string()))
            .unwrap();
    }
    let texts: Vec<_> = stand
        .simulator
        .thread(JANE, PRIMARY)
        .into_iter()
        .map(|one| one.content.text)
        .collect();
    assert_eq!(texts, ["2", "3", "4"]);
}

#[tokio::test]
async fn a_poisonous_message_does_not_silence_its_client() {
    let mut stand = Stand::new();
    stand.refuse(&[500; 4]);
    for words in ["poison", "after"] {
        stand
            .simulator
            .client_sends(JANE, ClientMessage::text(PRIMARY, words))
            .unwrap();
    }
    let texts = stand.webhooks(6, |_| true).await;
    let text = |index: usize| texts[index].value()["messages"][0]["text"]["body"].clone();
    assert_eq!((0..4).map(text).collect::<Vec<_>>(), ["poison"; 4]);
    // From here on they race.
    assert!([text(4), text(5)].contains(&json!("after")));
}

#[tokio::test]
async fn any_body_can_be_signed_and_delivered() {
    let mut stand = Stand::new();
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "time": 1, "changes": [
        {"field": "account_update", "value": {"event": "ACCOUNT_DELETED"}}]}]});
    stand.simulator.send_webhook(&body);
    let webhook = stand.webhook(|_| true).await;
    assert!(webhook.is_signed());
    assert_eq!(webhook.json(), body);
}
