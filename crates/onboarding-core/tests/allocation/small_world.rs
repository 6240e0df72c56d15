//! Every world of two numbers in two pools, compared with the ladder as domain.md says it, written down slowly.

use super::*;

/// What can be told apart of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Number {
    in_upper_pool: bool,
    country: &'static str,
    trouble: Trouble,
    past: Past,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    None,
    Draining,
    Blocked,
}

/// What this client and the number had with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Past {
    Nothing,
    LiveRoom,
    ClosedRoomWithThisUser,
    ClosedRoomWithAnother,
    FailedRoomWithAnother,
}

/// What can be told apart of the rest.
#[derive(Debug, Clone, Copy)]
struct Rules {
    upward: bool,
    default_country: Option<&'static str>,
    macao_maps_to_singapore: bool,
    client: &'static str,
}

fn numbers() -> Vec<Number> {
    let mut all = Vec::new();
    for in_upper_pool in [false, true] {
        for country in ["HK", "SG"] {
            for trouble in [Trouble::None, Trouble::Draining, Trouble::Blocked] {
                for past in [
                    Past::Nothing,
                    Past::LiveRoom,
                    Past::ClosedRoomWithThisUser,
                    Past::ClosedRoomWithAnother,
                    Past::FailedRoomWithAnother,
                ] {
                    all.push(Number {
                        in_upper_pool,
                        country,
                        trouble,
                        past,
                    });
                }
            }
        }
    }
    all
}

fn rules() -> Vec<Rules> {
    let mut all = Vec::new();
    for upward in [false, true] {
        for default_country in [None, Some("HK")] {
            for macao_maps_to_singapore in [false, true] {
                for client in ["HK", "MO"] {
                    all.push(Rules {
                        upward,
                        default_country,
                        macao_maps_to_singapore,
                        client,
                    });
                }
            }
        }
    }
    all
}

/// The best of all numbers by one comparison: pool, rung, id. `None` where a number cannot be had at all.
fn slowly(world: &[Number], rules: Rules) -> Result<(usize, Rung), Exhaustion> {
    let reachable = |number: &Number| !number.in_upper_pool || rules.upward;
    let usable = |number: &Number| {
        number.trouble == Trouble::None
            && !matches!(number.past, Past::LiveRoom | Past::ClosedRoomWithAnother)
    };
    let rung = |number: &Number| {
        if number.past == Past::ClosedRoomWithThisUser {
            Some(Rung::Sticky)
        } else if number.country == rules.client {
            Some(Rung::Country)
        } else if rules.client == "MO" && rules.macao_maps_to_singapore && number.country == "SG" {
            Some(Rung::GeographyMapping)
        } else if rules
            .default_country
            .is_none_or(|country| country == number.country)
        {
            Some(Rung::DefaultRegion)
        } else {
            None
        }
    };
    let ranked = world
        .iter()
        .enumerate()
        .filter(|(_, number)| reachable(number) && usable(number));
    let ranked = ranked.filter_map(|(index, number)| Some((number.in_upper_pool, rung(number)?, index)));
    if let Some((_, rung, index)) = ranked.min_by_key(|(upper, rung, index)| (*upper, *rung as u8, *index)) {
        return Ok((index, rung));
    }
    let held_back_by_health = |number: &Number| {
        reachable(number)
            && number.trouble == Trouble::Blocked
            && !matches!(number.past, Past::LiveRoom | Past::ClosedRoomWithAnother)
    };
    Err(if world.iter().any(held_back_by_health) {
        Exhaustion::AccountsUnhealthy
    } else {
        Exhaustion::NoNumberFree
    })
}

fn built(world: &[Number], rules: Rules) -> (Company, Vec<AccountUsage>) {
    let places = |upper: bool| {
        let there = |n: &usize| world[*n].in_upper_pool == upper;
        (0..world.len()).filter(there).collect::<Vec<_>>()
    };
    let mut company = company(&places(false), &places(true));
    for pool in &mut company.pools {
        pool.fallback_upward = rules.upward;
        pool.default_country = rules
            .default_country
            .map(|code| CountryCode::parse(code).unwrap());
        if rules.macao_maps_to_singapore {
            let [macao, singapore] = ["MO", "SG"].map(|code| CountryCode::parse(code).unwrap());
            pool.geography_mapping.insert(macao, singapore);
        }
    }
    let mut all_usage = Vec::new();
    for (n, number) in world.iter().enumerate() {
        let text = match number.country {
            "HK" => format!("+8525107930{n}"),
            _ => format!("+658123456{n}"),
        };
        company.accounts[n].phone_number = PhoneNumber::parse(&text).unwrap();
        let pool = usize::from(number.in_upper_pool);
        match number.trouble {
            Trouble::None => {}
            Trouble::Draining => company.pools[pool].draining.push(account_id(n)),
            Trouble::Blocked => super::set_health(&mut company, n, Health::Blocked),
        }
        let rooms: &[(u8, RoomState)] = match number.past {
            Past::Nothing => &[],
            Past::LiveRoom => &[(1, RoomState::Active)],
            Past::ClosedRoomWithThisUser => &[(0, RoomState::Closed)],
            Past::ClosedRoomWithAnother => &[(1, RoomState::Closed)],
            Past::FailedRoomWithAnother => &[(1, RoomState::Failed)],
        };
        all_usage.push(usage(n, 0, rooms));
    }
    (company, all_usage)
}

#[test]
fn the_ladder_agrees_with_its_slow_telling_in_every_small_world() {
    let (numbers, rules) = (numbers(), rules());
    for first in &numbers {
        for second in &numbers {
            let world = [*first, *second];
            for rules in &rules {
                let (company, usage) = built(&world, *rules);
                let client = if rules.client == "HK" {
                    "85291234567"
                } else {
                    "85366123456"
                };
                let expected = slowly(&world, *rules).map(|(n, rung)| (account_id(n), rung));
                let found = chosen(&company, client, &usage);
                assert_eq!(found, expected, "{world:?} {rules:?}");
            }
        }
    }
}
