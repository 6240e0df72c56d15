//! Contacts that wait.

use onboarding_core::{
    Act, Actor, ClientIdentityId, Prospect, ProspectChange, ProspectId, ProspectState, WaitsFor,
    config::ConfigChange,
    ports::{ActOutcome, Conflict, ProspectFilter},
};
use onboarding_testkit::phone;

use crate::{
    bench::{Bench, HARD_TEXT, PRIMARY_PLACE, act},
    list::list_cases,
};

list_cases!(($) prospects => prospects_contract:
    a_prospect_is_read_back_as_it_began_and_as_it_ended,
    an_ended_prospect_waits_no_more_and_another_may,
    prospects_are_filtered_by_everything_that_is_asked,
    a_promoted_prospect_waits_anew_for_a_number,
);

const HK: &str = "85291234567";

async fn ended(
    bench: &Bench,
    prospect: ProspectId,
    client: ClientIdentityId,
    state: ProspectState,
) -> ActOutcome {
    let user = bench.user("#kate").await.id;
    let change = ProspectChange::Ends {
        prospect,
        state,
        by: Actor::Operator,
        room: None,
    };
    let act = Act {
        prospect: Some(change),
        ..act(user, client)
    };
    bench.acts(act, bench.now()).await
}

async fn a_prospect_is_read_back_as_it_began_and_as_it_ended(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let began = bench.after_seconds(1);
    let id = bench.waits("#dom123456", client, WaitsFor::Number).await;
    let kept = async || bench.store.prospect(&bench.company, id).await.unwrap().unwrap();
    let expected = Prospect {
        id,
        user: bench.user("#dom123456").await.id,
        identity: client,
        primary: bench.account(PRIMARY_PLACE).await,
        text: HARD_TEXT.to_owned(),
        waits_for: WaitsFor::Number,
        state: ProspectState::Waiting,
        created_at: began,
        ended_at: None,
        ended_by: None,
        room: None,
    };
    assert_eq!(kept().await, expected);
    let at = bench.after_seconds(1);
    assert_eq!(
        ended(bench, id, client, ProspectState::Rejected).await,
        ActOutcome::Committed
    );
    let expected = Prospect {
        state: ProspectState::Rejected,
        ended_at: Some(at),
        ended_by: Some(Actor::Operator),
        ..expected
    };
    assert_eq!(kept().await, expected);
    let other = bench.with_another_company().await;
    assert_eq!(other.store.prospect(&other.company, id).await.unwrap(), None);
}

async fn an_ended_prospect_waits_no_more_and_another_may(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let first = bench.waits("#dom123456", client, WaitsFor::Promotion).await;
    let waiting = async || {
        let waits = bench
            .store
            .waiting_prospects(&bench.company, client)
            .await
            .unwrap();
        waits.into_iter().map(|wait| wait.id).collect::<Vec<_>>()
    };
    assert_eq!(waiting().await, [first]);
    ended(bench, first, client, ProspectState::Expired).await;
    assert!(waiting().await.is_empty());
    let conflict = ActOutcome::Conflict(Conflict::ProspectChanged);
    assert_eq!(
        ended(bench, first, client, ProspectState::Expired).await,
        conflict
    );
    bench.after_seconds(1);
    let second = bench.waits("#kate", client, WaitsFor::Number).await;
    bench.after_seconds(1);
    let third = bench.waits("#dom123456", client, WaitsFor::Promotion).await;
    assert_eq!(waiting().await, [second, third], "the longest waiting first");
}

async fn prospects_are_filtered_by_everything_that_is_asked(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let mut all = Vec::new();
    for (extension, waits_for) in [
        ("#dom123456", WaitsFor::Promotion),
        ("#kate", WaitsFor::Number),
        ("#michael", WaitsFor::Promotion),
    ] {
        bench.after_seconds(10);
        all.push(bench.waits(extension, client, waits_for).await);
    }
    all.sort();
    let found = async |filter: ProspectFilter, limit| {
        let found = bench
            .store
            .prospects(&bench.company, filter, limit)
            .await
            .unwrap();
        found.into_iter().map(|one| one.id).collect::<Vec<_>>()
    };
    let any = ProspectFilter::default();
    assert_eq!(found(any, 9).await, all);
    assert_eq!(found(any, 2).await, all[..2]);
    let after = ProspectFilter {
        after: Some(all[0]),
        ..any
    };
    assert_eq!(found(after, 9).await, all[1..]);
    let for_number = ProspectFilter {
        waits_for: Some(WaitsFor::Number),
        ..any
    };
    let kates = found(for_number, 9).await;
    assert_eq!(kates.len(), 1);
    let kate = bench.user("#kate").await.id;
    let of_kate = ProspectFilter {
        user: Some(kate),
        ..any
    };
    assert_eq!(found(of_kate, 9).await, kates);
    let before = ProspectFilter {
        created_before: Some(bench.now()),
        ..any
    };
    assert_eq!(found(before, 9).await.len(), 2, "not the one of this moment");
    let waiting = ProspectFilter { waiting: true, ..any };
    ended(bench, kates[0], client, ProspectState::Rejected).await;
    assert_eq!(found(waiting, 9).await.len(), 2);
    assert_eq!(found(for_number, 9).await, kates, "over, and still told");
    let of_leavers = ProspectFilter {
        of_leavers: true,
        ..waiting
    };
    assert!(found(of_leavers, 9).await.is_empty());
    let leaves = ConfigChange::DeactivateUser {
        username: "michael".to_owned(),
        successor: None,
    };
    bench.apply(vec![leaves]).await;
    assert_eq!(found(of_leavers, 9).await.len(), 1);
    let other = bench.with_another_company().await;
    assert!(
        other
            .store
            .prospects(&other.company, any, 9)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn a_promoted_prospect_waits_anew_for_a_number(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let id = bench.waits("#dom123456", client, WaitsFor::Promotion).await;
    let at = bench.after_seconds(1_000);
    let user = bench.user("#dom123456").await.id;
    let act = Act {
        prospect: Some(ProspectChange::WaitsForNumber { prospect: id }),
        ..act(user, client)
    };
    assert_eq!(bench.acts(act, at).await, ActOutcome::Committed);
    let kept = bench.store.prospect(&bench.company, id).await.unwrap().unwrap();
    assert_eq!((kept.waits_for, kept.created_at), (WaitsFor::Number, at));
    assert_eq!((kept.state, kept.ended_at), (ProspectState::Waiting, None));
}
