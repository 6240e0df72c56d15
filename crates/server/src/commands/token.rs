//! `token`: the API tokens of a company, as its operators make and take them.

use std::{process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use onboarding_access::{Access, AccessPorts};
use onboarding_core::{
    CompanyId, Timestamp,
    access::{ApiToken, ApiTokenId, TokenScope, TokenWish},
    ports::{Clock, OnboardingStore},
};
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use super::{qr, say, table::say_table};
use crate::{
    cli::TokenCommand,
    environment::{SystemClock, SystemEntropy, operator},
    settings::Settings,
    store,
};

/// Tokens that are listed at the most.
const LISTED: u32 = 1000;

pub(super) async fn run(settings: &Settings, command: TokenCommand) -> anyhow::Result<ExitCode> {
    let store = store::open(&settings.database, true).await?.store;
    match command {
        TokenCommand::Create {
            name,
            scopes,
            days,
            company,
        } => create(&store, company.as_deref(), &name, &scopes, days).await?,
        TokenCommand::List { company } => list(&store, company.as_deref()).await?,
        TokenCommand::Revoke { id, company } => revoke(&store, company.as_deref(), id).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn create(
    store: &Arc<dyn OnboardingStore>,
    company: Option<&str>,
    name: &str,
    scopes: &[String],
    days: u16,
) -> anyhow::Result<()> {
    let company = company_id(store, company).await?;
    let scopes = scopes
        .iter()
        .map(|name| scope(name))
        .collect::<anyhow::Result<_>>()?;
    let now = SystemClock.now();
    let expires_at = now + Duration::from_hours(24 * u64::from(days));
    let wish = TokenWish::new(name, scopes, expires_at, now)?;
    let ports = AccessPorts::on_store(store, Arc::new(SystemClock), Arc::new(SystemEntropy));
    let created = Access::new(ports)
        .create_token(&company, wish, &operator())
        .await?;
    say(created.secret.expose_secret());
    say(&format!(
        "token {} of {company} holds until {}; keep the line above, it is not shown again",
        created.of.id, created.of.expires_at
    ));
    Ok(())
}

fn scope(name: &str) -> anyhow::Result<TokenScope> {
    TokenScope::from_name(name).with_context(|| {
        let known: Vec<_> = TokenScope::ALL.iter().map(|scope| scope.as_str()).collect();
        format!("--scope: `{name}` is none; known are {}", known.join(", "))
    })
}

async fn list(store: &Arc<dyn OnboardingStore>, company: Option<&str>) -> anyhow::Result<()> {
    let company = company_id(store, company).await?;
    let tokens = store.tokens(&company, None, LISTED).await?;
    if tokens.is_empty() {
        say("no tokens");
    } else {
        let now = SystemClock.now();
        let rows = tokens.into_iter().map(|token| cells(token, now)).collect();
        say_table(["ID", "STATE", "EXPIRES", "LAST USED", "SCOPES", "NAME"], rows);
    }
    Ok(())
}

fn cells(token: ApiToken, now: Timestamp) -> [String; 6] {
    let scopes: Vec<_> = token.scopes.iter().map(|scope| scope.as_str()).collect();
    let state = match (token.revoked_at, token.holds(now)) {
        (Some(_), _) => "revoked",
        (None, true) => "holds",
        (None, false) => "expired",
    };
    [
        token.id.to_string(),
        state.to_owned(),
        token.expires_at.to_string(),
        token
            .last_used_at
            .map_or_else(|| "never".to_owned(), |at| at.to_string()),
        scopes.join(","),
        token.name,
    ]
}

async fn revoke(store: &Arc<dyn OnboardingStore>, company: Option<&str>, id: Uuid) -> anyhow::Result<()> {
    let company = company_id(store, company).await?;
    let revoked = store
        .revoke_token(
            &company,
            ApiTokenId::from_uuid(id),
            &operator(),
            SystemClock.now(),
        )
        .await?;
    if revoked.is_none() {
        bail!("company {company} has no token {id}; `onboarding-server token list` shows them");
    }
    say(&format!("token {id} is revoked"));
    Ok(())
}

async fn company_id(store: &Arc<dyn OnboardingStore>, wanted: Option<&str>) -> anyhow::Result<CompanyId> {
    Ok(qr::company(store, wanted).await?.id.clone())
}
