//! A WhatsApp Cloud API that behaves like Meta's, with a phone page: for the demo, for tests, for load and faults.
//!
//! The crate stands in for everything outside the service under test: Graph endpoints below `/simulator/graph`,
//! webhooks to the service, and the phones of the clients, which people use at `/simulator/` and tests through
//! [`Simulator`] or the control API below `/simulator/api`. It knows nothing of what the service does.
//!
//! | module | holds |
//! |---|---|
//! | `config` | what a simulator is made of |
//! | `world` | numbers, people, threads |
//! | `graph` | the Graph endpoints and their refusals |
//! | `webhook` | bodies of webhooks, and their delivery |
//! | `phone` | what a client does |
//! | `progress` | how a message of the business gets to the phone |
//! | `control` | the HTTP control API and the events |
//! | `page` | the phone page |

mod clock;
mod config;
mod control;
mod draw;
mod events;
mod faults;
mod graph;
mod ledger;
mod page;
mod pair_rate;
mod phone;
mod progress;
mod running;
mod scheduler;
mod simulator;
mod webhook;
mod world;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use config::{
    Account, AccountHealth, Latencies, PhoneClient, Retries, Scannable, SimulatorConfig, Template,
    TemplateStatus,
};
pub use faults::{Faults, GraphErrorFault};
pub use ledger::{Attempt, Delivery, DeliveryState, GraphCall, Ledger, Outcome};
pub use phone::{ClientMessage, PhoneContent};
pub use running::RunningSimulator;
pub use simulator::{Simulator, TimedOut};
pub use world::{
    AccountView, Action, ActionKind, ChatMessage, ClientView, Content, MessageState, ScannableView,
    SimulatorError, StateView, ThreadView,
};

/// Locks whatever happened to the last holder: every guarded value stays usable after a panic, because each change to
/// it is one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
