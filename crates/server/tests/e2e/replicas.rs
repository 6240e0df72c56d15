//! Several replicas on one PostgreSQL: what one of them leaves undone another does, and nothing is done twice.

use std::{collections::BTreeMap, time::Duration};

use postgres_cluster::{Cluster, DURABLE, Own};
use serde_json::{Value, json};
use tempfile::TempDir;
use whatsapp_simulator::{ClientMessage, PhoneClient};

use crate::{
    deployment::{Deployment, JANE, PRIMARY, Replica},
    process::PATIENCE,
};

/// Deliveries at once, many times more than the service can store in the time that a sender waits.
const BURST: usize = 400;

/// A deployment with a database server of its own, which goes after it.
pub(crate) fn on_postgres() -> (Deployment, Own) {
    let server = Cluster::own(DURABLE);
    (
        Deployment::on(server.0.url("postgres"), TempDir::new().unwrap()),
        server,
    )
}

/// Real time, since the service judges by it how old a message is.
#[expect(
    clippy::disallowed_methods,
    reason = "the service under test runs on real time"
)]
fn now() -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    now.as_secs().to_string()
}

pub(crate) fn delivery(message_id: &str, from: &str, words: &str) -> Vec<u8> {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "200000000000001", "changes": [
        {"field": "messages", "value": {"messaging_product": "whatsapp",
            "metadata": {"display_phone_number": PRIMARY, "phone_number_id": "100000000000001"},
            "contacts": [{"profile": {"name": "Jane"}, "wa_id": from, "user_id": "GB.1029384756"}],
            "messages": [{"from": from, "id": message_id, "timestamp": now(), "type": "text",
                "text": {"body": words}}]}}]}]})
    .to_string()
    .into_bytes()
}

pub(crate) async fn posts(deployment: &Deployment, replica: &Replica, body: Vec<u8>) -> u16 {
    let signature = Deployment::app_secret().sign(&body);
    let url = format!("{}/webhooks/whatsapp", replica.public);
    let request = deployment.http.post(url).header("X-Hub-Signature-256", signature);
    request.body(body).send().await.unwrap().status().as_u16()
}

/// Like Meta, which sends again what was not answered with 200: 503 is a promise that nothing was stored.
pub(crate) async fn posts_until_stored(deployment: &Deployment, replica: &Replica, body: Vec<u8>) {
    let mut every = tokio::time::interval(Duration::from_millis(200));
    let tries = async {
        loop {
            every.tick().await;
            match posts(deployment, replica, body.clone()).await {
                200 => return,
                503 => {}
                other => panic!("answered {other}"),
            }
        }
    };
    tokio::time::timeout(PATIENCE, tries)
        .await
        .expect("the delivery is stored");
}

