//! What a commit stores, and when it must not.

use onboarding_core::{
    Candidate, Decision, NewOutbound, OnboardingId, OutboundContent, Outcome, Purpose, Recipient, Stage,
    TextKey, Trace, TraceStep, Verdict,
    ports::{Backlog, CommitOutcome, InboxItem, OnboardingRecord},
};
use onboarding_testkit::{bsuid, content_from, phone};

use crate::{
    bench::{
        Bench, HARD_TEXT, LEASE_SECONDS, PRIMARY_PLACE, decision, ignored, known, new_identity, room_with,
    },
    list::list_cases,
};

list_cases!(($) commit => commit_contract:
    a_decision_is_read_back_unchanged,
    a_message_is_leased_as_it_was_decided,
    everything_of_a_new_client_is_stored_at_once,
    a_commit_finishes_its_message,
    a_commit_that_nobody_is_remembered_for_is_recorded,
    a_repeated_commit_outranks_a_stale_revision,
    a_repeated_commit_stores_nothing,
    a_message_that_was_given_up_or_noted_is_not_decided_on,
    a_commit_without_the_lease_stores_nothing,
    an_expired_lease_that_nobody_took_still_commits,
);

const HK: &str = "85291234567";

async fn a_decision_is_read_back_unchanged(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let lee = bench.user("#lee").await.id;
    let account = bench.account(PRIMARY_PLACE).await;
    let candidate = |verdict| Candidate {
        subject: HARD_TEXT.to_owned(),
        verdict,
        reason: "why".to_owned(),
    };
    let step = |stage| TraceStep {
        stage,
        finding: HARD_TEXT.to_owned(),
        candidates: Verdict::ALL.iter().copied().map(candidate).collect(),
    };
    let trace = Trace::from_steps(Stage::ALL.iter().copied().map(step).collect());
    let decision = Decision {
        identity: Some(known(client, phone(HK))),
        trace: trace.clone(),
        suppressed: true,
        ..decision(Outcome::OtherUnit { user: lee })
    };
    let item = bench.arrived(account).await;
    let mut commit = bench.deciding(&item, decision).await;
    let sent_at = onboarding_core::Timestamp::from_micros(1_795_000_000_000_001);
    commit.request.message = content_from(phone(HK), "image", &[HARD_TEXT, "second line"], sent_at);
    let decided_at = bench.after_seconds(1);
    commit.decided_at = decided_at;
    let id = commit.onboarding;
    assert_eq!(bench.commits(commit).await, CommitOutcome::Committed);
    let expected = OnboardingRecord {
        id,
        decided_at,
        sent_at,
        account,
        identity: Some(client),
        text: format!("{HARD_TEXT}\nsecond line"),
        outcome: "other_unit".to_owned(),
        user: Some(lee),
        room: None,
        suppressed: true,
        trace,
    };
    assert_eq!(bench.latest().await[0], expected);
}

async fn a_message_is_leased_as_it_was_decided(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let room = bench.opens("#dom123456", client, 0).await;
    let [account, secondary] = [bench.account(PRIMARY_PLACE).await, room.account];
    let text = NewOutbound {
        content: OutboundContent::Text(HARD_TEXT.to_owned()),
        purpose: Purpose::Text(TextKey::UserInfo),
        automatic: true,
        ..bench.text_to(client, account)
    };
    let parameters = vec![HARD_TEXT.to_owned(), "-".to_owned(), "\"quoted\", [1]".to_owned()];
    let template = NewOutbound {
        recipient: Recipient::of(&bsuid("HK.Abc123")).unwrap(),
        content: OutboundContent::Template {
            name: "hello".to_owned(),
            language: "zh_HK".to_owned(),
            parameters,
            words: None,
            buttons: vec!["onboarding:accept:0".to_owned()],
        },
        purpose: Purpose::Invitation,
        room: Some(room.id),
        after: Some(text.id),
        ..bench.text_to(client, secondary)
    };
    let queued_at = bench.now();
    bench.queues(vec![text.clone(), template.clone()]).await;
    for expected in [text, template] {
        let leased = bench.sends_one().await;
        assert_eq!(leased.item.message, expected);
        assert_eq!(
            (&leased.item.company, leased.item.queued_at),
            (&bench.company, queued_at)
        );
        assert_eq!((leased.item.attempts, leased.item.unknown_attempts), (1, 0));
        bench.accepted(&leased).await;
    }
}

async fn everything_of_a_new_client_is_stored_at_once(bench: &Bench) {
    let client = bench.mint(onboarding_core::ClientIdentityId::from_uuid);
    let dom = bench.user("#dom123456").await.id;
    let [primary, secondary] = [bench.account(PRIMARY_PLACE).await, bench.account(0).await];
    let (profile, room) = bench.room(dom, client, secondary, primary);
    let decision = Decision {
        identity: Some(new_identity(client, phone(HK))),
        messages: vec![bench.text_to(client, primary)],
        ..room_with(profile, room.clone())
    };
    bench.decided(primary, decision).await;
    assert_eq!(bench.identities(&phone(HK).keys()).await, [client]);
    assert_eq!(
        bench.store.live_room(&bench.company, dom, client).await.unwrap(),
        Some(room.clone())
    );
    let profiles = bench
        .store
        .profiles_of(&bench.company, Some(client), None)
        .await
        .unwrap();
    assert_eq!(
        (profiles[0].id, profiles[0].assigned_to.as_slice()),
        (room.profile, [dom].as_slice())
    );
    let record = bench.latest().await.remove(0);
    assert_eq!(
        (record.user, record.room, record.identity),
        (Some(dom), Some(room.id), Some(client))
    );
    let expected = Backlog {
        outbox: 1,
        ..Backlog::default()
    };
    assert_eq!(bench.store.backlog().await.unwrap(), expected);
    let wrote_at = bench
        .store
        .client_last_wrote_at(&bench.company, primary, client)
        .await
        .unwrap();
    assert_eq!(wrote_at, Some(bench.now()));
}

