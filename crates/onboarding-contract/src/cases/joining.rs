//! Two records of clients become one.

use onboarding_core::{
    ActId, Actor, ClientAliases, ClientIdentityId, CloseReason, Decision, EndedRooms, IdentityRevision,
    OptOutChange, Outcome, ProspectState, Reconciliation, Timestamp, WaitsFor,
    audit::Origin,
    ports::{ActCommit, ActOutcome, CommitOutcome, Conflict, ReconcileOutcome},
};
use onboarding_testkit::{bsuid, phone};

use super::reconciliation::{merging, reconciled, reconciles};
use crate::{
    bench::{Bench, PRIMARY_PLACE, act, decision, ignored, known},
    list::list_cases,
};

list_cases!(($) joining => joining_contract:
    everything_that_hangs_on_an_absorbed_client_moves,
    clients_with_clashing_live_rooms_are_not_joined,
    who_opted_out_under_one_alias_opted_out,
    an_act_on_a_client_who_changed_conflicts,
    a_decision_on_a_client_who_changed_conflicts,
);

const HK: &str = "85291234567";
const OTHER: &str = "85290000000";

async fn a_decision_on_a_client_who_changed_conflicts(bench: &Bench) {
    let kept = bench.client(phone(HK)).await;
    let absorbed = bench.client(bsuid("HK.1")).await;
    let decides = async |id: ClientIdentityId, aliases: ClientAliases| {
        let identity = Some(known(id, aliases));
        let decision = Decision {
            identity,
            ..ignored()
        };
        bench.decides(bench.account(0).await, decision).await
    };
    assert_eq!(decides(absorbed, bsuid("HK.1")).await, CommitOutcome::Committed);
    reconciled(bench, merging(bench, kept, absorbed)).await;
    let changed = CommitOutcome::Conflict(Conflict::ClientChanged);
    assert_eq!(decides(absorbed, bsuid("HK.1")).await, changed);
    assert_eq!(decides(kept, phone(HK)).await, changed, "it was looked at before");
}

async fn everything_that_hangs_on_an_absorbed_client_moves(bench: &Bench) {
    let kept = bench.client(phone(HK)).await;
    let absorbed = bench.client(bsuid("HK.1")).await;
    let room = bench.opens("#dom123456", absorbed, 0).await;
    let here = bench.account(0).await;
    let (dom, kate) = (bench.user("#dom123456").await.id, bench.user("#kate").await.id);
    let first = bench.waits("#dom123456", kept, WaitsFor::Promotion).await;
    let second = bench.waits("#dom123456", absorbed, WaitsFor::Number).await;
    let third = bench.waits("#kate", absorbed, WaitsFor::Number).await;
    let wrote = bench.after_seconds(60);
    let writes = Decision {
        identity: Some(known(absorbed, bsuid("HK.1"))),
        ..decision(Outcome::ExtensionNotFound)
    };
    bench.decided(here, writes).await;
    bench.after_seconds(60);
    reconciled(bench, merging(bench, kept, absorbed)).await;

    let store = &bench.store;
    assert_eq!(bench.identities(&bsuid("HK.1").keys()).await, [kept]);
    let live = store.live_room(&bench.company, dom, kept).await.unwrap();
    assert_eq!(live.map(|room| room.id), Some(room.id));
    let profiles = store.profiles_of(&bench.company, Some(kept), None).await.unwrap();
    assert_eq!(
        profiles.iter().map(|one| one.id).collect::<Vec<_>>(),
        [room.profile]
    );
    let window = store
        .client_last_wrote_at(&bench.company, here, kept)
        .await
        .unwrap();
    assert_eq!(window, Some(wrote), "the later of the two");
    let waits = store.waiting_prospects(&bench.company, kept).await.unwrap();
    let waits: Vec<_> = waits.iter().map(|wait| (wait.id, wait.user)).collect();
    assert_eq!(waits, [(first, dom), (third, kate)], "once for each user");
    let none = store.waiting_prospects(&bench.company, absorbed).await.unwrap();
    assert_eq!(none, []);
    let ended = store.prospect(&bench.company, second).await.unwrap().unwrap();
    assert_eq!(
        (ended.state, ended.ended_by, ended.identity),
        (ProspectState::Joined, Some(Actor::Service), kept)
    );
    assert_eq!(store.client(&bench.company, absorbed).await.unwrap(), None);
    let facts = store
        .identify(&bench.company, &phone(HK).keys(), wrote, Timestamp::EPOCH)
        .await
        .unwrap();
    assert_eq!(facts.wrong_extensions, [wrote]);
    let records = bench.latest().await;
    assert!(
        records.iter().any(|record| record.identity == Some(absorbed)),
        "the record stays as it was written"
    );
    let again = merging(bench, kept, absorbed);
    assert_eq!(
        reconciles(bench, again).await,
        ReconcileOutcome::Stale,
        "it went up already"
    );
}

