//! Statuses of messages that the business sent.

use serde_json::json;
use whatsapp_simulator::{ClientMessage, MessageState, SimulatorConfig};

use crate::stand::{
    HIDDEN, JANE, LIMIT, PRIMARY, PRIMARY_ID, SECONDARY, SECONDARY_ID, Stand, invitation, text,
};

#[tokio::test]
async fn sent_delivered_and_read_carry_the_callback_data_and_are_signed() {
    let mut stand = Stand::new();
    let mut body = invitation(&["Dom", "Acme"]);
    body["biz_opaque_callback_data"] = json!("outbox:1");
    let id = stand.accepted(SECONDARY_ID, body).await;
    let sent = stand.status(&id, "sent").await;
    assert_eq!(
        sent["metadata"],
        json!({"display_phone_number": "85251079302", "phone_number_id": SECONDARY_ID})
    );
    assert_eq!(
        sent["contacts"],
        json!([{"profile": {"name": "Jane Roe"}, "wa_id": JANE, "user_id": "HK.1029384756"}])
    );
    assert_eq!(sent["statuses"][0]["pricing"]["category"], "utility");
    stand.status(&id, "delivered").await;
    assert_eq!(
        stand.simulator.thread(JANE, SECONDARY)[0].content.text,
        "Hello, I am Dom of Acme."
    );

    stand.simulator.client_reads(JANE, SECONDARY).unwrap();
    let read = stand.status(&id, "read").await;
    assert_eq!(read["statuses"][0]["recipient_id"], JANE);
    assert!(read["statuses"][0].get("pricing").is_none());
    for webhook in stand.received() {
        assert!(webhook.is_signed());
        assert_eq!(
            webhook.value()["statuses"][0]["biz_opaque_callback_data"],
            "outbox:1"
        );
    }
}

#[tokio::test]
async fn reading_can_be_automatic() {
    let mut stand = Stand::with(|config| SimulatorConfig {
        automatic_read: true,
        ..config
    });
    let id = stand.accepted(SECONDARY_ID, invitation(&["Dom", "Acme"])).await;
    stand.status(&id, "read").await;
}

#[tokio::test]
async fn a_phone_without_connection_gets_its_messages_later() {
    let mut stand = Stand::new();
    stand.simulator.set_online(JANE, false).unwrap();
    let id = stand.accepted(SECONDARY_ID, invitation(&["Dom", "Acme"])).await;
    stand.status(&id, "sent").await;
    assert!(stand.simulator.thread(JANE, SECONDARY).is_empty());
    stand.simulator.set_online(JANE, true).unwrap();
    stand.status(&id, "delivered").await;
    assert_eq!(stand.simulator.thread(JANE, SECONDARY).len(), 1);
}

#[tokio::test]
async fn a_stranger_is_accepted_and_then_fails_with_131026() {
    let mut stand = Stand::new();
    let id = stand.accepted(PRIMARY_ID, text("+85299999999", "hi")).await;
    let value = stand.status(&id, "failed").await;
    assert_eq!(value["statuses"][0]["errors"][0]["code"], 131_026);
    assert_eq!(value["statuses"][0]["recipient_id"], "85299999999");
    assert!(value["statuses"][0].get("recipient_user_id").is_none());
}

#[tokio::test]
async fn a_bsuid_in_to_is_accepted_and_never_heard_of_again() {
    let mut stand = Stand::new();
    let lost = stand.accepted(PRIMARY_ID, text(HIDDEN, "hi")).await;
    // A later message's failure shows that the silence is not a delay.
    let id = stand.accepted(PRIMARY_ID, text("+85299999999", "hi")).await;
    stand.status(&id, "failed").await;
    assert!(
        stand
            .received()
            .iter()
            .all(|one| one.value()["statuses"][0]["id"] != lost)
    );
    assert!(stand.simulator.thread(HIDDEN, PRIMARY).is_empty());
}

#[tokio::test]
async fn a_client_who_hides_the_phone_is_known_by_bsuid_only() {
    let mut stand = Stand::new();
    stand
        .simulator
        .client_sends(HIDDEN, ClientMessage::text(PRIMARY, "#michael"))
        .unwrap();
    let inbound = stand
        .webhook(|one| one.value().get("messages").is_some())
        .await
        .value();
    assert_eq!(
        inbound["contacts"],
        json!([{"profile": {"name": "Léa", "username": "lea.martin"}, "user_id": HIDDEN}])
    );
    let message = &inbound["messages"][0];
    assert_eq!(message["from_user_id"], HIDDEN);
    assert!(message.get("from").is_none());

    let id = stand
        .accepted(PRIMARY_ID, json!({"recipient": HIDDEN, "text": {"body": "hi"}}))
        .await;
    let delivered = stand.status(&id, "delivered").await;
    assert_eq!(delivered["statuses"][0]["recipient_user_id"], HIDDEN);
    assert!(delivered["statuses"][0].get("recipient_id").is_none());
    assert!(delivered["contacts"][0].get("wa_id").is_none());
}

#[tokio::test]
async fn a_clients_ticks_turn_when_the_webhook_is_answered() {
    let stand = Stand::new();
    stand.refuse(&[503, 503]);
    stand
        .simulator
        .client_sends(JANE, ClientMessage::text(PRIMARY, "hi"))
        .unwrap();
    for state in [MessageState::Sent, MessageState::Delivered] {
        stand
            .simulator
            .wait_for(LIMIT, |simulator| {
                (simulator.thread(JANE, PRIMARY)[0].state >= state).then_some(())
            })
            .await
            .unwrap();
    }
}
