mod each_setting;
mod model;

use proptest::prelude::*;

use super::*;
use crate::{
    Extension, Role, TextKey, TextTemplate,
    config::mistakes::tests::{account, phone, pool, profile, sample, unit, user},
};

fn lines(current: Option<&CompanyConfig>, wished: &CompanyConfig) -> Vec<String> {
    let mut draw = Draw::from_seed([1; 32]);
    plan(current, wished, Timestamp::EPOCH, &mut draw)
        .into_iter()
        .map(|planned| planned.summary)
        .collect()
}

#[test]
fn a_new_company_is_created_whole_with_parents_before_their_units() {
    let mut wished = sample();
    wished.org_units.reverse();
    assert_eq!(
        lines(None, &wished),
        [
            "+ company (Acme)",
            "+ org unit sg (SG)",
            "+ org unit hk (HK)",
            "+ org unit hk-private (HK-PRIVATE)",
            "+ external company globex (Globex)",
            "+ official account +85256428035 (id 185256428035)",
            "+ official account +85251079302 (id 185251079302)",
            "+ official account +85251079303 (id 185251079303)",
            "+ official account +85251079304 (id 185251079304)",
            "+ pool hk (primary +85256428035, secondaries +1)",
            "+ pool sg (primary +85251079303, secondaries +1)",
            "+ user dom (dom AM, #dom123456)",
            "+ user michael (michael AM, #michael)",
            "+ user kate (kate AM)",
            "+ client profile cp-1 (Jane Roe)",
            "+ client profile cp-2 (Jane Roe)",
        ]
    );
}

#[test]
fn what_differs_is_told() {
    let mut wished = sample();
    wished.settings.name = "Acme Wealth".to_owned();
    wished.settings.features.pair_reuse_after_days = Some(30);
    wished.settings.templates.clear();
    let closed = TextTemplate::parse("closed").unwrap();
    wished.settings.texts.set(
        wished.settings.default_language.clone(),
        TextKey::RoomClosed,
        closed,
    );
    wished.org_units[2].parent = Some(wished.org_units[0].id.clone());
    let dom = &mut wished.users[0];
    dom.extension = Extension::parse("#dom").ok();
    dom.title = Some("Director".to_owned());
    dom.roles = vec![Role::Admin];
    wished.client_profiles[0].phone_number = Some(phone("+85290000000"));
    wished.official_accounts.push(account("+85251079305"));
    wished.pools[0].secondaries = vec![phone("+85251079305")];
    wished.pools[0].fallback_upward = true;
    assert_eq!(
        lines(Some(&sample()), &wished),
        [
            "~ company: name Acme → Acme Wealth, pair_reuse_after_days 0 → 30, template invitation changed, text \
             en.room_closed changed",
            "~ org unit sg: parent – → hk",
            "+ official account +85251079305 (id 185251079305)",
            "~ pool hk: secondaries +1 −1, fallback upward false → true",
            "~ user dom: extension #dom123456 → #dom, title – → Director, roles +admin −user",
            "~ client profile cp-1: phone number changed",
        ]
    );
}

#[test]
fn what_is_not_wished_goes_but_client_profiles_stay() {
    let mut wished = sample();
    wished.users.drain(1..);
    wished.org_units.clear();
    wished.external_companies.clear();
    wished.pools.pop();
    wished.official_accounts.drain(2..);
    wished.client_profiles.clear();
    wished.users.clear();
    assert_eq!(
        lines(Some(&sample()), &wished),
        [
            "- user dom (leaves: extension dead at once, rooms closed)",
            "- user michael (leaves: extension dead at once, rooms closed)",
            "- user kate (leaves, rooms closed)",
            "- pool sg (its accounts stay)",
            "- official account +85251079303 (out of use)",
            "- official account +85251079304 (out of use)",
            "- external company globex",
            "- org unit hk-private",
            "- org unit hk",
            "- org unit sg",
        ]
    );
}

#[test]
fn lists_without_an_order_are_compared_as_sets() {
    let mut current = sample();
    current.org_units.push(unit("jp", None));
    current.users[0].roles = vec![Role::User, Role::Admin];
    current.pools.push(pool(
        "jp",
        &["jp", "hk-private"],
        "+81312345678",
        &["+81312345679", "+81312345680"],
    ));
    current.pools[2].draining = current.pools[2].secondaries.clone();
    current.client_profiles[0].assigned_to.push("kate".to_owned());
    let mut wished = current.clone();
    wished.users.reverse();
    wished.users[2].roles.reverse();
    wished.pools[2].org_units.reverse();
    wished.pools[2].secondaries.reverse();
    wished.pools[2].draining.reverse();
    wished.client_profiles[0].assigned_to.reverse();
    assert_eq!(lines(Some(&current), &wished), Vec::<String>::new());
}

#[test]
fn a_profile_keeps_what_its_manifest_leaves_open() {
    let current = sample();
    let mut wished = sample();
    wished.client_profiles[0].phone_number = None;
    wished.client_profiles[0].assigned_to.clear();
    assert_eq!(lines(Some(&current), &wished), Vec::<String>::new());
    wished.client_profiles[0].name = "Jane Doe".to_owned();
    let planned = plan(
        Some(&current),
        &wished,
        Timestamp::EPOCH,
        &mut Draw::from_seed([1; 32]),
    );
    let ConfigChange::PutClientProfile { profile: put, .. } = &planned[0].change else {
        panic!("{planned:?}")
    };
    let kept = ClientProfileConfig {
        name: "Jane Doe".to_owned(),
        ..profile("cp-1", "+5541987654321")
    };
    assert_eq!(put, &kept);
}

#[test]
fn two_users_may_swap_extensions() {
    let mut wished = sample();
    wished.users[0].extension = user("x", Some("#michael")).extension;
    wished.users[1].extension = user("x", Some("#dom123456")).extension;
    assert_eq!(
        lines(Some(&sample()), &wished),
        [
            "~ user dom: extension #dom123456 → #michael",
            "~ user michael: extension #michael → #dom123456"
        ]
    );
}

proptest! {
    #[test]
    fn the_changes_lead_to_what_is_wished_and_then_there_are_none(
        current in proptest::option::of(model::config()),
        wished in model::config(),
    ) {
        let mut draw = Draw::from_seed([1; 32]);
        let planned = plan(current.as_ref(), &wished, Timestamp::EPOCH, &mut draw);
        let reached = model::applied(current.as_ref(), planned.into_iter().map(|planned| planned.change));
        let mut expected = wished.clone();
        expected.client_profiles = model::expected_profiles(current.as_ref(), &wished);
        prop_assert_eq!(model::normal(&reached), model::normal(&expected));
        let again = lines(Some(&reached), &wished);
        prop_assert!(again.is_empty(), "{:?}", again);
    }
}
