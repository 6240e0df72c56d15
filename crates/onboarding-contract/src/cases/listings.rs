//! Pages of the record.

use onboarding_core::{
    ClientIdentityId, OnboardingId, Outcome,
    ports::{DeadLetter, OnboardingFilter, RoomFilter, RoomView},
};
use onboarding_testkit::phone;
use uuid::Uuid;

use crate::{
    bench::{Bench, decision, ignored},
    list::list_cases,
};

list_cases!(($) listings => listings_contract:
    rooms_come_page_by_page_newest_first,
    rooms_are_chosen_by_user_and_by_whether_they_live,
    rooms_of_one_moment_are_not_lost_between_pages,
    decisions_come_page_by_page_latest_first,
    a_decision_is_found_by_its_id,
    dead_letters_of_both_queues_come_page_by_page,
    a_dead_letter_is_found_by_its_id,
    nothing_of_another_company_is_listed,
);

const HK: &str = "85291234567";

async fn rooms(bench: &Bench, filter: RoomFilter, limit: u32) -> Vec<RoomView> {
    bench
        .store
        .list_rooms(&bench.company, filter, limit)
        .await
        .unwrap()
}

fn ids(views: &[RoomView]) -> Vec<onboarding_core::ChatRoomId> {
    views.iter().map(|view| view.room.id).collect()
}

/// Every room, read in pages of one size.
async fn paged(bench: &Bench, filter: RoomFilter, size: u32) -> Vec<onboarding_core::ChatRoomId> {
    let (mut all, mut filter) = (Vec::new(), filter);
    loop {
        let page = rooms(bench, filter, size).await;
        let Some(last) = page.last() else {
            return all;
        };
        filter.after = Some((last.room.created_at, last.room.id));
        all.extend(ids(&page));
    }
}

async fn rooms_come_page_by_page_newest_first(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let mut newest_first = Vec::new();
    for (place, extension) in ["#kate", "#dom123456", "#michael"].into_iter().enumerate() {
        bench.after_seconds(60);
        newest_first.insert(0, bench.opens(extension, client, place).await.id);
    }
    for size in 1..=4 {
        assert_eq!(paged(bench, RoomFilter::default(), size).await, newest_first);
    }
}

async fn rooms_are_chosen_by_user_and_by_whether_they_live(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let over = bench.opens("#kate", client, 0).await;
    let dom = bench.opens("#dom123456", client, 1).await;
    bench.closes(&over, bench.after_seconds(1)).await;
    let live = RoomFilter {
        live: true,
        ..RoomFilter::default()
    };
    assert_eq!(ids(&rooms(bench, live, 9).await), [dom.id]);
    let of_kate = RoomFilter {
        user: Some(over.user),
        ..RoomFilter::default()
    };
    let found = rooms(bench, of_kate, 9).await;
    assert_eq!(ids(&found), [over.id]);
    let looked_up = bench.store.room(&bench.company, over.id).await.unwrap();
    assert_eq!(found.first(), looked_up.as_ref(), "the same as when looked up");
    let both = RoomFilter {
        live: true,
        ..of_kate
    };
    assert_eq!(rooms(bench, both, 9).await, []);
}

async fn rooms_of_one_moment_are_not_lost_between_pages(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let mut opened = Vec::new();
    for (place, extension) in ["#kate", "#dom123456", "#michael"].into_iter().enumerate() {
        let room = bench.opens(extension, client, place).await;
        opened.push((room.created_at, room.id));
    }
    assert!(opened.iter().all(|(at, _)| *at == opened[0].0), "of one moment");
    opened.sort_by(|one, other| other.cmp(one));
    let expected: Vec<_> = opened.into_iter().map(|(_, id)| id).collect();
    assert_eq!(paged(bench, RoomFilter::default(), 1).await, expected);
}

