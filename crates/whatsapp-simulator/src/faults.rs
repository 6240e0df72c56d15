//! The faults that can be switched on.

use serde::{Deserialize, Serialize};

/// What goes wrong, and how often. The default is a world without faults.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Probability that a delivered webhook is delivered a second time.
    pub duplicate_webhooks: f64,
    /// Each webhook waits a random time up to this many milliseconds.
    pub delay_webhooks_ms: u64,
    /// Probability that a webhook leaves its client's order and overtakes or falls behind.
    pub reorder_webhooks: f64,
    /// Probability that a webhook's first attempt is lost; it is redelivered later.
    pub drop_webhooks: f64,
    /// Probability that a send is answered 503 without being accepted.
    pub graph_5xx: f64,
    /// Probability that a send is accepted and delivered, but never answered.
    pub graph_timeout_after_acceptance: f64,
    /// A closed 24-hour window is told by a `failed` status instead of an error in the answer.
    pub late_window_refusals: bool,
    /// The next sends are refused with this error.
    pub graph_error: Option<GraphErrorFault>,
}

/// Refuses a number of sends with one Graph error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraphErrorFault {
    /// Meta's error code.
    pub code: u32,
    /// How many sends it still hits.
    pub next: u32,
    /// It lets everything through that is not written by a template.
    #[serde(default)]
    pub templates_only: bool,
}

impl Faults {
    /// Takes one hit of [`Faults::graph_error`], if any is left and this send is one that it hits.
    pub(crate) fn take_graph_error(&mut self, is_template: bool) -> Option<u32> {
        let fault = self.graph_error.as_mut()?;
        if fault.templates_only && !is_template {
            return None;
        }
        let code = fault.code;
        fault.next = fault.next.saturating_sub(1);
        if fault.next == 0 {
            self.graph_error = None;
        }
        Some(code)
    }
}
