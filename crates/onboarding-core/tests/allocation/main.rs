//! The allocation ladder: what holds for every pool, client and history.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod small_world;

use std::collections::BTreeMap;

use onboarding_core::{
    AccountUsage, Bsuid, ButtonKey, Candidate, ClientAliases, ClientRoom, Company, CompanyId,
    CompanySettings, CountryCode, Exhaustion, FactName, Features, Health, Language, Limits, OfficialAccount,
    OfficialAccountId, OptOutWords, OrgUnit, OrgUnitId, PhoneNumber, Platform, PlatformFact, Pool, PoolId,
    QrText, RoomState, Rung, SecretRef, SignInSettings, Subject, Template, TemplatePurpose, Templates, Texts,
    Timestamp, Trace, User, UserId, Verdict, WaId, WhatsAppSecrets, allocate,
};
use proptest::prelude::*;
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_346_001);
const NUMBERS: [&str; 5] = [
    "+85251079301",
    "+85251079302",
    "+6581234567",
    "+447700900001",
    "+85251079303",
];

fn account_id(n: usize) -> OfficialAccountId {
    OfficialAccountId::from_uuid(Uuid::from_u128(1 + n as u128))
}

fn user_id(n: u8) -> UserId {
    UserId::from_uuid(Uuid::from_u128(1000 + u128::from(n)))
}

fn user(n: u8) -> User {
    User {
        id: user_id(n),
        username: format!("user-{n}"),
        name: format!("User {n}"),
        email: None,
        title: None,
        org_unit: OrgUnitId::parse("leaf").unwrap(),
        extension: None,
        external_companies: Vec::new(),
        roles: Vec::new(),
        active: true,
    }
}

fn client(phone: &str) -> ClientAliases {
    ClientAliases {
        wa_id: WaId::from_whatsapp(phone),
        ..ClientAliases::default()
    }
}

/// The unit `leaf` below `root`; a pool for each, the lower one may fall back upward.
fn company(lower: &[usize], upper: &[usize]) -> Company {
    let unit = |id: &str, parent: Option<&str>| OrgUnit {
        id: OrgUnitId::parse(id).unwrap(),
        name: id.to_owned(),
        parent: parent.map(|parent| OrgUnitId::parse(parent).unwrap()),
    };
    let pool = |id: &str, unit: &str, members: &[usize]| Pool {
        id: PoolId::parse(id).unwrap(),
        org_units: vec![OrgUnitId::parse(unit).unwrap()],
        primary: account_id(90),
        secondaries: members.iter().map(|n| account_id(*n)).collect(),
        draining: Vec::new(),
        default_country: None,
        fallback_upward: true,
        geography_mapping: BTreeMap::new(),
    };
    let account = |n: usize| OfficialAccount {
        id: account_id(n),
        phone_number: PhoneNumber::parse(NUMBERS[n]).unwrap(),
        phone_number_id: n.to_string(),
        waba_id: "1".to_owned(),
        retired: false,
    };
    let secret = || SecretRef::Env("SECRET".to_owned());
    Company {
        id: CompanyId::parse("acme").unwrap(),
        revision: 1,
        settings: CompanySettings {
            name: "Acme".to_owned(),
            country: CountryCode::parse("HK").unwrap(),
            default_language: Language::english(),
            languages: vec![Language::english()],
            whatsapp: WhatsAppSecrets {
                app_secret: secret(),
                verify_token: secret(),
                access_token: secret(),
            },
            features: Features::default(),
            limits: Limits::default(),
            templates: Templates::new(),
            qr_text: QrText::default(),
            qr_logo: None,
            texts: Texts::default(),
            opt_out: OptOutWords::default(),
            sign_in: SignInSettings::default(),
        },
        org_units: vec![unit("root", None), unit("leaf", Some("root"))],
        external_companies: Vec::new(),
        accounts: (0..NUMBERS.len()).map(account).collect(),
        pools: vec![pool("lower", "leaf", lower), pool("upper", "root", upper)],
        platform: Platform::default(),
        button_key: ButtonKey::from_bytes([7; 32]),
    }
}

