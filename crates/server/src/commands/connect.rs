//! `connect`: from an access token to a working set-up, one line a step.

use std::process::ExitCode;

use anyhow::{Context, anyhow};
use onboarding_core::{
    CompanyId, SecretRef,
    ports::{SetUpState, SetUpWish},
};
use onboarding_whatsapp::{AppSecrets, Connection, SecretReferences, connect};
use secrecy::SecretString;
use whatsapp_graph::client::{AccessToken, GraphClient, HttpLimits, http_client};

use super::say;
use crate::{cli::ConnectArgs, secrets::resolve, settings::Settings, watch::callback_of};

pub(super) async fn run(settings: &Settings, args: &ConnectArgs) -> anyhow::Result<ExitCode> {
    let public_url = settings
        .public_url
        .as_deref()
        .context("ONBOARDING_PUBLIC_URL: set it to the address at which Meta reaches this service")?;
    let secrets = secrets(args)?;
    let http = http_client(&HttpLimits::default())?;
    let graph = GraphClient::new(&settings.graph_url, &settings.graph_version, http)
        .context("ONBOARDING_GRAPH_URL")?;
    let references = SecretReferences {
        access_token: args.access_token.clone(),
        app_secret: args.app_secret.clone(),
        verify_token: args.verify_token.clone(),
    };
    let connection = Connection {
        graph: &graph,
        secrets: &secrets,
        references: &references,
        callback: &callback_of(public_url),
    };
    let wish = SetUpWish {
        accounts: args.account.clone(),
        dry_run: args.dry_run,
    };
    let report = connect(&connection, &wish).await;
    for step in report.steps {
        let sign = match step.state {
            SetUpState::Fine => "ok   ",
            SetUpState::Note => "note ",
            SetUpState::Would => "would",
            SetUpState::Done => "done ",
        };
        say(&format!("{sign} {}", step.text));
    }
    hand_out(args, &report.outcome.map_err(|why| anyhow!(why))?)?;
    Ok(ExitCode::SUCCESS)
}

fn secrets(args: &ConnectArgs) -> anyhow::Result<AppSecrets> {
    // Nothing of a company exists yet; the id stands in messages about secrets only.
    let company = CompanyId::parse("connect").context("a slug")?;
    let read = |key: &'static str, reference: &str| -> anyhow::Result<SecretString> {
        let flag = key.replace('_', "-");
        let reference = SecretRef::parse(reference).with_context(|| format!("--{flag}"))?;
        resolve(&company, key, &reference).map_err(|error| {
            let why = error.to_string();
            let why = why
                .split_once(&format!("{key}: "))
                .map_or(why.as_str(), |(_, why)| why);
            anyhow!("--{flag}: {why}")
        })
    };
    Ok(AppSecrets {
        access_token: AccessToken::new(read("access_token", &args.access_token)?),
        app_secret: read("app_secret", &args.app_secret)?,
        verify_token: read("verify_token", &args.verify_token)?,
    })
}

fn hand_out(args: &ConnectArgs, manifest: &str) -> anyhow::Result<()> {
    let Some(path) = &args.out else {
        say("");
        say(manifest);
        return Ok(());
    };
    let mut file = std::fs::File::create_new(path).with_context(|| {
        format!(
            "--out {}: cannot be made; name a file that does not exist",
            path.display()
        )
    })?;
    std::io::Write::write_all(&mut file, manifest.as_bytes())
        .with_context(|| format!("--out {}: cannot be written", path.display()))?;
    say(&format!("done  the proposed manifest is in {}", path.display()));
    Ok(())
}
