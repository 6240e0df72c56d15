//! Memory, start-up, and the size of the binary.

use std::time::Duration;

use super::Context;
use crate::{
    clock,
    report::{Resource, milliseconds},
    service::{Installation, Memory, Service},
};

/// After its start, what a service does at its start is over.
const IDLE_AFTER: Duration = Duration::from_secs(2);

const MEGABYTE: f64 = 1024.0 * 1024.0;

/// The start-up time of an installation, its memory when idle, and the size of the binary.
pub(super) async fn of_installation(
    context: &Context<'_>,
    database: &'static str,
    installation: &Installation,
) -> anyhow::Result<Vec<Resource>> {
    let mut starts = Vec::new();
    let mut idle = None;
    for start in 1..=context.plan.starts {
        let service = installation.start().await?;
        starts.push(milliseconds(service.starting));
        if start == context.plan.starts {
            clock::pause(if context.plan.smoke {
                Duration::ZERO
            } else {
                IDLE_AFTER
            })
            .await;
            idle = memory(&service, database, "memory at idle", |memory| memory.now);
        }
        service.stop().await?;
    }
    starts.sort_by(f64::total_cmp);
    let mut resources = vec![Resource {
        database,
        name: "start-up, until it serves",
        unit: "ms",
        value: starts[starts.len() / 2],
    }];
    resources.extend(idle);
    Ok(resources)
}

/// Memory of a service, if the system tells.
pub(super) fn memory(
    service: &Service,
    database: &'static str,
    name: &'static str,
    which: fn(Memory) -> u64,
) -> Option<Resource> {
    #[expect(clippy::cast_precision_loss, reason = "no machine has so much")]
    let value = which(service.memory()?) as f64 / MEGABYTE;
    Some(Resource {
        database,
        name,
        unit: "MB",
        value,
    })
}

/// The size of the binary.
pub(super) fn binary(context: &Context<'_>) -> anyhow::Result<Resource> {
    #[expect(clippy::cast_precision_loss, reason = "no file is so large")]
    let value = std::fs::metadata(context.server)?.len() as f64 / MEGABYTE;
    Ok(Resource {
        database: "both",
        name: "binary",
        unit: "MB",
        value,
    })
}
