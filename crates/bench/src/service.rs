//! The service as a child process.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::oneshot,
    time::timeout,
};

use crate::{clock, company};

/// How long a start or a stop may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Where a service is installed: its binary, a folder with its manifest and secrets, its database, and its WhatsApp.
pub(crate) struct Installation {
    server: PathBuf,
    folder: PathBuf,
    database_url: String,
    graph_url: String,
}

impl Installation {
    /// Brings the database to this version, and the company into it.
    pub(crate) async fn new(
        server: &Path,
        folder: &Path,
        database_url: String,
        graph_url: String,
    ) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        company::write(folder)?;
        let installation = Self {
            server: server.to_owned(),
            folder: folder.to_owned(),
            database_url,
            graph_url,
        };
        for args in [&["migrate"][..], &["apply", "company.toml"]] {
            let output = installation.command(args).output().await;
            let output = output.with_context(|| format!("cannot start {}", server.display()))?;
            ensure!(
                output.status.success(),
                "{args:?} failed: {}",
                String::from_utf8_lossy(&output.stderr).trim(),
            );
        }
        Ok(installation)
    }

    /// Starts it, and waits until it serves.
    pub(crate) async fn start(&self) -> anyhow::Result<Service> {
        let begin = clock::now();
        let mut child = self
            .command(&["serve"])
            .spawn()
            .context("cannot start the service")?;
        let stderr = child.stderr.take().context("its log is piped")?;
        let (tell, told) = oneshot::channel();
        let complaints = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&complaints);
        tokio::spawn(async move {
            let mut tell = Some(tell);
            let mut lines = BufReader::new(stderr).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                // Under load there are thousands of lines a second, which nobody reads.
                if let Some(address) = address_in(&line)
                    && let Some(tell) = tell.take()
                {
                    let _ = tell.send(address);
                } else if !line.contains(r#""level":"INFO""#) {
                    complain(&kept, line);
                }
            }
        });
        let Ok(Ok(host)) = timeout(PATIENCE, told).await else {
            bail!("the service does not start: {}", shown(&complaints));
        };
        Ok(Service {
            child,
            host,
            starting: begin.elapsed(),
            complaints,
        })
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.server);
        command.args(args).current_dir(&self.folder).env_clear();
        command
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("DATABASE_URL", &self.database_url)
            .env("ONBOARDING_GRAPH_URL", &self.graph_url)
            .env("ONBOARDING_LISTEN", "127.0.0.1:0")
            .env("ONBOARDING_OPS_LISTEN", "127.0.0.1:0");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }
}

/// A running service.
pub(crate) struct Service {
    child: Child,
    /// Where webhooks go, such as `127.0.0.1:8080`.
    pub(crate) host: String,
    /// From its start until it served.
    pub(crate) starting: Duration,
    complaints: Arc<Mutex<Vec<String>>>,
}

/// Memory of a process, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    pub(crate) now: u64,
    pub(crate) most: u64,
}

impl Service {
    /// Its memory, as the system counts it; `None` where there is no `/proc`.
    pub(crate) fn memory(&self) -> Option<Memory> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()?)).ok()?;
        let kilobytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        Some(Memory {
            now: kilobytes("VmRSS:")? * 1024,
            most: kilobytes("VmHWM:")? * 1024,
        })
    }

    /// What it complained about.
    pub(crate) fn complaints(&self) -> String {
        shown(&self.complaints)
    }

    /// Asks it to stop, as an operator does, and waits for it.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        if let Some(id) = self.child.id() {
            let mut kill = Command::new("kill");
            kill.args(["-TERM", &id.to_string()]).stderr(Stdio::null());
            kill.status().await.context("cannot start `kill`")?;
        }
        if timeout(PATIENCE, self.child.wait()).await.is_err() {
            bail!("told to stop, the service does not: {}", self.complaints());
        }
        Ok(())
    }
}

fn complain(complaints: &Mutex<Vec<String>>, line: String) {
    const KEPT: usize = 5;
    let mut complaints = complaints.lock().unwrap_or_else(PoisonError::into_inner);
    if complaints.len() < KEPT {
        complaints.push(line);
    }
}

fn shown(complaints: &Mutex<Vec<String>>) -> String {
    let complaints = complaints.lock().unwrap_or_else(PoisonError::into_inner);
    complaints.join("\n")
}

fn address_in(line: &str) -> Option<String> {
    if !line.contains("serving") {
        return None;
    }
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    (line["message"] == "serving").then(|| line["public"].as_str().map(str::to_owned))?
}
