//! `connect`: from an access token to a working set-up, one line a step.

mod proposal;

use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use onboarding_core::{CompanyId, SecretRef};
use onboarding_whatsapp::fields_to_subscribe;
use secrecy::SecretString;
use whatsapp_graph::client::{
    AccessToken, GraphClient, HttpLimits, PhoneNumber, ReadError, Template, http_client,
};

use self::proposal::{References, propose};
use super::say;
use crate::{cli::ConnectArgs, secrets::resolve, settings::Settings, watch::callback_of};

/// Graph's code for a token that it does not know, or knows no more.
const NO_SUCH_TOKEN: i64 = 190;
const NOT_VALID: &str = "the access token is not valid; make a new one in the settings of your Meta business";

/// A WhatsApp Business Account as it was found.
pub(super) struct Found {
    pub(super) waba_id: String,
    pub(super) numbers: Vec<PhoneNumber>,
    pub(super) templates: Vec<Template>,
}

/// What was given on the command line, read.
struct Given {
    access_token: AccessToken,
    app_secret: SecretString,
    verify_token: SecretString,
    callback: String,
}

pub(super) async fn run(settings: &Settings, args: &ConnectArgs) -> anyhow::Result<ExitCode> {
    let given = given(settings, args)?;
    let http = http_client(&HttpLimits::default())?;
    let graph = GraphClient::new(&settings.graph_url, &settings.graph_version, http)
        .context("ONBOARDING_GRAPH_URL")?;
    let token = match graph.debug_token(&given.access_token).await {
        Ok(token) if token.is_valid => token,
        // A token that looks at itself is refused instead of being called invalid.
        Ok(_) => bail!(NOT_VALID),
        Err(ReadError::Refused { error, .. }) if error.code == NO_SUCH_TOKEN => bail!(NOT_VALID),
        Err(error) => return Err(error).context("the access token cannot be looked at"),
    };
    let app = token
        .app_id
        .context("WhatsApp does not say which app the access token is of")?;
    say(&format!("ok    access token: valid, of app {app}"));
    let wabas = if args.account.is_empty() {
        token.targets
    } else {
        args.account.clone()
    };
    if wabas.is_empty() {
        bail!(
            "the access token names no account; give --account ID, the id of your WhatsApp Business Account"
        );
    }
    let mut found = Vec::new();
    for waba in wabas {
        found.push(look_at(&graph, &given, waba).await?);
    }
    for account in &found {
        subscribe(&graph, &given, &app, &account.waba_id, args.dry_run).await?;
    }
    register(&graph, &given, &app, args.dry_run).await?;
    let references = References {
        access_token: &args.access_token,
        app_secret: &args.app_secret,
        verify_token: &args.verify_token,
    };
    hand_out(args, &propose(&found, &references))?;
    Ok(ExitCode::SUCCESS)
}

fn given(settings: &Settings, args: &ConnectArgs) -> anyhow::Result<Given> {
    let public_url = settings
        .public_url
        .as_deref()
        .context("ONBOARDING_PUBLIC_URL: set it to the address at which Meta reaches this service")?;
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
    Ok(Given {
        access_token: AccessToken::new(read("access_token", &args.access_token)?),
        app_secret: read("app_secret", &args.app_secret)?,
        verify_token: read("verify_token", &args.verify_token)?,
        callback: callback_of(public_url),
    })
}

async fn look_at(graph: &GraphClient, given: &Given, waba_id: String) -> anyhow::Result<Found> {
    let cannot = || format!("account {waba_id}: cannot be looked at");
    let numbers = graph
        .phone_numbers(&given.access_token, &waba_id)
        .await
        .with_context(cannot)?;
    let templates = graph
        .message_templates(&given.access_token, &waba_id)
        .await
        .with_context(cannot)?;
    say(&format!(
        "ok    account {waba_id}: {} number(s), {} template(s)",
        numbers.len(),
        templates.len()
    ));
    for number in &numbers {
        let shown = number.display_phone_number.as_deref().unwrap_or("?");
        let state = number.status.as_deref().unwrap_or("state unknown").to_lowercase();
        let sign = if number.status.as_deref() == Some("CONNECTED") {
            "ok   "
        } else {
            "note "
        };
        say(&format!("{sign} number {shown}, id {}: {state}", number.id));
    }
    Ok(Found {
        waba_id,
        numbers,
        templates,
    })
}

async fn subscribe(
    graph: &GraphClient,
    given: &Given,
    app: &str,
    waba: &str,
    dry_run: bool,
) -> anyhow::Result<()> {
    let apps = graph.subscribed_apps(&given.access_token, waba).await;
    let apps = apps.with_context(|| format!("account {waba}: its subscriptions cannot be read"))?;
    if apps.iter().any(|one| one.id == app) {
        say(&format!("ok    account {waba}: our app is subscribed"));
    } else if dry_run {
        say(&format!("would subscribe our app to account {waba}"));
    } else {
        let done = graph.subscribe(&given.access_token, waba).await;
        done.with_context(|| format!("account {waba}: our app cannot be subscribed"))?;
        say(&format!("done  account {waba}: our app is subscribed now"));
    }
    Ok(())
}

/// The address of the app, which gets every field: an address of an account gets messages only.
async fn register(graph: &GraphClient, given: &Given, app: &str, dry_run: bool) -> anyhow::Result<()> {
    let app_token = AccessToken::of_app(app, &given.app_secret);
    let present = graph
        .app_subscription(&app_token, app)
        .await
        .context("--app-secret: WhatsApp refuses it for this app")?;
    let fields = fields_to_subscribe();
    let callback = &given.callback;
    let complete = present.as_ref().is_some_and(|one| {
        one.callback == *callback
            && fields
                .iter()
                .all(|field| one.fields.iter().any(|own| own == field))
    });
    if complete {
        say(&format!("ok    webhooks go to {callback}"));
        return Ok(());
    }
    let before = match &present {
        Some(one) if one.callback != *callback => format!(", not to {} any more", one.callback),
        _ => String::new(),
    };
    if dry_run {
        say(&format!("would send webhooks to {callback}{before}"));
        return Ok(());
    }
    graph
        .register_callback(&app_token, app, callback, &given.verify_token, &fields)
        .await
        .with_context(|| {
            format!(
                "{callback}: WhatsApp does not take this address; the service must run there and know the verify token: \
                 apply the proposed manifest (--dry-run --out FILE), serve, and connect again"
            )
        })?;
    say(&format!("done  webhooks go to {callback}{before}"));
    Ok(())
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
