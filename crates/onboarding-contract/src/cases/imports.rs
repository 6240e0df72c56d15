//! Imports of users: jobs that are made once, by whoever works on them.

use std::{collections::BTreeMap, time::Duration};

use onboarding_core::{
    Extension, ImportId, LeaseToken, UserId,
    audit::{Actor, AuditFilter, Origin},
    config::{ConfigChange, UserConfig},
    import::{
        CellMistake, Column, Import, ImportCounts, ImportRow, ImportState, NewImport, RefusedRow,
        SettledBatch,
    },
    ports::{BatchOutcome, IMPORTS_KEPT, LeasedImport},
};
use onboarding_testkit::user_named;

use crate::{
    bench::{Bench, HARD_TEXT},
    list::list_cases,
};

list_cases!(($) imports => imports_contract:
    an_import_is_read_back_as_it_began,
    one_import_of_a_company_runs_at_a_time,
    a_batch_is_stored_with_its_changes_entries_and_progress,
    a_batch_is_stored_once,
    a_batch_that_was_judged_on_an_older_company_changes_nothing,
    who_lost_the_lease_stores_nothing,
    what_nobody_works_on_any_more_is_leased_anew,
    what_is_stopped_changes_nothing_any_more,
    refused_rows_stay_with_their_reasons,
    imports_are_listed_newest_first,
    an_old_import_goes_when_another_begins,
);

const LEASE: Duration = Duration::from_secs(10);

fn kate() -> Origin {
    Origin::new(Actor::Person("kate".to_owned()), "2001:db8::7".parse().ok())
}

fn row(line: u32, username: &str) -> ImportRow {
    let cells = [
        (Column::Username, username),
        (Column::Name, HARD_TEXT),
        (Column::Title, ""),
    ];
    let cells = cells.map(|(column, cell)| (column, cell.to_owned()));
    ImportRow {
        line,
        cells: BTreeMap::from(cells),
    }
}

fn bad(line: u32) -> RefusedRow {
    let told = |column, message: &str| CellMistake {
        column,
        message: message.to_owned(),
    };
    RefusedRow {
        line,
        username: HARD_TEXT.to_owned(),
        mistakes: vec![
            told(Some(Column::OrgUnit), HARD_TEXT),
            told(None, "too few cells"),
        ],
    }
}

fn import(bench: &Bench) -> NewImport {
    NewImport {
        id: bench.mint(ImportId::from_uuid),
        may_give_roles: true,
        batches: vec![vec![row(2, "ann"), row(5, "bob")], vec![row(3, "eve")]],
        refused: vec![bad(4)],
    }
}

async fn begin(bench: &Bench, import: NewImport) -> ImportId {
    let id = import.id;
    let begun = bench
        .store
        .begin_import(&bench.company, import, &kate(), bench.now())
        .await;
    assert!(begun.unwrap());
    id
}

async fn lease(bench: &Bench) -> Option<LeasedImport> {
    let token = bench.mint(LeaseToken::from_uuid);
    bench.store.lease_import(bench.now(), LEASE, token).await.unwrap()
}

async fn shown(bench: &Bench, id: ImportId) -> Import {
    bench.store.import(&bench.company, id).await.unwrap().unwrap()
}

fn put(bench: &Bench, username: &str) -> ConfigChange {
    let user = UserConfig {
        username: username.to_owned(),
        extension: Extension::parse(&format!("#{username}")).ok(),
        ..user_named("Kate", "hk", "#none")
    };
    ConfigChange::PutUser {
        new_id: bench.mint(UserId::from_uuid),
        user,
    }
}

/// The first batch: both users are new.
async fn first_batch(bench: &Bench) -> SettledBatch {
    SettledBatch {
        revision: bench.config().await.1,
        changes: vec![put(bench, "ann"), put(bench, "bob")],
        done: vec![2, 5],
        counts: ImportCounts {
            created: 2,
            ..ImportCounts::default()
        },
        refused: Vec::new(),
    }
}

