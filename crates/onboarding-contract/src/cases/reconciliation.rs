//! Changes of who a client is, one by one.

use onboarding_core::{
    Actor, AliasKind, ClientAliases, ClientIdentityId, CloseReason, DisputeId, DisputeReason, DisputeVerdict,
    EndedRooms, IdentityEventId, IdentityEventKind, IdentityRevision, NewDispute, Recipient, Reconciliation,
    RoomState, audit::Origin, ports::ReconcileOutcome,
};
use onboarding_testkit::{bsuid, phone};

use crate::{bench::Bench, list::list_cases};

list_cases!(($) reconciliation => reconciliation_contract:
    released_and_claimed_keys_change_hands,
    a_change_on_an_older_revision_is_stale,
    a_claim_of_anothers_key_is_stale_and_changes_nothing,
    rooms_end_as_the_change_says,
    what_waits_goes_to_where_the_client_is_reached_now,
    what_waits_for_a_client_who_is_not_reached_any_more_is_withdrawn,
    a_question_is_asked_once_and_settled_once,
    another_company_sees_nothing_of_it,
);

const HK: &str = "85291234567";
const OTHER: &str = "85290000000";

/// A change of the client at this revision that leaves everything as it is.
pub(super) fn change(
    bench: &Bench,
    client: ClientIdentityId,
    revision: u64,
    aliases: ClientAliases,
) -> Reconciliation {
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

pub(super) fn merging(bench: &Bench, kept: ClientIdentityId, absorbed: ClientIdentityId) -> Reconciliation {
    Reconciliation {
        kind: IdentityEventKind::Merged,
        absorbs: Some(IdentityRevision {
            id: absorbed,
            revision: 0,
        }),
        ..change(bench, kept, 0, phone(HK))
    }
}

pub(super) async fn reconciles(bench: &Bench, change: Reconciliation) -> ReconcileOutcome {
    bench
        .store
        .reconcile(&bench.company, change, bench.now())
        .await
        .unwrap()
}

pub(super) async fn reconciled(bench: &Bench, change: Reconciliation) {
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
