//! The importer: works on imports of users, batch by batch.
//!
//! Every replica has one; an import is leased, so that one of them works on it, and another goes on when that one dies.

use std::{sync::atomic::Ordering, time::Duration};

use onboarding_core::{
    ports::LeasedImport,
    service::{ImportService, Stepped},
};
use tokio::time::{Instant, timeout};

use super::{Signals, complain_and_default};

/// How often it looks for an import that nobody works on.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Works on whatever import waits, until the signals say stop.
pub(super) async fn import_everything(service: ImportService, signals: Signals) {
    while !signals.stop.load(Ordering::Acquire) {
        let leased = service.lease().await;
        if let Some(lease) = complain_and_default(leased, "cannot look for imports") {
            tracing::info!(company = %lease.company, import = %lease.id, "working on an import of users");
            work(&service, &lease, &signals).await;
        } else {
            let _ = timeout(LOOK_EVERY, signals.importer.notified()).await;
        }
    }
}

/// Until the import is over. What is left at a stop another replica takes up when the lease has run out.
async fn work(service: &ImportService, lease: &LeasedImport, signals: &Signals) {
    while !signals.stop.load(Ordering::Acquire) {
        let begun = Instant::now();
        match service.step(lease).await {
            Ok(Stepped::More) => {
                // Clients write meanwhile: what is decided for them needs the company as much as a batch does.
                let _ = timeout(begun.elapsed(), signals.importer.notified()).await;
            }
            Ok(Stepped::Over) => {
                tracing::info!(company = %lease.company, import = %lease.id, "the import of users is over");
                return;
            }
            Ok(Stepped::Contended) => {
                tracing::warn!(company = %lease.company, "the company changes all the time; the import waits");
                return;
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "cannot make a batch of an import; it is tried again"
                );
                return;
            }
        }
    }
}
