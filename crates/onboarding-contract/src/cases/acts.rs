//! Acts: decisions that answer no message.

use onboarding_core::{
    Act, ActId, Actor, Audience, ChatRoom, ClientIdentityId, ClientProfileId, Decision, NewNotice,
    NewOutbound, NoticeId, NoticeKind, OptOutChange, OutboxState, Outcome, ProspectChange, ProspectId,
    ProspectState, Purpose, RoomState,
    audit::Origin,
    config::ConfigChange,
    ports::{ActCommit, ActOutcome, CommitOutcome, Conflict},
};
use onboarding_testkit::{phone, profile};

use crate::{
    bench::{Bench, PRIMARY_PLACE, act, closing, decision, room_with},
    list::list_cases,
};

list_cases!(($) acts => acts_contract:
    an_act_closes_and_opens_in_one_step,
    an_act_is_told_unchanged_newest_first,
    a_closed_room_frees_its_number_and_withdraws_its_messages,
    a_message_on_its_way_when_its_room_is_closed_is_not_sent_again,
    an_act_on_an_older_revision_conflicts,
    an_act_on_a_room_that_is_over_conflicts_and_changes_nothing,
    an_act_that_another_room_is_in_the_way_of_conflicts,
    nobody_who_opted_out_gets_a_message_of_an_act,
    opting_out_closes_the_rooms_and_opting_in_reverses_it,
    a_room_that_the_opting_out_does_not_know_of_conflicts,
    a_decision_ends_a_prospect_once,
    an_act_makes_a_profile_the_clients_unless_it_is_anothers,
);

const HK: &str = "85291234567";

/// Closes the room and opens one for the user with the extension, on the account at the place.
async fn passing_on(bench: &Bench, room: &ChatRoom, extension: &str, place: usize) -> (Act, ChatRoom) {
    let user = bench.user(extension).await.id;
    let account = bench.account(place).await;
    let (_, next) = bench.room(user, room.identity, account, room.primary);
    let next = ChatRoom {
        profile: room.profile,
        ..next
    };
    let invitation = NewOutbound {
        purpose: Purpose::Invitation,
        room: Some(next.id),
        ..bench.text_to(room.identity, account)
    };
    let notice = NewNotice {
        id: bench.mint(NoticeId::from_uuid),
        audience: Audience::User(user),
        kind: NoticeKind::RoomReceived,
        subject: format!("room {}", room.id),
        text: "You have a client more.".to_owned(),
    };
    let act = Act {
        closing: Some(closing(room)),
        assignment: Some((room.profile, user)),
        new_room: Some(next.clone()),
        messages: vec![invitation],
        notices: vec![notice],
        ..act(user, room.identity)
    };
    (act, next)
}

async fn live_rooms(bench: &Bench) -> Vec<ChatRoom> {
    let rooms = bench.store.latest_rooms(&bench.company, 99).await.unwrap();
    rooms.into_iter().filter(|room| room.state.is_live()).collect()
}

async fn an_act_closes_and_opens_in_one_step(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let room = bench.opens("#dom123456", client, 0).await;
    // The same user on another number, which the indexes allow only once the first room is over.
    let (act, next) = passing_on(bench, &room, "#dom123456", 1).await;
    let notices = act.notices.clone();
    let at = bench.after_seconds(5);
    assert_eq!(bench.acts(act, at).await, ActOutcome::Committed);
    assert_eq!(live_rooms(bench).await, std::slice::from_ref(&next));
    let view = bench.store.room(&bench.company, room.id).await.unwrap().unwrap();
    assert_eq!(
        (view.room.state, view.room.closed_at),
        (RoomState::Closed, Some(at))
    );
    assert_eq!(view.end, Some(closing(&room).end));
    let sent = bench.sends_one().await;
    assert_eq!((sent.item.message.room, sent.item.queued_at), (Some(next.id), at));
    let told = bench
        .store
        .notices(&bench.company, Audience::User(room.user).into(), 9)
        .await
        .unwrap();
    assert_eq!(
        told.into_iter().map(|one| one.notice).collect::<Vec<_>>(),
        notices
    );
}

