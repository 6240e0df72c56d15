//! Changes of who a client is, one by one.

use onboarding_core::{
    ActId, Actor, AliasKind, ClientAliases, ClientIdentityId, CloseReason, Decision, DisputeId,
    DisputeReason, DisputeVerdict, EndedRooms, IdentityEventId, IdentityEventKind, IdentityRevision,
    NewDispute, OptOutChange, Outcome, ProspectState, Recipient, Reconciliation, RoomState, Timestamp,
    WaitsFor,
    audit::Origin,
    ports::{ActCommit, ActOutcome, CommitOutcome, Conflict, ReconcileOutcome},
};
use onboarding_testkit::{bsuid, phone};

use crate::{
    bench::{Bench, PRIMARY_PLACE, act, decision, ignored, known},
    list::list_cases,
};

list_cases!(($) reconciliation => reconciliation_contract:
    released_and_claimed_keys_change_hands,
    a_change_on_an_older_revision_is_stale,
    a_claim_of_anothers_key_is_stale_and_changes_nothing,
    a_decision_on_a_client_who_changed_conflicts,
    rooms_end_as_the_change_says,
    everything_that_hangs_on_an_absorbed_client_moves,
    clients_with_clashing_live_rooms_are_not_joined,
    what_waits_goes_to_where_the_client_is_reached_now,
    what_waits_for_a_client_who_is_not_reached_any_more_is_withdrawn,
    who_opted_out_under_one_alias_opted_out,
    an_act_on_a_client_who_changed_conflicts,
    a_question_is_asked_once_and_settled_once,
    another_company_sees_nothing_of_it,
);

const HK: &str = "85291234567";
const OTHER: &str = "85290000000";

/// A change of the client at this revision that leaves everything as it is.
fn change(bench: &Bench, client: ClientIdentityId, revision: u64, aliases: ClientAliases) -> Reconciliation {
    Reconciliation {
        id: bench.mint(IdentityEventId::from_uuid),
        kind: IdentityEventKind::Rekeyed,
        identity: IdentityRevision { id: client, revision },
        aliases,
        claims: Vec::new(),
        releases: Vec::new(),
        phone_since: None,
        absorbs: None,
        ends: EndedRooms::None,
        opted_out_at: None,
        settles: None,
        finding: "A test says so. \u{0}".to_owned(),
        by: Origin::flow(),
    }
}

fn merging(bench: &Bench, kept: ClientIdentityId, absorbed: ClientIdentityId) -> Reconciliation {
    Reconciliation {
        kind: IdentityEventKind::Merged,
        absorbs: Some(IdentityRevision {
            id: absorbed,
            revision: 0,
        }),
        ..change(bench, kept, 0, phone(HK))
    }
}

async fn reconciles(bench: &Bench, change: Reconciliation) -> ReconcileOutcome {
    bench
        .store
        .reconcile(&bench.company, change, bench.now())
        .await
        .unwrap()
}

async fn reconciled(bench: &Bench, change: Reconciliation) {
    assert_eq!(reconciles(bench, change).await, ReconcileOutcome::Reconciled);
}

async fn released_and_claimed_keys_change_hands(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let at = bench.after_seconds(60);
    let moved = Reconciliation {
        claims: phone(OTHER).keys(),
        releases: phone(HK).keys(),
        phone_since: Some(at),
        ..change(bench, client, 0, phone(OTHER))
    };
    reconciled(bench, moved).await;
    assert!(bench.identities(&phone(HK).keys()).await.is_empty());
    let both = [phone(OTHER).keys(), phone(HK).keys()].concat();
    let facts = bench.store.identify(&bench.company, &both, at, at).await.unwrap();
    let known = facts.identity.expect("by the new phone");
    assert_eq!(
        (known.id, known.aliases, known.revision),
        (client, phone(OTHER), 1)
    );
    assert_eq!(
        (known.found_by, known.gave_up),
        (phone(OTHER).keys(), phone(HK).keys())
    );
    assert_eq!(
        (known.phone_since, facts.phone_left_at),
        (Some(at), None),
        "they gave it up themselves"
    );
    let facts = bench
        .store
        .identify(&bench.company, &phone(HK).keys(), at, at)
        .await
        .unwrap();
    assert_eq!((facts.identity, facts.phone_left_at), (None, Some(at)));
    let back = Reconciliation {
        claims: phone(HK).keys(),
        releases: phone(OTHER).keys(),
        ..change(bench, client, 1, phone(HK))
    };
    reconciled(bench, back).await;
    let facts = bench
        .store
        .identify(&bench.company, &phone(HK).keys(), at, at)
        .await
        .unwrap();
    assert_eq!(
        facts.identity.map(|known| known.gave_up),
        Some(Vec::new()),
        "it is theirs again"
    );
    let history = bench.store.identity_history(&bench.company, 1).await.unwrap();
    assert_eq!(
        (history[0].kind, history[0].identity),
        (IdentityEventKind::Rekeyed, client)
    );
}

