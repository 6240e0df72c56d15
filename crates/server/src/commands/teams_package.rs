//! `teams-package`: the app with which Microsoft Teams shows Leap Work.

use std::{
    io::{Cursor, Write as _},
    process::ExitCode,
};

use anyhow::{Context, bail};
use onboarding_core::Company;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use uuid::{Builder, Uuid};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{qr, say};
use crate::{cli::TeamsPackageArgs, settings::Settings, store};

/// The version of Microsoft's manifest that the package is written in; tests hold it against Microsoft's schema.
const MANIFEST_VERSION: &str = "1.23";

/// That of the pages, 192 by 192 pixels.
const COLOR: &[u8] = include_bytes!("teams_package/color.png");

/// White on nothing, 32 by 32 pixels, as Microsoft asks.
const OUTLINE: &[u8] = include_bytes!("teams_package/outline.png");

pub(super) async fn run(settings: &Settings, args: &TeamsPackageArgs) -> anyhow::Result<ExitCode> {
    let base = base(settings.public_url.as_deref())?;
    let store = store::open(&settings.database, true).await?.store;
    let company = qr::company(&store, args.company.as_deref()).await?;
    let package = package(&manifest(base, &company, args))?;
    std::fs::write(&args.out, package).with_context(|| format!("cannot write {}", args.out.display()))?;
    say(&format!(
        "{}: upload it in the Teams admin center under “Manage apps”",
        args.out.display()
    ));
    Ok(ExitCode::SUCCESS)
}

/// The address of this service, without a slash at its end.
fn base(public_url: Option<&str>) -> anyhow::Result<&str> {
    match public_url {
        Some(url) if url.starts_with("https://") => Ok(url),
        _ => bail!(
            "ONBOARDING_PUBLIC_URL: Microsoft Teams shows nothing but https:// pages: set it to the https:// address of this \
             service"
        ),
    }
}

fn manifest(base: &str, company: &Company, args: &TeamsPackageArgs) -> Value {
    let host = base
        .trim_start_matches("https://")
        .split('/')
        .next()
        .unwrap_or_default();
    // A domain has no port there.
    let domain = host.split(':').next().unwrap_or_default();
    let name = &company.settings.name;
    let tab = |id: &str, name: &str| {
        json!({
            "entityId": id,
            "name": name,
            "contentUrl": format!("{base}/teams/{id}"),
            "websiteUrl": format!("{base}/app/{id}"),
            "scopes": ["personal"],
        })
    };
    let mut manifest = json!({
        "$schema": format!(
            "https://developer.microsoft.com/json-schemas/teams/v{MANIFEST_VERSION}/MicrosoftTeams.schema.json"
        ),
        "manifestVersion": MANIFEST_VERSION,
        "version": args.app_version,
        "id": app_id(base, company).to_string(),
        "developer": {
            "name": beginning(name, 32),
            "websiteUrl": base,
            "privacyUrl": args.privacy_url.as_deref().unwrap_or(base),
            "termsOfUseUrl": args.terms_url.as_deref().unwrap_or(base),
        },
        "name": { "short": "Leap Work", "full": beginning(&format!("Leap Work · {name}"), 100) },
        "description": {
            "short": "Your QR code for clients, and your chats with them on WhatsApp.",
            "full": "Show a client your QR code: they send the message that it types, and your chat with them on WhatsApp \
                     begins, on the record of your company. Your chats and the contacts that wait for you are here, too.",
        },
        "icons": { "color": "color.png", "outline": "outline.png" },
        "accentColor": "#1D4ED8",
        "staticTabs": [tab("chats", "Chats"), tab("profile", "Profile")],
        "permissions": ["identity"],
        "validDomains": [domain],
        "defaultInstallScope": "personal",
    });
    if let Some(application) = args.application {
        manifest["webApplicationInfo"] = json!({
            "id": application.to_string(),
            "resource": format!("api://{host}/{application}"),
        });
    }
    manifest
}

/// The same for the same company at the same address, so that a new package is the same app to Teams.
fn app_id(base: &str, company: &Company) -> Uuid {
    let named = format!("teams-package\0{base}\0{}", company.id);
    let digest = digest(&SHA256, named.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_ref()[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

fn beginning(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

fn package(manifest: &Value) -> anyhow::Result<Vec<u8>> {
    let manifest = serde_json::to_vec_pretty(manifest)?;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // Pictures are compressed already, and without a time the same package has the same bytes.
    let plain = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in [
        ("manifest.json", manifest.as_slice()),
        ("color.png", COLOR),
        ("outline.png", OUTLINE),
    ] {
        zip.start_file(name, plain)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}
