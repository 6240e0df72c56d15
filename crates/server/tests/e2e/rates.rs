//! How fast the service writes to one client.

use serde_json::Value;

use crate::demo::{Demo, JANE, PRIMARY, until};

/// WhatsApp's error for more than a burst to one client.
const PAIR_LIMIT: u64 = 131_056;

#[tokio::test(flavor = "multi_thread")]
async fn a_client_in_a_hurry_is_answered_promptly_and_never_faster_than_whatsapp_allows() {
    let demo = Demo::start();
    for number in 0..60 {
        demo.writes(JANE, PRIMARY, &format!("Hi {number}")).await;
    }
    until("forty answers", || async {
        (demo.heard(JANE, PRIMARY).await.len() >= 40).then_some(())
    })
    .await;
    // Six seconds for the next: were the rest not held back, it would have been tried and refused by now.
    until("the next one", || async {
        (demo.heard(JANE, PRIMARY).await.len() > 40).then_some(())
    })
    .await;
    let ledger = demo.get("/simulator/api/ledger").await;
    let calls = ledger["graph_calls"].as_array().unwrap();
    let refused: Vec<&Value> = calls
        .iter()
        .filter(|call| call["error_code"] == PAIR_LIMIT)
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");
    let heard = demo.heard(JANE, PRIMARY).await.len();
    assert!(
        heard < 60,
        "{heard} answers at once are more than the limit lets pass"
    );
}