async fn settle(bench: &Bench, lease: &LeasedImport, settled: SettledBatch) -> BatchOutcome {
    let stored = bench.store.settle_batch(lease, settled, bench.now(), LEASE).await;
    stored.unwrap()
}

async fn usernames(bench: &Bench) -> Vec<String> {
    let (config, _) = bench.config().await;
    config.users.into_iter().map(|user| user.username).collect()
}

async fn entries(bench: &Bench, subject: &str) -> Vec<String> {
    let filter = AuditFilter {
        subject_kind: Some(subject.to_owned()),
        actor_id: Some("kate".to_owned()),
        ..AuditFilter::default()
    };
    let log = bench
        .store
        .audit_entries(&bench.company, &filter, 0, 99)
        .await
        .unwrap();
    log.into_iter()
        .map(|entry| {
            let content = entry.content;
            assert_eq!(content.address.as_deref(), Some("2001:db8::7"));
            format!("{} {}", content.action, content.after.unwrap_or_default())
        })
        .collect()
}

async fn an_import_is_read_back_as_it_began(bench: &Bench) {
    let wished = import(bench);
    let id = begin(bench, wished.clone()).await;
    let expected = Import {
        id,
        state: ImportState::Running,
        by: kate(),
        may_give_roles: true,
        begun_at: bench.now(),
        ended_at: None,
        counts: ImportCounts {
            total: 4,
            refused: 1,
            ..ImportCounts::default()
        },
    };
    assert_eq!(shown(bench, id).await, expected);
    let lease = lease(bench).await.unwrap();
    assert_eq!(
        (
            lease.company.clone(),
            lease.id,
            lease.by.clone(),
            lease.may_give_roles
        ),
        (bench.company.clone(), id, kate(), true)
    );
    assert_eq!(bench.store.next_batch(&lease).await.unwrap(), wished.batches[0]);
    let other = bench.with_another_company().await;
    assert_eq!(bench.store.import(&other.company, id).await.unwrap(), None);
    assert!(entries(bench, "import").await[0].starts_with("create {\"refused\":1,\"rows\":4}"));
}

async fn one_import_of_a_company_runs_at_a_time(bench: &Bench) {
    let id = begin(bench, import(bench)).await;
    let second = import(bench);
    let begun = bench
        .store
        .begin_import(&bench.company, second.clone(), &kate(), bench.now())
        .await;
    assert!(!begun.unwrap());
    assert_eq!(bench.store.import(&bench.company, second.id).await.unwrap(), None);
    assert_eq!(entries(bench, "import").await.len(), 1);
    let other = bench.with_another_company().await;
    begin(&other, import(&other)).await;
    let by = kate();
    let stopped = bench.store.stop_import(&bench.company, id, &by, bench.now());
    stopped.await.unwrap();
    begin(bench, import(bench)).await;
}

async fn a_batch_is_stored_with_its_changes_entries_and_progress(bench: &Bench) {
    let id = begin(bench, import(bench)).await;
    let lease = lease(bench).await.unwrap();
    let (_, revision) = bench.config().await;
    let outcome = settle(bench, &lease, first_batch(bench).await).await;
    assert_eq!(outcome, BatchOutcome::Settled(ImportState::Running));
    let names = usernames(bench).await;
    assert!(
        ["ann", "bob"]
            .iter()
            .all(|name| names.contains(&(*name).to_owned()))
    );
    assert_eq!(bench.config().await.1, revision + 1);
    assert_eq!(
        entries(bench, "user").await.len(),
        2,
        "in the name of who began it"
    );
    assert_eq!(shown(bench, id).await.counts.done(), 3);
    let rows = bench.store.next_batch(&lease).await.unwrap();
    assert_eq!(rows, [row(3, "eve")]);

    let at = bench.after_seconds(1);
    let last = SettledBatch {
        revision: 0,
        changes: Vec::new(),
        done: vec![3],
        counts: ImportCounts {
            unchanged: 1,
            ..ImportCounts::default()
        },
        refused: Vec::new(),
    };
    let outcome = settle(bench, &lease, last).await;
    assert_eq!(outcome, BatchOutcome::Settled(ImportState::Finished));
    let import = shown(bench, id).await;
    assert_eq!((import.state, import.ended_at), (ImportState::Finished, Some(at)));
    assert_eq!(
        import.counts,
        ImportCounts {
            total: 4,
            created: 2,
            changed: 0,
            unchanged: 1,
            refused: 1
        }
    );
    assert_eq!(bench.config().await.1, revision + 1, "nothing was changed");
    let told = entries(bench, "import").await;
    assert_eq!(
        told[1],
        "change {\"changed\":0,\"created\":2,\"refused\":1,\"state\":\"finished\",\"unchanged\":1}"
    );
}