/// Both queues are empty, as this replica sees them.
pub(crate) async fn idle(deployment: &Deployment, replica: &Replica) {
    let mut every = tokio::time::interval(Duration::from_millis(50));
    let look = async {
        loop {
            every.tick().await;
            let url = format!("{}/readyz", replica.operations);
            let ready: Value = deployment
                .http
                .get(url)
                .send()
                .await
                .unwrap()
                .json()
                .await
                .unwrap();
            if ready["inbox"] == 0 && ready["outbox"] == 0 {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, look)
        .await
        .expect("the queues empty");
}

/// How many invitations Graph took, by client.
pub(crate) fn invitations(deployment: &Deployment) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    deployment.graph.with_ledger(|ledger| {
        for call in ledger.graph_calls.iter().filter(|call| call.message_id.is_some()) {
            let body = call.body.as_ref().unwrap();
            if body["template"]["name"] == "client_invitation" {
                *count.entry(body["to"].as_str().unwrap().to_owned()).or_default() += 1;
            }
        }
    });
    count
}

/// How many rounds the race has: ten, or as many as the environment asks for.
fn rounds() -> usize {
    let asked = std::env::var("ONBOARDING_RACE_ROUNDS").ok();
    asked.map_or(10, |asked| {
        asked.parse().expect("ONBOARDING_RACE_ROUNDS is a number")
    })
}

/// After an outage WhatsApp sends all that it kept. Deliveries that wait for each other until they are given up would
/// keep any from getting through.
#[tokio::test(flavor = "multi_thread")]
async fn a_burst_after_an_outage_gets_through() {
    let (deployment, _server) = on_postgres();
    let replica = deployment.serve();
    let burst = (0..BURST).map(|nth| {
        let body = delivery(&format!("wamid.burst.{nth}"), JANE, "Good morning");
        posts_until_stored(&deployment, &replica, body)
    });
    futures_util::future::join_all(burst).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_equal_requests_to_two_replicas_open_one_room() {
    let (deployment, _server) = on_postgres();
    let replicas = [deployment.serve(), deployment.serve()];
    let rounds = rounds();
    for round in 0..rounds {
        let client = format!("4477010{round:05}");
        let added = PhoneClient {
            name: "Bo".to_owned(),
            phone: Some(client.clone()),
            bsuid: format!("GB.77{round}"),
            username: None,
        };
        deployment.graph.add_client(added).unwrap();
        let requests = (0..64).map(|nth| {
            let body = delivery(&format!("wamid.{round}.{nth}"), &client, "#dom123456");
            let body = String::from_utf8(body)
                .unwrap()
                .replace("GB.1029384756", &format!("GB.77{round}"));
            posts_until_stored(&deployment, &replicas[nth % 2], body.into_bytes())
        });
        futures_util::future::join_all(requests).await;
        if round % 10 == 9 {
            idle(&deployment, &replicas[0]).await;
        }
    }
    idle(&deployment, &replicas[0]).await;
    let invitations = invitations(&deployment);
    assert_eq!(invitations.len(), rounds, "{invitations:?}");
    assert!(invitations.values().all(|count| *count == 1), "{invitations:?}");
    deployment.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_users_race_for_the_last_number_and_one_is_told_the_truth() {
    let (deployment, _server) = on_postgres();
    let replicas = [deployment.serve(), deployment.serve()];
    for words in ["#dom123456", "#kate"] {
        deployment
            .graph
            .client_sends(JANE, ClientMessage::text(PRIMARY, words))
            .unwrap();
    }
    deployment.heard(PRIMARY, 2).await;
    idle(&deployment, &replicas[0]).await;
    // Two clients' worth of parallelism on one client: distinct lanes by message, one number left.
    let requests = ["#michael", "#lee"].map(|words| delivery(&format!("wamid.{words}"), JANE, words));
    let [first, second] = requests;
    tokio::join!(
        posts_until_stored(&deployment, &replicas[0], first),
        posts_until_stored(&deployment, &replicas[1], second)
    );
    let heard = deployment.heard(PRIMARY, 4).await;
    idle(&deployment, &replicas[1]).await;
    let told = |words: &str| heard.iter().skip(2).filter(|text| text.contains(words)).count();
    assert_eq!(
        (
            told("You should receive an invitation"),
            told("all our lines are taken")
        ),
        (1, 1),
        "{heard:?}"
    );
    deployment.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_under_load_loses_and_doubles_nothing() {
    let (deployment, _server) = on_postgres();
    let mut replicas = vec![deployment.serve(), deployment.serve()];
    let clients: Vec<_> = (0..60).map(|nth| format!("4477009200{nth:02}")).collect();
    for (nth, client) in clients.iter().enumerate() {
        let (phone, bsuid) = (Some(client.clone()), format!("GB.88{nth}"));
        let added = PhoneClient {
            name: "Bo".to_owned(),
            phone,
            bsuid,
            username: None,
        };
        deployment.graph.add_client(added).unwrap();
    }
    for (nth, client) in clients.iter().enumerate() {
        deployment
            .graph
            .client_sends(client, ClientMessage::text(PRIMARY, "#dom123456"))
            .unwrap();
        if nth % 20 == 10 {
            let replaced = replicas.remove(0);
            replicas.push(deployment.serve());
            assert_eq!(
                replaced.running.stop(),
                Some(0),
                "finishes or returns what it had, and exits well"
            );
        }
    }
    let everybody_is_invited = |_: &whatsapp_simulator::Simulator| {
        let invited = invitations(&deployment);
        (invited.len() == clients.len()).then_some(invited)
    };
    let invited = deployment
        .graph
        .wait_for(PATIENCE, everybody_is_invited)
        .await
        .expect("all are invited");
    idle(&deployment, &replicas[0]).await;
    assert!(invited.values().all(|count| *count == 1), "{invited:?}");
    deployment.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_replica_had_taken_another_finishes() {
    let (deployment, _server) = on_postgres();
    let first = deployment.serve();
    deployment
        .graph
        .client_sends(JANE, ClientMessage::text(PRIMARY, "Hi there"))
        .unwrap();
    deployment.heard(PRIMARY, 1).await;
    drop(first);
    deployment
        .graph
        .client_sends(JANE, ClientMessage::text(PRIMARY, "#dom123456"))
        .unwrap();
    let second = deployment.serve();
    let secondary = deployment.secondary().await;
    deployment.heard(&secondary, 1).await;
    idle(&deployment, &second).await;
    assert_eq!(invitations(&deployment).into_values().collect::<Vec<_>>(), [1]);
    deployment.is_sound();
}