async fn clients_with_clashing_live_rooms_are_not_joined(bench: &Bench) {
    let kept = bench.client(phone(HK)).await;
    let absorbed = bench.client(bsuid("HK.1")).await;
    let first = bench.opens("#dom123456", kept, 0).await;
    let second = bench.opens("#dom123456", absorbed, 1).await;
    assert_eq!(
        reconciles(bench, merging(bench, kept, absorbed)).await,
        ReconcileOutcome::Stale
    );
    assert_eq!(
        bench.identities(&bsuid("HK.1").keys()).await,
        [absorbed],
        "nothing changed"
    );
    let ended = Reconciliation {
        ends: EndedRooms::These(vec![first.id]),
        ..merging(bench, kept, absorbed)
    };
    reconciled(bench, ended).await;
    let live = bench
        .store
        .live_room(&bench.company, second.user, kept)
        .await
        .unwrap();
    assert_eq!(live.map(|room| room.id), Some(second.id));
    // And on one number, with two users.
    let third = bench.client(phone(OTHER)).await;
    bench.opens("#kate", third, 1).await;
    let merge = Reconciliation {
        identity: IdentityRevision {
            id: kept,
            revision: 1,
        },
        ..merging(bench, kept, third)
    };
    assert_eq!(reconciles(bench, merge).await, ReconcileOutcome::Stale);
}

async fn who_opted_out_under_one_alias_opted_out(bench: &Bench) {
    let kept = bench.client(phone(HK)).await;
    let absorbed = bench.client(bsuid("HK.1")).await;
    let room = bench.opens("#dom123456", kept, 0).await;
    let since = bench.after_seconds(60);
    let wishes = Decision {
        identity: Some(bench.as_known(absorbed).await),
        opt_out: Some(OptOutChange::Out),
        ..decision(Outcome::OptedOut)
    };
    bench.decided(bench.account(PRIMARY_PLACE).await, wishes).await;
    let absorbs = Some(IdentityRevision {
        id: absorbed,
        revision: bench.revision_of(absorbed).await,
    });
    let merge = Reconciliation {
        absorbs,
        opted_out_at: Some(since),
        ..merging(bench, kept, absorbed)
    };
    assert_eq!(
        reconciles(bench, merge.clone()).await,
        ReconcileOutcome::Stale,
        "the room would live on"
    );
    let before = merging(bench, kept, absorbed);
    assert_eq!(
        reconciles(bench, before).await,
        ReconcileOutcome::Stale,
        "it was looked at before they opted out"
    );
    let ended = Reconciliation {
        ends: EndedRooms::These(vec![room.id]),
        ..merge
    };
    reconciled(bench, ended).await;
    let client = bench.store.client(&bench.company, kept).await.unwrap().unwrap();
    assert_eq!(client.opted_out_at, Some(since));
    let view = bench.store.room(&bench.company, room.id).await.unwrap().unwrap();
    assert_eq!(view.end.map(|end| end.reason), Some(CloseReason::OptedOut));
}

async fn an_act_on_a_client_who_changed_conflicts(bench: &Bench) {
    let kept = bench.client(phone(HK)).await;
    let absorbed = bench.client(bsuid("HK.1")).await;
    let user = bench.user("#kate").await.id;
    let commits = async |client: ClientIdentityId, expected_client: u64| {
        let commit = ActCommit {
            company: bench.company.clone(),
            expected_revision: bench.company().await.revision,
            expected_client,
            id: bench.mint(ActId::from_uuid),
            decided_at: bench.now(),
            origin: Origin::system(),
            act: act(user, client),
        };
        bench.store.commit_act(commit).await.unwrap()
    };
    assert_eq!(commits(kept, 0).await, ActOutcome::Committed);
    assert_eq!(commits(absorbed, 0).await, ActOutcome::Committed);
    reconciled(bench, merging(bench, kept, absorbed)).await;
    let changed = ActOutcome::Conflict(Conflict::ClientChanged);
    assert_eq!(commits(kept, 0).await, changed);
    assert_eq!(commits(absorbed, 0).await, changed);
    assert_eq!(commits(absorbed, 1).await, changed, "it went up in the other");
    assert_eq!(commits(kept, 1).await, ActOutcome::Committed);
}
