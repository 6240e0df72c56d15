//! Clients whose aliases come, go and turn out to be one person's, through the whole service.

use std::time::Duration;

use onboarding_core::{
    Bsuid, ClientAliases, DisputeReason, DisputeVerdict, IdentityEventKind, IdentityUpdate, Recipient,
    RoomState, audit::Origin, config::ConfigChange, service::VerdictOutcome,
};
use onboarding_testkit::{PRIMARY, SECONDARIES, TestService, acme, bsuid, phone, profile};

use crate::{bench::Bench, list::list_cases};

list_cases!(($) identity => identity_contract:
    a_client_without_a_phone_is_onboarded_and_answered_by_id,
    a_client_who_changes_the_number_keeps_the_room,
    a_change_that_is_told_again_or_late_changes_nothing,
    a_number_that_was_given_to_somebody_else_is_a_new_person,
    who_gets_a_number_that_somebody_gave_up_sees_nothing_of_theirs,
    a_phone_and_an_id_that_turn_out_to_be_one_client_keep_their_rooms,
    records_whose_rooms_clash_wait_for_a_person_who_may_join_them,
    a_person_may_say_that_they_are_two,
    a_client_who_moves_to_a_phone_in_use_waits_for_a_person,
    other_aliases_do_not_reset_the_count_of_wrong_extensions,
    a_profile_found_by_phone_is_the_clients_from_then_on,
    a_profile_with_another_form_of_the_phone_is_found,
);

const OLD: &str = "85291234567";
const NEW: &str = "85298765432";

fn known_as(wa_id: &str, id: &str) -> ClientAliases {
    ClientAliases {
        bsuid: Bsuid::from_whatsapp(id),
        ..phone(wa_id)
    }
}

/// The service on the store of the case, and a way to write to the primary.
struct Story<'a> {
    bench: &'a Bench,
    service: TestService,
}

impl<'a> Story<'a> {
    async fn on(bench: &'a Bench) -> Self {
        let service = TestService::on(bench.store.clone(), acme()).await;
        Self { bench, service }
    }

    /// Somebody writes to the primary; gives the outcome.
    async fn writes(&self, who: ClientAliases, words: &str) -> String {
        self.service.clock.advance(Duration::from_secs(90));
        self.service.client_known_as(who).sends(PRIMARY, words).await;
        self.service.pump().await;
        self.service.outcomes().await.pop().expect("an outcome")
    }

    async fn changes(&self, previous: ClientAliases, current: ClientAliases) {
        self.service.clock.advance(Duration::from_secs(90));
        self.service
            .changes(PRIMARY, IdentityUpdate { previous, current })
            .await;
        self.service.pump().await;
    }

    async fn live_rooms(&self) -> usize {
        let rooms = self
            .bench
            .store
            .latest_rooms(&self.bench.company, 99)
            .await
            .unwrap();
        rooms.iter().filter(|room| room.state.is_live()).count()
    }

    async fn kinds(&self) -> Vec<IdentityEventKind> {
        let history = self
            .bench
            .store
            .identity_history(&self.bench.company, 99)
            .await
            .unwrap();
        history.iter().rev().map(|event| event.kind).collect()
    }

    /// Where the last message went.
    fn last_recipient(&self) -> Recipient {
        self.service.messenger.sent().pop().expect("a message").to
    }

    /// Nothing is left to do, and nothing is wrong.
    async fn is_sound(&self) {
        self.service.assert_idle().await;
        assert_eq!(self.bench.store.violations().await.unwrap(), []);
    }
}

async fn a_client_without_a_phone_is_onboarded_and_answered_by_id(bench: &Bench) {
    let story = Story::on(bench).await;
    assert_eq!(story.writes(bsuid("HK.17"), "#dom123456").await, "onboarded");
    let to: Vec<_> = story
        .service
        .messenger
        .sent()
        .into_iter()
        .map(|one| one.to)
        .collect();
    let id = Recipient::Bsuid(Bsuid::from_whatsapp("HK.17").unwrap());
    assert_eq!(to, [id.clone(), id]);
    assert_eq!(story.writes(bsuid("HK.17"), "#dom123456").await, "reminded");
    assert_eq!(
        story.writes(bsuid("HK.18"), "#dom123456").await,
        "onboarded",
        "somebody else"
    );
    story.is_sound().await;
}

