//! What follows from an attempt to send.

use std::time::Duration;

use crate::{
    CUSTOMER_SERVICE_WINDOW, Draw, OutboxItem, ProviderMessageId, SendRefusal, Timestamp,
    ports::{SendError, Settlement},
};

/// How often a message is tried that surely did not go out.
pub const MAX_TRIES: u32 = 8;

/// How long we wait for a status that tells whether a message went out.
pub const UNKNOWN_WAIT: Duration = Duration::from_mins(1);

/// The outcome may stay unknown twice: the client sees at most two copies (INV-6).
const MAX_UNKNOWN: u32 = 2;

const LONGEST_PAUSE: Duration = Duration::from_mins(10);
const PAUSED_ACCOUNT_PAUSE: Duration = Duration::from_mins(1);

/// After this long free text is refused anyway, because the client's window is shut.
const LONGEST_QUEUE: Duration = Duration::from_hours(24);

/// Whether a leased message is not sent any more, and why.
pub(super) fn given_up_before(item: &OutboxItem) -> Option<SendRefusal> {
    let gives_up = item.unknown_attempts >= MAX_UNKNOWN;
    gives_up.then(|| refusal("it stayed unknown twice whether the message went out"))
}

/// A message of an account that is out of use does not go out.
pub(super) fn out_of_use() -> SendRefusal {
    refusal("the sending account is out of use")
}

/// Why free text does not go out now, which was decided on while the window was open but may have waited since; `None` when
/// the client wrote to the account within 24 hours. WhatsApp would refuse it (131047), and an answer a day later surprises.
pub(super) fn withheld(item: &OutboxItem, now: Timestamp) -> Option<SendRefusal> {
    let is_open = item
        .client_wrote_at
        .is_some_and(|at| now.since(at) < CUSTOMER_SERVICE_WINDOW);
    (item.message.content.is_free_text() && !is_open)
        .then(|| refusal("withheld: the 24-hour window of the client shut while the text waited"))
}

/// What an attempt comes to. `now` is the time after it.
pub fn settlement_of(
    result: Result<ProviderMessageId, SendError>,
    item: &OutboxItem,
    now: Timestamp,
    draw: &mut Draw,
) -> Settlement {
    match result {
        Ok(id) => Settlement::Accepted(id),
        Err(SendError::Refused(refusal)) => Settlement::Failed(refusal),
        Err(SendError::Unknown(source)) => Settlement::Unknown {
            until: now + UNKNOWN_WAIT,
            reason: source.to_string(),
        },
        Err(SendError::NotSent { .. }) if item.attempts >= MAX_TRIES => {
            Settlement::Failed(refusal("WhatsApp could not be reached"))
        }
        Err(SendError::NotSent { retry_after, source }) => {
            let pause = back_off(item.attempts, draw).max(retry_after.unwrap_or_default());
            Settlement::RetryAt {
                due: now + pause,
                counts: true,
                reason: source.to_string(),
            }
        }
        Err(SendError::AccountPaused(why)) if now.since(item.queued_at) >= LONGEST_QUEUE => {
            Settlement::Failed(why)
        }
        Err(SendError::AccountPaused(why)) => Settlement::AccountPaused {
            until: now + PAUSED_ACCOUNT_PAUSE,
            reason: why.reason,
        },
    }
}

fn refusal(reason: &str) -> SendRefusal {
    SendRefusal {
        code: 0,
        reason: reason.to_owned(),
    }
}

/// 4^n seconds (Meta: rate limits), up to a quarter less by chance so that many do not come back together.
fn back_off(attempts: u32, draw: &mut Draw) -> Duration {
    let seconds = 4_u64.saturating_pow(attempts.saturating_sub(1).min(10));
    Duration::from_secs(seconds)
        .min(LONGEST_PAUSE)
        .mul_f64(1.0 - draw.unit() / 4.0)
}
