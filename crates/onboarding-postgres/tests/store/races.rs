//! Many at once, from several replicas.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use onboarding_core::{
    AliasKind, ChatRoom, ChatRoomId, ClientAliases, ClientIdentityId, ClientProfileId, Company, Decision,
    DeliveryId, IdentityChange, IgnoreReason, InboxId, LeaseToken, NewProfile, OnboardingId, OrgUnitId,
    Outcome, Request, RoomState, Timestamp, Trace, UserId,
    ports::{
        Commit, CommitOutcome, CompanyDirectory as _, Conflict, DecisionCommit as _, ExtensionLookup as _,
        Inbox, InboxItem, NewDelivery, NewInboxRow, Record as _,
    },
};
use onboarding_postgres::{PostgresOptions, PostgresStore};
use onboarding_testkit::{SeededEntropy, acme, acme_id, create, phone, text_from};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::database::{Database, options};

/// Two replicas on one database, with a company.
pub(crate) struct Replicas {
    pub(crate) stores: [PostgresStore; 2],
    pub(crate) company: Arc<Company>,
    pub(crate) database: Database,
}

impl Replicas {
    pub(crate) async fn start() -> Self {
        let database = Database::migrated().await;
        let roomy = || PostgresOptions {
            pool_size: 16,
            ..options()
        };
        let mut stores = Vec::new();
        for _ in 0..2 {
            stores.push(
                PostgresStore::connect(&database.url(), roomy())
                    .await
                    .expect("a store"),
            );
        }
        let stores: [PostgresStore; 2] = stores.try_into().ok().expect("two of them");
        create(
            &stores[0],
            &acme_id(),
            &acme(),
            &mut SeededEntropy::default().draw(),
        )
        .await;
        let company = stores[0]
            .company(&acme_id())
            .await
            .expect("an answer")
            .expect("a company");
        Self {
            stores,
            company,
            database,
        }
    }

    /// So many messages, each in a lane of its own.
    pub(crate) fn delivery(&self, count: usize) -> NewDelivery {
        let account = self.company.accounts[0].id;
        let row = |number: usize| NewInboxRow {
            id: InboxId::from_uuid(id(1, number)),
            company: acme_id(),
            account: Some(account),
            dedupe_key: number.to_string(),
            lane: number.to_string(),
            arrival: 0,
            payload: Vec::new(),
        };
        NewDelivery {
            id: DeliveryId::from_uuid(id(2, 0)),
            received_at: Timestamp::EPOCH,
            raw: Vec::new(),
            rows: (0..count).map(row).collect(),
            quarantined: Vec::new(),
        }
    }

    /// So many messages, each in a lane of its own, leased.
    pub(crate) async fn leased(&self, count: usize) -> Vec<InboxItem> {
        let stored = self.stores[0].store(self.delivery(count)).await;
        assert_eq!(stored.expect("stored"), count);
        let tokens = (0..count)
            .map(|number| LeaseToken::from_uuid(id(3, number)))
            .collect();
        let items = Inbox::lease(&self.stores[0], Timestamp::EPOCH, Duration::from_mins(10), tokens).await;
        items.expect("leased")
    }

    pub(crate) fn commit(&self, number: usize, item: &InboxItem, decision: Decision) -> Commit {
        Commit {
            company: acme_id(),
            expected_revision: self.company.revision,
            cause: item.lease.clone(),
            request: Request {
                account: item.account.expect("an account"),
                message: text_from(phone("85291234567"), "hello", Timestamp::EPOCH),
            },
            onboarding: OnboardingId::from_uuid(id(4, number)),
            decided_at: Timestamp::EPOCH,
            decision,
        }
    }

    async fn race(&self, commits: Vec<Commit>) -> Vec<CommitOutcome> {
        let mut racing = JoinSet::new();
        for (store, commit) in self.stores.iter().cycle().zip(commits) {
            let store = store.clone();
            racing.spawn(async move { store.commit(commit).await.expect("an outcome") });
        }
        racing.join_all().await
    }