async fn an_act_is_told_unchanged_newest_first(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let room = bench.opens("#dom123456", client, 0).await;
    let (first, next) = passing_on(bench, &room, "#kate", 1).await;
    let at = bench.after_seconds(5);
    bench.acts(first.clone(), at).await;
    bench.closes(&next, bench.after_seconds(5)).await;
    let acts = bench.store.latest_acts(&bench.company, 9).await.unwrap();
    assert_eq!(acts.len(), 2);
    assert_eq!((acts[0].closed_room, acts[0].new_room), (Some(next.id), None));
    let told = &acts[1];
    assert_eq!((told.closed_room, told.new_room), (Some(room.id), Some(next.id)));
    assert_eq!((told.kind, told.by, told.decided_at), (first.kind, first.by, at));
    assert_eq!((told.user, told.identity), (first.user, client));
    assert_eq!(told.trace, first.trace);
    assert_eq!(bench.store.latest_acts(&bench.company, 1).await.unwrap().len(), 1);
    let other = bench.with_another_company().await;
    assert!(
        other
            .store
            .latest_acts(&other.company, 9)
            .await
            .unwrap()
            .is_empty()
    );
}

/// A room with an invitation in the queue.
async fn with_invitation(bench: &Bench, client: ClientIdentityId) -> ChatRoom {
    let room = bench.opens("#dom123456", client, 0).await;
    let invitation = NewOutbound {
        purpose: Purpose::Invitation,
        room: Some(room.id),
        ..bench.text_to(client, room.account)
    };
    bench.queues(vec![invitation]).await;
    room
}

async fn a_closed_room_frees_its_number_and_withdraws_its_messages(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let room = with_invitation(bench, client).await;
    bench.queues_one(client, 1).await;
    bench.closes(&room, bench.now()).await;
    let sent = bench.sends().await;
    assert_eq!(sent.len(), 1, "only what does not belong to the room");
    assert_eq!(sent[0].item.message.room, None);
    let record = bench.store.room_record(&bench.company, room.id).await.unwrap();
    assert_eq!(record[0].state, OutboxState::Withdrawn.as_str());
    let backlog = bench.store.backlog().await.unwrap();
    assert_eq!((backlog.outbox, backlog.dead_letters), (1, 0));
    // The number is free for the two again.
    bench.opens("#dom123456", client, 0).await;
}

async fn a_message_on_its_way_when_its_room_is_closed_is_not_sent_again(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let room = with_invitation(bench, client).await;
    let on_its_way = bench.sends_one().await;
    bench.closes(&room, bench.now()).await;
    bench.after_seconds(3_600);
    assert!(bench.sends().await.is_empty());
    let later = bench
        .store
        .settle(
            &on_its_way,
            onboarding_core::ports::Settlement::RetryAt {
                due: bench.now(),
                counts: true,
                reason: "no".to_owned(),
            },
            bench.now(),
        )
        .await
        .unwrap();
    assert_eq!(later, onboarding_core::ports::SettleOutcome::LeaseLost);
    assert!(bench.sends().await.is_empty());
}

async fn an_act_on_an_older_revision_conflicts(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let room = bench.opens("#dom123456", client, 0).await;
    let revision = bench.company().await.revision;
    bench.apply(Vec::new()).await;
    let commit = ActCommit {
        company: bench.company.clone(),
        expected_revision: revision,
        expected_client: 0,
        id: bench.mint(ActId::from_uuid),
        decided_at: bench.now(),
        origin: Origin::system(),
        act: Act {
            closing: Some(closing(&room)),
            ..act(room.user, client)
        },
    };
    let outcome = bench.store.commit_act(commit).await.unwrap();
    assert_eq!(outcome, ActOutcome::Conflict(Conflict::CompanyChanged));
    assert_eq!(live_rooms(bench).await, [room]);
}

