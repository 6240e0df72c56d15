//! What is kept for a while only.

use std::time::Duration;

use onboarding_core::{
    Expired, Rate, SendLimits, Timestamp,
    ports::{NewDelivery, Purged, Quarantined},
};
use onboarding_testkit::phone;

use crate::{bench::Bench, list::list_cases};

list_cases!(($) retention => retention_contract:
    what_arrived_long_ago_goes_and_the_rest_stays,
    what_came_before_the_purge_is_known_when_it_comes_again,
    a_purge_takes_no_more_than_it_may,
    a_rate_goes_when_it_is_paid_off_and_not_before,
);

const DAY: u64 = 24 * 60 * 60;

/// With something that was put aside.
async fn stores_and_puts_aside(bench: &Bench, key: &str) -> usize {
    let aside = Quarantined {
        payload: key.as_bytes().to_vec(),
        reason: key.to_owned(),
    };
    let delivery = NewDelivery {
        quarantined: vec![aside],
        ..bench.delivery(vec![bench.row_in(key, key).await])
    };
    bench.store.store(delivery).await.unwrap()
}

async fn purges(bench: &Bench, most: u32) -> Purged {
    let expired = Expired::at(bench.now());
    bench.store.purge(expired, most).await.unwrap()
}

/// Failure 43: there is a schedule, and what it does not concern stays.
async fn what_arrived_long_ago_goes_and_the_rest_stays(bench: &Bench) {
    stores_and_puts_aside(bench, "long ago").await;
    bench.after_seconds(89 * DAY);
    stores_and_puts_aside(bench, "lately").await;
    assert_eq!(purges(bench, 100).await, Purged::default());
    bench.after_seconds(2 * DAY);
    let expected = Purged {
        deliveries: 1,
        quarantined: 1,
        rates: 0,
    };
    assert_eq!(purges(bench, 100).await, expected);
    let left = bench.store.put_aside(10).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].reason, "lately");
    assert_eq!(purges(bench, 100).await, Purged::default(), "it is gone");
}

async fn what_came_before_the_purge_is_known_when_it_comes_again(bench: &Bench) {
    assert_eq!(stores_and_puts_aside(bench, "once").await, 1);
    bench.after_seconds(100 * DAY);
    assert_eq!(purges(bench, 100).await.deliveries, 1);
    assert_eq!(stores_and_puts_aside(bench, "once").await, 0);
    let waits = bench.leases().await;
    assert_eq!(waits.len(), 1, "the element waits as before, with its bytes");
    assert_eq!(waits[0].payload, b"once");
}

/// Failure 43: many at once, and never so many that others wait.
async fn a_purge_takes_no_more_than_it_may(bench: &Bench) {
    for key in ["1", "2", "3"] {
        stores_and_puts_aside(bench, key).await;
    }
    bench.after_seconds(100 * DAY);
    let mut taken = Vec::new();
    for _ in 0..3 {
        let purged = purges(bench, 2).await;
        taken.push((purged.deliveries, purged.may_have_left_some(2)));
    }
    assert_eq!(taken, [(2, true), (1, false), (0, false)]);
}

async fn a_rate_goes_when_it_is_paid_off_and_not_before(bench: &Bench) {
    let hour = Rate {
        burst: 1,
        every: Duration::from_hours(1),
    };
    let limits = SendLimits {
        number: hour,
        pair: hour,
    };
    let client = bench.client(phone("85290000001")).await;
    bench.queues_one(client, 0).await;
    assert_eq!(bench.sends_within(limits, 10).await.len(), 1);
    let paid_off = bench.now() + Duration::from_hours(1);
    let purge = async |before: Timestamp| {
        let expired = Expired {
            arrived_before: Timestamp::from_micros(0),
            paid_before: before,
        };
        bench.store.purge(expired, 10).await.unwrap().rates
    };
    assert_eq!(purge(paid_off).await, 0, "it is in use up to this very moment");
    assert_eq!(
        purge(paid_off + Duration::from_micros(1)).await,
        2,
        "of the number, and of the pair"
    );
}