    fn opening(&self, number: usize, user: UserId, identity: ClientIdentityId) -> Decision {
        let profile = NewProfile {
            id: ClientProfileId::from_uuid(id(5, number)),
            name: "Client".to_owned(),
            phone_number: None,
            identity,
            org_unit: OrgUnitId::parse("hk").expect("a slug"),
            external_company: None,
        };
        let account = self.company.accounts[number % self.company.accounts.len()].id;
        let room = ChatRoom {
            id: ChatRoomId::from_uuid(id(6, number)),
            user,
            profile: profile.id,
            identity,
            account,
            primary: self.company.accounts[0].id,
            state: RoomState::Active,
            created_at: Timestamp::EPOCH,
            closed_at: None,
            last_reminded_at: None,
            link_until: None,
        };
        let outcome = Outcome::Onboarded {
            user,
            room: room.id,
            profile: profile.id,
            account,
        };
        Decision {
            outcome,
            new_profile: Some(profile),
            new_room: Some(room),
            ..nothing()
        }
    }
}

/// Recorded, nothing done.
pub(crate) fn nothing() -> Decision {
    Decision {
        outcome: Outcome::Ignored(IgnoreReason::WantsNoAnswer),
        trace: Trace::from_steps(Vec::new()),
        identity: None,
        new_profile: None,
        assignment: None,
        new_room: None,
        room_update: None,
        kept_in_room: None,
        new_prospect: None,
        prospect: None,
        closings: Vec::new(),
        opt_out: None,
        notices: Vec::new(),
        messages: Vec::new(),
        suppressed: false,
    }
}

fn newcomer(number: usize, aliases: ClientAliases, claims: Vec<(AliasKind, String)>) -> IdentityChange {
    let id = ClientIdentityId::from_uuid(id(7, number));
    IdentityChange {
        id,
        is_new: true,
        revision: 0,
        aliases,
        claims,
        phone_since: None,
        profile: None,
    }
}

fn id(kind: u64, number: usize) -> Uuid {
    Uuid::from_u64_pair(kind, u64::try_from(number).expect("small"))
}

