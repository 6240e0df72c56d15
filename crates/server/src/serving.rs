//! The running service: listeners, workers, and how they stop.

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use actix_web::{App, HttpServer, dev::ServerHandle, middleware::from_fn, web};
use anyhow::Context;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use onboarding_access::{
    Access, AccessPorts,
    local::LocalSignIn,
    openid::{OpenIdPorts, OpenIdSignIn},
};
use onboarding_core::{
    ports::{Clock, Entropy, OnboardingStore, SetUp},
    service::{
        DeliverPorts, DeliverService, ImportService, IngestService, PlatformPorts, PlatformService,
        ReceivePorts, ReceiveService,
    },
};
use onboarding_http::{
    api::{self, Api, Limiter, Limits},
    headers::{self, Surroundings},
    operations::{self, Operations},
    pages::{self, Live, WaysIn},
    webhook::{self, Webhook},
};
use onboarding_whatsapp::{GraphDecoder, GraphInspector, GraphMessenger};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    task::JoinHandle,
};
use whatsapp_graph::client::{GraphClient, HttpLimits, http_client};

use crate::{
    checkpoints,
    connector::Connector,
    environment::{SystemClock, SystemEntropy},
    secrets::Secrets,
    settings::Settings,
    store::Opened,
    watch::{callback_of, watch},
    worker::{Caretaker, Signals, Workers},
};

/// How often secrets are read again.
const READ_SECRETS_EVERY: Duration = Duration::from_secs(10);

/// How long a connection may rest between two requests. Longer than load balancers let theirs rest (60 s usually), because one
/// that we close first takes the request with it that was just sent into it.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// How long the whole process may take to stop, a little less than the 25 seconds that are promised.
const STOP_WITHIN: Duration = Duration::from_secs(22);

/// How often ingest shows that it can store.
const SHOW_HEALTH_EVERY: Duration = Duration::from_secs(2);

/// The addresses, taken before anything starts so that a busy one is told at once.
pub(crate) struct Listeners {
    public: TcpListener,
    operations: TcpListener,
}

impl Listeners {
    pub(crate) fn bind(settings: &Settings) -> anyhow::Result<Self> {
        let public = bind("ONBOARDING_LISTEN", settings.listen)?;
        let operations = bind("ONBOARDING_OPS_LISTEN", settings.ops_listen)?;
        Ok(Self { public, operations })
    }

    pub(crate) fn public_address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.public.local_addr()?)
    }

    pub(crate) fn operations_address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.operations.local_addr()?)
    }
}

fn bind(key: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .with_context(|| format!("{key}: cannot listen on {address}; stop what does, or set another address"))
}

/// Further routes of the public listener, mounted in each of its workers.
pub(crate) type MoreRoutes = Arc<dyn Fn(&mut web::ServiceConfig) + Send + Sync>;

/// The service in this process.
pub(crate) struct Running {
    workers: Workers,
    handles: Vec<ServerHandle>,
    servers: Vec<JoinHandle<std::io::Result<()>>>,
    health_task: JoinHandle<()>,
    live: Live,
    stop: StopSignals,
    /// Aborted when all work has ended.
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    /// Starts the workers and the listeners on a store that is ready.
    pub(crate) fn start(
        opened: Opened,
        secrets: &Arc<Secrets>,
        settings: &Settings,
        graph_url: &str,
        listeners: Listeners,
        ways: WaysIn,
        more: MoreRoutes,
    ) -> anyhow::Result<Self> {
        let stop = StopSignals::listen()?;
        let Opened { store, arrivals } = opened;
        let checkpoints = checkpoints::start(store.clone(), settings)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let endpoints = [api::endpoints(), pages::endpoints(&ways)].concat();
        api::check(&endpoints).context("the endpoints of the API")?;
        let graph = graph_at(graph_url, settings)?;
        let inspector = Arc::new(GraphInspector::new(graph.clone(), secrets.clone()));
        let platform = PlatformService::new(PlatformPorts::on_store(&store, inspector, clock.clone()));
        let callback = settings.public_url.as_deref().map(callback_of);
        let messenger = Arc::new(GraphMessenger::new(graph.clone(), secrets.clone()));
        let signals = Signals::default();
        if let Some(arrivals) = arrivals {
            signals.follow(arrivals);
        }
        let workers = workers_on(&store, messenger, &clock, &entropy, &signals);

        let api = api_on(&store, &clock, &entropy, graph.clone(), settings, secrets)?;
        let api = web::Data::new(api);
        let at = Surroundings {
            https: api.is_https(),
            demo: ways.demo.is_some(),
        };
        let ways = web::Data::new(ways);
        let live = Live::default();
        let streams = web::Data::new(live.clone());
        let ingest = IngestService::new(store.clone(), clock, entropy);
        let webhook = web::Data::new(Webhook::new(ingest, secrets.clone(), signals.inbox));
        let operations = web::Data::new(Operations {
            record: store.clone(),
            metrics: recorder()?,
        });
        let health_task = tokio::spawn(show_health(webhook.clone()));
        let public = HttpServer::new(move || {
            let (webhook, more, api, endpoints) =
                (webhook.clone(), more.clone(), api.clone(), endpoints.clone());
            App::new()
                .app_data(ways.clone())
                .app_data(streams.clone())
                .wrap(from_fn(move |request, next| headers::secure(at, request, next)))
                .configure(|app| webhook::configure(app, webhook))
                .configure(|app| api::configure(app, api, &endpoints))
                .configure(|app| more(app))
                .default_service(web::to(pages::nowhere))
        });
        let public = public
            .disable_signals()
            .keep_alive(KEEP_ALIVE)
            .shutdown_timeout(10)
            .workers(2)
            .listen(listeners.public)?
            .run();
        let operations = HttpServer::new(move || {
            let operations = operations.clone();
            App::new().configure(|app| operations::configure(app, operations))
        });
        let operations = operations
            .disable_signals()
            .workers(1)
            .listen(listeners.operations)?
            .run();
        Ok(Self {
            workers,
            handles: vec![public.handle(), operations.handle()],
            servers: vec![tokio::spawn(public), tokio::spawn(operations)],
            health_task,
            live,
            stop,
            tasks: [
                tokio::spawn(read_secrets_again(secrets.clone())),
                tokio::spawn(watch(store, platform, callback)),
            ]
            .into_iter()
            .chain(checkpoints)
            .collect(),
        })
    }

