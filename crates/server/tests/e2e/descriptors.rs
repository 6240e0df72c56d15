//! The process has no file descriptors left (F72): visitors who say nothing hold them all.

use std::{net::TcpStream, process::Command};

use whatsapp_simulator::ClientMessage;

use crate::{
    deployment::{Deployment, JANE, PRIMARY, Replica},
    replicas::idle,
};

/// Descriptors that the process may open still.
const SPARE: usize = 8;
/// Visitors who connect and say nothing.
const SILENT: usize = 20;

/// From now on the process may have `SPARE` descriptors more than it has.
fn limit(replica: &Replica) {
    let id = replica.running.id();
    let open = std::fs::read_dir(format!("/proc/{id}/fd")).unwrap().count();
    let status = Command::new("prlimit")
        .args(["--pid", &id.to_string()])
        .arg(format!("--nofile={}", open + SPARE))
        .status();
    assert!(status.expect("prlimit is there").success());
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_visitors_who_hold_all_descriptors_lose_them_and_clients_are_answered() {
    let deployment = Deployment::new();
    let replica = deployment.serve();
    deployment
        .graph
        .client_sends(JANE, ClientMessage::text(PRIMARY, "Hi there"))
        .unwrap();
    deployment.heard(PRIMARY, 1).await;
    idle(&deployment, &replica).await;

    limit(&replica);
    let address = replica.public.trim_start_matches("http://");
    let silent: Vec<_> = (0..SILENT)
        .map(|_| TcpStream::connect(address).expect("the kernel takes it, whether or not the service does"))
        .collect();
    deployment
        .graph
        .client_sends(JANE, ClientMessage::text(PRIMARY, "#dom123456"))
        .unwrap();
    deployment.heard(PRIMARY, 2).await;
    // They still hold their ends: nobody had to go for this.
    drop(silent);
    idle(&deployment, &replica).await;
    assert_eq!(replica.running.stop(), Some(0));
    deployment.is_sound();
}
