//! Clients whose number changes, is hidden or comes late; and a company with two pools.

use serde_json::json;

use crate::demo::{ANA, Demo, JANE, PRIMARY, SG_PRIMARY};

const NEW_NUMBER: &str = "447700900124";
const NEW_ID: &str = "GB.6655443322";

async fn asks(demo: &Demo, client: &str, to: &str, words: &str) -> String {
    demo.writes(client, to, words).await;
    demo.quiet().await;
    demo.decision_on(words).await.outcome
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_who_changes_the_number_keeps_the_room() {
    let demo = Demo::start();
    assert_eq!(asks(&demo, JANE, PRIMARY, "#dom123456").await, "onboarded");
    let rooms = demo.secondaries(JANE).await;
    let change = json!({
        "type": "system",
        "system": {
            "type": "user_changed_number",
            "body": "User Jane Roe changed",
            "wa_id": NEW_NUMBER,
            "user_id": NEW_ID,
            "previous_user_id": "GB.1029384756",
        },
    });
    demo.sends(JANE, json!({"to_account": PRIMARY, "raw": change}))
        .await;
    demo.quiet().await;
    let phone = json!({"name": "Jane Roe", "phone": NEW_NUMBER, "bsuid": NEW_ID});
    assert!(demo.post("clients", phone).await.status().is_success());

    assert_eq!(
        asks(&demo, NEW_NUMBER, PRIMARY, "#DOM123456, it is me").await,
        "reminded"
    );
    assert_eq!(
        demo.secondaries(NEW_NUMBER).await,
        rooms,
        "on the number of the room"
    );
    assert_eq!(
        asks(&demo, NEW_NUMBER, &rooms[0], "I have a new number").await,
        "room_message"
    );
    demo.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_a_number_keeps_the_room_when_the_number_is_shown() {
    let demo = Demo::start();
    assert_eq!(asks(&demo, ANA, PRIMARY, "#kate").await, "onboarded");
    let room = demo.secondaries(ANA).await.remove(0);
    assert_eq!(asks(&demo, ANA, &room, "Olá").await, "room_message");
    let shown = json!({"type": "text", "text": {"body": "my number is no secret"}, "from": "5521987654321"});
    demo.sends(ANA, json!({"to_account": room, "raw": shown})).await;
    demo.quiet().await;
    assert_eq!(
        demo.decision_on("my number is no secret").await.outcome,
        "room_message"
    );
    assert_eq!(asks(&demo, ANA, &room, "and hidden again").await, "room_message");
    assert_eq!(demo.secondaries(ANA).await.len(), 1);
    demo.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_pools_show_the_ladder_and_keep_their_users_to_themselves() {
    let demo = Demo::start();
    assert_eq!(asks(&demo, JANE, SG_PRIMARY, "#mei").await, "onboarded");
    assert_eq!(
        demo.secondaries(JANE).await,
        ["6531580002"],
        "mapped to Singapore"
    );
    assert_eq!(asks(&demo, JANE, SG_PRIMARY, "#arjun").await, "onboarded");
    let numbers = demo.secondaries(JANE).await;
    assert!(
        numbers.len() == 2 && numbers[1].starts_with("852"),
        "the head office helps out: {numbers:?}"
    );
    let decision = demo.decision_on("#arjun").await;
    let refused = decision
        .steps
        .iter()
        .flat_map(|step| &step.candidates)
        .any(|one| one.subject.contains("6531580002") && one.verdict == "refused");
    assert!(refused, "the trace tells why not Singapore: {decision:#?}");
    assert_eq!(
        asks(&demo, JANE, SG_PRIMARY, "#michael").await,
        "other_unit",
        "no unit learns of another's users"
    );
    demo.verify();
}