    /// Serves until the process is told to stop, then takes nothing new and lets what is under way end.
    pub(crate) async fn until_told_to_stop(mut self) -> anyhow::Result<()> {
        outlive_the_limit_on_files()?;
        self.stop.told().await;
        let deadline = tokio::time::Instant::now() + STOP_WITHIN;
        onboarding_core::crash_point!("shutdown.begin");
        tracing::info!("stopping: no new work, finishing what is under way");
        self.health_task.abort();
        self.live.stop();
        for handle in &self.handles {
            handle.stop(true).await;
        }
        onboarding_core::crash_point!("shutdown.deaf");
        self.workers.stop(deadline).await;
        onboarding_core::crash_point!("shutdown.drained");
        for task in &self.tasks {
            task.abort();
        }
        for server in self.servers {
            server.await??;
        }
        tracing::info!("stopped");
        Ok(())
    }
}

fn graph_at(url: &str, settings: &Settings) -> anyhow::Result<GraphClient> {
    let http = http_client(&HttpLimits::default())?;
    GraphClient::new(url, &settings.graph_version, http).context("ONBOARDING_GRAPH_URL")
}

/// Whoever works on what the store has: received deliveries, messages to send, what falls due, imports.
fn workers_on(
    store: &Arc<dyn OnboardingStore>,
    messenger: Arc<GraphMessenger>,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
    signals: &Signals,
) -> Workers {
    let receive = ReceivePorts::on_store(store, Arc::new(GraphDecoder), clock.clone(), entropy.clone());
    let deliver = DeliverPorts::on_store(store, messenger, clock.clone(), entropy.clone());
    Workers::start(
        ReceiveService::new(receive),
        DeliverService::new(deliver),
        Caretaker::on_store(store, clock.clone(), entropy.clone()),
        ImportService::on_store(store, clock.clone(), entropy.clone()),
        signals.clone(),
    )
}

fn api_on(
    store: &Arc<dyn OnboardingStore>,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
    graph: GraphClient,
    settings: &Settings,
    secrets: &Arc<Secrets>,
) -> anyhow::Result<Api> {
    let set_up: Arc<dyn SetUp> = Arc::new(Connector {
        companies: store.clone(),
        graph,
        callback: settings.public_url.as_deref().map(callback_of),
    });
    Ok(Api {
        openid: openid_on(store, clock, entropy, settings, secrets)?,
        access: Access::new(AccessPorts::on_store(store, clock.clone(), entropy.clone())),
        local: LocalSignIn::on_store(store, clock.clone(), entropy.clone()),
        store: store.clone(),
        clock: clock.clone(),
        entropy: entropy.clone(),
        limits: Limiter::new(Limits::default()),
        proxies: settings.trusted_proxies.clone(),
        origin: settings.origin(),
        set_up,
    })
}

/// What signs people in whom the companies' identity providers and Microsoft know.
pub(crate) fn openid_on(
    store: &Arc<dyn OnboardingStore>,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
    settings: &Settings,
    secrets: &Arc<Secrets>,
) -> anyhow::Result<OpenIdSignIn> {
    let ports = OpenIdPorts {
        store: store.clone(),
        clock: clock.clone(),
        entropy: entropy.clone(),
        secrets: secrets.clone(),
    };
    OpenIdSignIn::new(ports, settings.microsoft_url.as_str()).context("OpenID Connect")
}

fn recorder() -> anyhow::Result<PrometheusHandle> {
    PrometheusBuilder::new()
        .install_recorder()
        .context("cannot start the metrics")
}

/// A file at the limit that the system sets is an error of the write, as a full disk is, and not the end of the process.
fn outlive_the_limit_on_files() -> std::io::Result<()> {
    /// SIGXFSZ on Linux and macOS. Once it was listened for, it stays without effect.
    const FILE_TOO_LARGE: i32 = 25;
    signal(SignalKind::from_raw(FILE_TOO_LARGE)).map(drop)
}

/// The signals that ask the process to stop. Before they are listened for they end it at once, with work under way.
struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    /// From now on they are heard.
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Until one of them came, now or before.
    async fn told(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

async fn show_health(webhook: web::Data<Webhook>) {
    let mut every = tokio::time::interval(SHOW_HEALTH_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut well = true;
    loop {
        every.tick().await;
        match webhook.ingest.show_health().await {
            Ok(_) => {
                if !well {
                    tracing::info!("ingest can store again");
                }
                well = true;
            }
            Err(error) => {
                if well {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "ingest cannot store; nothing is sent again that may have gone out"
                    );
                }
                well = false;
            }
        }
    }
}

async fn read_secrets_again(secrets: Arc<Secrets>) {
    let mut every = tokio::time::interval(READ_SECRETS_EVERY);
    loop {
        every.tick().await;
        match secrets.read().await {
            Ok(reading) => {
                for error in reading.missing {
                    tracing::warn!(%error, "a secret is missing; the company is not served");
                }
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "cannot read the companies' secrets again"
                );
            }
        }
    }
}
