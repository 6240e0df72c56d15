//! Whether anything changed that people look at.

use std::time::Duration;

use onboarding_core::{
    Audience, DeliveryProgress, FactName, ImportId, LeaseToken, NewNotice, NewOutbound, NoticeId, NoticeKind,
    PlatformFact, Role, Subject,
    access::{SESSION_LASTS, SecretHash, Session, SignInMeans},
    audit::{Actor, Origin, sign_in_entry, sign_out_entry},
    import::{ImportCounts, NewImport, RefusedRow, SettledBatch},
    ports::{ChangeMark, Observation, ObserveOutcome},
};
use onboarding_testkit::phone;

use crate::{bench::Bench, list::list_cases};

list_cases!(($) changes => changes_contract:
    a_mark_stays_while_people_only_look,
    a_mark_moves_with_each_thing_that_people_see_change,
    a_mark_does_not_move_with_another_company,
);

async fn mark(bench: &Bench) -> ChangeMark {
    bench.store.change_mark(&bench.company).await.unwrap()
}

fn dom() -> Origin {
    Origin::new(Actor::Person("dom".to_owned()), None)
}

async fn session(bench: &Bench) -> Session {
    let session = Session {
        key: SecretHash::from_bytes([bench.company.as_str().len().try_into().unwrap(); 32]),
        company: bench.company.clone(),
        user: bench.user("#dom123456").await.id,
        roles: vec![Role::User],
        means: SignInMeans::Password,
        second_factor: false,
        signed_in_at: bench.now(),
        used_at: bench.now(),
    };
    let (told, before) = (
        sign_in_entry(&dom(), "dom", &session),
        bench.now() - SESSION_LASTS,
    );
    bench
        .store
        .open_session(session.clone(), told, before)
        .await
        .unwrap();
    session
}

async fn notice(bench: &Bench) {
    let notice = NewNotice {
        id: bench.mint(NoticeId::from_uuid),
        audience: Audience::Admins,
        kind: NoticeKind::RoomClosed,
        subject: bench.now().to_string(),
        text: "closed".to_owned(),
    };
    bench
        .store
        .tell(&bench.company, vec![notice], bench.now())
        .await
        .unwrap();
}

async fn observation(bench: &Bench) {
    let observation = Observation {
        company: bench.company.clone(),
        expected_revision: bench.company().await.revision,
        cause: None,
        facts: vec![PlatformFact::good(
            Subject::App,
            FactName::Quality,
            "fine",
            bench.now(),
        )],
        now: bench.now(),
    };
    let kept = bench.store.observe(observation).await.unwrap();
    assert_eq!(kept, ObserveOutcome::Kept);
}

/// An import of two batches, which nobody has worked on yet.
async fn import(bench: &Bench) {
    let import = NewImport {
        id: bench.mint(ImportId::from_uuid),
        may_give_roles: false,
        batches: vec![Vec::new(), Vec::new()],
        refused: Vec::new(),
    };
    let begun = bench
        .store
        .begin_import(&bench.company, import, &dom(), bench.now())
        .await;
    assert!(begun.unwrap());
}

/// A batch of which every row is refused: nothing of the company changes.
async fn batch(bench: &Bench) {
    let token = bench.mint(LeaseToken::from_uuid);
    let lease_for = Duration::from_secs(10);
    let leased = bench
        .store
        .lease_import(bench.now(), lease_for, token)
        .await
        .unwrap();
    let leased = leased.unwrap();
    let settled = SettledBatch {
        revision: bench.config().await.1,
        changes: Vec::new(),
        done: Vec::new(),
        counts: ImportCounts {
            refused: 1,
            ..ImportCounts::default()
        },
        refused: vec![RefusedRow {
            line: 2,
            username: "zed".to_owned(),
            mistakes: Vec::new(),
        }],
    };
    let stored = bench.store.settle_batch(&leased, settled, bench.now(), lease_for);
    stored.await.unwrap();
}

/// Does everything that people see change, a second after another, and tells after each what it was.
async fn lives(bench: &Bench, mut after: impl AsyncFnMut(&str)) {
    bench.after_seconds(1);
    let client = bench.client(phone("85291234567")).await;
    after("a client is known").await;
    bench.after_seconds(1);
    let room = bench.opens("#dom123456", client, 0).await;
    after("a room is opened").await;
    bench.after_seconds(1);
    let message = NewOutbound {
        room: Some(room.id),
        ..bench.text_to(client, room.account)
    };
    let id = message.id;
    bench.queues(vec![message]).await;
    after("a message is queued").await;
    bench.after_seconds(1);
    bench.accepted(&bench.sends_one().await).await;
    after("WhatsApp took it").await;
    bench.after_seconds(1);
    bench.reported(id, DeliveryProgress::Delivered).await;
    after("it was delivered").await;
    bench.after_seconds(1);
    notice(bench).await;
    after("somebody is told").await;
    bench.after_seconds(1);
    observation(bench).await;
    after("WhatsApp told of the app").await;
    let session = session(bench).await;
    after("somebody signs in").await;
    let told = sign_out_entry(&dom(), "dom", bench.now());
    bench
        .store
        .end_session(&bench.company, session.key, told)
        .await
        .unwrap();
    after("and out").await;
    import(bench).await;
    after("an import begins").await;
    batch(bench).await;
    after("and goes on").await;
}

async fn a_mark_stays_while_people_only_look(bench: &Bench) {
    let session = session(bench).await;
    bench.after_seconds(1);
    let before = mark(bench).await;
    let (company, now) = (&bench.company, bench.now());
    bench.store.session_used(company, session.key, now).await.unwrap();
    bench
        .store
        .rooms(company, onboarding_core::ports::RoomsOf::Live, 9)
        .await
        .unwrap();
    assert_eq!(mark(bench).await, before);
}

async fn a_mark_moves_with_each_thing_that_people_see_change(bench: &Bench) {
    let mut last = mark(bench).await;
    let look = async |what: &str| {
        let now = mark(bench).await;
        assert_ne!(now, last, "{what}");
        last = now;
    };
    lives(bench, look).await;
}

async fn a_mark_does_not_move_with_another_company(bench: &Bench) {
    lives(bench, async |_| ()).await;
    let other = bench.with_another_company().await;
    let ours = mark(bench).await;
    assert_ne!(mark(&other).await, ours);
    // Their places need not be those of our notices.
    notice(&other).await;
    assert_eq!(mark(bench).await, ours);
    bench.after_seconds(1);
    lives(&other, async |what| assert_eq!(mark(bench).await, ours, "{what}")).await;
}
