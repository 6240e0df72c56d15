//! Bots on libraries that others wrote for Meta's platform: what they read and send here is what they would there.

#![expect(clippy::unwrap_used, reason = "test helpers outside of #[test] functions")]

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use whatsapp_simulator::{ClientMessage, Outcome};

use crate::stand::{JANE, LIMIT, PRIMARY, PRIMARY_ID, SECRET, Stand, TOKEN};

struct Bot {
    lines: Lines<BufReader<ChildStdout>>,
    /// Ends with the test.
    _process: Child,
}

impl Bot {
    /// The bot, which is sent the webhooks of the simulator from now on.
    async fn on(stand: &Stand, program: std::process::Command) -> (Self, String) {
        let mut process = Command::from(program)
            .env("GRAPH_URL", stand.simulator.graph_url())
            .env("PHONE_NUMBER_ID", PRIMARY_ID)
            .env("TOKEN", TOKEN)
            .env("APP_SECRET", SECRET)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the bot starts");
        let out = process.stdout.take().expect("it is piped");
        let mut bot = Self {
            lines: BufReader::new(out).lines(),
            _process: process,
        };
        let port = bot.says("listening").await;
        let address = format!("http://127.0.0.1:{port}/");
        stand.simulator.set_webhook(&address);
        (bot, address)
    }

    /// What the bot prints next under that name; anything else it prints before is passed over.
    async fn says(&mut self, name: &str) -> Value {
        let said = async {
            loop {
                let line = self.lines.next_line().await.unwrap().expect("the bot goes on");
                let line: Value = serde_json::from_str(&line).expect("a JSON object a line");
                if let Some(value) = line.get(name) {
                    return value.clone();
                }
            }
        };
        let said = tokio::time::timeout(LIMIT, said).await;
        said.unwrap_or_else(|_| panic!("the bot never said {name}"))
    }
}

/// Jane writes to the bot: it reads her words, answers, invites, learns how far that got, and is refused what Meta refuses.
async fn talks_with_jane(program: std::process::Command) {
    let stand = Stand::new();
    let (mut bot, address) = Bot::on(&stand, program).await;
    let hello = ClientMessage::text(PRIMARY, "hello 你好 🙂");
    stand.simulator.client_sends(JANE, hello).unwrap();
    assert_eq!(bot.says("heard").await, "hello 你好 🙂");
    let sent = bot.says("sent").await;
    assert_eq!(bot.says("refused").await, json!(132_015));
    // Their statuses come in any order with each other.
    let last = stand.simulator.thread(JANE, PRIMARY).pop().unwrap();
    assert!(
        sent.as_array().unwrap().contains(&json!(last.id)),
        "{sent}: {last:?}"
    );
    let words: Vec<_> = stand
        .simulator
        .thread(JANE, PRIMARY)
        .into_iter()
        .map(|message| message.content.text)
        .collect();
    assert_eq!(
        words,
        [
            "hello 你好 🙂",
            "You said: hello 你好 🙂",
            "Hello, I am Dom of Acme."
        ]
    );
    stand.simulator.client_reads(JANE, PRIMARY).unwrap();
    while bot.says("status").await != "read" {}
    let forged = stand
        .http
        .post(address)
        .body("{\"object\":\"whatsapp_business_account\"}");
    let forged = forged.header("X-Hub-Signature-256", format!("sha256={}", "0".repeat(64)));
    let answer = forged
        .header("Content-Type", "application/json")
        .send()
        .await
        .unwrap();
    assert!(!answer.status().is_success(), "{answer:?}");
    let refused = stand.simulator.with_ledger(|ledger| {
        let attempts = ledger.deliveries.iter().flat_map(|delivery| &delivery.attempts);
        attempts
            .filter(|attempt| attempt.outcome != Outcome::Answered(200))
            .count()
    });
    assert_eq!(refused, 0, "no webhook of ours was refused");
}

#[tokio::test]
async fn a_bot_on_kapsos_library_talks_with_jane() {
    talks_with_jane(test_tools::node(include_str!("../bots/kapso.mjs"))).await;
}

#[tokio::test]
async fn a_bot_on_whatsapp_api_js_talks_with_jane() {
    talks_with_jane(test_tools::node(include_str!("../bots/whatsapp_api_js.mjs"))).await;
}

#[tokio::test]
async fn a_bot_on_pywa_talks_with_jane() {
    talks_with_jane(test_tools::python(include_str!("../bots/pywa_bot.py"))).await;
}
