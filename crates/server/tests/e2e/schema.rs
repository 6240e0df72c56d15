//! The API answers as its own description says, whatever is asked: Schemathesis reads the description and asks.

use test_tools::python_program;
use whatsapp_simulator::ClientMessage;

use crate::{
    deployment::{Deployment, JANE, PRIMARY, Replica},
    sign_in,
};

const SCOPES: [&str; 5] = [
    "config:read",
    "config:write",
    "rooms:read",
    "rooms:write",
    "messages:read",
];

/// What is held against each answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,unsupported_method";

fn token(deployment: &Deployment, name: String) -> String {
    let mut command = deployment.command(&["token", "create", "--days", "1"]);
    command.arg(name);
    for scope in SCOPES {
        command.args(["--scope", scope]);
    }
    let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
    said.lines().next().unwrap().to_owned()
}

/// There is a room, a message and an onboarding to ask about.
async fn onboard(deployment: &Deployment) {
    let text = ClientMessage::text(PRIMARY, "#kate");
    deployment.graph.client_sends(JANE, text).unwrap();
    let secondary = deployment.secondary().await;
    deployment.heard(&secondary, 1).await;
}

/// Runs Schemathesis; gives what it prints, and whether it found nothing.
async fn asks(
    deployment: &Deployment,
    replica: &Replica,
    tokens: &[String],
    session: &str,
) -> (bool, String) {
    let mut program = python_program("schemathesis");
    program
        .arg("run")
        .arg(format!("{}/api/v1/openapi.json", replica.public));
    program.args(["--phases", "examples,coverage,fuzzing", "--max-examples", "8"]);
    program.args([
        "--checks",
        CHECKS,
        "--generation-deterministic",
        "--continue-on-failure",
    ]);
    program.args(["--no-shrink", "--no-color", "--warnings", "missing_auth"]);
    program.env(
        "SCHEMATHESIS_HOOKS",
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/e2e/schema/callers.py"),
    );
    // It keeps notes where it runs.
    program.current_dir(deployment.folder.path());
    program.env("URL", &replica.public);
    program.env("TOKENS", tokens.join(" "));
    program.env("SESSION", session);
    let asked = tokio::task::spawn_blocking(move || program.output())
        .await
        .unwrap()
        .unwrap();
    let said = [asked.stdout, asked.stderr].concat();
    (
        asked.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_the_api_is_one_that_its_description_knows() {
    let deployment = sign_in::deployment();
    let tokens: Vec<_> = (0..12)
        .map(|nth| token(&deployment, format!("Nth {nth}")))
        .collect();
    let replica = deployment.serve();
    let session = sign_in::first_session(&deployment, &replica).await;
    onboard(&deployment).await;
    let (passed, said) = asks(&deployment, &replica, &tokens, &session).await;
    assert!(passed, "{said}");
    assert!(said.contains("Tested: "), "{said}");
    assert!(
        !said.contains("Authentication failed"),
        "the callers may do it all: {said}"
    );
    assert_eq!(replica.running.stop(), Some(0));
    deployment.is_sound();
}
