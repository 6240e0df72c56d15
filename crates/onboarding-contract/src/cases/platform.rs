//! What WhatsApp told of accounts, and what counts against its limits.

use std::time::Duration;

use onboarding_core::{
    DeliveryProgress, FactName, Health, OutboundContent, PlatformFact, Subject, Timestamp,
    ports::{ApplyOutcome, InboxItem, Observation, ObserveOutcome},
};
use onboarding_testkit::phone;

use crate::{
    bench::{Bench, HARD_TEXT},
    list::list_cases,
};

list_cases!(($) platform => platform_contract:
    facts_come_back_as_they_were_kept,
    a_fact_takes_the_place_of_the_one_before,
    an_observation_on_an_older_revision_changes_nothing,
    an_observation_without_news_leaves_the_revision,
    a_notice_is_finished_with_its_facts,
    a_notice_that_another_worker_has_changes_nothing,
    facts_outlive_a_change_of_the_configuration,
    another_company_has_facts_of_its_own,
    each_client_who_got_a_template_counts_once,
    failed_and_old_templates_and_texts_count_for_nothing,
    an_account_whose_messages_get_no_status_is_found,
);

fn facts(at: Timestamp) -> Vec<PlatformFact> {
    let template = Subject::Template {
        waba_id: "waba-acme".to_owned(),
        name: "acme_invitation".to_owned(),
        language: "en_US".to_owned(),
    };
    let subjects = [
        Subject::App,
        Subject::BusinessAccount("waba-acme".to_owned()),
        Subject::Number("id-1".to_owned()),
        template,
    ];
    let mut facts: Vec<_> = subjects
        .into_iter()
        .map(|about| PlatformFact::good(about, FactName::Quality, HARD_TEXT, at))
        .collect();
    facts[1] = facts[1]
        .clone()
        .but(Health::Blocked, HARD_TEXT)
        .mended_by(HARD_TEXT);
    facts[2].expires_at = Some(at + Duration::from_micros(1));
    facts
}

async fn kept(bench: &Bench) -> Vec<PlatformFact> {
    let mut facts = bench.company().await.platform.facts().to_vec();
    facts.sort_by(|a, b| (&a.about, a.name).cmp(&(&b.about, b.name)));
    facts
}

async fn observes(
    bench: &Bench,
    revision: u64,
    cause: Option<&InboxItem>,
    facts: Vec<PlatformFact>,
) -> ObserveOutcome {
    let observation = Observation {
        company: bench.company.clone(),
        expected_revision: revision,
        cause: cause.map(|item| (item.lease.clone(), "a notice".to_owned())),
        facts,
        now: bench.now(),
    };
    bench.store.observe(observation).await.unwrap()
}

async fn revision(bench: &Bench) -> u64 {
    bench.company().await.revision
}

async fn facts_come_back_as_they_were_kept(bench: &Bench) {
    let before = revision(bench).await;
    assert_eq!(kept(bench).await, []);
    let facts = facts(bench.now());
    assert_eq!(
        observes(bench, before, None, facts.clone()).await,
        ObserveOutcome::Kept
    );
    assert_eq!(kept(bench).await, facts);
    assert_eq!(
        revision(bench).await,
        before + 1,
        "decisions made on less are made again"
    );
}

async fn a_fact_takes_the_place_of_the_one_before(bench: &Bench) {
    let mut facts = facts(bench.now());
    observes(bench, revision(bench).await, None, facts.clone()).await;
    facts[1] = PlatformFact::good(facts[1].about.clone(), FactName::Quality, "GREEN", bench.now());
    observes(bench, revision(bench).await, None, vec![facts[1].clone()]).await;
    assert_eq!(kept(bench).await, facts);
}

async fn an_observation_on_an_older_revision_changes_nothing(bench: &Bench) {
    let old = revision(bench).await;
    observes(bench, old, None, facts(bench.now())[..1].to_vec()).await;
    let before = kept(bench).await;
    let item = bench.arrived(bench.account(0).await).await;
    let outcome = observes(bench, old, Some(&item), facts(bench.now())).await;
    assert_eq!(outcome, ObserveOutcome::Stale);
    assert_eq!(kept(bench).await, before);
    let outcome = observes(bench, revision(bench).await, Some(&item), Vec::new()).await;
    assert_eq!(outcome, ObserveOutcome::Kept, "the notice is still ours");
}

async fn an_observation_without_news_leaves_the_revision(bench: &Bench) {
    let before = revision(bench).await;
    assert_eq!(
        observes(bench, before, None, Vec::new()).await,
        ObserveOutcome::Kept
    );
    assert_eq!(revision(bench).await, before);
}

