//! Each invariant is checked on the data themselves: what was damaged past the store is seen.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use onboarding_core::{DeliveryProgress, ports::Verification as _};
use onboarding_testkit::{PRIMARY, TestService, acme, acme_id, refused};

use crate::database::Database;

const ANN: &str = "85291234567";
const BOB: &str = "85290000000";

/// The rooms in order: Ann with Dom, Ann with Kate, Bob with Dom.
const ROOMS: [&str; 3] = [
    "(SELECT room_id FROM rooms ORDER BY created_at LIMIT 1)",
    "(SELECT room_id FROM rooms ORDER BY created_at LIMIT 1 OFFSET 1)",
    "(SELECT room_id FROM rooms ORDER BY created_at LIMIT 1 OFFSET 2)",
];

/// What is broken, and how. `@1` to `@3` are the rooms.
const DAMAGES: &[(&str, &str)] = &[
    (
        "INV-1",
        "DROP INDEX live_room_of_user_and_profile; UPDATE client_profiles SET identity_id = NULL;
         UPDATE rooms SET profile_id = (SELECT profile_id FROM rooms WHERE room_id = @1) WHERE room_id = @3",
    ),
    (
        "INV-1",
        "DROP INDEX live_room_of_user_and_profile; DROP INDEX live_room_of_user_and_client;
         INSERT INTO client_profiles
         SELECT company_id, gen_random_uuid(), NULL, name, named_by_company, phone_number, phone_match_key,
             phone_recorded_at, identity_id, org_unit_id, external_company_id, NULL FROM client_profiles LIMIT 1;
         UPDATE rooms SET user_id = (SELECT user_id FROM rooms WHERE room_id = @1),
             profile_id = (SELECT profile_id FROM client_profiles
                 WHERE profile_id NOT IN (SELECT profile_id FROM rooms)) WHERE room_id = @2",
    ),
    (
        "INV-2",
        "DROP INDEX live_room_of_client_on_number;
         UPDATE companies SET features = jsonb_set(features, '{pair_reuse_after_days}', '30');
         UPDATE account_usage SET live_rooms = live_rooms - 1
         WHERE account_id = (SELECT account_id FROM rooms WHERE room_id = @2);
         UPDATE account_usage SET live_rooms = live_rooms + 1
         WHERE account_id = (SELECT account_id FROM rooms WHERE room_id = @1);
         UPDATE rooms SET account_id = (SELECT account_id FROM rooms WHERE room_id = @1) WHERE room_id = @2",
    ),
    (
        "INV-3",
        "UPDATE rooms SET user_id = '00000000-0000-0000-0000-000000000000' WHERE room_id = @3",
    ),
    (
        "INV-3",
        "UPDATE rooms SET profile_id = '00000000-0000-0000-0000-000000000000' WHERE room_id = @3",
    ),
    (
        "INV-3",
        "UPDATE client_profiles SET identity_id = NULL;
         UPDATE rooms SET identity_id = '00000000-0000-0000-0000-000000000000' WHERE room_id = @3",
    ),
    (
        "INV-3",
        "UPDATE account_usage SET live_rooms = live_rooms - 1
         WHERE account_id = (SELECT account_id FROM rooms WHERE room_id = @3);
         UPDATE rooms SET account_id = '00000000-0000-0000-0000-000000000000' WHERE room_id = @3",
    ),
    (
        "INV-3",
        "UPDATE rooms SET primary_id = '00000000-0000-0000-0000-000000000000' WHERE room_id = @3",
    ),
    (
        "INV-3",
        "UPDATE users SET company_id = 'another' WHERE username = 'kate'",
    ),
    (
        "INV-5",
        "UPDATE inbox SET note = NULL WHERE note = 'status recorded'",
    ),
    ("INV-5", "DELETE FROM onboardings WHERE outcome = 'no_extension'"),
    (
        "INV-5",
        "UPDATE inbox SET finished_at = NULL, attempts = 14 WHERE note = 'status recorded'",
    ),
    (
        "INV-6",
        "INSERT INTO outbox_attempts
         SELECT company_id, outbox_id, gen_random_uuid(), started_at, ended_at, outcome, 'wamid.again', 'no status came'
         FROM outbox_attempts WHERE provider_message_id IS NOT NULL LIMIT 1",
    ),
    (
        "INV-6",
        "UPDATE outbox SET unknown_attempts = 1;
         INSERT INTO outbox_attempts
         SELECT company_id, outbox_id, gen_random_uuid(), started_at, ended_at, outcome, 'wamid.again', NULL
         FROM outbox_attempts WHERE provider_message_id IS NOT NULL LIMIT 1",
    ),
    (
        "INV-7",
        "UPDATE outbox SET state = 'pending', settled_at = NULL,
             identity_id = (SELECT identity_id FROM rooms WHERE room_id = @1)
         WHERE purpose = 'invitation' AND room_id IN (@1, @3)",
    ),
    (
        "INV-8",
        "DROP INDEX one_decision_an_element;
         UPDATE inbox SET note = coalesce(note, 'noted');
         UPDATE onboardings SET inbox_id = (SELECT inbox_id FROM onboardings ORDER BY place LIMIT 1)
         WHERE place = (SELECT place FROM onboardings ORDER BY place LIMIT 1 OFFSET 1)",
    ),
    (
        "INV-9",
        "UPDATE onboardings SET room_id = NULL WHERE room_id = @3",
    ),
    (
        "INV-9",
        "UPDATE outbox SET purpose = 'user_info' WHERE purpose = 'invitation' AND room_id = @3",
    ),
    (
        "INV-9",
        "UPDATE onboardings SET outcome = 'reminded' WHERE outcome = 'onboarded' AND room_id = @3",
    ),
    (
        "INV-13",
        "UPDATE account_usage SET live_rooms = live_rooms + 1
         WHERE account_id = (SELECT account_id FROM rooms WHERE room_id = @3)",
    ),
    (
        "INV-14",
        "UPDATE outbox_attempts SET started_at = started_at - 1
         WHERE outbox_id = (SELECT outbox_id FROM outbox WHERE purpose = 'invitation' AND room_id = @3)",
    ),
    (
        "INV-14",
        "UPDATE outbox SET state = 'unknown', settled_at = NULL
         WHERE outbox_id = (SELECT after_id FROM outbox WHERE purpose = 'invitation' AND room_id = @3)",
    ),
    (
        "INV-16",
        "UPDATE outbox SET progress = 'sent' WHERE progress = 'delivered'",
    ),
    (
        "INV-16",
        "UPDATE outbox SET progress = NULL WHERE progress = 'delivered'",
    ),
    (
        "INV-26",
        "DROP INDEX users_by_live_extension;
         UPDATE users SET extension = 'kate' WHERE username = 'dom'",
    ),
    (
        "INV-26",
        "DROP INDEX users_by_live_skeleton;
         UPDATE users SET extension_skeleton = (SELECT extension_skeleton FROM users WHERE username = 'kate')
         WHERE username = 'dom'",
    ),
    (
        "INV-31",
        "UPDATE account_usage SET live_rooms = live_rooms - 1
         WHERE account_id = (SELECT account_id FROM rooms WHERE room_id = @2);
         UPDATE rooms SET state = 'closed', closed_at = created_at, closed_by = 'service', close_reason = 'ended'
         WHERE room_id = @2;
         UPDATE rooms SET account_id = (SELECT account_id FROM rooms WHERE room_id = @1) WHERE room_id = @2",
    ),
    (
        "INV-33",
        "UPDATE account_usage SET live_rooms = live_rooms - 1
         WHERE account_id = (SELECT account_id FROM rooms WHERE room_id = @2);
         UPDATE rooms SET state = 'closed', closed_at = created_at WHERE room_id = @2",
    ),
    (
        "INV-33",
        "UPDATE rooms SET closed_by = 'service', close_reason = 'ended' WHERE room_id = @2",
    ),
    (
        "INV-34",
        "UPDATE client_identities SET opted_out_at = 1
         WHERE identity_id = (SELECT identity_id FROM rooms WHERE room_id = @3)",
    ),
    (
        "INV-35",
        "DROP INDEX waiting_prospects;
         INSERT INTO prospects (company_id, prospect_id, user_id, identity_id, primary_id, text, waits_for, state,
             created_at)
         SELECT company_id, room_id, (SELECT user_id FROM rooms WHERE room_id = @1), identity_id, primary_id, '',
             'number', 'waiting', 1 FROM rooms WHERE room_id IN (@1, @2)",
    ),
    ("INV-32", "UPDATE room_lines SET room_id = @2"),
    ("INV-32", "UPDATE room_lines SET room_id = @3"),
    (
        "INV-32",
        "DELETE FROM onboardings WHERE outcome = 'room_message'; UPDATE inbox SET note = 'noted'",
    ),
    ("INV-36", "UPDATE client_identities SET bsuid = 'HK.77'"),
    (
        "INV-36",
        "UPDATE client_identities SET parent_bsuid = 'HK.ENT.77'",
    ),
    ("INV-36", "DELETE FROM client_aliases WHERE kind = 'phone'"),
    (
        "INV-37",
        "UPDATE client_identities SET merged_into = (SELECT identity_id FROM rooms WHERE room_id = @1)
         WHERE identity_id = (SELECT identity_id FROM rooms WHERE room_id = @3)",
    ),
    (
        "INV-38",
        "UPDATE client_profiles SET identity_id = (SELECT identity_id FROM rooms WHERE room_id = @1)
         WHERE profile_id = (SELECT profile_id FROM rooms WHERE room_id = @3)",
    ),
];

