//! Of many who want the same at once, one gets it.

use std::{collections::BTreeSet, time::Duration};

use onboarding_core::{
    ClientIdentityId, Decision, SendLimits, UserId,
    audit::Origin,
    config::ConfigChange,
    ports::{ApplyOutcome, Commit, CommitOutcome, Conflict, Inbox, Outbox},
};
use onboarding_testkit::{acme, phone, user_named};

use crate::{
    bench::{Bench, LEASE_SECONDS, PRIMARY_PLACE, UNKNOWN_SECONDS, ignored, new_identity, room_with},
    list::list_cases,
};

list_cases!(($) races => races_contract:
    of_many_racing_commits_for_one_user_and_client_one_wins,
    of_many_racing_commits_for_one_number_one_wins,
    of_many_racing_commits_of_one_message_one_wins,
    of_many_racing_new_clients_with_one_phone_one_wins,
    of_many_racing_changes_one_is_made,
    of_many_racing_workers_each_row_has_one,
    of_many_racing_workers_each_message_has_one,
);

const HK: &str = "85291234567";

/// Commits all at once; gives the outcomes.
async fn race(bench: &Bench, commits: Vec<Commit>) -> Vec<CommitOutcome> {
    let mut racing = tokio::task::JoinSet::new();
    for commit in commits {
        let store = bench.store.clone();
        racing.spawn(async move { store.commit(commit).await.unwrap() });
    }
    racing.join_all().await
}

fn assert_one_wins(outcomes: &[CommitOutcome], others: CommitOutcome) {
    let won = outcomes
        .iter()
        .filter(|outcome| **outcome == CommitOutcome::Committed)
        .count();
    let lost = outcomes.iter().filter(|outcome| **outcome == others).count();
    assert_eq!((won, lost), (1, outcomes.len() - 1), "{outcomes:?}");
}

/// A decision that opens a room of the user with this extension on the account at this place.
async fn opening(bench: &Bench, extension: &str, client: ClientIdentityId, place: usize) -> Decision {
    let user = bench.user(extension).await.id;
    let primary = bench.account(PRIMARY_PLACE).await;
    let (profile, room) = bench.room(user, client, bench.account(place).await, primary);
    room_with(profile, room)
}

async fn of_many_racing_commits_for_one_user_and_client_one_wins(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let mut commits = Vec::new();
    for place in 0..16 {
        let item = bench.arrived(bench.account(PRIMARY_PLACE).await).await;
        let decision = opening(bench, "#dom123456", client, place % 3).await;
        commits.push(bench.deciding(&item, decision).await);
    }
    let outcomes = race(bench, commits).await;
    assert_one_wins(&outcomes, CommitOutcome::Conflict(Conflict::RoomExists));
    assert_eq!(
        bench.store.latest_rooms(&bench.company, 99).await.unwrap().len(),
        1
    );
    let profiles = bench
        .store
        .profiles_of(&bench.company, Some(client), None)
        .await
        .unwrap();
    assert_eq!(profiles.len(), 1, "the losers left no profile behind");
}

async fn of_many_racing_commits_for_one_number_one_wins(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let users = (0..16).map(|n| user_named(&format!("User{n}"), "hk", &format!("#user{n}")));
    let put = |user| ConfigChange::PutUser {
        new_id: bench.mint(UserId::from_uuid),
        user,
    };
    bench.apply(users.map(put).collect()).await;
    let mut commits = Vec::new();
    for n in 0..16 {
        let item = bench.arrived(bench.account(PRIMARY_PLACE).await).await;
        let decision = opening(bench, &format!("#user{n}"), client, 0).await;
        commits.push(bench.deciding(&item, decision).await);
    }
    let outcomes = race(bench, commits).await;
    assert_one_wins(&outcomes, CommitOutcome::Conflict(Conflict::NumberTaken));
    let account = [bench.account(0).await];
    let usage = bench
        .store
        .usage_of(&bench.company, Some(client), &account)
        .await
        .unwrap();
    assert_eq!((usage[0].live_rooms, usage[0].rooms_of_client.len()), (1, 1));
}

async fn of_many_racing_commits_of_one_message_one_wins(bench: &Bench) {
    let item = bench.arrived(bench.account(0).await).await;
    let mut commits = Vec::new();
    for _ in 0..16 {
        commits.push(bench.deciding(&item, ignored()).await);
    }
    assert_one_wins(&race(bench, commits).await, CommitOutcome::AlreadyDecided);
    assert_eq!(bench.latest().await.len(), 1);
}

async fn of_many_racing_new_clients_with_one_phone_one_wins(bench: &Bench) {
    let mut commits = Vec::new();
    for _ in 0..16 {
        let item = bench.arrived(bench.account(0).await).await;
        let newcomer = new_identity(bench.mint(ClientIdentityId::from_uuid), phone(HK));
        let decision = Decision {
            identity: Some(newcomer),
            ..ignored()
        };
        commits.push(bench.deciding(&item, decision).await);
    }
    let outcomes = race(bench, commits).await;
    assert_one_wins(&outcomes, CommitOutcome::Conflict(Conflict::AliasTaken));
    assert_eq!(bench.identities(&phone(HK).keys()).await.len(), 1);
}

async fn of_many_racing_changes_one_is_made(bench: &Bench) {
    let (_, revision) = bench.config().await;
    let mut racing = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (store, company, now) = (bench.store.clone(), bench.company.clone(), bench.now());
        let change = ConfigChange::PutOrgUnit(acme().org_units[0].clone());
        racing.spawn(async move {
            store
                .apply(&company, Some(revision), vec![change], &Origin::system(), now)
                .await
                .unwrap()
        });
    }
    let outcomes = racing.join_all().await;
    let applied = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, ApplyOutcome::Applied(_)))
        .count();
    assert_eq!(applied, 1, "{outcomes:?}");
    assert_eq!(bench.config().await.1, revision + 1);
}

async fn of_many_racing_workers_each_row_has_one(bench: &Bench) {
    for lane in 0..8 {
        bench
            .stores(vec![
                bench.row_in(&format!("lane {lane}"), &format!("{lane}")).await,
            ])
            .await;
    }
    let mut racing = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (store, now, tokens) = (bench.store.clone(), bench.now(), bench.tokens(3));
        let lease = std::time::Duration::from_secs(LEASE_SECONDS);
        racing.spawn(async move { Inbox::lease(store.as_ref(), now, lease, tokens).await.unwrap() });
    }
    let leased: Vec<_> = racing.join_all().await.into_iter().flatten().collect();
    let rows: BTreeSet<_> = leased.iter().map(|item| item.lease.id).collect();
    assert_eq!((leased.len(), rows.len()), (8, 8));
}

async fn of_many_racing_workers_each_message_has_one(bench: &Bench) {
    for n in 0..8 {
        let client = bench.client(phone(&format!("8529000000{n}"))).await;
        bench.queues_one(client, 0).await;
        bench.queues_one(client, 0).await;
    }
    let mut racing = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (store, now, tokens) = (bench.store.clone(), bench.now(), bench.tokens(3));
        let [lease, unknown] = [LEASE_SECONDS, UNKNOWN_SECONDS].map(Duration::from_secs);
        racing.spawn(async move {
            Outbox::lease(store.as_ref(), now, lease, unknown, SendLimits::default(), tokens)
                .await
                .unwrap()
        });
    }
    let leased: Vec<_> = racing.join_all().await.into_iter().flatten().collect();
    let lanes: BTreeSet<_> = leased
        .iter()
        .map(|message| message.item.message.identity)
        .collect();
    assert_eq!((leased.len(), lanes.len()), (8, 8));
}
