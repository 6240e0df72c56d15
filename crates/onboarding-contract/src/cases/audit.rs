//! What is done is in the audit, in a chain, and what is not done is not.

use onboarding_core::{
    Act, ActKind, ButtonKey, InvitationFailure, PhoneNumber, TextKey, TextTemplate,
    audit::{Actor, AuditEntry, AuditFilter, AuditSubject, ChainCheck, NewAuditEntry, Origin, SubjectKind},
    config::ConfigChange,
    ports::{ActOutcome, ApplyOutcome, CommitOutcome, Conflict, ReplayOutcome},
};
use onboarding_testkit::{PRIMARY, TestService, acme, all_changes, phone, profile};

use crate::{
    bench::{Bench, HARD_TEXT, act, closing, ignored, new_identity},
    list::list_cases,
};

list_cases!(($) audit => audit_contract:
    a_new_company_is_told_whole,
    of_a_change_of_configuration_what_differs_is_told,
    what_is_applied_again_is_no_entry,
    what_was_refused_is_no_entry,
    of_a_client_profile_nothing_personal_is_copied,
    a_decision_is_one_entry_that_vouches_for_its_record,
    a_decision_names_what_it_changed_and_nothing_that_was_said,
    an_act_is_one_entry_that_names_what_it_changed,
    a_room_that_fails_is_an_entry,
    what_is_given_up_and_replayed_is_an_entry_each,
    a_reading_is_an_entry,
    entries_are_found_by_each_part_of_a_filter,
    entries_come_in_pages,
    each_company_has_a_chain_of_its_own,
    of_many_at_once_each_has_its_place,
);

const HK: &str = "85291234567";

async fn entries(bench: &Bench, filter: &AuditFilter) -> Vec<AuditEntry> {
    let entries = bench.store.audit_entries(&bench.company, filter, 0, 10_000);
    entries.await.unwrap()
}

/// The entries after the place.
async fn since(bench: &Bench, place: u64) -> Vec<NewAuditEntry> {
    assert_whole(bench).await;
    let all = AuditFilter::default();
    let entries = bench.store.audit_entries(&bench.company, &all, place, 10_000);
    entries
        .await
        .unwrap()
        .into_iter()
        .map(|entry| entry.content)
        .collect()
}

/// The place of the last entry.
async fn end(bench: &Bench) -> u64 {
    let head = bench.store.audit_head(&bench.company).await.unwrap();
    head.map_or(0, |head| head.sequence)
}

async fn assert_whole(bench: &Bench) {
    let kept = bench.store.audit_head(&bench.company).await.unwrap();
    let mut check = ChainCheck::new(bench.company.clone(), kept, &[]);
    let entries = entries(bench, &AuditFilter::default()).await;
    for entry in &entries {
        check.read(entry);
    }
    assert_eq!(check.finish(kept), []);
    assert_eq!(kept.map_or(0, |head| head.sequence), entries.len() as u64);
}

/// What was done to what.
fn deeds(entries: &[NewAuditEntry]) -> Vec<String> {
    let deed =
        |entry: &NewAuditEntry| format!("{} {} {}", entry.action, entry.subject_kind, entry.subject_id);
    entries.iter().map(deed).collect()
}

fn ann() -> Origin {
    Origin::new(Actor::Person("ann".to_owned()), "2001:db8::7".parse().ok())
}

async fn applies(bench: &Bench, changes: Vec<ConfigChange>) -> ApplyOutcome {
    let (_, revision) = bench.config().await;
    let applied = bench
        .store
        .apply(&bench.company, Some(revision), changes, &ann(), bench.now())
        .await;
    applied.unwrap()
}

