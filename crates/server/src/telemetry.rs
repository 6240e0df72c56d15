//! Logs, and what is said when nothing goes on.

use std::{error::Error, io::IsTerminal};

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts logging to standard error: lines for people on a terminal, JSON lines elsewhere.
pub(crate) fn init(filter: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        anyhow::anyhow!("ONBOARDING_LOG: `{filter}` is no filter: {error}; write for example info")
    })?;
    let registry = tracing_subscriber::registry().with(filter);
    if std::io::stderr().is_terminal() {
        registry
            .with(fmt::layer().with_target(false).with_writer(std::io::stderr))
            .init();
    } else {
        registry
            .with(
                fmt::layer()
                    .json()
                    .flatten_event(true)
                    .with_writer(std::io::stderr),
            )
            .init();
    }
    Ok(())
}

/// One line on standard error: what is wrong, with its causes.
#[expect(clippy::print_stderr, reason = "this is how a command says why it failed")]
pub(crate) fn complain(error: &anyhow::Error) {
    eprintln!("onboarding-server: {}", one_line(error.as_ref()));
}

/// The error with its causes, in one line.
pub(crate) fn one_line(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        // Some libraries repeat the cause in their own text.
        if !line.contains(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        next = cause.source();
    }
    line.replace('\n', " ")
}
