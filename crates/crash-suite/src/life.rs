//! One life of the service: a child process.

use std::{
    collections::VecDeque,
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::watch,
    time::timeout,
};

/// What the shell calls the signals.
const ABORT: i32 = 6;
const KILL: i32 = 9;

/// Lines that are kept of what the service says.
const KEPT: usize = 400;

/// What every start of the service has in common.
pub(crate) struct Setting<'a> {
    pub(crate) server: &'a Path,
    pub(crate) folder: &'a Path,
    pub(crate) database_url: String,
    pub(crate) graph_url: String,
    /// Since when its clock runs how fast.
    pub(crate) clock: String,
    pub(crate) mistake: Option<&'static str>,
}

impl Setting<'_> {
    /// A command of the service that dies at a place, if one is given.
    pub(crate) fn command(&self, args: &[&str], crash_at: Option<&str>) -> Command {
        let mut command = Command::new(self.server);
        command.args(args).current_dir(self.folder).env_clear();
        command
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("DATABASE_URL", &self.database_url)
            .env("ONBOARDING_GRAPH_URL", &self.graph_url)
            .env("ONBOARDING_LISTEN", "127.0.0.1:0")
            .env("ONBOARDING_OPS_LISTEN", "127.0.0.1:0")
            .env("ONBOARDING_CLOCK", &self.clock);
        if let Some(place) = crash_at {
            command.env("ONBOARDING_CRASH_AT", place);
        }
        if let Some(mistake) = self.mistake {
            command.env("ONBOARDING_BREAK", mistake);
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }
}

/// Where it listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Addresses {
    pub(crate) public: String,
    pub(crate) operations: String,
}

/// How a life ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Death {
    /// At the place where it was to die.
    AtPlace,
    /// Killed by us.
    Killed,
    /// Told to stop, it stopped.
    Stopped,
    /// Nobody asked for this.
    Unexpected(String),
}

impl Death {
    fn of(status: ExitStatus) -> Self {
        match (status.signal(), status.code()) {
            (Some(ABORT), _) => Self::AtPlace,
            (Some(KILL), _) => Self::Killed,
            (_, Some(0)) => Self::Stopped,
            _ => Self::Unexpected(status.to_string()),
        }
    }
}

/// A running service.
pub(crate) struct Life {
    child: Child,
    addresses: watch::Receiver<Option<Addresses>>,
    said: Arc<Mutex<VecDeque<String>>>,
}

impl Life {
    /// Starts a command.
    pub(crate) fn start(mut command: Command) -> anyhow::Result<Self> {
        let mut child = command.spawn().context("cannot start the service")?;
        let stderr = child.stderr.take().context("its log is piped")?;
        let (tell, addresses) = watch::channel(None);
        let said = Arc::new(Mutex::new(VecDeque::new()));
        let kept = Arc::clone(&said);
        tokio::spawn(async move {
            let mut lines = BufReader::new(stderr).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(found) = addresses_in(&line) {
                    let _ = tell.send(Some(found));
                }
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                if kept.len() == KEPT {
                    kept.pop_front();
                }
                kept.push_back(line);
            }
        });
        Ok(Self {
            child,
            addresses,
            said,
        })
    }

    /// Where it listens, once it does; `None` if it dies before.
    pub(crate) async fn listening(&mut self, limit: Duration) -> anyhow::Result<Option<Addresses>> {
        let found = timeout(limit, self.addresses.wait_for(Option::is_some)).await;
        let found = found.map(|found| found.ok().and_then(|addresses| addresses.clone()));
        match found {
            // `None`: it closed its log, so it is dead or dying.
            Ok(found) => Ok(found),
            Err(_) => bail!("the service does not start within {limit:?}:\n{}", self.log()),
        }
    }

    /// How it ended, if it does so in time.
    pub(crate) async fn ends_within(&mut self, limit: Duration) -> anyhow::Result<Option<Death>> {
        match timeout(limit, self.child.wait()).await {
            Ok(status) => Ok(Some(Death::of(status?))),
            Err(_) => Ok(None),
        }
    }

    /// How it ended, if it has.
    pub(crate) fn has_ended(&mut self) -> anyhow::Result<Option<Death>> {
        Ok(self.child.try_wait()?.map(Death::of))
    }

    /// Kills it, as a power switch does.
    pub(crate) async fn kill(&mut self) -> anyhow::Result<Death> {
        // It may have died by itself in this moment, which its status tells.
        let _ = self.child.start_kill();
        Ok(Death::of(self.child.wait().await?))
    }

    /// Asks it to stop, as an operator does.
    pub(crate) async fn tell_to_stop(&self) -> anyhow::Result<()> {
        let Some(id) = self.child.id() else { return Ok(()) };
        let mut kill = Command::new("kill");
        kill.args(["-TERM", &id.to_string()]).stderr(Stdio::null());
        // A service that is dead already is no mistake.
        kill.status().await.context("cannot start `kill`")?;
        Ok(())
    }

    /// The last that it said.
    pub(crate) fn log(&self) -> String {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.iter()
            .fold(String::new(), |log, line| log + "  " + line + "\n")
    }
}

fn addresses_in(line: &str) -> Option<Addresses> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    if line["message"] != "serving" {
        return None;
    }
    let address = |key: &str| Some(format!("http://{}", line[key].as_str()?));
    Some(Addresses {
        public: address("public")?,
        operations: address("operations")?,
    })
}