async fn a_new_company_is_told_whole(bench: &Bench) {
    let entries = since(bench, 0).await;
    let config = acme();
    let things = 1
        + config.org_units.len()
        + config.external_companies.len()
        + config.users.len()
        + config.official_accounts.len()
        + config.pools.len();
    assert_eq!(entries.len(), things);
    for entry in &entries {
        assert_eq!((entry.action.as_str(), &entry.before), ("create", &None));
        assert_eq!((entry.actor_kind.as_str(), &entry.actor_id), ("system", &None));
    }
    assert!(deeds(&entries).contains(&"create user kate".to_owned()));
}

async fn of_a_change_of_configuration_what_differs_is_told(bench: &Bench) {
    let place = end(bench).await;
    bench.after_seconds(60);
    let mut settings = bench.config().await.0.settings;
    settings.features.auto_promotion = false;
    let text = TextTemplate::parse(HARD_TEXT).unwrap();
    settings
        .texts
        .set(settings.default_language.clone(), TextKey::HandOffLink, text);
    let changes = vec![
        ConfigChange::PutCompany {
            new_key: ButtonKey::mint(&mut bench.draw()),
            settings: Box::new(settings),
        },
        ConfigChange::DeactivateUser {
            username: "kate".to_owned(),
            successor: None,
        },
    ];
    assert!(matches!(applies(bench, changes).await, ApplyOutcome::Applied(_)));
    let entries = since(bench, place).await;
    assert_eq!(deeds(&entries), ["change company acme", "remove user kate"]);
    let company = &entries[0];
    assert_eq!((company.at, company.actor_kind.as_str()), (bench.now(), "person"));
    assert_eq!(company.actor_id.as_deref(), Some("ann"));
    assert_eq!(company.address.as_deref(), Some("2001:db8::7"));
    let (before, after) = (
        company.before.as_deref().unwrap(),
        company.after.as_deref().unwrap(),
    );
    assert!(
        before.contains(r#""auto_promotion":true"#) && !before.contains("Acme"),
        "{before}"
    );
    assert!(
        after.contains(r#""auto_promotion":false"#) && after.contains("عربى"),
        "{after}"
    );
    let kate = entries[1].before.as_deref().unwrap();
    assert!(kate.contains(r##""extension":"#kate""##), "{kate}");
    assert_eq!(entries[1].after, None);
}

async fn what_is_applied_again_is_no_entry(bench: &Bench) {
    let place = end(bench).await;
    assert!(matches!(
        applies(bench, bench.changes_to(&acme())).await,
        ApplyOutcome::Applied(_)
    ));
    assert_eq!(since(bench, place).await, []);
}

async fn what_was_refused_is_no_entry(bench: &Bench) {
    let place = end(bench).await;
    let mut wished = acme();
    "Another".clone_into(&mut wished.settings.name);
    let changes = all_changes(&wished, &mut bench.draw());
    let stale = bench
        .store
        .apply(&bench.company, Some(99), changes, &ann(), bench.now())
        .await;
    assert_eq!(stale.unwrap(), ApplyOutcome::Stale);

    let primary = bench.account_with(PRIMARY).await;
    let mut commit = bench.deciding(&bench.arrived(primary).await, ignored()).await;
    commit.expected_revision += 1;
    let outcome = bench.commits(commit).await;
    assert_eq!(outcome, CommitOutcome::Conflict(Conflict::CompanyChanged));
    assert_eq!(since(bench, place).await, []);
    let replayed = bench.store.replay(uuid::Uuid::nil(), &ann(), bench.now()).await;
    assert_eq!(replayed.unwrap(), ReplayOutcome::NotFound);
    assert_eq!(since(bench, place).await, []);
}

async fn of_a_client_profile_nothing_personal_is_copied(bench: &Bench) {
    let mut jane = profile("c-1", "hk", "+85291234567");
    "Jane Roe".clone_into(&mut jane.name);
    let put = |profile: &onboarding_core::config::ClientProfileConfig| ConfigChange::PutClientProfile {
        new_id: bench.mint(onboarding_core::ClientProfileId::from_uuid),
        profile: profile.clone(),
    };
    let place = end(bench).await;
    applies(bench, vec![put(&jane)]).await;
    "Jane Doe".clone_into(&mut jane.name);
    applies(bench, vec![put(&jane)]).await;
    jane.phone_number = PhoneNumber::parse("+85291234568").ok();
    applies(bench, vec![put(&jane)]).await;
    applies(bench, vec![put(&jane)]).await;
    let entries = since(bench, place).await;
    assert_eq!(
        deeds(&entries),
        [
            "create client_profile c-1",
            "change client_profile c-1",
            "change client_profile c-1"
        ]
    );
    assert_eq!(entries[1].after.as_deref(), Some(r#"{"name":"changed"}"#));
    assert_eq!(entries[2].after.as_deref(), Some(r#"{"phone_number":"changed"}"#));
    let told = format!("{entries:?}");
    assert!(!told.contains("Jane") && !told.contains("9123456"), "{told}");
}

async fn a_decision_is_one_entry_that_vouches_for_its_record(bench: &Bench) {
    let place = end(bench).await;
    let primary = bench.account_with(PRIMARY).await;
    let mut commit = bench.deciding(&bench.arrived(primary).await, ignored()).await;
    commit.request.message.texts = vec![HARD_TEXT.to_owned(), "\0".to_owned()];
    assert_eq!(bench.commits(commit.clone()).await, CommitOutcome::Committed);
    assert_eq!(bench.commits(commit.clone()).await, CommitOutcome::AlreadyDecided);
    let entries = since(bench, place).await;
    assert_eq!(entries, [commit.audit_entry()]);
    let record = bench.latest().await.remove(0);
    let after = entries[0].after.clone().unwrap();
    assert!(
        after.contains(&record.digest().to_string()),
        "as it is read back: {after}"
    );
    let mut other = record.clone();
    other.trace = onboarding_core::Trace::from_steps(Vec::new());
    assert_ne!(other.digest(), record.digest(), "the trace is part of it");
}

async fn a_decision_names_what_it_changed_and_nothing_that_was_said(bench: &Bench) {
    let service = TestService::on(bench.store.clone(), acme()).await;
    let place = end(bench).await;
    service.client(HK).sends(PRIMARY, "Good day, #kate please").await;
    service.pump().await;
    let entries = since(bench, place).await;
    let [entry] = &entries[..] else {
        panic!("one entry: {entries:?}");
    };
    let record = bench.latest().await.remove(0);
    let subject = format!("decide onboarding {}", record.id);
    assert_eq!(
        (deeds(&entries), entry.actor_kind.as_str()),
        (vec![subject], "flow")
    );
    let after = entry.after.as_deref().unwrap();
    let room = record.room.unwrap();
    for told in [
        r#""outcome":"onboarded""#.to_owned(),
        format!(r#""new_room":"{room}""#),
        format!(r#""user":"{}""#, record.user.unwrap()),
        format!(r#""identity":"{}""#, record.identity.unwrap()),
        r#""new_identity":true"#.to_owned(),
        r#""new_profile":""#.to_owned(),
    ] {
        assert!(after.contains(&told), "{told} in {after}");
    }
    let told = format!("{entry:?}");
    assert!(!told.contains("please") && !told.contains(HK), "{told}");
}

async fn an_act_is_one_entry_that_names_what_it_changed(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let room = bench.opens("#dom123456", client, 0).await;
    let kate = bench.user("#kate").await.id;
    let (new_profile, new_room) = bench.room(kate, client, bench.account(1).await, room.primary);
    let message = bench.text_to(client, bench.account(1).await);
    let place = end(bench).await;
    let act = Act {
        kind: ActKind::RoomHandedOver,
        closing: Some(closing(&room)),
        assignment: Some((new_profile.id, kate)),
        new_profile: Some(new_profile.clone()),
        new_room: Some(new_room.clone()),
        messages: vec![message.clone()],
        ..act(kate, client)
    };
    assert_eq!(bench.acts(act.clone(), bench.now()).await, ActOutcome::Committed);
    let outcome = bench.acts(act, bench.now()).await;
    assert!(matches!(outcome, ActOutcome::Conflict(_)), "{outcome:?}");
    let entries = since(bench, place).await;
    let [entry] = entries.as_slice() else {
        panic!("one act, one entry: {entries:?}");
    };
    let acts = bench.store.latest_acts(&bench.company, 1).await.unwrap();
    assert_eq!(deeds(&entries), [format!("decide act {}", acts[0].id)]);
    assert_eq!((entry.actor_kind.as_str(), &entry.before), ("system", &None));
    let profile = new_profile.id;
    let members = [
        format!("\"assigned_profile\":\"{profile}\""),
        "\"closed_because\":\"ended\"".to_owned(),
        format!("\"closed_room\":\"{}\"", room.id),
        format!("\"identity\":\"{client}\""),
        "\"kind\":\"room_handed_over\"".to_owned(),
        format!("\"messages\":[\"{}\"]", message.id),
        format!("\"new_profile\":\"{profile}\""),
        format!("\"new_room\":\"{}\"", new_room.id),
        format!("\"secondary\":\"{}\"", new_room.account),
        format!("\"user\":\"{kate}\""),
    ];
    let expected = format!("{{{}}}", members.join(","));
    assert_eq!(entry.after.as_deref(), Some(expected.as_str()));
}

async fn a_room_that_fails_is_an_entry(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let room = bench.opens("#kate", client, 0).await;
    let place = end(bench).await;
    let failure = InvitationFailure {
        room: room.clone(),
        reason: "not delivered".to_owned(),
        notice: None,
        link_until: None,
        notices: Vec::new(),
    };
    for _ in 0..2 {
        let failed = bench
            .store
            .fail_room(&bench.company, failure.clone(), bench.now());
        failed.await.unwrap();
    }
    let entries = since(bench, place).await;
    assert_eq!(deeds(&entries), [format!("fail chat_room {}", room.id)], "once");
    assert_eq!(
        entries[0].after.as_deref(),
        Some(r#"{"reason":"not delivered","state":"failed"}"#)
    );
}

async fn what_is_given_up_and_replayed_is_an_entry_each(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let message = bench.queues_one(client, 0).await;
    bench.refused(&bench.sends_one().await).await;
    let place = end(bench).await;
    let row = bench.row_in("a", "1").await;
    let element = row.id;
    bench.stores(vec![row]).await;
    let item = bench.leases_one().await;
    for _ in 0..2 {
        bench
            .store
            .bury(&item, "cannot read it", bench.now())
            .await
            .unwrap();
    }
    for id in [element.as_uuid(), message.as_uuid()] {
        let replayed = bench.store.replay(id, &ann(), bench.now()).await;
        assert_eq!(replayed.unwrap(), ReplayOutcome::Replayed);
    }
    let entries = since(bench, place).await;
    let expected = [
        format!("fail inbound_element {element}"),
        format!("replay inbound_element {element}"),
        format!("replay outbound_message {message}"),
    ];
    assert_eq!(deeds(&entries), expected);
    assert_eq!(
        entries[0].after.as_deref(),
        Some(r#"{"reason":"cannot read it"}"#)
    );
    assert_eq!(entries[1].actor_id.as_deref(), Some("ann"));
}

async fn a_reading_is_an_entry(bench: &Bench) {
    let place = end(bench).await;
    let subject = AuditSubject::new(SubjectKind::ChatRoom, "r-1\0");
    let read = bench
        .store
        .record_read(&bench.company, &ann(), &subject, bench.now())
        .await;
    read.unwrap();
    let entries = since(bench, place).await;
    assert_eq!(deeds(&entries), ["read chat_room r-1\u{FFFD}"]);
    assert_eq!((&entries[0].before, &entries[0].after), (&None, &None));
}

async fn entries_are_found_by_each_part_of_a_filter(bench: &Bench) {
    let early = bench.after_seconds(60);
    let token = Origin::new(Actor::Token("t-1".to_owned()), None);
    let room = AuditSubject::new(SubjectKind::ChatRoom, "r-1");
    bench
        .store
        .record_read(&bench.company, &ann(), &room, early)
        .await
        .unwrap();
    let late = bench.after_seconds(60);
    let other = AuditSubject::new(SubjectKind::Onboarding, "o-1");
    bench
        .store
        .record_read(&bench.company, &token, &other, late)
        .await
        .unwrap();

    let all = AuditFilter::default;
    let some = |text: &str| Some(text.to_owned());
    for filter in [
        AuditFilter {
            actor_kind: some("token"),
            ..all()
        },
        AuditFilter {
            actor_id: some("t-1"),
            ..all()
        },
        AuditFilter {
            action: some("read"),
            subject_id: some("o-1"),
            ..all()
        },
        AuditFilter {
            subject_kind: some("onboarding"),
            ..all()
        },
        AuditFilter {
            from: Some(late),
            ..all()
        },
        AuditFilter {
            action: some("read"),
            from: Some(late),
            until: Some(bench.after_seconds(1)),
            ..all()
        },
    ] {
        let found: Vec<_> = entries(bench, &filter)
            .await
            .into_iter()
            .map(|entry| entry.content)
            .collect();
        assert_eq!(deeds(&found), ["read onboarding o-1"], "{filter:?}");
    }
    let before = AuditFilter {
        from: Some(early),
        until: Some(late),
        ..all()
    };
    assert_eq!(entries(bench, &before).await.len(), 1, "the end is not in it");
    let nobody = AuditFilter {
        actor_id: some("t-1"),
        action: some("create"),
        ..all()
    };
    assert_eq!(entries(bench, &nobody).await, []);
}

async fn entries_come_in_pages(bench: &Bench) {
    let whole = entries(bench, &AuditFilter::default()).await;
    let (mut read, mut place) = (Vec::new(), 0);
    loop {
        let page = bench
            .store
            .audit_entries(&bench.company, &AuditFilter::default(), place, 3)
            .await;
        let page = page.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 3);
        place = last.sequence;
        read.extend(page);
    }
    assert_eq!(read, whole);
}

async fn each_company_has_a_chain_of_its_own(bench: &Bench) {
    let place = end(bench).await;
    let other = bench.with_another_company().await;
    assert_eq!(end(bench).await, place);
    assert_eq!(entries(&other, &AuditFilter::default()).await[0].sequence, 1);
    assert_whole(bench).await;
    assert_whole(&other).await;
    let nobody = onboarding_core::CompanyId::parse("nobody").unwrap();
    assert_eq!(bench.store.audit_head(&nobody).await.unwrap(), None);
}

async fn of_many_at_once_each_has_its_place(bench: &Bench) {
    let place = end(bench).await;
    let primary = bench.account_with(PRIMARY).await;
    let mut commits = Vec::new();
    for client in 0..64 {
        let item = bench.arrived(primary).await;
        let aliases = phone(&format!("8529000{client:04}"));
        let identity = new_identity(bench.mint(onboarding_core::ClientIdentityId::from_uuid), aliases);
        let decision = onboarding_core::Decision {
            identity: Some(identity),
            ..ignored()
        };
        commits.push(bench.deciding(&item, decision).await);
    }
    let mut racing = tokio::task::JoinSet::new();
    for commit in commits {
        let store = bench.store.clone();
        racing.spawn(async move { store.commit(commit).await.unwrap() });
    }
    let outcomes = racing.join_all().await;
    assert!(
        outcomes
            .iter()
            .all(|outcome| *outcome == CommitOutcome::Committed)
    );
    assert_eq!(since(bench, place).await.len(), 64);
}
