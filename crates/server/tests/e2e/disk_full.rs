//! There is no room for the embedded database.
//!
//! A limit on the size of files stands in for a full disk: it needs no right to mount anything, and like a full disk it
//! lets a write end in its middle.

use std::process::Command;

use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_types::BigInt};
use serde_json::json;
use whatsapp_simulator::ClientMessage;

use crate::{
    deployment::{Deployment, JANE, PRIMARY, Replica},
    replicas::{idle, posts},
};

/// No file of the process grows beyond this many bytes; `unlimited` lifts the limit.
fn limit(replica: &Replica, bytes: &str) {
    let status = Command::new("prlimit")
        .arg("--pid")
        .arg(replica.running.id().to_string())
        .arg(format!("--fsize={bytes}:unlimited"))
        .status();
    assert!(status.expect("prlimit is there").success());
}

/// A status of nobody's message: stored, and worked off without a word.
fn status(nth: usize) -> Vec<u8> {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "200000000000001", "changes": [
        {"field": "messages", "value": {"messaging_product": "whatsapp",
            "metadata": {"display_phone_number": PRIMARY, "phone_number_id": "100000000000001"},
            "statuses": [{"id": format!("wamid.full.{nth}"), "status": "sent", "timestamp": "1795000000",
                "recipient_id": JANE, "filler": "x".repeat(3_000)}]}}]}]})
    .to_string()
    .into_bytes()
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_webhooks_get_503_and_when_there_is_room_it_goes_on_by_itself() {
    let deployment = Deployment::new();
    let replica = deployment.serve();
    deployment
        .graph
        .client_sends(JANE, ClientMessage::text(PRIMARY, "Hi there"))
        .unwrap();
    deployment.heard(PRIMARY, 1).await;
    idle(&deployment, &replica).await;

    let log = deployment.folder.path().join("onboarding.db-wal");
    let length = std::fs::metadata(&log).unwrap().len();
    // In the middle of a page: the last write is torn.
    limit(&replica, &(length + 20_000).to_string());
    let (mut stored, mut refused) = (Vec::new(), Vec::new());
    for nth in 0.. {
        match posts(&deployment, &replica, status(nth)).await {
            200 => stored.push(nth),
            503 => refused.push(nth),
            other => panic!("answered {other}"),
        }
        if refused.len() == 20 {
            break;
        }
        assert!(nth < 2_000, "the disk never fills");
    }

    limit(&replica, "unlimited");
    for nth in &refused {
        assert_eq!(posts(&deployment, &replica, status(*nth)).await, 200);
    }
    deployment
        .graph
        .client_sends(JANE, ClientMessage::text(PRIMARY, "#dom123456"))
        .unwrap();
    deployment.heard(PRIMARY, 2).await;
    idle(&deployment, &replica).await;
    assert_eq!(replica.running.stop(), Some(0));
    deployment.is_sound();
    let file = deployment.folder.path().join("onboarding.db");
    let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    let counted = diesel::sql_query("SELECT count(*) AS rows FROM inbox WHERE lane LIKE '%wamid.full.%'");
    let counted: Counted = counted.get_result(&mut connection).unwrap();
    assert_eq!(
        usize::try_from(counted.rows).unwrap(),
        stored.len() + refused.len(),
        "each once"
    );
}
