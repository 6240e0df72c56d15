//! `check`: would onboarding work? One line a fact; non-zero if something would stop it.

use std::{collections::BTreeSet, process::ExitCode, sync::Arc};

use onboarding_core::{Company, InvitationKind, OfficialAccount, TemplatePurpose, ports::OnboardingStore};
use onboarding_whatsapp::AccessTokens;
use whatsapp_graph::client::{AccessToken, GraphClient, HttpLimits, http_client};

use super::say;
use crate::{secrets::Secrets, settings::Settings, store, telemetry::one_line};

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
    let secrets = Secrets::new(store.clone());
    for error in secrets.read().await?.missing {
        report.bad("secret", &error.to_string());
    }
    let http = http_client(&HttpLimits::default())?;
    let graph = GraphClient::new(&settings.graph_url, &settings.graph_version, http)?;
    let ids = store.company_ids().await?;
    if ids.is_empty() {
        report.bad("companies", "none; run `onboarding-server apply FILE`");
    }
    for id in ids {
        let Some(company) = store.company(&id).await? else {
            continue;
        };
        if let Some(token) = secrets.access_token(&id) {
            check_company(&graph, &token, &company, report).await;
        }
    }
    Ok(())
}

async fn check_company(graph: &GraphClient, token: &AccessToken, company: &Company, report: &mut Report) {
    for account in &company.accounts {
        check_number(graph, token, company, account, report).await;
    }
    let wabas: BTreeSet<_> = company
        .accounts
        .iter()
        .map(|account| account.waba_id.as_str())
        .collect();
    for waba in wabas {
        let what = format!("{} account {waba}", company.id);
        match graph.subscribed_apps(token, waba).await {
            Ok(apps) if apps.is_empty() => report.bad(&what, "no app is subscribed: no webhook will arrive"),
            Ok(apps) => good(&what, &format!("{} app(s) subscribed", apps.len())),
            Err(error) => report.bad(&what, &one_line(&error)),
        }
        check_templates(graph, token, company, waba, report).await;
    }
}

async fn check_number(
    graph: &GraphClient,
    token: &AccessToken,
    company: &Company,
    account: &OfficialAccount,
    report: &mut Report,
) {
    let role = match company.pool_of(account.id) {
        Some(pool) if pool.primary == account.id => format!("primary of pool {}", pool.id),
        Some(pool) => format!("secondary of pool {}", pool.id),
        None => "in no pool".to_owned(),
    };
    let what = format!("{} number {} ({role})", company.id, account.phone_number);
    match graph.phone_number(token, &account.phone_number_id).await {
        Err(error) => report.bad(&what, &one_line(&error)),
        Ok(number) => {
            let same = number.display_phone_number.as_deref().is_none_or(|shown| {
                shown
                    .chars()
                    .filter(char::is_ascii_digit)
                    .eq(account.phone_number.digits().chars())
            });
            let state = number.can_send_message.as_deref().unwrap_or("unknown");
            if !same {
                report.bad(
                    &what,
                    "its phone_number_id belongs to another number: correct the manifest",
                );
            } else if state == "BLOCKED" {
                let why: Vec<_> = number
                    .problems
                    .iter()
                    .map(|problem| problem.description.as_str())
                    .collect();
                report.bad(&what, &format!("blocked: {}", why.join("; ")));
            } else {
                good(&what, &format!("can send: {}", state.to_lowercase()));
            }
        }
    }
}

async fn check_templates(
    graph: &GraphClient,
    token: &AccessToken,
    company: &Company,
    waba: &str,
    report: &mut Report,
) {
    for (purpose, template) in &company.settings.templates {
        let what = format!("{} template {purpose} “{}” on {waba}", company.id, template.name);
        let needed = *purpose == TemplatePurpose::Invitation
            && company.settings.features.invitation == InvitationKind::Template;
        let found = match graph.message_template(token, waba, &template.name).await {
            Err(error) => Err(one_line(&error)),
            Ok(languages) => {
                let same = |tag: &str| {
                    tag.replace('-', "_")
                        .eq_ignore_ascii_case(&template.language.replace('-', "_"))
                };
                match languages
                    .iter()
                    .find(|one| one.language.as_deref().is_some_and(same))
                {
                    None => Err(format!("does not exist in language {}", template.language)),
                    Some(one) => match one.status.as_deref() {
                        Some("APPROVED") => Ok("approved".to_owned()),
                        status => Err(format!(
                            "is {}",
                            status.unwrap_or("of unknown status").to_lowercase()
                        )),
                    },
                }
            }
        };
        match found {
            Ok(state) => good(&what, &state),
            Err(state) if needed => report.bad(&what, &state),
            Err(state) => note(&what, &state),
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
}

fn good(what: &str, state: &str) {
    say(&format!("ok    {what}: {state}"));
}

/// Not as it should be, but onboarding goes on.
fn note(what: &str, state: &str) {
    say(&format!("note  {what}: {state}"));
}
