//! The company of the documentation, and how a test creates one.

use std::collections::BTreeMap;

use onboarding_core::{
    ButtonKey, ClientProfileId, CompanyId, CompanySettings, CountryCode, Draw, Extension, ExternalCompany,
    ExternalCompanyId, Features, Language, Limits, OfficialAccountId, OptOutWords, OrgUnit, OrgUnitId,
    PhoneNumber, PoolId, QrText, Role, SecretRef, SignInSettings, Template, TemplatePurpose, TextTemplate,
    Texts, Timestamp, UserId, WhatsAppSecrets,
    audit::Origin,
    config::{
        ClientProfileConfig, CompanyConfig, ConfigChange, OfficialAccountConfig, PoolConfig, UserConfig,
    },
    ports::{ApplyOutcome, OnboardingStore},
};

/// The id of [`acme`].
pub const ACME: &str = "acme";

/// The number that clients of [`acme`] first write to.
pub const PRIMARY: &str = "+85256428035";

/// The numbers that carry the conversations of [`acme`].
pub const SECONDARIES: [&str; 3] = ["+85251079302", "+85251079303", "+85251079304"];

/// The primary that [`with_pool_in_sg`] adds.
pub const SG_PRIMARY: &str = "+6531290001";

/// The secondary that [`with_pool_in_sg`] adds.
pub const SG_SECONDARY: &str = "+6531290002";

/// The id of [`acme`], parsed.
pub fn acme_id() -> CompanyId {
    CompanyId::parse(ACME).expect("a slug")
}

/// A phone number, from a literal.
pub fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).expect("a phone number with its +")
}

/// A firm in Hong Kong that speaks English and Cantonese.
///
/// Unit `hk` with `hk-private` below it is served by the pool `hk`; unit `sg` by none. Dom (`#dom123456`,
/// external company `globex`) and Kate (`#kate`) work in `hk-private`, Michael (`#michael`) in `hk`, Lee
/// (`#lee`) in `sg`. Nobody is known as a client yet. Lists are sorted by key.
pub fn acme() -> CompanyConfig {
    let globex = ExternalCompanyId::parse("globex").expect("a slug");
    CompanyConfig {
        settings: settings(),
        org_units: vec![
            org_unit("hk", "Hong Kong", None),
            org_unit("hk-private", "Private Clients", Some("hk")),
            org_unit("sg", "Singapore", None),
        ],
        external_companies: vec![ExternalCompany {
            id: globex.clone(),
            name: "Globex".to_owned(),
        }],
        leavers: Vec::new(),
        users: vec![
            UserConfig {
                external_companies: vec![globex],
                ..user_named("Dom", "hk-private", "#dom123456")
            },
            user_named("Kate", "hk-private", "#kate"),
            user_named("Lee", "sg", "#lee"),
            user_named("Michael", "hk", "#michael"),
        ],
        client_profiles: Vec::new(),
        official_accounts: [SECONDARIES.as_slice(), &[PRIMARY]]
            .concat()
            .into_iter()
            .map(account)
            .collect(),
        pools: vec![pool("hk", PRIMARY, &SECONDARIES)],
    }
}

/// The same company with a pool of its own for `sg`.
pub fn with_pool_in_sg(config: CompanyConfig) -> CompanyConfig {
    let mut config = config;
    config
        .official_accounts
        .extend([SG_PRIMARY, SG_SECONDARY].map(account));
    config
        .official_accounts
        .sort_by(|a, b| a.phone_number.cmp(&b.phone_number));
    config.pools.push(pool("sg", SG_PRIMARY, &[SG_SECONDARY]));
    config
}

/// A user whose username is their name in lower case.
pub fn user_named(name: &str, unit: &str, extension: &str) -> UserConfig {
    UserConfig {
        username: name.to_lowercase(),
        name: name.to_owned(),
        email: Some(format!("{}@acme.example", name.to_lowercase())),
        title: None,
        org_unit: OrgUnitId::parse(unit).expect("a slug"),
        extension: Some(Extension::parse(extension).expect("an extension")),
        external_companies: Vec::new(),
        roles: vec![Role::User],
        identities: Vec::new(),
    }
}

/// A profile of the client with this phone, assigned to nobody.
pub fn profile(key: &str, unit: &str, phone_number: &str) -> ClientProfileConfig {
    ClientProfileConfig {
        key: key.to_owned(),
        name: format!("Client {key}"),
        phone_number: Some(number(phone_number)),
        org_unit: OrgUnitId::parse(unit).expect("a slug"),
        external_company: None,
        assigned_to: Vec::new(),
    }
}

