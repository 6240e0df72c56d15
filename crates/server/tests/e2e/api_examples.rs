//! The worked examples of docs/api.md, run as they stand there.

use std::process::Command;

use crate::deployment::Deployment;

const PAGE: &str = include_str!("../../../../docs/api.md");

/// The blocks of shell on the page, in order.
fn examples() -> Vec<&'static str> {
    let blocks = PAGE.split("```sh\n").skip(1);
    blocks.map(|rest| rest.split("```").next().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_example_of_the_documentation_does_what_it_says() {
    let deployment = Deployment::new();
    let create = "token create HR --scope config:write --scope rooms:write --days 90";
    assert!(PAGE.contains(&format!("onboarding-server {create}")));
    let args: Vec<_> = create.split(' ').collect();
    let created = deployment.command(&args).output().unwrap();
    let token = String::from_utf8(created.stdout).unwrap();
    let replica = deployment.serve();
    let mut said = String::new();
    for example in examples() {
        let mut shell = Command::new("bash");
        shell.args(["-euo", "pipefail", "-c", example]);
        shell.env("URL", &replica.public);
        shell.env("TOKEN", token.lines().next().unwrap());
        let output = shell.current_dir(deployment.folder.path()).output().unwrap();
        let answer = String::from_utf8_lossy(&output.stdout).into_owned();
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{example}\n{answer}\n{log}");
        said.push_str(&answer);
    }
    for words in [
        "\"name\":\"HR\"",
        "\"title\":\"Relationship manager\"",
        "\"extension\":\"#mia-wong\"",
        "\"id\":\"crm-4711\"",
        "\"outcome\":\"created\"",
        "\"state\":\"finished\"",
        "ann,Ann Lee,,,hk,#ann,,user",
        "\"next_cursor\":\"",
        "\"waiting_list\":true",
        "\"countries\":[]",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(replica.running.stop(), Some(0));
}