async fn decisions_come_page_by_page_latest_first(bench: &Bench) {
    let kate = bench.user("#kate").await.id;
    for place in 0..5 {
        bench.after_seconds(60);
        let made = if place % 2 == 0 {
            ignored()
        } else {
            decision(Outcome::OtherUnit { user: kate })
        };
        bench.decided(bench.account(0).await, made).await;
    }
    let all = bench.latest().await;
    let list = async |filter: OnboardingFilter, limit| {
        let page = bench.store.list_onboardings(&bench.company, filter, limit).await;
        page.unwrap()
    };
    assert_eq!(list(OnboardingFilter::default(), 100).await, all);
    let behind = |place: usize| OnboardingFilter {
        after: Some(all[place].id),
        ..OnboardingFilter::default()
    };
    assert_eq!(list(behind(1), 2).await, all[2..4]);
    assert_eq!(list(behind(4), 2).await, []);
    let of_kate = OnboardingFilter {
        user: Some(kate),
        ..OnboardingFilter::default()
    };
    let hers: Vec<_> = all.iter().filter(|one| one.user == Some(kate)).cloned().collect();
    assert_eq!(list(of_kate, 100).await, hers);
    let nowhere = OnboardingFilter {
        after: Some(bench.mint(OnboardingId::from_uuid)),
        ..OnboardingFilter::default()
    };
    assert_eq!(
        list(nowhere, 100).await,
        [],
        "nothing stands behind what is not there"
    );
}

async fn a_decision_is_found_by_its_id(bench: &Bench) {
    bench.decided(bench.account(0).await, ignored()).await;
    let latest = bench.latest().await.remove(0);
    let found = async |id| bench.store.onboarding(&bench.company, id).await.unwrap();
    assert_eq!(found(latest.id).await, Some(latest));
    assert_eq!(found(bench.mint(OnboardingId::from_uuid)).await, None);
}

/// An element that was given up, and a message that was refused.
async fn given_up(bench: &Bench, client: ClientIdentityId, key: &str) {
    let row = bench.row_in(key, key).await;
    bench.stores(vec![row]).await;
    let item = bench.leases_one().await;
    bench
        .store
        .bury(&item, "cannot read it", bench.now())
        .await
        .unwrap();
    bench.after_seconds(1);
    bench.queues_one(client, 0).await;
    bench.refused(&bench.sends_one().await).await;
}

async fn letters(bench: &Bench) -> Vec<DeadLetter> {
    let all = bench.store.dead_letters(Some(bench.company.clone()), 100).await;
    all.unwrap()
}

async fn dead_letters_of_both_queues_come_page_by_page(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    given_up(bench, client, "1").await;
    bench.after_seconds(1);
    given_up(bench, client, "2").await;
    let all = letters(bench).await;
    assert_eq!(all.len(), 4);
    for size in 1..=3 {
        let (mut read, mut after) = (Vec::new(), None);
        loop {
            let page = bench
                .store
                .list_dead_letters(&bench.company, after, size)
                .await
                .unwrap();
            let Some(last) = page.last() else {
                break;
            };
            after = Some((last.since, last.id));
            read.extend(page);
        }
        assert_eq!(read, all, "in pages of {size}");
    }
}

async fn a_dead_letter_is_found_by_its_id(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    given_up(bench, client, "1").await;
    let found = async |id: Uuid| bench.store.dead_letter(&bench.company, id).await.unwrap();
    for letter in letters(bench).await {
        assert_eq!(found(letter.id).await, Some(letter));
    }
    assert_eq!(found(bench.mint(|id| id)).await, None);
}

async fn nothing_of_another_company_is_listed(bench: &Bench) {
    let other = bench.with_another_company().await;
    let client = bench.client(phone(HK)).await;
    bench.opens("#kate", client, 0).await;
    given_up(bench, client, "1").await;
    let (theirs, store) = (&other.company, &other.store);
    let decision = bench.latest().await.remove(0).id;
    assert_eq!(rooms(&other, RoomFilter::default(), 9).await, []);
    let page = store
        .list_onboardings(theirs, OnboardingFilter::default(), 9)
        .await;
    assert_eq!(page.unwrap(), []);
    assert_eq!(store.onboarding(theirs, decision).await.unwrap(), None);
    assert_eq!(store.list_dead_letters(theirs, None, 9).await.unwrap(), []);
    for letter in letters(bench).await {
        assert_eq!(store.dead_letter(theirs, letter.id).await.unwrap(), None);
    }
}