async fn an_act_on_a_room_that_is_over_conflicts_and_changes_nothing(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let room = bench.opens("#dom123456", client, 0).await;
    bench.closes(&room, bench.now()).await;
    let (again, _) = passing_on(bench, &room, "#kate", 1).await;
    let outcome = bench.acts(again, bench.now()).await;
    assert_eq!(outcome, ActOutcome::Conflict(Conflict::RoomChanged));
    assert!(live_rooms(bench).await.is_empty());
    assert_eq!(bench.store.latest_acts(&bench.company, 9).await.unwrap().len(), 1);
    assert!(bench.sends().await.is_empty());
}

async fn an_act_that_another_room_is_in_the_way_of_conflicts(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let room = bench.opens("#dom123456", client, 0).await;
    bench.opens("#kate", client, 1).await;
    let (to_kate, _) = passing_on(bench, &room, "#kate", 2).await;
    let outcome = bench.acts(to_kate, bench.now()).await;
    assert_eq!(outcome, ActOutcome::Conflict(Conflict::RoomExists));
    let (to_number, _) = passing_on(bench, &room, "#michael", 1).await;
    let outcome = bench.acts(to_number, bench.now()).await;
    assert_eq!(outcome, ActOutcome::Conflict(Conflict::NumberTaken));
    assert_eq!(live_rooms(bench).await.len(), 2, "the room to close lives on");
}

/// What the client says of being written to.
async fn opts(
    bench: &Bench,
    client: ClientIdentityId,
    change: OptOutChange,
    rooms: &[&ChatRoom],
) -> CommitOutcome {
    let outcome = match change {
        OptOutChange::Out => Outcome::OptedOut,
        OptOutChange::In => Outcome::OptedIn,
    };
    let decision = Decision {
        identity: Some(bench.as_known(client).await),
        opt_out: Some(change),
        closings: rooms.iter().map(|room| closing(room)).collect(),
        ..decision(outcome)
    };
    bench.decides(bench.account(PRIMARY_PLACE).await, decision).await
}

async fn nobody_who_opted_out_gets_a_message_of_an_act(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let another = bench.client(phone("85290000000")).await;
    let room = bench.opens("#dom123456", another, 0).await;
    assert_eq!(
        opts(bench, client, OptOutChange::Out, &[]).await,
        CommitOutcome::Committed
    );
    let message = bench.text_to(client, bench.account(1).await);
    let user = bench.user("#kate").await.id;
    let with = |messages| Act {
        messages,
        ..act(user, client)
    };
    let outcome = bench.acts(with(vec![message.clone()]), bench.now()).await;
    assert_eq!(outcome, ActOutcome::Conflict(Conflict::OptedOut));
    assert_eq!(
        bench.acts(with(Vec::new()), bench.now()).await,
        ActOutcome::Committed
    );
    let (elsewhere, _) = passing_on(bench, &room, "#kate", 1).await;
    assert_eq!(bench.acts(elsewhere, bench.now()).await, ActOutcome::Committed);
    opts(bench, client, OptOutChange::In, &[]).await;
    assert_eq!(
        bench.acts(with(vec![message]), bench.now()).await,
        ActOutcome::Committed
    );
}

async fn opting_out_closes_the_rooms_and_opting_in_reverses_it(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let first = with_invitation(bench, client).await;
    let second = bench.opens("#kate", client, 1).await;
    let since = async || {
        let keys = phone(HK).keys();
        let facts = bench
            .store
            .identify(&bench.company, &keys, bench.now(), bench.now());
        let client = bench.store.client(&bench.company, client).await.unwrap().unwrap();
        let known = facts.await.unwrap().opted_out_at();
        assert_eq!(known, client.opted_out_at);
        known
    };
    assert_eq!(since().await, None);
    let at = bench.after_seconds(3);
    let outcome = opts(bench, client, OptOutChange::Out, &[&first, &second]).await;
    assert_eq!(outcome, CommitOutcome::Committed);
    assert_eq!(since().await, Some(at));
    assert!(live_rooms(bench).await.is_empty());
    assert!(bench.sends().await.is_empty(), "the invitation is withdrawn");
    opts(bench, client, OptOutChange::In, &[]).await;
    assert_eq!(since().await, None);
}