async fn a_client_who_changes_the_number_keeps_the_room(bench: &Bench) {
    let story = Story::on(bench).await;
    assert_eq!(
        story.writes(known_as(OLD, "HK.1"), "#dom123456").await,
        "onboarded"
    );
    story.changes(known_as(OLD, "HK.1"), known_as(NEW, "HK.2")).await;
    assert_eq!(story.kinds().await, [IdentityEventKind::Rekeyed]);
    assert_eq!(
        story.writes(known_as(NEW, "HK.2"), "#dom123456").await,
        "reminded"
    );
    assert_eq!(story.last_recipient(), Recipient::of(&phone(NEW)).unwrap());
    assert_eq!(story.live_rooms().await, 1);
    story.is_sound().await;
}

async fn a_change_that_is_told_again_or_late_changes_nothing(bench: &Bench) {
    let story = Story::on(bench).await;
    story.writes(known_as(OLD, "HK.1"), "#dom123456").await;
    story.changes(known_as(OLD, "HK.1"), known_as(NEW, "HK.2")).await;
    story
        .changes(known_as(NEW, "HK.2"), known_as("85290000003", "HK.3"))
        .await;
    let before = story.kinds().await;
    story.changes(known_as(OLD, "HK.1"), known_as(NEW, "HK.2")).await;
    story
        .changes(known_as(NEW, "HK.2"), known_as("85290000003", "HK.3"))
        .await;
    story
        .changes(known_as("85290000009", "HK.9"), known_as("85290000010", "HK.10"))
        .await;
    // A message from before the change that was under way for long.
    assert_eq!(
        story.writes(known_as(OLD, "HK.1"), "#dom123456").await,
        "reminded"
    );
    assert_eq!(story.kinds().await, before);
    assert_eq!(
        story.last_recipient(),
        Recipient::of(&phone("85290000003")).unwrap()
    );
    story.is_sound().await;
}

async fn a_number_that_was_given_to_somebody_else_is_a_new_person(bench: &Bench) {
    let story = Story::on(bench).await;
    let put = ConfigChange::PutClientProfile {
        new_id: bench.mint(onboarding_core::ClientProfileId::from_uuid),
        profile: profile("c-1", "hk-private", &format!("+{OLD}")),
    };
    bench.apply(vec![put]).await;
    assert_eq!(
        story.writes(known_as(OLD, "HK.1"), "#dom123456").await,
        "onboarded"
    );
    let first = bench
        .store
        .latest_rooms(&bench.company, 1)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(
        story.writes(known_as(OLD, "HK.2"), "#dom123456").await,
        "onboarded"
    );
    assert_eq!(story.kinds().await, [IdentityEventKind::Displaced]);
    let rooms = bench.store.latest_rooms(&bench.company, 9).await.unwrap();
    let [second, before] = rooms.as_slice() else {
        panic!("{rooms:?}");
    };
    assert_eq!((before.id, before.state), (first.id, RoomState::Closed));
    assert_ne!(second.identity, before.identity);
    assert_ne!(
        second.profile, before.profile,
        "the profile of the one before is not shown"
    );
    // The one before is still there, by the id.
    assert_eq!(story.writes(bsuid("HK.1"), "#michael").await, "onboarded");
    assert_eq!(story.last_recipient(), Recipient::of(&bsuid("HK.1")).unwrap());
    story.is_sound().await;
}

async fn who_gets_a_number_that_somebody_gave_up_sees_nothing_of_theirs(bench: &Bench) {
    let story = Story::on(bench).await;
    story.writes(known_as(OLD, "HK.1"), "hello").await;
    let put = ConfigChange::PutClientProfile {
        new_id: bench.mint(onboarding_core::ClientProfileId::from_uuid),
        profile: profile("c-1", "hk-private", &format!("+{OLD}")),
    };
    bench.apply(vec![put]).await;
    story.changes(known_as(OLD, "HK.1"), bsuid("HK.2")).await;
    assert_eq!(
        story.writes(known_as(OLD, "HK.3"), "#dom123456").await,
        "onboarded"
    );
    let room = bench
        .store
        .latest_rooms(&bench.company, 1)
        .await
        .unwrap()
        .remove(0);
    let profiles = bench
        .store
        .profiles_of(&bench.company, Some(room.identity), None)
        .await
        .unwrap();
    assert_eq!(profiles.len(), 1);
    assert_eq!(
        profiles[0].key, None,
        "the profile that was recorded for the one before is left alone"
    );
    story.is_sound().await;
}