/// Everything that creates this company. The order suits a store that checks references at once.
pub fn all_changes(config: &CompanyConfig, draw: &mut Draw) -> Vec<ConfigChange> {
    let mut changes = vec![ConfigChange::PutCompany {
        new_key: ButtonKey::mint(draw),
        settings: Box::new(config.settings.clone()),
    }];
    changes.extend(config.org_units.iter().cloned().map(ConfigChange::PutOrgUnit));
    changes.extend(
        config
            .external_companies
            .iter()
            .cloned()
            .map(ConfigChange::PutExternalCompany),
    );
    let mut minted = 0;
    // Ids grow: of equally good numbers the allocation takes the one that stands first here.
    let mut new_id = || {
        minted += 1;
        draw.uuid(Timestamp::from_unix_seconds(minted))
    };
    for account in config.official_accounts.iter().cloned() {
        let new_id = OfficialAccountId::from_uuid(new_id());
        changes.push(ConfigChange::PutOfficialAccount { new_id, account });
    }
    changes.extend(config.pools.iter().cloned().map(ConfigChange::PutPool));
    for user in config.users.iter().cloned() {
        changes.push(ConfigChange::PutUser {
            new_id: UserId::from_uuid(new_id()),
            user,
        });
    }
    for profile in config.client_profiles.iter().cloned() {
        let new_id = ClientProfileId::from_uuid(new_id());
        changes.push(ConfigChange::PutClientProfile { new_id, profile });
    }
    changes
}

/// Creates the company in the store, which must not have it yet.
pub async fn create(
    store: &dyn OnboardingStore,
    company: &CompanyId,
    config: &CompanyConfig,
    draw: &mut Draw,
) {
    put(store, company, None, all_changes(config, draw)).await;
}

/// Creates the company in the store; one that is there already gets everything that is configured here and keeps
/// what is not.
pub async fn configure(
    store: &dyn OnboardingStore,
    company: &CompanyId,
    config: &CompanyConfig,
    draw: &mut Draw,
) {
    let present = store
        .config(company)
        .await
        .expect("the store tells the configuration");
    let revision = present.map(|(_, revision)| revision);
    put(store, company, revision, all_changes(config, draw)).await;
}

async fn put(
    store: &dyn OnboardingStore,
    company: &CompanyId,
    revision: Option<u64>,
    changes: Vec<ConfigChange>,
) {
    let applied = store
        .apply(company, revision, changes, &Origin::system(), Timestamp::EPOCH)
        .await;
    let applied = applied.expect("the store takes the configuration");
    assert!(
        matches!(applied, ApplyOutcome::Applied(_)),
        "cannot configure {company}: {applied:?}"
    );
}

fn settings() -> CompanySettings {
    let [en, zh] = ["en", "zh-HK"].map(|tag| Language::parse(tag).expect("a language"));
    let secret = |name: &str| SecretRef::Env(format!("ACME_{name}"));
    CompanySettings {
        name: "Acme".to_owned(),
        country: CountryCode::parse("HK").expect("a country"),
        default_language: en.clone(),
        languages: vec![en, zh],
        whatsapp: WhatsAppSecrets {
            app_secret: secret("APP_SECRET"),
            verify_token: secret("VERIFY_TOKEN"),
            access_token: secret("ACCESS_TOKEN"),
        },
        features: Features::default(),
        limits: Limits::default(),
        templates: BTreeMap::from([
            (
                TemplatePurpose::Invitation,
                template("acme_invitation", &["{user_name}", "{company_name}"]),
            ),
            (
                TemplatePurpose::RoomReminder,
                template("acme_reminder", &["{user_name}"]),
            ),
        ]),
        qr_text: QrText::default(),
        qr_logo: None,
        texts: Texts::default(),
        opt_out: OptOutWords::default(),
        sign_in: SignInSettings::default(),
    }
}

fn template(name: &str, body: &[&str]) -> Template {
    Template {
        name: name.to_owned(),
        language: "en".to_owned(),
        text: None,
        body: body
            .iter()
            .map(|text| TextTemplate::parse(text).expect("a text"))
            .collect(),
        buttons: Vec::new(),
    }
}

fn org_unit(id: &str, name: &str, parent: Option<&str>) -> OrgUnit {
    let slug = |id: &str| OrgUnitId::parse(id).expect("a slug");
    OrgUnit {
        id: slug(id),
        name: name.to_owned(),
        parent: parent.map(slug),
    }
}

fn account(phone_number: &str) -> OfficialAccountConfig {
    let phone_number = number(phone_number);
    OfficialAccountConfig {
        phone_number_id: format!("id-{}", phone_number.digits()),
        phone_number,
        waba_id: "waba-acme".to_owned(),
    }
}

fn pool(id: &str, primary: &str, secondaries: &[&str]) -> PoolConfig {
    let country = |code: &str| CountryCode::parse(code).expect("a country");
    PoolConfig {
        id: PoolId::parse(id).expect("a slug"),
        org_units: vec![OrgUnitId::parse(id).expect("a slug")],
        primary: number(primary),
        secondaries: secondaries.iter().map(|text| number(text)).collect(),
        draining: Vec::new(),
        default_country: Some(country(id)),
        fallback_upward: true,
        geography_mapping: BTreeMap::from([(country("MO"), country("HK"))]),
    }
}
