//! The 24-hour window and the pair rate.

use std::time::Duration;

use serde_json::json;
use whatsapp_simulator::{ClientMessage, Faults};

use crate::stand::{JANE, PRIMARY, PRIMARY_ID, SECONDARY_ID, Stand, invitation, text};

const TO: &str = "+85291234567";

#[tokio::test]
async fn free_text_needs_a_message_to_that_very_number_within_24_hours() {
    let stand = Stand::new();
    assert_eq!(stand.refused(PRIMARY_ID, text(TO, "hi")).await, (400, 131_047));
    stand
        .simulator
        .client_sends(JANE, ClientMessage::text(PRIMARY, "hi"))
        .unwrap();
    stand.accepted(PRIMARY_ID, text(TO, "hi")).await;
    assert_eq!(stand.refused(SECONDARY_ID, text(TO, "hi")).await, (400, 131_047));
    stand.accepted(SECONDARY_ID, invitation(&["Dom", "Acme"])).await;
    assert_eq!(stand.refused(SECONDARY_ID, text(TO, "hi")).await, (400, 131_047));

    stand.simulator.advance_clock(Duration::from_hours(23));
    stand.accepted(PRIMARY_ID, text(TO, "hi")).await;
    stand.simulator.advance_clock(Duration::from_hours(2));
    assert_eq!(stand.refused(PRIMARY_ID, text(TO, "hi")).await, (400, 131_047));
}

#[tokio::test]
async fn a_late_refusal_comes_as_a_status() {
    let mut stand = Stand::new();
    stand.simulator.set_faults(Faults {
        late_window_refusals: true,
        ..Faults::default()
    });
    let mut body = text(TO, "hi");
    body["biz_opaque_callback_data"] = json!("outbox:7");
    let id = stand.accepted(PRIMARY_ID, body).await;
    let value = stand.status(&id, "failed").await;
    assert_eq!(value["statuses"][0]["errors"][0]["code"], 131_047);
    assert_eq!(value["statuses"][0]["biz_opaque_callback_data"], "outbox:7");
    assert!(value.get("contacts").is_none());
}

#[tokio::test]
async fn forty_five_messages_then_one_every_six_seconds() {
    let stand = Stand::new();
    stand
        .simulator
        .client_sends(JANE, ClientMessage::text(PRIMARY, "hi"))
        .unwrap();
    for _ in 0..45 {
        stand.accepted(PRIMARY_ID, text(TO, "hi")).await;
    }
    assert_eq!(stand.refused(PRIMARY_ID, text(TO, "hi")).await, (400, 131_056));
    // Another number of ours has a rate of its own.
    stand.accepted(SECONDARY_ID, invitation(&["Dom", "Acme"])).await;
    stand.simulator.advance_clock(Duration::from_secs(6));
    stand.accepted(PRIMARY_ID, text(TO, "hi")).await;
}