async fn a_commit_finishes_its_message(bench: &Bench) {
    let account = bench.account(0).await;
    bench.stores(vec![bench.row(account, "a", "1")]).await;
    bench.after_seconds(1);
    bench.stores(vec![bench.row(account, "a", "2")]).await;
    let item = bench.leases_one().await;
    assert_eq!(
        bench.commits(bench.deciding(&item, ignored()).await).await,
        CommitOutcome::Committed
    );
    assert_eq!(bench.leases_one().await.payload, b"2");
    bench.after_seconds(LEASE_SECONDS + 1);
    assert_eq!(
        bench.leases_one().await.payload,
        b"2",
        "the first is done for good"
    );
}

async fn a_commit_that_nobody_is_remembered_for_is_recorded(bench: &Bench) {
    bench.decided(bench.account(0).await, ignored()).await;
    let record = bench.latest().await.remove(0);
    assert_eq!(
        (record.identity, record.outcome.as_str(), record.text.as_str()),
        (None, "ignored", "hello")
    );
}

/// A commit that was made once already, with its row.
async fn repeated(bench: &Bench) -> (InboxItem, onboarding_core::ports::Commit) {
    let client = bench.client(phone(HK)).await;
    let item = bench.arrived(bench.account(0).await).await;
    let messages = vec![bench.text_to(client, bench.account(0).await)];
    let commit = bench
        .deciding(
            &item,
            Decision {
                messages,
                ..ignored()
            },
        )
        .await;
    assert_eq!(bench.commits(commit.clone()).await, CommitOutcome::Committed);
    (item, commit)
}

async fn a_repeated_commit_outranks_a_stale_revision(bench: &Bench) {
    let (item, mut commit) = repeated(bench).await;
    commit.expected_revision += 7;
    commit.onboarding = bench.mint(OnboardingId::from_uuid);
    assert_eq!(bench.commits(commit).await, CommitOutcome::AlreadyDecided);
    // Also a decision that would run into its own room.
    let client = bench.identities(&phone(HK).keys()).await[0];
    let room = bench.opens("#dom123456", client, 0).await;
    let (profile, again) = bench.room(room.user, client, room.account, room.primary);
    let commit = bench.deciding(&item, room_with(profile, again)).await;
    assert_eq!(bench.commits(commit).await, CommitOutcome::AlreadyDecided);
}

async fn a_repeated_commit_stores_nothing(bench: &Bench) {
    let (_, mut commit) = repeated(bench).await;
    let before = bench.latest().await.len();
    commit.onboarding = bench.mint(OnboardingId::from_uuid);
    commit.decision.messages[0].id = bench.mint(onboarding_core::OutboxId::from_uuid);
    assert_eq!(bench.commits(commit).await, CommitOutcome::AlreadyDecided);
    assert_eq!(bench.latest().await.len(), before);
    assert_eq!(bench.store.backlog().await.unwrap().outbox, 1);
}

async fn a_message_that_was_given_up_or_noted_is_not_decided_on(bench: &Bench) {
    let account = bench.account(0).await;
    let (buried, noted) = (bench.arrived(account).await, bench.arrived(account).await);
    bench.store.bury(&buried, "broken", bench.now()).await.unwrap();
    bench.store.finish(&noted, "noted", bench.now()).await.unwrap();
    for item in [buried, noted] {
        let commit = bench.deciding(&item, ignored()).await;
        assert_eq!(bench.commits(commit).await, CommitOutcome::AlreadyDecided);
    }
    assert!(bench.latest().await.is_empty());
}

async fn a_commit_without_the_lease_stores_nothing(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let item = bench.arrived(bench.account(0).await).await;
    let messages = vec![bench.text_to(client, bench.account(0).await)];
    let commit = bench
        .deciding(
            &item,
            Decision {
                messages,
                ..ignored()
            },
        )
        .await;
    bench.after_seconds(LEASE_SECONDS + 1);
    let held = bench.leases_one().await;
    let before = bench.latest().await;
    assert_eq!(bench.commits(commit.clone()).await, CommitOutcome::LeaseLost);
    let mut stale = commit.clone();
    stale.expected_revision += 1;
    assert_eq!(
        bench.commits(stale).await,
        CommitOutcome::LeaseLost,
        "it outranks conflicts"
    );
    assert_eq!(bench.latest().await, before);
    let expected = Backlog {
        inbox: 1,
        ..Backlog::default()
    };
    assert_eq!(bench.store.backlog().await.unwrap(), expected);

    bench.store.retry_at(&held, bench.now()).await.unwrap();
    assert_eq!(
        bench.commits(commit).await,
        CommitOutcome::LeaseLost,
        "given back is not ours either"
    );
}

async fn an_expired_lease_that_nobody_took_still_commits(bench: &Bench) {
    let item = bench.arrived(bench.account(0).await).await;
    bench.after_seconds(10 * LEASE_SECONDS);
    assert_eq!(
        bench.commits(bench.deciding(&item, ignored()).await).await,
        CommitOutcome::Committed
    );
}
