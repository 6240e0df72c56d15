//! `sign-in`: links with which people set up how they sign in.

use std::{process::ExitCode, sync::Arc, time::Duration};

use anyhow::ensure;
use onboarding_access::local::LocalSignIn;
use onboarding_core::{
    CompanyId, Role, User,
    access::{FIRST_LINK_LASTS, LINK_LASTS},
    audit::Origin,
    ports::OnboardingStore,
};
use secrecy::ExposeSecret as _;

use super::{acting::Acting, say};
use crate::{
    cli::{SignInArgs, SignInCommand},
    environment::{SystemClock, SystemEntropy, operator},
    settings::Settings,
};

pub(super) async fn run(settings: &Settings, args: &SignInArgs) -> anyhow::Result<ExitCode> {
    let acting = Acting::on(settings, args.company.as_deref()).await?;
    let SignInCommand::Link { user: username } = &args.command;
    let user = acting.user(username).await?;
    ensure!(user.active, "user `{username}` left; nobody signs in as them");
    let company = acting.store.company(acting.id()).await?;
    let passwords = company.is_some_and(|company| company.settings.sign_in.has_local_accounts());
    ensure!(
        passwords,
        "the people of {} sign in through its identity provider; set sign_in.local_accounts = true for passwords beside it",
        acting.id()
    );
    let listener = format!("http://{}", settings.listen);
    let base = settings.public_url.as_deref().unwrap_or(&listener);
    let link = link(&acting.store, acting.id(), &user, LINK_LASTS, &operator()).await?;
    say(&format!("{base}/set-up/{}", link.text));
    say(&format!(
        "good once, until {}; give it to {username} and to nobody else",
        link.until
    ));
    Ok(ExitCode::SUCCESS)
}

/// Where a company has admins and none of them can sign in yet, the first gets a link, which is shown here and nowhere
/// else: there are no default passwords.
pub(super) async fn say_first_links(
    store: &Arc<dyn OnboardingStore>,
    public_url: &str,
) -> anyhow::Result<()> {
    for company in store.company_ids().await? {
        let Some(admin) = waiting_admin(store, &company).await? else {
            continue;
        };
        let link = link(store, &company, &admin, FIRST_LINK_LASTS, &Origin::system()).await?;
        say(&format!(
            "nobody administers {company} yet: {} sets up how to sign in at {public_url}/set-up/{} (good once, until {})",
            admin.username, link.text, link.until
        ));
    }
    Ok(())
}

/// The first admin of the company, if none of them has an account.
async fn waiting_admin(
    store: &Arc<dyn OnboardingStore>,
    company: &CompanyId,
) -> anyhow::Result<Option<User>> {
    let Some((config, _)) = store.config(company).await? else {
        return Ok(None);
    };
    // Who comes through an identity provider needs no link.
    if !config.settings.sign_in.has_local_accounts() {
        return Ok(None);
    }
    let mut first = None;
    for admin in config
        .users
        .iter()
        .filter(|user| user.roles.contains(&Role::Admin))
    {
        let Some(user) = store.user_named(company, &admin.username).await? else {
            continue;
        };
        if store.local_account(company, user.id).await?.is_some() {
            return Ok(None);
        }
        first = first.or(Some(user).filter(|user| user.active));
    }
    Ok(first)
}

struct Link {
    text: String,
    until: String,
}

async fn link(
    store: &Arc<dyn OnboardingStore>,
    company: &CompanyId,
    user: &User,
    lasts: Duration,
    by: &Origin,
) -> anyhow::Result<Link> {
    let local = LocalSignIn::on_store(store, Arc::new(SystemClock), Arc::new(SystemEntropy));
    let made = local.make_link(company, user, lasts, by).await?;
    Ok(Link {
        text: made.secret.expose_secret().to_owned(),
        until: made.of.expires_at.to_string(),
    })
}
