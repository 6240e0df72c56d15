//! A replica stands still for longer than its leases, as a machine does that is moved, and then goes on.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use postgres_cluster::Own;
use whatsapp_simulator::PhoneClient;

use crate::{
    deployment::Replica,
    process::PATIENCE,
    replicas::{delivery, idle, invitations, on_postgres, posts_until_stored},
};

fn signal(replica: &Replica, name: &str) {
    let id = replica.running.id().to_string();
    assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
}

/// What the database says.
fn asked(server: &Own, question: &str) -> String {
    let output = server.psql("postgres", question).output().expect("psql is there");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let mut every = tokio::time::interval(Duration::from_millis(100));
    let look = async {
        while !holds() {
            every.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, look).await.expect(what);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_late_writes_of_a_paused_replica_change_nothing() {
    let (deployment, server) = on_postgres();
    let paused = deployment.serve();
    let clients: Vec<_> = (0..8).map(|nth| format!("44770093000{nth}")).collect();
    for client in &clients {
        let added = PhoneClient {
            name: "Bo".to_owned(),
            phone: Some(client.clone()),
            bsuid: format!("GB.99{client}"),
            username: None,
        };
        deployment.graph.add_client(added).unwrap();
    }
    // Decisions wait at their commit until the lock is gone.
    let lock = "BEGIN; LOCK TABLE onboardings IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(6)";
    let mut holder = server
        .psql("postgres", lock)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let locked = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted
        AND relation = 'onboardings'::regclass";
    until("the lock", || asked(&server, locked) == "1").await;
    for client in &clients {
        let body = delivery(&format!("wamid.{client}"), client, "#dom123456");
        let body = String::from_utf8(body)
            .unwrap()
            .replace("GB.1029384756", &format!("GB.99{client}"));
        posts_until_stored(&deployment, &paused, body.into_bytes()).await;
    }
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'onboardings'::regclass";
    until("decisions at their commit", || asked(&server, waiting) != "0").await;
    signal(&paused, "-STOP");
    holder.wait().unwrap();

    let other = deployment.serve();
    let open = "SELECT count(*) FROM inbox WHERE finished_at IS NULL";
    until("the other replica works all off", || asked(&server, open) == "0").await;
    signal(&paused, "-CONT");
    // It wakes with a commit under way, and learns that another has decided.
    paused.running.log_with("already_handled");
    let everybody =
        |_: &whatsapp_simulator::Simulator| (invitations(&deployment).len() == clients.len()).then_some(());
    deployment
        .graph
        .wait_for(PATIENCE, everybody)
        .await
        .expect("all are invited");
    idle(&deployment, &other).await;
    let invited = invitations(&deployment);
    assert!(invited.values().all(|count| *count == 1), "{invited:?}");
    deployment.is_sound();
    assert_eq!(paused.running.stop(), Some(0), "it serves on");
}
