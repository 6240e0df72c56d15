//! Whatever happens in whatever order, the invariants hold.

use std::time::Duration;

use onboarding_core::{
    Actor, CloseReason, ProspectState, RoomEnd, config::ConfigChange, ports::ProspectFilter, service::Wish,
};
use onboarding_testkit::{PRIMARY, SECONDARIES, TestService, acme_id, number};
use proptest::prelude::*;

use crate::{acme_with_templates, acts, applies, live_rooms, nothing_is_violated, user};

const CLIENTS: [&str; 2] = ["447700900123", "85291234567"];
const USERS: [&str; 4] = ["kate", "dom", "michael", "lee"];
const EXTENSIONS: [&str; 4] = ["#kate", "#dom123456", "#michael", "#lee"];

#[derive(Debug, Clone)]
enum Step {
    Says(usize, &'static str),
    Asks(usize, usize),
    Closes(usize),
    HandsOver(usize, usize),
    Retires(usize, bool),
    Leaves(usize, Option<usize>),
    Promotes(usize),
    Rejects(usize),
    Waits(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let client = || 0..CLIENTS.len();
    let somebody = || 0..USERS.len();
    prop_oneof![
        6 => (client(), somebody()).prop_map(|(client, user)| Step::Asks(client, user)),
        1 => (client(), prop::sample::select(vec!["stop", "start", "退訂"])).prop_map(|(c, w)| Step::Says(c, w)),
        2 => (0_usize..8).prop_map(Step::Closes),
        2 => (0_usize..8, somebody()).prop_map(|(room, to)| Step::HandsOver(room, to)),
        1 => (0..SECONDARIES.len(), any::<bool>()).prop_map(|(n, on)| Step::Retires(n, on)),
        1 => (somebody(), prop::option::of(somebody())).prop_map(|(u, to)| Step::Leaves(u, to)),
        2 => (0_usize..4).prop_map(Step::Promotes),
        1 => (0_usize..4).prop_map(Step::Rejects),
        1 => (0_u64..50).prop_map(Step::Waits),
    ]
}

async fn does(service: &TestService, step: Step) {
    let end = |reason| RoomEnd {
        by: Actor::Operator,
        reason,
        note: None,
    };
    let prospect = async |nth: usize| {
        let any = ProspectFilter::default();
        let all = service.store.prospects(&acme_id(), any, 99).await.unwrap();
        all.get(nth).map(|one| one.id)
    };
    match step {
        Step::Says(client, word) => drop(service.client(CLIENTS[client]).sends(PRIMARY, word).await),
        Step::Asks(client, user) => {
            drop(
                service
                    .client(CLIENTS[client])
                    .sends(PRIMARY, EXTENSIONS[user])
                    .await,
            );
        }
        Step::Closes(nth) => {
            if let Some(room) = live_rooms(service).await.get(nth) {
                let end = end(CloseReason::Ended);
                acts(service, Wish::CloseRoom { room: room.id, end }).await;
            }
        }
        Step::HandsOver(nth, to) => {
            if let Some(room) = live_rooms(service).await.get(nth) {
                let wish = Wish::HandOverRoom {
                    room: room.id,
                    to: user(service, USERS[to]).await.id,
                    end: end(CloseReason::HandedOver),
                };
                acts(service, wish).await;
            }
        }
        Step::Retires(nth, retired) => {
            let phone_number = number(SECONDARIES[nth]);
            applies(
                service,
                ConfigChange::RetireOfficialAccount {
                    phone_number,
                    retired,
                },
            )
            .await;
        }
        Step::Leaves(who, to) => {
            let change = ConfigChange::DeactivateUser {
                username: USERS[who].to_owned(),
                successor: to.filter(|to| *to != who).map(|to| USERS[to].to_owned()),
            };
            applies(service, change).await;
        }
        Step::Promotes(nth) => {
            if let Some(prospect) = prospect(nth).await {
                let by = Actor::Operator;
                acts(service, Wish::Promote { prospect, by }).await;
            }
        }
        Step::Rejects(nth) => {
            if let Some(prospect) = prospect(nth).await {
                let (state, by) = (ProspectState::Rejected, Actor::Operator);
                acts(service, Wish::EndProspect { prospect, state, by }).await;
            }
        }
        Step::Waits(hours) => drop(service.clock.advance(Duration::from_hours(hours))),
    }
    service.clock.advance(Duration::from_mins(2));
    service.pump().await;
    service.upkeep.look_after(&acme_id()).await.unwrap();
    service.pump().await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_history_of_rooms_prospects_and_numbers_breaks_an_invariant(
        steps in prop::collection::vec(step(), 1..30),
        auto_promotion in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut config = acme_with_templates();
            config.settings.features.auto_promotion = auto_promotion;
            config.settings.features.waiting_list = true;
            let service = TestService::with(config).await;
            for step in steps {
                does(&service, step).await;
                nothing_is_violated(&service).await;
            }
        });
    }
}
