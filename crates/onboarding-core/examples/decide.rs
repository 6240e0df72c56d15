//! The whole flow as one function call: no database, no network, no mock.
//!
//! `cargo run -p onboarding-core --example decide`

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::{collections::BTreeMap, error::Error, sync::Arc};

use onboarding_core::{
    ButtonKey, ClientAliases, ClientFacts, Company, CompanyId, CompanySettings, CountryCode, Draw, Extension,
    Facts, Features, Holder, InboundMessage, Language, Limits, MessageKind, OfficialAccount,
    OfficialAccountId, OptOutWords, OrgUnit, OrgUnitId, OutboundContent, PhoneNumber, Platform, Pool, PoolId,
    ProviderMessageId, QrText, Request, SecretRef, SignInSettings, Situation, Standing, Template,
    TemplatePurpose, Templates, TextTemplate, Texts, Timestamp, User, UserId, WaId, WhatsAppSecrets, decide,
};

fn main() -> Result<(), Box<dyn Error>> {
    let now = Timestamp::from_unix_seconds(1_795_346_001);
    let mut draw = Draw::from_seed([42; 32]);
    let company = Arc::new(company(&mut draw, now)?);
    let user = user(&mut draw, now)?;

    // A client writes to the primary number, politely.
    let request = Request {
        account: company.pools[0].primary,
        message: InboundMessage {
            provider_id: ProviderMessageId::new("wamid.1"),
            sender: ClientAliases {
                wa_id: WaId::from_whatsapp("85291234567"),
                profile_name: Some("Jane Roe".to_owned()),
                ..ClientAliases::default()
            },
            sent_at: now,
            kind: MessageKind::Content("text".to_owned()),
            texts: vec!["Hello, I am looking for ＃Michael!".to_owned()],
            button: None,
            in_group: false,
        },
    };
    // What the ports would have answered: the user has that extension, and never spoke with this client.
    let standing = Standing::NoRoom {
        profiles: Vec::new(),
        waits: Vec::new(),
        usage: Vec::new(),
    };
    let holder = Some(Box::new(Holder { user, standing }));
    let facts = Facts {
        company,
        client: ClientFacts::default(),
        situation: Situation::Primary {
            holder,
            inactive_holder: false,
            asked: None,
        },
    };

    let decision = decide(&request, &facts, now, &mut draw);

    println!("outcome: {}", decision.outcome.name());
    for step in decision.trace.steps() {
        println!("  {}: {}", step.stage, step.finding);
        for candidate in &step.candidates {
            println!(
                "    {} {}: {}",
                candidate.verdict, candidate.subject, candidate.reason
            );
        }
    }
    for message in &decision.messages {
        let from = facts
            .company
            .account(message.account)
            .map(|account| account.phone_number.to_string());
        let says = match &message.content {
            OutboundContent::Text(text) => text.clone(),
            OutboundContent::Template { name, parameters, .. } => {
                format!("[{name}] {}", parameters.join(" · "))
            }
        };
        println!("{} says: {says}", from.unwrap_or_default());
    }
    assert_eq!(decision.outcome.name(), "onboarded");
    Ok(())
}

fn company(draw: &mut Draw, now: Timestamp) -> Result<Company, Box<dyn Error>> {
    let mut account = |number: &str, phone_number_id: &str| -> Result<OfficialAccount, Box<dyn Error>> {
        Ok(OfficialAccount {
            id: OfficialAccountId::from_uuid(draw.uuid(now)),
            phone_number: PhoneNumber::parse(number)?,
            phone_number_id: phone_number_id.to_owned(),
            waba_id: "200000000000001".to_owned(),
            retired: false,
        })
    };
    let accounts = vec![
        account("+85256428035", "100000000000001")?,
        account("+85251079302", "100000000000002")?,
        account("+6581234567", "100000000000003")?,
    ];
    let unit = OrgUnitId::parse("hk")?;
    let secret = |name: &str| SecretRef::Env(name.to_owned());
    let invitation = Template {
        name: "client_invitation".to_owned(),
        language: "en".to_owned(),
        text: None,
        body: vec![TextTemplate::parse("{user_name}")?],
        buttons: Vec::new(),
    };
    Ok(Company {
        id: CompanyId::parse("acme")?,
        revision: 1,
        settings: CompanySettings {
            name: "Acme Wealth".to_owned(),
            country: CountryCode::parse("HK")?,
            default_language: Language::english(),
            languages: vec![Language::english()],
            whatsapp: WhatsAppSecrets {
                app_secret: secret("APP_SECRET"),
                verify_token: secret("VERIFY_TOKEN"),
                access_token: secret("ACCESS_TOKEN"),
            },
            features: Features::default(),
            limits: Limits::default(),
            templates: Templates::from([(TemplatePurpose::Invitation, invitation)]),
            qr_text: QrText::default(),
            qr_logo: None,
            texts: Texts::default(),
            opt_out: OptOutWords::default(),
            sign_in: SignInSettings::default(),
        },
        org_units: vec![OrgUnit {
            id: unit.clone(),
            name: "Hong Kong".to_owned(),
            parent: None,
        }],
        external_companies: Vec::new(),
        pools: vec![Pool {
            id: PoolId::parse("hk")?,
            org_units: vec![unit],
            primary: accounts[0].id,
            secondaries: vec![accounts[1].id, accounts[2].id],
            draining: Vec::new(),
            default_country: None,
            fallback_upward: false,
            geography_mapping: BTreeMap::new(),
        }],
        accounts,
        platform: Platform::default(),
        button_key: ButtonKey::from_bytes([7; 32]),
    })
}

fn user(draw: &mut Draw, now: Timestamp) -> Result<User, Box<dyn Error>> {
    Ok(User {
        id: UserId::from_uuid(draw.uuid(now)),
        username: "michael".to_owned(),
        name: "Michael Tam".to_owned(),
        email: None,
        title: Some("Relationship manager".to_owned()),
        org_unit: OrgUnitId::parse("hk")?,
        extension: Some(Extension::parse("#michael")?),
        external_companies: Vec::new(),
        roles: Vec::new(),
        active: true,
    })
}