async fn a_batch_is_stored_once(bench: &Bench) {
    let id = begin(bench, import(bench)).await;
    let lease = lease(bench).await.unwrap();
    let batch = first_batch(bench).await;
    settle(bench, &lease, batch.clone()).await;
    assert_eq!(settle(bench, &lease, batch).await, BatchOutcome::Stale);
    assert_eq!(shown(bench, id).await.counts.created, 2);
    assert_eq!(entries(bench, "user").await.len(), 2);
}

async fn a_batch_that_was_judged_on_an_older_company_changes_nothing(bench: &Bench) {
    let id = begin(bench, import(bench)).await;
    let lease = lease(bench).await.unwrap();
    let batch = first_batch(bench).await;
    bench.apply(vec![put(bench, "zoe")]).await;
    assert_eq!(settle(bench, &lease, batch).await, BatchOutcome::Stale);
    assert_eq!(shown(bench, id).await.counts.done(), 1);
    assert_eq!(bench.store.next_batch(&lease).await.unwrap().len(), 2);
    assert!(!usernames(bench).await.contains(&"ann".to_owned()));
    let again = settle(bench, &lease, first_batch(bench).await).await;
    assert_eq!(again, BatchOutcome::Settled(ImportState::Running));
}

async fn who_lost_the_lease_stores_nothing(bench: &Bench) {
    begin(bench, import(bench)).await;
    let first = lease(bench).await.unwrap();
    bench.after_seconds(11);
    let second = lease(bench).await.unwrap();
    let outcome = settle(bench, &first, first_batch(bench).await).await;
    assert_eq!(outcome, BatchOutcome::LeaseLost);
    assert!(!usernames(bench).await.contains(&"ann".to_owned()));
    let outcome = settle(bench, &second, first_batch(bench).await).await;
    assert_eq!(outcome, BatchOutcome::Settled(ImportState::Running));
}

async fn what_nobody_works_on_any_more_is_leased_anew(bench: &Bench) {
    let id = begin(bench, import(bench)).await;
    let first = lease(bench).await.unwrap();
    assert_eq!(lease(bench).await, None, "somebody works on it");
    bench.after_seconds(6);
    settle(bench, &first, first_batch(bench).await).await;
    bench.after_seconds(6);
    assert_eq!(lease(bench).await, None, "a batch renews the lease");
    let other = bench.with_another_company().await;
    let later = begin(&other, import(&other)).await;
    bench.after_seconds(6);
    assert_eq!(lease(bench).await.map(|one| one.id), Some(id), "it began first");
    assert_eq!(lease(bench).await.map(|one| one.id), Some(later));
    assert_eq!(lease(bench).await, None);
}

