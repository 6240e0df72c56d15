//! `check`: would onboarding work? One line a fact; non-zero if something would stop it.

use std::{process::ExitCode, sync::Arc};

use onboarding_access::openid::OpenIdSignIn;
use onboarding_core::{
    Company, FactName, Health, InvitationKind, OfficialAccount, Platform, PlatformFact, Subject,
    TemplatePurpose, Timestamp,
    ports::{Clock, Entropy, OnboardingStore},
    service::{PlatformPorts, PlatformService},
};
use onboarding_whatsapp::GraphInspector;
use whatsapp_graph::client::{GraphClient, HttpLimits, http_client};

use super::say;
use crate::{
    environment::{SystemClock, SystemEntropy},
    secrets::{Secrets, resolve},
    serving::openid_on,
    settings::Settings,
    store,
    telemetry::one_line,
    watch::callback_of,
};

pub(super) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut report = Report::default();
    good("configuration", "read");
    let store = store::open(&settings.database, true).await?.store;
    let waiting = store.backlog().await?;
    good(
        "database",
        &format!("answers; {} dead letter(s)", waiting.dead_letters),
    );
    check_companies(&store, settings, &mut report).await?;
    Ok(if report.stops {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

async fn check_companies(
    store: &Arc<dyn OnboardingStore>,
    settings: &Settings,
    report: &mut Report,
) -> anyhow::Result<()> {
    let secrets = Arc::new(Secrets::new(store.clone()));
    let missing = secrets.read().await?.missing;
    for error in &missing {
        report.bad("secret", &error.to_string());
    }
    let http = http_client(&HttpLimits::default())?;
    let graph = GraphClient::new(&settings.graph_url, &settings.graph_version, http)?;
    let inspector = Arc::new(GraphInspector::new(graph, secrets.clone()));
    let service = PlatformService::new(PlatformPorts::on_store(store, inspector, Arc::new(SystemClock)));
    let callback = settings.public_url.as_deref().map(callback_of);
    let ids = store.company_ids().await?;
    if ids.is_empty() {
        report.bad("companies", "none; run `onboarding-server apply FILE`");
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let openid = openid_on(store, &clock, &entropy, settings, &secrets)?;
    for id in ids {
        let Some(company) = store.company(&id).await? else {
            continue;
        };
        check_sign_in(&company, &openid).await;
        if missing.iter().any(|error| *error.company() == id) {
            continue;
        }
        let inspection = service.inspect(&company, callback.as_deref()).await;
        for (about, error) in &inspection.unanswered {
            let what = format!("{id} {} {}", about.kind(), about.key());
            report.bad(what.trim_end(), &one_line(error));
        }
        let mut inspected = Company::clone(&company);
        inspected.platform = Platform::new(company.platform.facts().to_vec());
        for fact in inspection.facts {
            inspected.platform.put(fact);
        }
        check_company(&inspected, SystemClock.now(), report);
    }
    Ok(())
}

/// Who cannot sign in onboards nobody less: that goes on without people.
async fn check_sign_in(company: &Company, openid: &OpenIdSignIn) {
    for (issuer, looked) in openid.look(company).await {
        let what = format!("{} sign-in through {issuer}", company.id);
        match looked {
            Ok(()) => good(&what, "answers"),
            Err(why) => note(&what, &one_line(&why)),
        }
    }
    let provider = company.settings.sign_in.provider.as_ref();
    let secret =
        provider.map(|one| resolve(&company.id, "sign_in.provider.client_secret", &one.client_secret));
    if let Some(Err(error)) = secret {
        note(&format!("{} sign-in", company.id), &error.to_string());
    }
}

fn check_company(company: &Company, now: Timestamp, report: &mut Report) {
    let app = facts_about(company, &Subject::App);
    if !app.is_empty() {
        report.facts(&format!("{} access token", company.id), "valid", &app, now);
    }
    for account in &company.accounts {
        check_number(company, account, now, report);
    }
    let mut wabas: Vec<_> = company
        .accounts
        .iter()
        .map(|account| account.waba_id.clone())
        .collect();
    wabas.sort_unstable();
    wabas.dedup();
    for waba in wabas {
        let facts = facts_about(company, &Subject::BusinessAccount(waba.clone()));
        let limit = facts.iter().find(|fact| fact.name == FactName::MessagingLimit);
        let limit = limit.map(|fact| format!("; may write first to {} people a day", fact.value));
        let good = format!("our app is subscribed{}", limit.unwrap_or_default());
        report.facts(&format!("{} account {waba}", company.id), &good, &facts, now);
        check_templates(company, &waba, now, report);
    }
}

fn facts_about<'a>(company: &'a Company, about: &Subject) -> Vec<&'a PlatformFact> {
    let facts = company.platform.facts().iter();
    facts.filter(|fact| fact.about == *about).collect()
}

fn check_number(company: &Company, account: &OfficialAccount, now: Timestamp, report: &mut Report) {
    let role = match company.pool_of(account.id) {
        Some(pool) if pool.primary == account.id => format!("primary of pool {}", pool.id),
        Some(pool) => format!("secondary of pool {}", pool.id),
        None => "in no pool".to_owned(),
    };
    let what = format!("{} number {} ({role})", company.id, account.phone_number);
    let state = company.state_of(account, now);
    // What is wrong with the app or the account is said there.
    let about = Subject::Number(account.phone_number_id.clone());
    let own = facts_about(company, &about);
    if own
        .iter()
        .all(|fact| fact.reason.is_empty() || !fact.holds_at(now))
    {
        let foreign = state
            .findings
            .iter()
            .find(|finding| finding.reason.contains("another portfolio"));
        match foreign {
            Some(finding) => note(&what, &finding.reason),
            None => good(&what, state.health.as_str()),
        }
    } else {
        report.facts(&what, "", &own, now);
    }
}

fn check_templates(company: &Company, waba: &str, now: Timestamp, report: &mut Report) {
    for (purpose, template) in &company.settings.templates {
        let what = format!("{} template {purpose} “{}” on {waba}", company.id, template.name);
        let needed = *purpose == TemplatePurpose::Invitation
            && company.settings.features.invitation == InvitationKind::Template
            && !company.settings.features.link_fallback;
        let about = Subject::Template {
            waba_id: waba.to_owned(),
            name: template.name.clone(),
            language: template.language.replace('-', "_"),
        };
        let facts = facts_about(company, &about);
        if facts.is_empty() {
            note(&what, "was not looked at");
        } else if needed {
            report.facts(&what, "approved", &facts, now);
        } else {
            notes(&what, "approved", &facts, now);
        }
    }
}

/// What was found so far.
#[derive(Default)]
struct Report {
    stops: bool,
}

impl Report {
    fn bad(&mut self, what: &str, state: &str) {
        self.stops = true;
        say(&format!("STOP  {what}: {state}"));
    }

    /// One line for each fact that is not as it should be, or one that all is well.
    fn facts(&mut self, what: &str, well: &str, facts: &[&PlatformFact], now: Timestamp) {
        let said: Vec<_> = said(facts, now);
        for (health, words) in &said {
            if *health == Health::Blocked {
                self.bad(what, words);
            } else {
                note(what, words);
            }
        }
        if said.is_empty() {
            good(what, well);
        }
    }
}

/// The same as [`Report::facts`], of what nothing depends on.
fn notes(what: &str, well: &str, facts: &[&PlatformFact], now: Timestamp) {
    let said = said(facts, now);
    for (_, words) in &said {
        note(what, words);
    }
    if said.is_empty() {
        good(what, well);
    }
}

fn said(facts: &[&PlatformFact], now: Timestamp) -> Vec<(Health, String)> {
    let words = |fact: &&&PlatformFact| match &fact.remedy {
        Some(remedy) => format!("{}. {remedy}", fact.reason),
        None => fact.reason.clone(),
    };
    facts
        .iter()
        .filter(|fact| fact.holds_at(now) && !fact.reason.is_empty())
        .map(|fact| (fact.health, words(&fact)))
        .collect()
}

fn good(what: &str, state: &str) {
    say(&format!("ok    {what}: {state}"));
}

/// Not as it should be, but onboarding goes on.
fn note(what: &str, state: &str) {
    say(&format!("note  {what}: {state}"));
}
