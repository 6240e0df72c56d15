//! `serve`: the service.

use std::{process::ExitCode, sync::Arc};

use onboarding_core::ports::OnboardingStore;
use onboarding_http::pages::WaysIn;

use super::sign_in::say_first_links;
use crate::{
    cli::ServeArgs,
    secrets::Secrets,
    serving::{Listeners, Running},
    settings::Settings,
    store, telemetry,
};

pub(super) async fn run(settings: &Settings, args: &ServeArgs) -> anyhow::Result<ExitCode> {
    telemetry::init(&settings.log)?;
    let listeners = Listeners::bind(settings)?;
    let (public, operations) = (listeners.public_address()?, listeners.operations_address()?);
    let opened = store::open(&settings.database, !args.no_migrate).await?;
    let store = opened.store.clone();
    onboarding_core::crash_point!("start.opened");
    let secrets = Arc::new(Secrets::new(store.clone()));
    complain_of_missing(&store, &secrets).await?;
    let no_more = Arc::new(|_: &mut actix_web::web::ServiceConfig| {});
    let running = Running::start(
        opened,
        &secrets,
        settings,
        &settings.graph_url,
        listeners,
        WaysIn {
            demo: None,
            local: true,
        },
        no_more,
    )?;
    tracing::info!(%public, %operations, "serving");
    let listener = format!("http://{public}");
    let address = settings.public_url.clone().unwrap_or(listener);
    // Beside the work: who tells the service to stop does not wait for it.
    let links = tokio::spawn(async move {
        if let Err(error) = say_first_links(&store, &address).await {
            tracing::error!(
                error = &*error as &dyn std::error::Error,
                "cannot make the first links to sign in"
            );
        }
    });
    running.until_told_to_stop().await?;
    links.abort();
    Ok(ExitCode::SUCCESS)
}

/// One company without secrets must not stop the others; none with secrets is a mistake of set-up.
async fn complain_of_missing(store: &Arc<dyn OnboardingStore>, secrets: &Secrets) -> anyhow::Result<()> {
    let reading = secrets.read().await?;
    let companies = store.company_ids().await?.len();
    if companies == 0 {
        tracing::warn!("no company yet: run `onboarding-server apply FILE`");
    }
    match (reading.complete, reading.missing.into_iter().next()) {
        (0, Some(error)) if companies > 0 => Err(error.into()),
        (_, Some(error)) => {
            tracing::error!(%error, "a secret is missing; the company is not served");
            Ok(())
        }
        (_, None) => Ok(()),
    }
}
