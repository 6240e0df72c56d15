//! Stores what an attempt came to.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SqliteConnection, query_builder::AsChangeset};
use onboarding_core::{
    Breaker, OutboxState, ProviderMessageId, Timestamp,
    ports::{LeasedMessage, SettleOutcome, Settlement},
};

use super::{breaker, rate};
use crate::{
    error::Error,
    key::Key,
    prepared::Prepared,
    schema::{outbox, outbox_attempts},
};

/// What a settlement sets; a field without a value stays as it is.
#[derive(AsChangeset)]
#[diesel(table_name = outbox)]
struct Changes<'a> {
    state: &'static str,
    due_at: Option<i64>,
    settled_at: Option<i64>,
    provider_message_id: Option<&'a str>,
    error_code: Option<i64>,
    error_reason: Option<&'a str>,
}

/// Settles a message that is still ours to settle. The attempt is written down in any case: a status that was faster
/// settled the message, and its WhatsApp id must be found all the same.
pub(super) fn settle(
    connection: &mut SqliteConnection,
    message: &LeasedMessage,
    settlement: &Settlement,
    now: Timestamp,
) -> Result<SettleOutcome, Error> {
    let (company, id) = (message.item.company.as_str(), Key::from(message.item.message.id));
    let token = Key::from(message.token);
    let (outcome, provider_id) = told(settlement);
    let attempt = diesel::update(outbox_attempts::table.find((company, id, token))).set((
        outbox_attempts::ended_at.eq(now.as_micros()),
        outbox_attempts::outcome.eq(outcome),
        outbox_attempts::provider_message_id.eq(provider_id),
    ));
    Prepared(attempt).execute(connection)?;
    let (counted_back, unknown) = match settlement {
        Settlement::RetryAt { counts: false, .. } | Settlement::AccountPaused { .. } => (1, 0),
        Settlement::Unknown { .. } => (0, 1),
        _ => (0, 0),
    };
    let settle = diesel::update(outbox::table.find((company, id)))
        .filter(outbox::lease_token.eq(token))
        .set((
            changes(settlement, now),
            outbox::attempts.eq(outbox::attempts - counted_back),
            outbox::unknown_attempts.eq(outbox::unknown_attempts + unknown),
            outbox::lease_token.eq(None::<Key>),
            outbox::leased_until.eq(None::<i64>),
        ));
    let settled = Prepared(settle).execute(connection)?;
    let account = Key::from(message.item.message.account);
    // The account is paused whoever has the message now.
    if let Settlement::AccountPaused { until, .. } = settlement {
        rate::spend_until(connection, company, account, *until)?;
    }
    match settlement.shows_whatsapp_well() {
        Some(true) if message.item.troubled => breaker::forget(connection, company, account)?,
        Some(false) if settled == 1 => {
            let before = breaker::of(connection, company, account)?;
            breaker::keep(connection, company, account, Breaker::after_doubt(before, now))?;
        }
        _ => {}
    }
    Ok(if settled == 1 {
        SettleOutcome::Settled
    } else {
        SettleOutcome::LeaseLost
    })
}

/// What the attempt came to, for people to read, and WhatsApp's id.
fn told(settlement: &Settlement) -> (String, Option<&str>) {
    match settlement {
        Settlement::Accepted(id) => ("accepted".to_owned(), Some(id.as_str())),
        Settlement::RetryAt { reason, .. } | Settlement::AccountPaused { reason, .. } => {
            (format!("not sent: {reason}"), None)
        }
        Settlement::Unknown { reason, .. } => (format!("unknown: {reason}"), None),
        Settlement::Failed(refusal) => (format!("failed: {} ({})", refusal.reason, refusal.code), None),
    }
}

fn changes(settlement: &Settlement, now: Timestamp) -> Changes<'_> {
    let to = |state: OutboxState| Changes {
        state: state.as_str(),
        due_at: None,
        settled_at: state.is_settled().then(|| now.as_micros()),
        provider_message_id: None,
        error_code: None,
        error_reason: None,
    };
    match settlement {
        Settlement::Accepted(id) => Changes {
            provider_message_id: Some(ProviderMessageId::as_str(id)),
            ..to(OutboxState::Accepted)
        },
        Settlement::RetryAt { due, .. } | Settlement::AccountPaused { until: due, .. } => Changes {
            due_at: Some(due.as_micros()),
            ..to(OutboxState::Pending)
        },
        Settlement::Unknown { until, .. } => Changes {
            due_at: Some(until.as_micros()),
            ..to(OutboxState::Unknown)
        },
        Settlement::Failed(refusal) => Changes {
            error_code: Some(refusal.code),
            error_reason: Some(&refusal.reason),
            ..to(OutboxState::Failed)
        },
    }
}
