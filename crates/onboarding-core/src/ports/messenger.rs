//! The way to WhatsApp.

use std::{error::Error, time::Duration};

use async_trait::async_trait;

use crate::{CompanyId, NewOutbound, OfficialAccount, ProviderMessageId, SendRefusal};

/// Sends messages.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait Messenger: Send + Sync {
    /// Sends one message from the account, once. It carries its outbox id, which comes back in statuses.
    async fn send(
        &self,
        company: &CompanyId,
        from: &OfficialAccount,
        message: &NewOutbound,
    ) -> Result<ProviderMessageId, SendError>;
}

/// Why a message was not sent, by what to do about it (reliability.md, outcome classes of a send).
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// It surely did not go out, and a later try may work.
    #[error("not sent, may be tried again")]
    NotSent {
        /// Not before this time has passed, where WhatsApp said so.
        retry_after: Option<Duration>,
        /// Why.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The account or its token cannot send now. Waiting is right; trying harder is not.
    #[error("the account cannot send: {} (WhatsApp {})", .0.reason, .0.code)]
    AccountPaused(SendRefusal),
    /// It may have gone out.
    #[error("it is not known whether the message went out")]
    Unknown(#[source] Box<dyn Error + Send + Sync>),
    /// It did not go out and never will as it is.
    #[error("refused: {} (WhatsApp {})", .0.reason, .0.code)]
    Refused(SendRefusal),
}
