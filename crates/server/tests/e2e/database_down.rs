//! The database goes away and comes back: nothing is acknowledged that is not stored, and nobody has to restart the
//! service.

use std::time::Duration;

use reqwest::Response;
use tokio::time::Instant;
use whatsapp_simulator::ClientMessage;

use crate::{
    deployment::{Deployment, JANE, PRIMARY, Replica},
    process::PATIENCE,
    replicas::{delivery, idle, on_postgres, posts, posts_until_stored},
};

/// The longest that a sender waits to hear that the delivery is not stored.
const PROMISE: Duration = Duration::from_secs(2);

async fn post(deployment: &Deployment, replica: &Replica, body: Vec<u8>) -> Response {
    let signature = Deployment::app_secret().sign(&body);
    let url = format!("{}/webhooks/whatsapp", replica.public);
    let request = deployment.http.post(url).header("X-Hub-Signature-256", signature);
    request.body(body).send().await.unwrap()
}

/// Each delivery is refused in time, one after the other and many at once.
async fn all_are_refused(deployment: &Deployment, replica: &Replica, bodies: &[Vec<u8>]) {
    for body in &bodies[..2] {
        is_refused(deployment, replica, body).await;
    }
    let at_once = bodies.iter().map(|body| is_refused(deployment, replica, body));
    futures_util::future::join_all(at_once).await;
}

async fn is_refused(deployment: &Deployment, replica: &Replica, body: &[u8]) {
    let since = Instant::now();
    let answer = post(deployment, replica, body.to_vec()).await;
    let took = since.elapsed();
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["Retry-After"], "5");
    assert!(took < PROMISE, "answered after {took:?}");
}

/// Deliveries of one message each, all of one client.
fn messages(name: &str) -> Vec<Vec<u8>> {
    let message = |nth| delivery(&format!("wamid.{name}.{nth}"), JANE, "Hi there");
    (0..8).map(message).collect()
}

/// Meta sends everything again until it is stored, and each message is answered once.
async fn all_are_answered_once(
    deployment: &Deployment,
    replica: &Replica,
    before: usize,
    bodies: &[Vec<u8>],
) {
    for body in bodies {
        posts_until_stored(deployment, replica, body.clone()).await;
    }
    for body in bodies {
        assert_eq!(
            posts(deployment, replica, body.clone()).await,
            200,
            "a repetition"
        );
    }
    let count = before + bodies.len();
    assert_eq!(deployment.heard(PRIMARY, count).await.len(), count);
    idle(deployment, replica).await;
    assert_eq!(deployment.heard(PRIMARY, count).await.len(), count);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_down_webhooks_get_503_in_time_and_200_when_it_is_back() {
    let (deployment, server) = on_postgres();
    let replica = deployment.serve();
    deployment
        .graph
        .client_sends(JANE, ClientMessage::text(PRIMARY, "Hi there"))
        .unwrap();
    deployment.heard(PRIMARY, 1).await;
    idle(&deployment, &replica).await;

    server.stop();
    let (first, second) = (messages("stopped"), messages("frozen"));
    all_are_refused(&deployment, &replica, &first).await;
    let live = deployment
        .http
        .get(format!("{}/livez", replica.operations))
        .send();
    assert_eq!(live.await.unwrap().status(), 200, "a restart would not help");
    server.start_again();
    all_are_answered_once(&deployment, &replica, 1, &first).await;

    server.freeze();
    all_are_refused(&deployment, &replica, &second).await;
    server.thaw();
    all_are_answered_once(&deployment, &replica, 1 + first.len(), &second).await;
    assert_eq!(replica.running.stop(), Some(0));
    deployment.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_whose_database_is_away_stops_in_time_when_it_is_told_to() {
    let (deployment, server) = on_postgres();
    let replica = deployment.serve();
    server.freeze();
    all_are_refused(&deployment, &replica, &messages("stop")).await;
    let since = Instant::now();
    let stopping = tokio::task::spawn_blocking(|| replica.running.stop());
    let code = tokio::time::timeout(PATIENCE, stopping).await.expect("it stops");
    let took = since.elapsed();
    server.thaw();
    assert!(took < Duration::from_secs(25), "{took:?}");
    assert_eq!(code.unwrap(), Some(0));
}