async fn a_phone_and_an_id_that_turn_out_to_be_one_client_keep_their_rooms(bench: &Bench) {
    let story = Story::on(bench).await;
    assert_eq!(story.writes(bsuid("HK.1"), "#dom123456").await, "onboarded");
    let first = bench
        .store
        .latest_rooms(&bench.company, 1)
        .await
        .unwrap()
        .remove(0);
    // Another number for the other user: the two must not meet on one.
    let drains = |number: &str| {
        let mut config = acme();
        config.pools[0].draining = vec![onboarding_testkit::number(number)];
        ConfigChange::PutPool(config.pools.remove(0))
    };
    let used = bench
        .company()
        .await
        .account(first.account)
        .unwrap()
        .phone_number
        .to_string();
    bench.apply(vec![drains(&used)]).await;
    assert_eq!(story.writes(phone(OLD), "#kate").await, "onboarded");
    assert_eq!(story.writes(known_as(OLD, "HK.1"), "#kate").await, "reminded");
    assert_eq!(story.kinds().await, [IdentityEventKind::Merged]);
    assert_eq!(story.writes(phone(OLD), "#dom123456").await, "reminded");
    assert_eq!(story.writes(bsuid("HK.1"), "#kate").await, "reminded");
    assert_eq!(story.live_rooms().await, 2);
    story.is_sound().await;
}

/// Two records, each with a live room with Dom.
async fn clashing(story: &Story<'_>) {
    assert_eq!(story.writes(bsuid("HK.1"), "#dom123456").await, "onboarded");
    assert_eq!(story.writes(phone(OLD), "#dom123456").await, "onboarded");
    assert_eq!(
        story.writes(known_as(OLD, "HK.1"), "#dom123456").await,
        "reminded"
    );
    assert_eq!(
        story.last_recipient(),
        Recipient::of(&bsuid("HK.1")).unwrap(),
        "the stronger alias"
    );
    assert_eq!(
        story.writes(known_as(OLD, "HK.1"), "#dom123456").await,
        "reminded"
    );
    assert_eq!((story.kinds().await.len(), story.live_rooms().await), (0, 2));
}

async fn records_whose_rooms_clash_wait_for_a_person_who_may_join_them(bench: &Bench) {
    let story = Story::on(bench).await;
    clashing(&story).await;
    let open = bench.store.disputes(&bench.company, 9).await.unwrap();
    let [dispute] = open.as_slice() else {
        panic!("asked once: {open:?}");
    };
    assert_eq!(dispute.question.reason, DisputeReason::RoomsClash);
    let (verdicts, id) = (story.service.verdicts(), dispute.question.id);
    let settled = verdicts
        .settle(
            &bench.company,
            id,
            DisputeVerdict::Same,
            &Origin::operator("root"),
        )
        .await
        .unwrap();
    assert_eq!(settled, VerdictOutcome::Settled);
    let again = verdicts
        .settle(
            &bench.company,
            id,
            DisputeVerdict::Same,
            &Origin::operator("root"),
        )
        .await
        .unwrap();
    assert_eq!(again, VerdictOutcome::NotOpen);
    assert!(bench.store.disputes(&bench.company, 9).await.unwrap().is_empty());
    assert_eq!(story.kinds().await, [IdentityEventKind::Merged]);
    assert_eq!(
        story.live_rooms().await,
        1,
        "the second room with the same user is over"
    );
    assert_eq!(
        story.writes(known_as(OLD, "HK.1"), "#dom123456").await,
        "reminded"
    );
    assert_eq!(story.last_recipient(), Recipient::of(&phone(OLD)).unwrap());
    story.is_sound().await;
}

async fn a_person_may_say_that_they_are_two(bench: &Bench) {
    let story = Story::on(bench).await;
    clashing(&story).await;
    let id = bench.store.disputes(&bench.company, 9).await.unwrap()[0]
        .question
        .id;
    let verdicts = story.service.verdicts();
    verdicts
        .settle(
            &bench.company,
            id,
            DisputeVerdict::Different,
            &Origin::operator("root"),
        )
        .await
        .unwrap();
    assert_eq!(story.kinds().await, [IdentityEventKind::Displaced]);
    assert_eq!(story.live_rooms().await, 1);
    assert_eq!(
        story.writes(known_as(OLD, "HK.1"), "#dom123456").await,
        "reminded"
    );
    assert_eq!(
        story.last_recipient(),
        Recipient::of(&phone(OLD)).unwrap(),
        "the phone is theirs"
    );
    assert!(bench.store.disputes(&bench.company, 9).await.unwrap().is_empty());
    story.is_sound().await;
}