/// As if WhatsApp had told so of the number.
fn set_health(company: &mut Company, n: usize, health: Health) {
    let about = Subject::Number(company.accounts[n].phone_number_id.clone());
    let fact = PlatformFact::good(about, FactName::Sending, "", NOW);
    company.platform.put(fact.but(health, "for the test"));
}

fn invitation() -> Template {
    Template {
        name: "invitation".to_owned(),
        language: "en".to_owned(),
        text: None,
        body: Vec::new(),
        buttons: Vec::new(),
    }
}

fn usage(n: usize, live_rooms: u32, rooms: &[(u8, RoomState)]) -> AccountUsage {
    let room = |(user, state): &(u8, RoomState)| ClientRoom {
        user: user_id(*user),
        state: *state,
        closed_at: (!state.is_live()).then_some(NOW),
    };
    AccountUsage {
        account: account_id(n),
        live_rooms,
        last_allocated_at: None,
        rooms_of_client: rooms.iter().map(room).collect(),
        limit_left: None,
    }
}

fn chosen(
    company: &Company,
    phone: &str,
    usage: &[AccountUsage],
) -> Result<(OfficialAccountId, Rung), Exhaustion> {
    let mut trace = Trace::default();
    allocate(company, &user(0), &client(phone), usage, NOW, &mut trace)
        .map(|found| (found.account, found.rung))
}

#[test]
fn the_rungs_are_climbed_in_order() {
    let mut company = company(&[0, 1, 2], &[3]);
    let hong_kong = CountryCode::parse("HK").unwrap();
    company.pools[0].default_country = Some(hong_kong);
    let singapore = "6591234567";
    assert_eq!(
        chosen(&company, singapore, &[]),
        Ok((account_id(2), Rung::Country))
    );
    let before = [usage(1, 0, &[(0, RoomState::Closed)])];
    assert_eq!(
        chosen(&company, singapore, &before),
        Ok((account_id(1), Rung::Sticky))
    );
    let macao = "85366123456";
    company.pools[0].geography_mapping.insert(
        CountryCode::parse("MO").unwrap(),
        CountryCode::parse("SG").unwrap(),
    );
    assert_eq!(
        chosen(&company, macao, &[]),
        Ok((account_id(2), Rung::GeographyMapping))
    );
    assert_eq!(
        chosen(&company, "33612345678", &[]),
        Ok((account_id(0), Rung::DefaultRegion))
    );
    let taken: Vec<_> = [0, 1, 2].map(|n| usage(n, 1, &[(1, RoomState::Active)])).into();
    assert_eq!(
        chosen(&company, singapore, &taken),
        Ok((account_id(3), Rung::DefaultRegion)),
        "the pool above"
    );
    company.pools[0].fallback_upward = false;
    assert_eq!(chosen(&company, singapore, &taken), Err(Exhaustion::NoNumberFree));
}

#[test]
fn ties_go_to_the_least_used_then_the_least_recent_then_the_lowest() {
    let company = company(&[0, 1, 4], &[]);
    let phone = "85291234567";
    assert_eq!(chosen(&company, phone, &[]), Ok((account_id(0), Rung::Country)));
    let busy = [usage(0, 2, &[]), usage(1, 1, &[]), usage(4, 1, &[])];
    assert_eq!(chosen(&company, phone, &busy), Ok((account_id(1), Rung::Country)));
    let mut recent = busy.to_vec();
    recent[1].last_allocated_at = Some(NOW);
    assert_eq!(
        chosen(&company, phone, &recent),
        Ok((account_id(4), Rung::Country))
    );
}

#[test]
fn a_client_whose_country_nothing_tells_is_taken_for_one_of_the_companys() {
    let mut company = company(&[2, 0], &[]);
    let parent = |id: &str| ClientAliases {
        bsuid: Bsuid::from_whatsapp(id),
        ..ClientAliases::default()
    };
    let chosen = |company: &Company, client: &ClientAliases| {
        let mut trace = Trace::default();
        allocate(company, &user(0), client, &[], NOW, &mut trace).map(|found| (found.account, found.rung))
    };
    assert_eq!(
        chosen(&company, &parent("SG.17")),
        Ok((account_id(2), Rung::Country)),
        "by the id"
    );
    assert_eq!(
        chosen(&company, &parent("17")),
        Ok((account_id(0), Rung::Country)),
        "by the company"
    );
    company.settings.country = CountryCode::parse("SG").unwrap();
    assert_eq!(
        chosen(&company, &parent("17")),
        Ok((account_id(2), Rung::Country))
    );
}