/// A database with a little of everything, to which nobody is connected.
async fn lived_in() -> Database {
    let database = Database::migrated().await;
    let store = database.store().await;
    let service = TestService::on(Arc::new(store.clone()), acme()).await;
    for (client, words) in [
        (ANN, "#dom123456"),
        (ANN, "#kate"),
        (BOB, "#dom123456"),
        (BOB, "hello"),
    ] {
        service.clock.advance(Duration::from_mins(5));
        service.client(client).sends(PRIMARY, words).await;
        service.pump().await;
    }
    let invitation = service.messages_to(ANN).remove(1);
    service
        .client(ANN)
        .sends(invitation.from.as_str(), "Good morning")
        .await;
    service.status(&invitation, DeliveryProgress::Delivered).await;
    service.messenger.next(Err(refused(131_026)));
    service.clock.advance(Duration::from_mins(5));
    service.client(ANN).sends(PRIMARY, "hello").await;
    service.pump().await;
    assert_eq!(store.violations().await.expect("an answer"), []);
    database
}

/// Which invariants are broken after the damage.
async fn broken_by(whole: &Database, damage: &str) -> BTreeSet<&'static str> {
    let copy = Database::copy_of(whole).await;
    // No foreign key speaks, and no trigger counts.
    let mut sql = format!("SET session_replication_role = replica; {damage}");
    for (place, room) in ROOMS.iter().enumerate() {
        sql = sql.replace(&format!("@{}", place + 1), room);
    }
    copy.client().await.batch_execute(&sql).await.expect("damaged");
    let store = copy.store().await;
    let violations = store.violations().await.expect("an answer");
    for violation in &violations {
        assert_eq!(violation.company, acme_id());
        assert!(!violation.subject.contains("{}"), "{}", violation.subject);
        assert!(!violation.subject.contains(ANN), "{}", violation.subject);
    }
    violations.iter().map(|violation| violation.invariant).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_damage_is_seen_as_what_it_is() {
    let whole = lived_in().await;
    for (invariant, damage) in DAMAGES {
        let broken = broken_by(&whole, damage).await;
        assert_eq!(broken, BTreeSet::from([*invariant]), "after {damage}");
    }
}
