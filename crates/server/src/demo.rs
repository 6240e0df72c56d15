//! `demo`: the whole product on one machine, with a simulated WhatsApp and its phones.
//!
//! Nothing here is a short cut: the simulator talks with the service over HTTP, signs its webhooks, and checks what
//! it is sent as Meta does.

mod guide;
mod pages;
mod phones;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context;
use onboarding_core::{CompanyId, Role, ports::Entropy};
use onboarding_http::pages::WaysIn;
use onboarding_manifest::{CompanyManifest, parse_all};
use tempfile::TempDir;
use whatsapp_simulator::Simulator;

use crate::{
    cli::DemoArgs,
    commands::{apply::apply, say},
    environment::SystemEntropy,
    secrets::Secrets,
    serving::{Listeners, Running},
    settings::{Database, Settings},
    store, telemetry,
};

const COMPANY: &str = include_str!("demo/company.toml");

/// Runs the demo until Ctrl-C.
pub(crate) async fn run(settings: Settings, args: DemoArgs) -> anyhow::Result<ExitCode> {
    let settings = for_demo(settings);
    telemetry::init(&settings.log)?;
    let listeners = Listeners::bind(&settings)?;
    let address = listeners.public_address()?;
    let operations = listeners.operations_address()?;
    let folder = Folder::open(args.data)?;
    let manifest = manifest(folder.path())?;
    let database = Database::Sqlite(folder.path().join("onboarding.db"));
    let opened = store::open(&database, true).await?;
    let store = opened.store.clone();
    apply(store.as_ref(), &manifest, false).await?;
    let secrets = Arc::new(Secrets::new(store.clone()));
    secrets.read().await?;
    let company = store
        .company(&manifest.company)
        .await?
        .context("the company was just made")?;

    let config = phones::simulator_config(&company, &manifest.config, &secret_files(folder.path()))?;
    let simulator = Simulator::new(config).context("cannot start the simulated WhatsApp")?;
    simulator.set_webhook(format!("http://{address}/webhooks/whatsapp"));
    let graph_url = format!("http://{address}/simulator/graph");
    let pages = pages::Pages::new(store.clone(), &company, &manifest.config);
    let phone = simulator.clone();
    let more = Arc::new(move |app: &mut actix_web::web::ServiceConfig| {
        phone.configure(app);
        pages.configure(app);
    });
    let ways = WaysIn {
        demo: Some(manifest.company.clone()),
        local: false,
    };
    let running = Running::start(opened, &secrets, &settings, &graph_url, listeners, ways, more)?;
    for line in guide::lines(address, operations, &folder) {
        say(&line);
    }
    running.until_told_to_stop().await?;
    simulator.stop();
    Ok(ExitCode::SUCCESS)
}

/// The demo is quiet unless somebody wants logs, and moves away from a busy port unless somebody chose it.
fn for_demo(mut settings: Settings) -> Settings {
    let chosen = |key| settings.chosen.contains(&key);
    let (log, listen, ops) = (
        chosen("ONBOARDING_LOG"),
        chosen("ONBOARDING_LISTEN"),
        chosen("ONBOARDING_OPS_LISTEN"),
    );
    if !log {
        "warn,actix_server=error".clone_into(&mut settings.log);
    }
    if !listen {
        settings.listen = free_or_any(settings.listen);
    }
    if !ops {
        settings.ops_listen = free_or_any(settings.ops_listen);
    }
    settings
}

fn free_or_any(address: SocketAddr) -> SocketAddr {
    match std::net::TcpListener::bind(address) {
        Ok(_) => address,
        Err(_) => SocketAddr::new(address.ip(), 0),
    }
}

/// Where the state is.
pub(crate) enum Folder {
    Temporary(TempDir),
    Kept(PathBuf),
}

impl Folder {
    fn open(kept: Option<PathBuf>) -> anyhow::Result<Self> {
        match kept {
            None => Ok(Self::Temporary(
                tempfile::Builder::new().prefix("onboarding-demo-").tempdir()?,
            )),
            Some(path) => {
                std::fs::create_dir_all(&path)
                    .with_context(|| format!("--data: cannot make {}", path.display()))?;
                // Absolute, because the manifest refers to secrets in it.
                Ok(Self::Kept(path.canonicalize()?))
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Temporary(folder) => folder.path(),
            Self::Kept(path) => path,
        }
    }
}

/// The secrets that the service and the simulator share.
pub(crate) struct SharedSecrets {
    pub(crate) app_secret: String,
    pub(crate) access_token: String,
}

fn secret_files(folder: &Path) -> SharedSecrets {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    SharedSecrets {
        app_secret: read("app_secret"),
        access_token: read("access_token"),
    }
}

fn manifest(folder: &Path) -> anyhow::Result<CompanyManifest> {
    for name in ["app_secret", "verify_token", "access_token"] {
        let path = folder.join(name);
        if !path.exists() {
            let secret = hex::encode(SystemEntropy.seed());
            std::fs::write(&path, secret).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    let text = COMPANY.replace("SECRETS", &folder.display().to_string());
    let manifests =
        parse_all(&[("company.toml", &text)]).map_err(|mistakes| anyhow::anyhow!("{mistakes}"))?;
    let acme = CompanyId::parse("acme")?;
    let mut manifest = manifests
        .into_iter()
        .find(|manifest| manifest.company == acme)
        .context("the demo's company is acme")?;
    // Whoever tries the demo also looks after the company; who takes its manifest for a start names an admin of their own.
    let mut users = manifest.config.users.iter_mut();
    if let Some(michael) = users.find(|user| user.username == "michael") {
        michael.roles.push(Role::Admin);
    }
    Ok(manifest)
}
