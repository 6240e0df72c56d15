//! The ceiling on PostgreSQL: pgbench, which does nothing but send statements.

use std::{io::Write as _, path::Path, process::Stdio, time::Duration};

use anyhow::{Context, ensure};
use postgres_cluster::tool;
use tempfile::{NamedTempFile, TempDir};
use tokio::process::Command;

use crate::{
    company::COMPANY,
    load::{CONNECTIONS, p99},
};

/// The statements of storing a delivery.
const DELIVERY: &str = include_str!("postgres/delivery.pgbench");

/// The statements of an onboarding, from the delivery to the decision.
const ONBOARDING: &str = include_str!("postgres/onboarding.pgbench");

/// A script, and the database on which it runs.
pub(crate) struct Pgbench {
    url: String,
    script: NamedTempFile,
    /// Counts the runs, so that each makes ids of its own.
    runs: u32,
}

impl Pgbench {
    /// Stores deliveries.
    pub(crate) fn deliveries(url: &str, raw: usize, payload: usize) -> anyhow::Result<Self> {
        Self::new(url, &filled(DELIVERY, raw, payload))
    }

    /// Stores deliveries and decides on them.
    pub(crate) fn onboardings(url: &str, raw: usize, payload: usize) -> anyhow::Result<Self> {
        Self::new(url, &filled(&format!("{DELIVERY}{ONBOARDING}"), raw, payload))
    }

    fn new(url: &str, script: &str) -> anyhow::Result<Self> {
        let mut file = NamedTempFile::new()?;
        file.write_all(script.as_bytes())?;
        Ok(Self {
            url: url.to_owned(),
            script: file,
            runs: 0,
        })
    }

    /// Transactions a second, as fast as the server takes them.
    pub(crate) async fn per_second(&mut self, time: Duration) -> anyhow::Result<f64> {
        let told = self.run(time, &[]).await?;
        let tps = told.lines().find_map(|line| line.strip_prefix("tps = "));
        let tps = tps.and_then(|tps| tps.split_whitespace().next()?.parse().ok());
        tps.with_context(|| format!("pgbench tells no tps: {told}"))
    }

    /// The latency that 99 of 100 transactions are below, at so many a second.
    pub(crate) async fn p99(&mut self, per_second: f64, time: Duration) -> anyhow::Result<Duration> {
        let folder = TempDir::new()?;
        let prefix = folder.path().join("log");
        let (rate, prefix) = (per_second.to_string(), prefix.to_string_lossy().into_owned());
        self.run(time, &["--rate", &rate, "--log", "--log-prefix", &prefix])
            .await?;
        p99(&mut latencies(folder.path())?)
    }

    async fn run(&mut self, time: Duration, more: &[&str]) -> anyhow::Result<String> {
        self.runs += 1;
        let (connections, run) = (CONNECTIONS.to_string(), format!("run={}", self.runs));
        // Whole seconds are all that it knows.
        let seconds = time.as_secs().max(1).to_string();
        let mut pgbench = Command::new(tool("pgbench"));
        pgbench
            .args(["--no-vacuum", "--protocol", "prepared", "--jobs", "2"])
            .args([
                "--client",
                &connections,
                "--time",
                &seconds,
                "--define",
                &run,
                "--define",
                "n=0",
            ])
            .args(more)
            .arg("--file")
            .arg(self.script.path())
            .arg(&self.url);
        // As the service works, and without a statement for it in each transaction.
        let options = format!(
            "-c role=onboarding_app -c onboarding.company={COMPANY} -c onboarding.scope=installation"
        );
        pgbench
            .env("PGOPTIONS", options)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = pgbench.output().await.context("cannot start pgbench")?;
        let (told, complained) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        ensure!(
            output.status.success() && !complained.contains("ERROR"),
            "pgbench failed: {}",
            complained.trim(),
        );
        Ok(told.into_owned())
    }
}

/// How a decision of the service is explained.
const TRACE: &str = include_str!("trace.json");

/// What the audit says of it.
const AUDIT: &str = include_str!("audit.json");

/// With rows as large as the service's.
fn filled(script: &str, raw: usize, payload: usize) -> String {
    script
        .replace("{trace}", &TRACE.trim().replace('\'', "''"))
        .replace("{audit}", AUDIT.trim())
        .replace("{raw}", &"7b".repeat(raw))
        .replace("{payload}", &"7b".repeat(payload))
}

/// The third column of pgbench's logs, in microseconds.
fn latencies(folder: &Path) -> anyhow::Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    for file in std::fs::read_dir(folder)? {
        let log = std::fs::read_to_string(file?.path())?;
        let third = |line: &str| line.split(' ').nth(2)?.parse().ok();
        latencies.extend(log.lines().filter_map(third).map(Duration::from_micros));
    }
    Ok(latencies)
}