async fn a_notice_is_finished_with_its_facts(bench: &Bench) {
    let item = bench.arrived(bench.account(0).await).await;
    let revision = revision(bench).await;
    let outcome = observes(bench, revision, Some(&item), facts(bench.now())).await;
    assert_eq!(outcome, ObserveOutcome::Kept);
    assert_eq!(bench.store.backlog().await.unwrap().inbox, 0);
    let again = observes(bench, revision + 1, Some(&item), facts(bench.now())).await;
    assert_eq!(again, ObserveOutcome::LeaseLost);
}

async fn a_notice_that_another_worker_has_changes_nothing(bench: &Bench) {
    let item = bench.arrived(bench.account(0).await).await;
    bench.store.retry_at(&item, bench.now()).await.unwrap();
    let outcome = observes(bench, revision(bench).await, Some(&item), facts(bench.now())).await;
    assert_eq!(outcome, ObserveOutcome::LeaseLost);
    assert_eq!(kept(bench).await, []);
}

async fn facts_outlive_a_change_of_the_configuration(bench: &Bench) {
    let facts = facts(bench.now());
    observes(bench, revision(bench).await, None, facts.clone()).await;
    let (config, _) = bench.config().await;
    let outcome = bench.apply(bench.changes_to(&config)).await;
    assert!(matches!(outcome, ApplyOutcome::Applied(_)), "{outcome:?}");
    assert_eq!(kept(bench).await, facts);
}

async fn another_company_has_facts_of_its_own(bench: &Bench) {
    let other = bench.with_another_company().await;
    observes(bench, revision(bench).await, None, facts(bench.now())).await;
    assert_eq!(kept(&other).await, []);
}

async fn written_first(bench: &Bench, places: &[usize], since: Timestamp) -> u32 {
    let mut accounts = Vec::new();
    for place in places {
        accounts.push(bench.account(*place).await);
    }
    let record = bench
        .store
        .clients_written_first(&bench.company, &accounts, since);
    record.await.unwrap()
}

fn template() -> OutboundContent {
    OutboundContent::Template {
        name: "acme_invitation".to_owned(),
        language: "en".to_owned(),
        parameters: vec!["Dom".to_owned()],
        words: None,
        buttons: vec!["onboarding:accept:0".to_owned()],
    }
}

async fn each_client_who_got_a_template_counts_once(bench: &Bench) {
    let since = bench.now();
    let (one, two) = (
        bench.client(phone("85291234567")).await,
        bench.client(phone("85290000000")).await,
    );
    for (client, place) in [(one, 0), (one, 0), (one, 1), (two, 1), (two, 2)] {
        bench.queues_content(client, place, template()).await;
    }
    assert_eq!(written_first(bench, &[0, 1], since).await, 2);
    assert_eq!(written_first(bench, &[0], since).await, 1);
    assert_eq!(written_first(bench, &[], since).await, 0);
}

async fn failed_and_old_templates_and_texts_count_for_nothing(bench: &Bench) {
    let client = bench.client(phone("85291234567")).await;
    bench.queues_one(client, 0).await;
    let since = bench.after_seconds(1);
    assert_eq!(written_first(bench, &[0], since).await, 0, "a text opens nothing");
    for message in bench.sends().await {
        bench.accepted(&message).await;
    }
    bench.queues_content(client, 0, template()).await;
    assert_eq!(
        written_first(bench, &[0], since).await,
        1,
        "at the very start of the span"
    );
    assert_eq!(
        written_first(bench, &[0], since + Duration::from_micros(1)).await,
        0
    );
    let message = bench.sends_one().await;
    bench.refused(&message).await;
    assert_eq!(written_first(bench, &[0], since).await, 0);
}

async fn an_account_whose_messages_get_no_status_is_found(bench: &Bench) {
    let client = bench.client(phone("85291234567")).await;
    let since = bench.now();
    for place in [0, 0, 1, 1, 2] {
        bench.queues_one(client, place).await;
    }
    let mut accepted = Vec::new();
    for _ in 0..2 {
        for message in bench.sends().await {
            let item = &message.item.message;
            if item.account != bench.account(2).await {
                bench.accepted(&message).await;
                accepted.push((item.account, item.id));
            }
        }
    }
    let until = bench.after_seconds(60);
    let silent = || async {
        let record = &bench.store;
        record
            .accounts_without_statuses(&bench.company, since, until)
            .await
            .unwrap()
    };
    let mut both = vec![bench.account(0).await, bench.account(1).await];
    both.sort_unstable();
    assert_eq!(silent().await, both, "what was not accepted proves nothing");
    let (told, id) = accepted[0];
    bench.reported(id, DeliveryProgress::Sent).await;
    both.retain(|account| *account != told);
    assert_eq!(silent().await, both, "one status shows that they come");
    let later = bench
        .store
        .accounts_without_statuses(&bench.company, until, until + Duration::from_hours(1));
    assert_eq!(later.await.unwrap(), []);
}
