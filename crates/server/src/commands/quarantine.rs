//! `quarantine`: what webhooks brought that nobody here can act on.

use std::process::ExitCode;

use onboarding_core::ports::PutAside;

use super::{say, table::say_table};
use crate::{cli::QuarantineArgs, settings::Settings, store};

pub(super) async fn run(settings: &Settings, args: &QuarantineArgs) -> anyhow::Result<ExitCode> {
    let store = store::open(&settings.database, true).await?.store;
    let elements = store.put_aside(args.limit).await?;
    if elements.is_empty() {
        say("nothing was put aside");
    } else {
        let rows = elements.into_iter().map(cells).collect();
        say_table(["RECEIVED", "DELIVERY", "PLACE", "BYTES", "REASON"], rows);
    }
    Ok(ExitCode::SUCCESS)
}

fn cells(element: PutAside) -> [String; 5] {
    [
        element.received_at.to_string(),
        element.delivery.to_string(),
        element.place.to_string(),
        element.bytes.to_string(),
        element.reason,
    ]
}