#[test]
fn a_pool_of_a_unit_and_the_one_above_is_asked_once() {
    let mut company = company(&[0], &[]);
    company.pools.truncate(1);
    company.pools[0].org_units.push(OrgUnitId::parse("root").unwrap());
    let leaf = OrgUnitId::parse("leaf").unwrap();
    assert_eq!(company.pools_for(&leaf).len(), 1);
}

#[test]
fn a_unit_without_a_pool_is_served_by_the_nearest_above_that_has_one() {
    let mut company = company(&[0], &[1]);
    let unit = |id: &str| OrgUnitId::parse(id).unwrap();
    company.org_units.push(OrgUnit {
        id: unit("desk"),
        name: "Desk".to_owned(),
        parent: Some(unit("leaf")),
    });
    let ids = |company: &Company, of: &str| {
        let of = unit(of);
        let pools = company.pools_for(&of).into_iter();
        pools.map(|pool| pool.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&company, "desk"), ["lower", "upper"]);
    company.pools[0].fallback_upward = false;
    assert_eq!(ids(&company, "desk"), ["lower"]);
    assert_eq!(ids(&company, "root"), ["upper"], "never downward");
}

#[test]
fn each_exhaustion_has_its_own_name() {
    let phone = "85291234567";
    let mut unhealthy = company(&[0, 1], &[]);
    set_health(&mut unhealthy, 0, Health::Blocked);
    set_health(&mut unhealthy, 1, Health::Limited);
    assert_eq!(chosen(&unhealthy, phone, &[]), Err(Exhaustion::AccountsUnhealthy));
    let mut limited = company(&[0, 1], &[]);
    limited.settings.templates = Templates::from([(TemplatePurpose::Invitation, invitation())]);
    let spent = |n: usize| AccountUsage {
        limit_left: Some(0),
        ..usage(n, 0, &[])
    };
    let spent = [spent(0), spent(1)];
    assert_eq!(
        chosen(&limited, phone, &spent),
        Err(Exhaustion::MessagingLimitReached)
    );
    limited.settings.features.link_fallback = true;
    assert!(chosen(&limited, phone, &spent).is_ok(), "a link uses no limit");
    assert_eq!(
        chosen(&company(&[], &[]), phone, &[]),
        Err(Exhaustion::NoNumberFree)
    );
}

#[test]
fn a_former_users_number_is_given_to_another_only_after_the_cool_down() {
    let mut company = company(&[0], &[]);
    let phone = "85291234567";
    let mut former = [usage(0, 0, &[(1, RoomState::Closed)])];
    assert_eq!(chosen(&company, phone, &former), Err(Exhaustion::NoNumberFree));
    company.settings.features.pair_reuse_after_days = Some(30);
    assert_eq!(chosen(&company, phone, &former), Err(Exhaustion::NoNumberFree));
    former[0].rooms_of_client[0].closed_at = Some(NOW - std::time::Duration::from_hours(30 * 24));
    assert_eq!(
        chosen(&company, phone, &former),
        Ok((account_id(0), Rung::Country))
    );
    let failed = [usage(0, 0, &[(1, RoomState::Failed)])];
    assert_eq!(
        chosen(&company, phone, &failed),
        Ok((account_id(0), Rung::Country)),
        "no thread on the phone"
    );
}

fn any_state() -> impl Strategy<Value = RoomState> {
    prop_oneof![
        Just(RoomState::Invited),
        Just(RoomState::Active),
        Just(RoomState::Closed),
        Just(RoomState::Failed)
    ]
}

