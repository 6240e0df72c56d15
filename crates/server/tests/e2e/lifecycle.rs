//! Rooms, prospects and numbers over time: what the client sees while operators do their work.

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use whatsapp_simulator::{ClientMessage, Simulator};

use crate::{
    deployment::{Deployment, JANE, PRIMARY, Replica},
    process::PATIENCE,
};

impl Deployment {
    fn jane_writes(&self, to: &str, words: &str) {
        self.graph
            .client_sends(JANE, ClientMessage::text(to, words))
            .unwrap();
    }

    /// Runs a command while the service is stopped; it must succeed. Gives what it said.
    fn does(&self, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let complained = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{args:?}: {said}{complained}");
        said
    }

    /// Applies the manifest with something replaced.
    fn reapplies(&self, changes: &[(&str, &str)]) -> String {
        let path = self.folder.path().join("acme.toml");
        let mut manifest = std::fs::read_to_string(&path).unwrap();
        for (before, after) in changes {
            assert!(manifest.contains(before), "{before}");
            manifest = manifest.replace(before, after);
        }
        std::fs::write(path, manifest).unwrap();
        self.does(&["apply", "acme.toml"])
    }

    /// The number from which Jane hears besides the primary and these.
    async fn secondary_besides(&self, known: &[&str]) -> String {
        let look = |simulator: &Simulator| {
            let state = simulator.state();
            let threads = &state.clients.iter().find(|client| client.id == JANE)?.threads;
            let numbers = threads.iter().map(|thread| thread.account.clone());
            let mut others = numbers.filter(|number| number != PRIMARY && !known.contains(&number.as_str()));
            others.next()
        };
        let found = self.graph.wait_for(PATIENCE, look).await;
        found.expect("another number writes")
    }

    /// The first word of the only line that holds this.
    fn id_of(&self, args: &[&str], word: &str) -> String {
        let said = self.does(args);
        let lines: Vec<_> = said.lines().filter(|line| line.contains(word)).collect();
        assert_eq!(lines.len(), 1, "{said}");
        lines[0].split_whitespace().next().unwrap().to_owned()
    }

    fn verify(&self) {
        assert!(self.does(&["verify"]).contains("violations: 0;"));
    }
}