async fn a_change_on_an_older_revision_is_stale(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    reconciled(bench, change(bench, client, 0, phone(HK))).await;
    assert_eq!(
        reconciles(bench, change(bench, client, 0, phone(OTHER))).await,
        ReconcileOutcome::Stale
    );
    assert_eq!(
        reconciles(bench, change(bench, client, 2, phone(OTHER))).await,
        ReconcileOutcome::Stale
    );
    let nobody = bench.mint(ClientIdentityId::from_uuid);
    assert_eq!(
        reconciles(bench, change(bench, nobody, 0, phone(OTHER))).await,
        ReconcileOutcome::Stale
    );
    assert_eq!(
        bench
            .store
            .identity_history(&bench.company, 9)
            .await
            .unwrap()
            .len(),
        1
    );
}

async fn a_claim_of_anothers_key_is_stale_and_changes_nothing(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let other = bench.client(phone(OTHER)).await;
    let claim = Reconciliation {
        claims: phone(OTHER).keys(),
        releases: phone(HK).keys(),
        ..change(bench, client, 0, phone(OTHER))
    };
    assert_eq!(reconciles(bench, claim).await, ReconcileOutcome::Stale);
    assert_eq!(bench.identities(&phone(HK).keys()).await, [client]);
    assert_eq!(bench.identities(&phone(OTHER).keys()).await, [other]);
}

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