async fn a_client_who_moves_to_a_phone_in_use_waits_for_a_person(bench: &Bench) {
    let story = Story::on(bench).await;
    assert_eq!(
        story.writes(known_as(OLD, "HK.1"), "#dom123456").await,
        "onboarded"
    );
    assert_eq!(story.writes(phone(NEW), "#kate").await, "onboarded");
    story.changes(known_as(OLD, "HK.1"), known_as(NEW, "HK.2")).await;
    let open = bench.store.disputes(&bench.company, 9).await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].question.reason, DisputeReason::PhoneInUse);
    assert_eq!(
        story.writes(known_as(NEW, "HK.2"), "#dom123456").await,
        "reminded"
    );
    assert_eq!(
        story.last_recipient(),
        Recipient::of(&bsuid("HK.2")).unwrap(),
        "not to a phone in question"
    );
    assert_eq!(story.live_rooms().await, 2);
    story.is_sound().await;
}

async fn other_aliases_do_not_reset_the_count_of_wrong_extensions(bench: &Bench) {
    let story = Story::on(bench).await;
    for guess in ["#a1", "#a2", "#a3"] {
        assert_eq!(story.writes(phone(OLD), guess).await, "extension_not_found");
    }
    for guess in ["#a4", "#a5"] {
        assert_eq!(story.writes(bsuid("HK.1"), guess).await, "extension_not_found");
    }
    assert_eq!(
        story.writes(known_as(OLD, "HK.1"), "#a6").await,
        "extension_not_found"
    );
    assert_eq!(story.kinds().await, [IdentityEventKind::Merged]);
    story.changes(known_as(OLD, "HK.1"), known_as(NEW, "HK.2")).await;
    assert_eq!(
        story.writes(known_as(NEW, "HK.2"), "#dom123456").await,
        "guessing_locked"
    );
}

async fn a_profile_found_by_phone_is_the_clients_from_then_on(bench: &Bench) {
    let story = Story::on(bench).await;
    let put = |number: &str| ConfigChange::PutClientProfile {
        new_id: bench.mint(onboarding_core::ClientProfileId::from_uuid),
        profile: profile("c-1", "hk-private", number),
    };
    bench.apply(vec![put(&format!("+{OLD}"))]).await;
    assert_eq!(
        story.writes(known_as(OLD, "HK.1"), "#dom123456").await,
        "onboarded"
    );
    let holder = async || {
        let found = bench
            .store
            .profiles_of(&bench.company, None, Some(OLD.to_owned()))
            .await
            .unwrap();
        found
            .into_iter()
            .find(|one| one.key.is_some())
            .and_then(|one| one.identity)
    };
    let client = bench.identities(&bsuid("HK.1").keys()).await;
    assert_eq!(holder().await, client.first().copied());
    bench.apply(vec![put(&format!("+{NEW}"))]).await;
    bench.apply(vec![put(&format!("+{OLD}"))]).await;
    assert_eq!(
        holder().await,
        None,
        "another phone is another person's until they write"
    );
}

async fn a_profile_with_another_form_of_the_phone_is_found(bench: &Bench) {
    let story = Story::on(bench).await;
    for (as_recorded, as_whatsapp_says) in [
        ("+5541987654321", "554187654321"),
        ("+525512345678", "5215512345678"),
        ("+541123456789", "5491123456789"),
    ] {
        let key = format!("c-{as_whatsapp_says}");
        let put = ConfigChange::PutClientProfile {
            new_id: bench.mint(onboarding_core::ClientProfileId::from_uuid),
            profile: profile(&key, "hk-private", as_recorded),
        };
        bench.apply(vec![put]).await;
        assert_eq!(
            story.writes(phone(as_whatsapp_says), "#dom123456").await,
            "onboarded"
        );
        let room = bench
            .store
            .latest_rooms(&bench.company, 1)
            .await
            .unwrap()
            .remove(0);
        let theirs = bench
            .store
            .profiles_of(&bench.company, Some(room.identity), None)
            .await
            .unwrap();
        assert_eq!(theirs[0].key.as_deref(), Some(key.as_str()));
        assert_eq!(
            story.last_recipient(),
            Recipient::of(&phone(as_whatsapp_says)).unwrap()
        );
        assert!(
            SECONDARIES.contains(
                &bench
                    .company()
                    .await
                    .account(room.account)
                    .unwrap()
                    .phone_number
                    .as_str()
            )
        );
    }
}