fn stop(replica: Replica) {
    assert_eq!(replica.running.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_is_confirmed_once_and_nothing_comes_until_start() {
    for (out, back) in [("STOP", "START"), ("Abmelden!", "Starten"), ("停止", "開始")] {
        let deployment = Deployment::new();
        let replica = deployment.serve();
        deployment.jane_writes(PRIMARY, "#dom123456");
        let secondary = deployment.secondary().await;
        deployment.jane_writes(&secondary, out);
        let heard = deployment.heard(&secondary, 2).await;
        assert!(heard[1].contains("no more messages"), "{out}: {heard:?}");
        deployment.jane_writes(&secondary, out);
        deployment.jane_writes(PRIMARY, "#dom123456");
        let heard = deployment.heard(PRIMARY, 2).await;
        assert!(heard[1].contains("not to write to you"), "{heard:?}");
        deployment.jane_writes(PRIMARY, back);
        let heard = deployment.heard(PRIMARY, 3).await;
        assert!(heard[2].contains("Welcome back"), "{back}: {heard:?}");
        deployment.jane_writes(PRIMARY, "#dom123456");
        let heard = deployment.heard(&secondary, 3).await;
        assert_eq!(heard.len(), 3, "invitation, confirmation, invitation: {heard:?}");
        stop(replica);
        deployment.verify();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_room_says_so_and_asking_again_brings_the_same_number() {
    let deployment = Deployment::new();
    let replica = deployment.serve();
    deployment.jane_writes(PRIMARY, "#dom123456");
    let secondary = deployment.secondary().await;
    deployment.heard(&secondary, 1).await;
    stop(replica);
    let room = deployment.id_of(&["rooms", "list"], "dom");
    deployment.does(&["rooms", "close", &room, "--note", "all is said"]);
    assert!(
        deployment
            .does(&["rooms", "list", "--all"])
            .contains("ended by operator (all is said)")
    );
    let again = deployment.command(&["rooms", "close", &room]).output().unwrap();
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("over already"));
    let replica = deployment.serve();
    deployment.jane_writes(&secondary, "Are you there?");
    let heard = deployment.heard(&secondary, 2).await;
    assert!(heard[1].contains("This conversation is closed"), "{heard:?}");
    deployment.jane_writes(PRIMARY, "#dom123456");
    deployment.heard(&secondary, 3).await;
    stop(replica);
    deployment.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_leaves_and_another_goes_on_from_another_number() {
    let deployment = Deployment::new();
    let replica = deployment.serve();
    deployment.jane_writes(PRIMARY, "#michael");
    let old = deployment.secondary().await;
    deployment.heard(&old, 1).await;
    stop(replica);
    let said = deployment.does(&["users", "deactivate", "michael", "--hand-over-to", "lee"]);
    assert!(said.contains("handed over"), "{said}");
    let replica = deployment.serve();
    let new = deployment.secondary_besides(&[&old]).await;
    let heard = deployment.heard(PRIMARY, 2).await;
    assert!(
        heard[1].contains("Lee Ka-yan") && heard[1].contains(&new),
        "{heard:?}"
    );
    deployment.jane_writes(PRIMARY, "#michael");
    let heard = deployment.heard(PRIMARY, 3).await;
    assert!(heard[2].contains("not valid"), "{heard:?}");
    stop(replica);
    deployment.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_that_drops_a_user_closes_their_rooms() {
    let deployment = Deployment::new();
    let replica = deployment.serve();
    deployment.jane_writes(PRIMARY, "#lee");
    let secondary = deployment.secondary().await;
    deployment.heard(&secondary, 1).await;
    stop(replica);
    let lee = "[[users]]\nusername = \"lee\"\nname = \"Lee Ka-yan\"\ntitle = \"Client service\"\nemail = \"lee@acme.example\"\norg_unit = \"hk\"\nextension = \"#lee\"\n";
    let said = deployment.reapplies(&[(lee, "")]);
    assert!(
        said.contains("- user lee (leaves: extension dead at once, rooms closed)"),
        "{said}"
    );
    assert!(
        said.contains("user lee has 1 live room(s)") && said.contains(": closed"),
        "{said}"
    );
    assert_eq!(deployment.does(&["rooms", "list"]), "no rooms\n");
    let replica = deployment.serve();
    deployment.jane_writes(&secondary, "Lee?");
    deployment.heard(&secondary, 2).await;
    stop(replica);
    deployment.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retired_number_moves_its_rooms_after_a_word_from_the_primary() {
    let deployment = Deployment::new();
    let replica = deployment.serve();
    deployment.jane_writes(PRIMARY, "#dom123456");
    let old = deployment.secondary().await;
    deployment.heard(&old, 1).await;
    stop(replica);
    let number = format!("+{old}");
    let said = deployment.does(&["accounts", "retire", &number, "--dry-run"]);
    assert!(
        said.contains("would move to +852") && said.contains("nothing changed"),
        "{said}"
    );
    let said = deployment.does(&["accounts", "retire", &number]);
    assert!(said.contains(": moved"), "{said}");
    let primary = deployment
        .command(&["accounts", "retire", "+85256428035"])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&primary.stderr).contains("is the primary"));
    let replica = deployment.serve();
    let new = deployment.secondary_besides(&[&old]).await;
    let heard = deployment.heard(PRIMARY, 2).await;
    assert!(
        heard[1].contains("changes") && heard[1].contains(&new),
        "{heard:?}"
    );
    assert_eq!(deployment.heard(&new, 1).await, ["Dom AM of Acme Wealth"]);
    stop(replica);
    deployment.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prospect_is_promoted_days_later_by_template() {
    let deployment = Deployment::new();
    deployment.reapplies(&[
        ("auto_promotion = true", "auto_promotion = false"),
        (
            "[texts.en]",
            "[templates.user_info]\nname = \"client_invitation\"\nlanguage = \"en\"\nbody = [\"{user_name}\", \"{secondary_number}\"]\n\n[texts.en]",
        ),
        ("+447700900123", "+447700900124"),
    ]);
    let replica = deployment.serve();
    deployment.jane_writes(PRIMARY, "#dom123456, Ann told me of you");
    let heard = deployment.heard(PRIMARY, 1).await;
    assert!(heard[0].contains("has received your request"), "{heard:?}");
    stop(replica);
    let listed = deployment.does(&["prospects", "list"]);
    assert!(listed.contains("Ann told me of you"), "{listed}");
    let prospect = deployment.id_of(&["prospects", "list"], "dom");
    // Four days go by: the window of the primary is shut.
    let file = deployment.folder.path().join("onboarding.db");
    let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    connection
        .batch_execute("UPDATE client_windows SET last_wrote_at = last_wrote_at - 345600000000")
        .unwrap();
    drop(connection);
    let said = deployment.does(&["prospects", "promote", &prospect]);
    assert!(said.contains("promoted") && said.contains("on +852"), "{said}");
    let replica = deployment.serve();
    let secondary = deployment.secondary().await;
    let heard = deployment.heard(PRIMARY, 2).await;
    assert_eq!(
        heard[1],
        format!("Dom AM of +{secondary}"),
        "the info, as a template"
    );
    assert_eq!(deployment.heard(&secondary, 1).await, ["Dom AM of Acme Wealth"]);
    stop(replica);
    deployment.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_on_the_waiting_list_is_connected_when_a_number_is_free() {
    let deployment = Deployment::new();
    deployment.reapplies(&[("[features]\n", "[features]\nwaiting_list = true\n")]);
    deployment.does(&["accounts", "retire", "+85251079304"]);
    let replica = deployment.serve();
    deployment.jane_writes(PRIMARY, "#dom123456");
    let first = deployment.secondary().await;
    deployment.jane_writes(PRIMARY, "#michael");
    let second = deployment.secondary_besides(&[&first]).await;
    deployment.jane_writes(PRIMARY, "#lee");
    let heard = deployment.heard(PRIMARY, 3).await;
    assert!(
        heard[2].contains("You are number 1 on the waiting list"),
        "{heard:?}"
    );
    stop(replica);
    let plan = deployment.does(&["pool", "plan"]);
    assert!(plan.contains("1 client(s) have no number left"), "{plan}");
    assert!(deployment.does(&["pool", "utilisation"]).contains("2 (100 %)"));
    deployment.does(&["accounts", "reinstate", "+85251079304"]);
    // Nobody asks; the service looks by itself.
    let replica = deployment.serve();
    let third = deployment.secondary_besides(&[&first, &second]).await;
    assert_eq!(third, "85251079304");
    assert!(deployment.heard(PRIMARY, 4).await[3].contains("Lee Ka-yan"));
    stop(replica);
    deployment.verify();
}