async fn a_room_that_the_opting_out_does_not_know_of_conflicts(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let first = bench.opens("#dom123456", client, 0).await;
    let second = bench.opens("#kate", client, 1).await;
    let conflict = CommitOutcome::Conflict(Conflict::RoomChanged);
    assert_eq!(opts(bench, client, OptOutChange::Out, &[&first]).await, conflict);
    assert_eq!(live_rooms(bench).await.len(), 2);
    bench.closes(&second, bench.now()).await;
    assert_eq!(
        opts(bench, client, OptOutChange::Out, &[&first, &second]).await,
        conflict,
        "one of them is over already"
    );
}

async fn a_decision_ends_a_prospect_once(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let prospect = bench
        .waits("#dom123456", client, onboarding_core::WaitsFor::Promotion)
        .await;
    let primary = bench.account(PRIMARY_PLACE).await;
    let user = bench.user("#dom123456").await.id;
    let (profile, room) = bench.room(user, client, bench.account(0).await, primary);
    let ends = |prospect: ProspectId| ProspectChange::Ends {
        prospect,
        state: ProspectState::Promoted,
        by: Actor::Client,
        room: Some(room.id),
    };
    let unknown = Decision {
        prospect: Some(ends(bench.mint(ProspectId::from_uuid))),
        ..room_with(profile.clone(), room.clone())
    };
    let conflict = CommitOutcome::Conflict(Conflict::ProspectChanged);
    assert_eq!(bench.decides(primary, unknown).await, conflict);
    let decision = Decision {
        prospect: Some(ends(prospect)),
        ..room_with(profile, room.clone())
    };
    bench.decided(primary, decision).await;
    let kept = bench
        .store
        .prospect(&bench.company, prospect)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((kept.state, kept.room), (ProspectState::Promoted, Some(room.id)));
    assert_eq!(
        (kept.ended_at, kept.ended_by),
        (Some(bench.now()), Some(Actor::Client))
    );
    let again = Act {
        prospect: Some(ends(prospect)),
        ..act(user, client)
    };
    let outcome = bench.acts(again, bench.now()).await;
    assert_eq!(outcome, ActOutcome::Conflict(Conflict::ProspectChanged));
}

async fn an_act_makes_a_profile_the_clients_unless_it_is_anothers(bench: &Bench) {
    let new_id = bench.mint(ClientProfileId::from_uuid);
    let profile = profile("c-1", "hk-private", "+85291234567");
    bench
        .apply(vec![ConfigChange::PutClientProfile { new_id, profile }])
        .await;
    let client = bench.client(phone(HK)).await;
    let another = bench.client(phone("85290000000")).await;
    let user = bench.user("#dom123456").await.id;
    let binds = async |client| {
        let act = Act {
            binds: Some(new_id),
            ..act(user, client)
        };
        bench.acts(act, bench.now()).await
    };
    let holder = async || {
        let found = bench.store.profile(&bench.company, new_id).await.unwrap();
        found.expect("it was put").identity
    };
    assert_eq!(holder().await, None);
    assert_eq!(binds(client).await, ActOutcome::Committed);
    assert_eq!(holder().await, Some(client));
    assert_eq!(binds(client).await, ActOutcome::Committed, "theirs already");
    assert_eq!(
        binds(another).await,
        ActOutcome::Conflict(Conflict::ClientChanged)
    );
    assert_eq!(holder().await, Some(client));
    assert_eq!(bench.store.latest_acts(&bench.company, 9).await.unwrap().len(), 2);
}
