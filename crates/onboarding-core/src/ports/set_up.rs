//! Setting a company up at WhatsApp.

use async_trait::async_trait;

use crate::CompanyId;

/// What somebody wants set up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetUpWish {
    /// The ids of the WhatsApp Business Accounts; empty: those that the access token names.
    pub accounts: Vec<String>,
    /// Look, and change nothing.
    pub dry_run: bool,
}

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetUpState {
    /// It is as it should be.
    Fine,
    /// Somebody should know.
    Note,
    /// It would be changed, but this is a dry run.
    Would,
    /// It was changed.
    Done,
}

/// A step, in words that hold no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetUpStep {
    /// What it came to.
    pub state: SetUpState,
    /// What was looked at or changed.
    pub text: String,
}

/// What setting up came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetUpReport {
    /// What was done, in order.
    pub steps: Vec<SetUpStep>,
    /// The manifest that is proposed, or what stood in the way of going on, with the mend.
    pub outcome: Result<String, String>,
}

impl SetUpReport {
    /// Whether anything was changed at WhatsApp.
    pub fn changed(&self) -> bool {
        self.steps.iter().any(|step| step.state == SetUpState::Done)
    }
}

/// Looks at the accounts and numbers of a company at WhatsApp, subscribes our app to them, and has its webhooks sent to us.
/// It may be called as often as one likes: what is right already stays as it is.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait SetUp: Send + Sync {
    /// With the secrets that the company has.
    async fn set_up(&self, company: &CompanyId, wish: &SetUpWish) -> SetUpReport;
}
