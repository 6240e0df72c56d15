//! A way out that leads nowhere and remembers everything.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use onboarding_core::{
    CompanyId, NewOutbound, OfficialAccount, OutboundContent, OutboxId, PhoneNumber, ProviderMessageId,
    Purpose, Recipient, SendRefusal,
    ports::{Messenger, SendError},
};

/// One attempt to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentMessage {
    /// Whose message it is.
    pub company: CompanyId,
    /// The account that sent it.
    pub from: PhoneNumber,
    /// The client.
    pub to: Recipient,
    /// What it says.
    pub content: OutboundContent,
    /// Why it was sent.
    pub purpose: Purpose,
    /// Its id in the outbox.
    pub outbox_id: OutboxId,
    /// WhatsApp's id of it; `None` when the attempt did not succeed.
    pub provider_id: Option<ProviderMessageId>,
}

impl SentMessage {
    /// The words of a text, or the parameters of a template joined by ` · `.
    pub fn words(&self) -> String {
        match &self.content {
            OutboundContent::Text(text) => text.clone(),
            OutboundContent::Template { parameters, .. } => parameters.join(" · "),
        }
    }

    /// The name of the template; `None` for a text.
    pub fn template(&self) -> Option<&str> {
        match &self.content {
            OutboundContent::Text(_) => None,
            OutboundContent::Template { name, .. } => Some(name),
        }
    }
}

/// Takes every message unless told otherwise, and keeps them in order.
#[derive(Debug, Default)]
pub struct RecordingMessenger(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    attempts: Vec<SentMessage>,
    scripted: VecDeque<Result<ProviderMessageId, SendError>>,
}

impl RecordingMessenger {
    /// What the next attempt that has no result yet comes to. Without any, messages are taken.
    pub fn next(&self, result: Result<ProviderMessageId, SendError>) {
        self.seen().scripted.push_back(result);
    }

    /// Every attempt in order, whatever it came to.
    pub fn attempts(&self) -> Vec<SentMessage> {
        self.seen().attempts.clone()
    }

    /// The messages that were taken, in order.
    pub fn sent(&self) -> Vec<SentMessage> {
        self.attempts()
            .into_iter()
            .filter(|attempt| attempt.provider_id.is_some())
            .collect()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Messenger for RecordingMessenger {
    async fn send(
        &self,
        company: &CompanyId,
        from: &OfficialAccount,
        message: &NewOutbound,
    ) -> Result<ProviderMessageId, SendError> {
        let mut seen = self.seen();
        let taken = || Ok(ProviderMessageId::new(format!("wamid.OUT.{}", message.id)));
        let result = seen.scripted.pop_front().unwrap_or_else(taken);
        seen.attempts.push(SentMessage {
            company: company.clone(),
            from: from.phone_number.clone(),
            to: message.recipient.clone(),
            content: message.content.clone(),
            purpose: message.purpose,
            outbox_id: message.id,
            provider_id: result.as_ref().ok().cloned(),
        });
        result
    }
}

/// It surely did not go out; `retry_after` is what WhatsApp said.
pub fn not_sent(retry_after: Option<Duration>) -> SendError {
    SendError::NotSent {
        retry_after,
        source: "connection refused".into(),
    }
}

/// It may have gone out.
pub fn unknown() -> SendError {
    SendError::Unknown("connection closed before the answer".into())
}

/// It never will go out as it is.
pub fn refused(code: i64) -> SendError {
    SendError::Refused(SendRefusal {
        code,
        reason: "refused".to_owned(),
    })
}

/// The account cannot send now.
pub fn paused(code: i64) -> SendError {
    SendError::AccountPaused(SendRefusal {
        code,
        reason: "the account is paused".to_owned(),
    })
}