async fn what_is_stopped_changes_nothing_any_more(bench: &Bench) {
    let id = begin(bench, import(bench)).await;
    let held = lease(bench).await.unwrap();
    settle(bench, &held, first_batch(bench).await).await;
    let nobody = bench.mint(ImportId::from_uuid);
    let stop = async |bench: &Bench, id| {
        let at = bench.after_seconds(1);
        bench
            .store
            .stop_import(&bench.company, id, &kate(), at)
            .await
            .unwrap()
    };
    assert_eq!(stop(bench, nobody).await, None);
    let other = bench.with_another_company().await;
    assert_eq!(stop(&other, id).await, None);
    let stopped = stop(bench, id).await.unwrap();
    assert_eq!(
        (stopped.state, stopped.ended_at),
        (ImportState::Stopped, Some(bench.now()))
    );
    assert_eq!((stopped.counts.done(), stopped.counts.total), (3, 4));
    let late = SettledBatch {
        changes: vec![put(bench, "eve")],
        done: vec![3],
        ..first_batch(bench).await
    };
    assert_eq!(settle(bench, &held, late).await, BatchOutcome::LeaseLost);
    assert!(!usernames(bench).await.contains(&"eve".to_owned()));
    bench.after_seconds(60);
    assert_eq!(lease(bench).await, None);
    assert_eq!(bench.store.next_batch(&held).await.unwrap(), []);
    assert_eq!(stop(bench, id).await, Some(stopped), "it stays as it ended");
    assert_eq!(entries(bench, "import").await.len(), 2);
}

async fn refused_rows_stay_with_their_reasons(bench: &Bench) {
    let id = begin(bench, import(bench)).await;
    let lease = lease(bench).await.unwrap();
    let bob = RefusedRow {
        username: "bob".to_owned(),
        ..bad(5)
    };
    let batch = SettledBatch {
        changes: vec![put(bench, "ann")],
        done: vec![2],
        counts: ImportCounts {
            created: 1,
            refused: 1,
            ..ImportCounts::default()
        },
        refused: vec![bob.clone()],
        ..first_batch(bench).await
    };
    settle(bench, &lease, batch).await;
    let rows = async |after, limit| {
        let rows = bench.store.refused_rows(&bench.company, id, after, limit).await;
        rows.unwrap()
    };
    assert_eq!(rows(0, 9).await, [bad(4), bob.clone()]);
    assert_eq!((rows(0, 1).await, rows(4, 9).await), (vec![bad(4)], vec![bob]));
    assert_eq!(
        bench.store.next_batch(&lease).await.unwrap().len(),
        1,
        "it does not wait any more"
    );
    let other = bench.with_another_company().await;
    let foreign = bench.store.refused_rows(&other.company, id, 0, 9).await;
    assert_eq!(foreign.unwrap(), []);
    bench
        .store
        .stop_import(&bench.company, id, &kate(), bench.now())
        .await
        .unwrap();
    assert_eq!(rows(0, 9).await.len(), 2, "the report stays");
}

async fn imports_are_listed_newest_first(bench: &Bench) {
    let mut ids = Vec::new();
    for _ in 0..3 {
        bench.after_seconds(1);
        let id = begin(bench, import(bench)).await;
        bench
            .store
            .stop_import(&bench.company, id, &kate(), bench.now())
            .await
            .unwrap();
        ids.insert(0, id);
    }
    let list = async |after, limit| {
        let page = bench.store.imports(&bench.company, after, limit).await.unwrap();
        page.into_iter().map(|one| one.id).collect::<Vec<_>>()
    };
    assert_eq!(list(None, 9).await, ids);
    assert_eq!(list(None, 2).await, ids[..2]);
    assert_eq!(list(Some(ids[1]), 9).await, ids[2..]);
    let other = bench.with_another_company().await;
    assert_eq!(bench.store.imports(&other.company, None, 9).await.unwrap(), []);
}

async fn an_old_import_goes_when_another_begins(bench: &Bench) {
    let old = begin(bench, import(bench)).await;
    bench
        .store
        .stop_import(&bench.company, old, &kate(), bench.now())
        .await
        .unwrap();
    bench.after_seconds(IMPORTS_KEPT.as_secs());
    let second = begin(bench, import(bench)).await;
    assert_eq!(
        shown(bench, old).await.state,
        ImportState::Stopped,
        "not old enough"
    );
    bench
        .store
        .stop_import(&bench.company, second, &kate(), bench.now())
        .await
        .unwrap();
    bench.after_seconds(1);
    begin(bench, import(bench)).await;
    assert_eq!(bench.store.import(&bench.company, old).await.unwrap(), None);
    assert_eq!(
        bench.store.refused_rows(&bench.company, old, 0, 9).await.unwrap(),
        []
    );
}