async fn rooms_end_as_the_change_says(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let first = bench.opens("#dom123456", client, 0).await;
    let second = bench.opens("#kate", client, 1).await;
    let bystander = bench.client(phone(OTHER)).await;
    bench.opens("#kate", bystander, 1).await;
    let at = bench.after_seconds(60);
    let states = async || {
        let rooms = bench.store.latest_rooms(&bench.company, 9).await.unwrap();
        let mut live: Vec<_> = rooms
            .iter()
            .filter(|room| room.state.is_live())
            .map(|room| room.id)
            .collect();
        live.retain(|id| [first.id, second.id].contains(id));
        (
            live,
            rooms
                .iter()
                .filter(|room| room.state == RoomState::Closed && room.closed_at == Some(at))
                .count(),
        )
    };
    let these = Reconciliation {
        ends: EndedRooms::These(vec![first.id]),
        ..change(bench, client, 0, phone(HK))
    };
    bench.queues_in(&first).await;
    bench.queues_in(&second).await;
    reconciled(bench, these).await;
    assert_eq!(states().await, (vec![second.id], 1));
    let view = bench.store.room(&bench.company, first.id).await.unwrap().unwrap();
    let end = view.end.unwrap();
    assert_eq!(
        (end.by, end.reason),
        (Actor::Service, CloseReason::IdentityChanged)
    );
    let left = bench.sends_at_most(9).await;
    let rooms: Vec<_> = left.iter().map(|one| one.item.message.room).collect();
    assert_eq!(rooms, [Some(second.id)], "what waited in its name is withdrawn");
    let all = Reconciliation {
        ends: EndedRooms::All,
        ..change(bench, client, 1, phone(HK))
    };
    reconciled(bench, all).await;
    assert_eq!(states().await, (Vec::new(), 2));
    let live = bench.store.latest_rooms(&bench.company, 9).await.unwrap();
    assert_eq!(
        live.iter().filter(|room| room.state.is_live()).count(),
        1,
        "the bystander's"
    );
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

async fn what_waits_goes_to_where_the_client_is_reached_now(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let bystander = bench.client(phone(OTHER)).await;
    let sent = bench.queues_one(client, 0).await;
    let message = bench.sends_one().await;
    bench.accepted(&message).await;
    bench.queues_one(client, 1).await;
    bench.queues_one(bystander, 2).await;
    let hidden = Reconciliation {
        releases: phone(HK).keys(),
        claims: bsuid("HK.1").keys(),
        ..change(bench, client, 0, bsuid("HK.1"))
    };
    reconciled(bench, hidden).await;
    let waiting = bench.sends_at_most(9).await;
    assert!(waiting.iter().all(|one| one.item.message.id != sent));
    let to = |who| {
        let mut theirs = waiting.iter().filter(|one| one.item.message.identity == who);
        theirs.next().map(|one| one.item.message.recipient.clone())
    };
    assert_eq!(to(client), Recipient::of(&bsuid("HK.1")));
    assert_ne!(to(bystander), to(client));
}

async fn what_waits_for_a_client_who_is_not_reached_any_more_is_withdrawn(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let bystander = bench.client(phone(OTHER)).await;
    bench.queues_one(client, 0).await;
    bench.queues_one(bystander, 1).await;
    let gone = Reconciliation {
        releases: phone(HK).keys(),
        ..change(bench, client, 0, ClientAliases::default())
    };
    reconciled(bench, gone).await;
    let left = bench.sends_at_most(9).await;
    let whose: Vec<_> = left.iter().map(|one| one.item.message.identity).collect();
    assert_eq!(whose, [bystander]);
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

async fn a_question_is_asked_once_and_settled_once(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let other = bench.client(bsuid("HK.1")).await;
    bench.opens("#dom123456", other, 0).await;
    let question = || NewDispute {
        id: bench.mint(DisputeId::from_uuid),
        identity: client,
        other,
        alias: (AliasKind::Bsuid, "HK.1".to_owned()),
        reason: DisputeReason::TwoIds,
    };
    let first = question();
    let at = bench.now();
    bench
        .store
        .dispute(&bench.company, first.clone(), at)
        .await
        .unwrap();
    bench
        .store
        .dispute(&bench.company, question(), bench.after_seconds(9))
        .await
        .unwrap();
    let open = bench.store.disputes(&bench.company, 9).await.unwrap();
    assert_eq!(
        (open.len(), &open[0].question, open[0].noticed_at),
        (1, &first, at)
    );
    assert_eq!(
        (open[0].identity.aliases.clone(), open[0].other.rooms.len()),
        (phone(HK), 1)
    );
    assert_eq!(
        bench
            .store
            .open_dispute(&bench.company, first.id)
            .await
            .unwrap()
            .as_ref(),
        open.first()
    );
    let both = [phone(HK).keys(), bsuid("HK.1").keys()].concat();
    let facts = bench.store.identify(&bench.company, &both, at, at).await.unwrap();
    assert_eq!(facts.identity.map(|known| known.disputes), Some(vec![other]));
    assert_eq!(facts.others[0].disputes, [client]);
    assert_eq!(facts.others[0].rooms.len(), 1);
    let settled = Reconciliation {
        settles: Some((first.id, DisputeVerdict::Different)),
        ..change(bench, client, 0, phone(HK))
    };
    reconciled(bench, settled.clone()).await;
    assert!(bench.store.disputes(&bench.company, 9).await.unwrap().is_empty());
    let again = Reconciliation {
        identity: IdentityRevision {
            id: client,
            revision: 1,
        },
        ..settled
    };
    assert_eq!(reconciles(bench, again).await, ReconcileOutcome::Stale);
    // What one of the two goes up in settles the rest.
    bench
        .store
        .dispute(&bench.company, question(), bench.now())
        .await
        .unwrap();
    let merge = Reconciliation {
        identity: IdentityRevision {
            id: client,
            revision: 1,
        },
        ..merging(bench, client, other)
    };
    reconciled(bench, merge).await;
    assert!(bench.store.disputes(&bench.company, 9).await.unwrap().is_empty());
}

async fn another_company_sees_nothing_of_it(bench: &Bench) {
    let elsewhere = bench.with_another_company().await;
    let client = bench.client(phone(HK)).await;
    let moved = Reconciliation {
        releases: phone(HK).keys(),
        ..change(bench, client, 0, bsuid("HK.1"))
    };
    let foreign = elsewhere
        .store
        .reconcile(&elsewhere.company, moved.clone(), bench.now())
        .await
        .unwrap();
    assert_eq!(foreign, ReconcileOutcome::Stale);
    reconciled(bench, moved).await;
    let at = bench.now();
    let facts = elsewhere
        .store
        .identify(&elsewhere.company, &phone(HK).keys(), at, at)
        .await
        .unwrap();
    assert_eq!(facts.phone_left_at, None);
    assert!(
        elsewhere
            .store
            .identity_history(&elsewhere.company, 9)
            .await
            .unwrap()
            .is_empty()
    );
}