/// Live rooms of all clients, when last allocated, the rooms of the client.
type Drawn = (u32, Option<i64>, Vec<(u8, RoomState)>);

fn any_usage() -> impl Strategy<Value = Vec<AccountUsage>> {
    let one = (
        0_u32..3,
        prop::option::of(0_i64..3),
        prop::collection::vec((0_u8..3, any_state()), 0..3),
    );
    prop::collection::vec(one, NUMBERS.len()).prop_map(|all| {
        let with_time = |(n, (live, at, rooms)): (usize, Drawn)| AccountUsage {
            last_allocated_at: at.map(Timestamp::from_unix_seconds),
            ..usage(n, live, &rooms)
        };
        all.into_iter().enumerate().map(with_time).collect()
    })
}

fn any_company() -> impl Strategy<Value = Company> {
    let health = prop::collection::vec(prop::sample::select(Health::ALL), NUMBERS.len());
    let members = prop::collection::vec(0_u8..3, NUMBERS.len());
    (
        health,
        members,
        any::<bool>(),
        prop::collection::vec(any::<bool>(), NUMBERS.len()),
    )
        .prop_map(|(health, members, upward, draining)| {
            let of = |pool: u8| {
                let mine = |n: &usize| members[*n] == pool;
                (0..NUMBERS.len()).filter(mine).collect::<Vec<_>>()
            };
            let mut company = company(&of(0), &of(1));
            company.pools[0].fallback_upward = upward;
            for (n, health) in health.into_iter().enumerate() {
                set_health(&mut company, n, health);
                if draining[n] && members[n] == 0 {
                    company.pools[0].draining.push(account_id(n));
                }
            }
            company
        })
}

proptest! {
    #[test]
    fn the_order_of_the_input_never_matters(company in any_company(), usage in any_usage(), phone in "(852|65|44)9[0-9]{7}") {
        let mut turned = company.clone();
        turned.accounts.reverse();
        for pool in &mut turned.pools {
            pool.secondaries.reverse();
        }
        let mut turned_usage = usage.clone();
        turned_usage.reverse();
        prop_assert_eq!(chosen(&company, &phone, &usage), chosen(&turned, &phone, &turned_usage));
    }

    #[test]
    fn what_is_chosen_is_free_and_what_is_refused_is_not(company in any_company(), usage in any_usage(), phone in "(852|65|44)9[0-9]{7}") {
        let free = |n: usize| {
            let rooms = &usage[n].rooms_of_client;
            let live = rooms.iter().any(|room| room.state.is_live());
            let others = rooms.iter().any(|room| room.state == RoomState::Closed && room.user != user_id(0));
            !live && !others
                && company.health_of(&company.accounts[n], NOW).takes_new_rooms()
                && !company.pools[0].draining.contains(&account_id(n))
        };
        let reach = |n: usize| {
            let (lower, upper) = (&company.pools[0], &company.pools[1]);
            lower.secondaries.contains(&account_id(n))
                || (lower.fallback_upward && upper.secondaries.contains(&account_id(n)))
        };
        let all: Vec<_> = (0..NUMBERS.len()).filter(|n| reach(*n) && free(*n)).map(account_id).collect();
        match chosen(&company, &phone, &usage) {
            Ok((account, _)) => prop_assert!(all.contains(&account)),
            Err(_) => prop_assert!(all.is_empty(), "{:?} were free", all),
        }
    }

    #[test]
    fn the_trace_names_every_candidate_once(company in any_company(), usage in any_usage()) {
        let mut trace = Trace::default();
        let found = allocate(&company, &user(0), &client("85291234567"), &usage, NOW, &mut trace);
        let candidates: Vec<&Candidate> = trace.steps().iter().flat_map(|step| &step.candidates).collect();
        let chosen = candidates.iter().filter(|one| one.verdict == Verdict::Chosen).count();
        prop_assert_eq!(chosen, usize::from(found.is_ok()));
        let mut subjects: Vec<_> = candidates.iter().map(|one| &one.subject).collect();
        let count = subjects.len();
        subjects.sort_unstable();
        subjects.dedup();
        prop_assert_eq!(subjects.len(), count);
    }
}