fn count(outcomes: Vec<CommitOutcome>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for outcome in outcomes {
        *counts.entry(format!("{outcome:?}")).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_commits_for_one_user_and_client_one_opens_a_room() {
    let replicas = Replicas::start().await;
    let items = replicas.leased(65).await;
    let client = newcomer(0, phone("85291234567"), phone("85291234567").keys());
    let identity = client.id;
    let known = replicas.commit(
        64,
        &items[64],
        Decision {
            identity: Some(client),
            ..nothing()
        },
    );
    assert_eq!(
        replicas.stores[0].commit(known).await.expect("stored"),
        CommitOutcome::Committed
    );
    let key = onboarding_core::Extension::parse("#dom123456")
        .expect("an extension")
        .key()
        .clone();
    let user = replicas.stores[0]
        .users_with(&acme_id(), &[key])
        .await
        .expect("an answer")[0]
        .id;
    let commits = (0..64)
        .map(|number| replicas.commit(number, &items[number], replicas.opening(number, user, identity)));
    let counts = count(replicas.race(commits.collect()).await);
    let conflict = format!("{:?}", CommitOutcome::Conflict(Conflict::RoomExists));
    assert_eq!(
        counts,
        BTreeMap::from([("Committed".to_owned(), 1), (conflict, 63)])
    );
    let rooms = replicas.stores[1]
        .latest_rooms(&acme_id(), 100)
        .await
        .expect("rooms");
    assert_eq!(rooms.len(), 1);
    let count = replicas
        .database
        .client()
        .await
        .query_one("SELECT count(*) FROM client_profiles", &[])
        .await;
    assert_eq!(
        count.expect("an answer").get::<_, i64>(0),
        1,
        "the losers left nothing behind"
    );
}

/// Each takes the lock that the next one wants, if they go by the order of their claims.
#[tokio::test(flavor = "multi_thread")]
async fn claims_in_opposite_orders_do_not_lock_each_other_out() {
    let replicas = Replicas::start().await;
    let items = replicas.leased(8).await;
    let mut commits = Vec::new();
    for (number, item) in items.iter().enumerate() {
        let mut claims: Vec<_> = (0..40)
            .map(|alias| (AliasKind::Bsuid, format!("HK.{alias}")))
            .collect();
        if number % 2 == 0 {
            claims.reverse();
        }
        let identity = newcomer(number, phone("85291234567"), claims);
        commits.push(replicas.commit(
            number,
            item,
            Decision {
                identity: Some(identity),
                ..nothing()
            },
        ));
    }
    let counts = count(replicas.race(commits).await);
    let conflict = format!("{:?}", CommitOutcome::Conflict(Conflict::AliasTaken));
    assert_eq!(
        counts,
        BTreeMap::from([("Committed".to_owned(), 1), (conflict, 7)])
    );
}

/// Another transaction waits for the company, which the commit holds, and holds the alias, which the commit wants. The
/// server ends the commit, because it waited first; it then runs again.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_the_server_ended_runs_again() {
    let replicas = Replicas::start().await;
    let item = replicas.leased(1).await.remove(0);
    let mut other = replicas.database.client().await;
    let other = other.transaction().await.expect("begun");
    other
        .batch_execute(
            "SET LOCAL deadlock_timeout = '1h';
             INSERT INTO client_identities (company_id, identity_id, created_at, changed_at)
                VALUES ('acme', '00000000-0000-0000-0000-000000000001', 0, 0);
             INSERT INTO client_aliases VALUES ('acme', 'bsuid', 'HK.1', '00000000-0000-0000-0000-000000000001')",
        )
        .await
        .expect("held");
    let identity = newcomer(
        0,
        phone("85291234567"),
        vec![(AliasKind::Bsuid, "HK.1".to_owned())],
    );
    let commit = replicas.commit(
        0,
        &item,
        Decision {
            identity: Some(identity),
            ..nothing()
        },
    );
    let store = replicas.stores[0].clone();
    let committing = tokio::spawn(async move { store.commit(commit).await });
    let watcher = replicas.database.client().await;
    let waiting = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while watcher
        .query_one(waiting, &[])
        .await
        .expect("an answer")
        .get::<_, i64>(0)
        == 0
    {
        tokio::task::yield_now().await;
    }
    other
        .query("SELECT FROM companies FOR UPDATE", &[])
        .await
        .expect("the commit gave way");
    other.rollback().await.expect("ended");
    let outcome = committing.await.expect("no panic").expect("no error");
    assert_eq!(outcome, CommitOutcome::Committed);
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    // The statistics of a session come when it is idle for a moment.
    while watcher
        .query_one(deadlocks, &[])
        .await
        .expect("an answer")
        .get::<_, i64>(0)
        == 0
    {
        tokio::task::yield_now().await;
    }
}

/// Workers that all wait hold every connection for work; a webhook is stored all the same.
#[tokio::test(flavor = "multi_thread")]
async fn ingest_has_connections_of_its_own() {
    let replicas = Replicas::start().await;
    let mut lock = replicas.database.client().await;
    let lock = lock.transaction().await.expect("begun");
    lock.batch_execute("LOCK TABLE rooms IN ACCESS EXCLUSIVE MODE")
        .await
        .expect("locked");
    let mut waiting = JoinSet::new();
    for _ in 0..40 {
        let store = replicas.stores[0].clone();
        waiting.spawn(async move { store.latest_rooms(&acme_id(), 1).await });
    }
    assert_eq!(
        replicas.stores[0]
            .owners(&["id-unknown".to_owned()])
            .await
            .expect("an answer")
            .len(),
        0
    );
    let delivery = NewDelivery {
        id: DeliveryId::from_uuid(id(2, 1)),
        received_at: Timestamp::EPOCH,
        raw: b"{}".to_vec(),
        rows: Vec::new(),
        quarantined: Vec::new(),
    };
    replicas.stores[0].store(delivery).await.expect("stored");
    lock.rollback().await.expect("unlocked");
    assert!(waiting.join_all().await.iter().all(Result::is_ok));
}
