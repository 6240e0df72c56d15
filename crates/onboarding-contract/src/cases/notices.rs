//! What the people of the company are told.

use onboarding_core::{Audience, NewNotice, NoticeId, NoticeKind, UserId, ports::NoticeFilter};

use crate::{
    bench::{Bench, HARD_TEXT},
    list::list_cases,
};

list_cases!(($) notices => notices_contract:
    notices_are_told_to_whom_they_are_for_newest_first,
    the_same_is_not_told_twice_while_unseen_nor_within_a_day,
    the_first_who_saw_a_notice_stays,
    notices_are_paged_and_sifted,
);

fn notice(bench: &Bench, audience: Audience, subject: &str) -> NewNotice {
    NewNotice {
        id: bench.mint(NoticeId::from_uuid),
        audience,
        kind: NoticeKind::RoomClosed,
        subject: subject.to_owned(),
        text: HARD_TEXT.to_owned(),
    }
}

async fn told(bench: &Bench, audience: Audience) -> Vec<NewNotice> {
    let notices = bench
        .store
        .notices(&bench.company, audience.into(), 9)
        .await
        .unwrap();
    notices.into_iter().map(|one| one.notice).collect()
}

async fn tell(bench: &Bench, notices: Vec<NewNotice>) {
    bench
        .store
        .tell(&bench.company, notices, bench.now())
        .await
        .unwrap();
}

async fn notices_are_told_to_whom_they_are_for_newest_first(bench: &Bench) {
    let kate = Audience::User(bench.user("#kate").await.id);
    let (first, second) = (notice(bench, kate, "1"), notice(bench, kate, "2"));
    let to_admins = notice(bench, Audience::Admins, "1");
    tell(bench, vec![first.clone(), to_admins.clone()]).await;
    tell(bench, vec![second.clone()]).await;
    assert_eq!(told(bench, kate).await, [second.clone(), first]);
    assert_eq!(told(bench, Audience::Admins).await, [to_admins]);
    let latest = bench.store.notices(&bench.company, kate.into(), 1).await.unwrap();
    assert_eq!(
        (latest.len(), latest[0].at, latest[0].seen_at),
        (1, bench.now(), None)
    );
    assert_eq!(latest[0].notice, second);
    assert!(
        told(bench, Audience::User(bench.mint(UserId::from_uuid)))
            .await
            .is_empty()
    );
    let other = bench.with_another_company().await;
    assert!(told(&other, Audience::Admins).await.is_empty());
}

async fn the_same_is_not_told_twice_while_unseen_nor_within_a_day(bench: &Bench) {
    let first = notice(bench, Audience::Admins, "1");
    let count = async || told(bench, Audience::Admins).await.len();
    tell(bench, vec![first.clone(), notice(bench, Audience::Admins, "1")]).await;
    bench.after_seconds(48 * 3_600);
    tell(bench, vec![notice(bench, Audience::Admins, "1")]).await;
    assert_eq!(count().await, 1, "unseen");
    let other_kind = NewNotice {
        kind: NoticeKind::RoomMoved,
        ..notice(bench, Audience::Admins, "1")
    };
    tell(bench, vec![other_kind]).await;
    assert_eq!(count().await, 2);
    assert!(see(bench, Audience::Admins, first.id).await);
    tell(bench, vec![notice(bench, Audience::Admins, "1")]).await;
    assert_eq!(count().await, 3, "seen, and told long ago");
    let again = told(bench, Audience::Admins).await[0].id;
    assert!(see(bench, Audience::Admins, again).await);
    bench.after_seconds(23 * 3_600);
    tell(bench, vec![notice(bench, Audience::Admins, "1")]).await;
    assert_eq!(count().await, 3, "seen, and told within the day");
}

/// Whether it was there for them.
async fn see(bench: &Bench, audience: Audience, id: NoticeId) -> bool {
    let now = bench.now();
    let seen = bench.store.see(&bench.company, audience, id, now).await;
    let seen = seen.unwrap();
    if let Some(seen) = &seen {
        assert_eq!((seen.notice.id, seen.notice.audience), (id, audience));
        assert!(seen.seen_at.is_some_and(|at| at <= now));
    }
    seen.is_some()
}

async fn the_first_who_saw_a_notice_stays(bench: &Bench) {
    let kate = Audience::User(bench.user("#kate").await.id);
    let one = notice(bench, Audience::Admins, "1");
    tell(bench, vec![one.clone()]).await;
    let other = bench.with_another_company().await;
    assert!(!see(&other, Audience::Admins, one.id).await);
    assert!(!see(bench, kate, one.id).await, "it is not hers");
    let at = bench.after_seconds(5);
    assert!(see(bench, Audience::Admins, one.id).await);
    bench.after_seconds(5);
    assert!(see(bench, Audience::Admins, one.id).await, "seen by another");
    assert!(!see(bench, Audience::Admins, bench.mint(NoticeId::from_uuid)).await);
    let kept = bench
        .store
        .notices(&bench.company, Audience::Admins.into(), 9)
        .await
        .unwrap();
    assert_eq!(kept[0].seen_at, Some(at));
}

async fn notices_are_paged_and_sifted(bench: &Bench) {
    let all: Vec<_> = ["1", "2", "3"]
        .map(|subject| notice(bench, Audience::Admins, subject))
        .into();
    let kate = Audience::User(bench.user("#kate").await.id);
    tell(bench, all.clone()).await;
    tell(bench, vec![notice(bench, kate, "4")]).await;
    let page = async |filter: NoticeFilter| {
        let found = bench.store.notices(&bench.company, filter, 2).await.unwrap();
        found
            .into_iter()
            .map(|one| one.notice.subject)
            .collect::<Vec<_>>()
    };
    let admins = NoticeFilter::from(Audience::Admins);
    assert_eq!(page(admins).await, ["3", "2"]);
    let after = Some(all[1].id);
    assert_eq!(page(NoticeFilter { after, ..admins }).await, ["1"]);
    let nowhere = Some(bench.mint(NoticeId::from_uuid));
    assert!(
        page(NoticeFilter {
            after: nowhere,
            ..admins
        })
        .await
        .is_empty()
    );
    assert!(see(bench, Audience::Admins, all[1].id).await);
    assert_eq!(
        page(NoticeFilter {
            unseen: true,
            ..admins
        })
        .await,
        ["3", "1"]
    );
}
