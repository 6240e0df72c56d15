//! Stores what an attempt came to.

use std::borrow::Cow;

use diesel::{ExpressionMethods, QueryDsl, query_builder::AsChangeset};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    OutboxState, ProviderMessageId, Timestamp,
    ports::{LeasedMessage, SettleOutcome, Settlement},
};

use super::{breaker, rate};
use crate::{
    error::Error,
    key::Key,
    prepared::Prepared,
    schema::{outbox, outbox_attempts},
    text::clean,
    time,
};

/// What a settlement sets; a field without a value stays as it is.
#[derive(AsChangeset)]
#[diesel(table_name = outbox)]
struct Changes<'a> {
    state: &'static str,
    due_at: Option<i64>,
    settled_at: Option<i64>,
    provider_message_id: Option<Cow<'a, str>>,
    error_code: Option<i64>,
    error_reason: Option<Cow<'a, str>>,
}

/// Settles a message that is still ours to settle. The attempt is written down in any case: a status that was faster
/// settled the message, and its WhatsApp id must be found all the same.
pub(super) async fn settle(
    connection: &mut AsyncPgConnection,
    message: &LeasedMessage,
    settlement: &Settlement,
    now: Timestamp,
    database_time: bool,
) -> Result<SettleOutcome, Error> {
    let server_now = time::now(connection, now, database_time).await?;
    let (company, id) = (message.item.company.as_str(), Key::from(message.item.message.id));
    let token = Key::from(message.token);
    let (outcome, provider_id) = told(settlement);
    let attempt = diesel::update(outbox_attempts::table.find((company, id, token))).set((
        outbox_attempts::ended_at.eq(now.as_micros()),
        outbox_attempts::outcome.eq(clean(&outcome)),
        outbox_attempts::provider_message_id.eq(provider_id),
    ));
    Prepared(attempt).execute(connection).await?;
    let (counted_back, unknown) = match settlement {
        Settlement::RetryAt { counts: false, .. } | Settlement::AccountPaused { .. } => (1, 0),
        Settlement::Unknown { .. } => (0, 1),
        _ => (0, 0),
    };
    let settle = diesel::update(outbox::table.find((company, id)))
        .filter(outbox::lease_token.eq(token))
        .set((
            changes(settlement, now, server_now),
            outbox::attempts.eq(outbox::attempts - counted_back),
            outbox::unknown_attempts.eq(outbox::unknown_attempts + unknown),
            outbox::lease_token.eq(None::<Key>),
            outbox::leased_until.eq(None::<i64>),
        ));
    let settled = Prepared(settle).execute(connection).await?;
    let account = Key::from(message.item.message.account);
    // The account is paused whoever has the message now.
    if let Settlement::AccountPaused { until, .. } = settlement {
        let until = server_now + until.since(now);
        rate::spend_until(connection, company, account, until).await?;
    }
    match settlement.shows_whatsapp_well() {
        Some(true) if message.item.troubled => breaker::forget(connection, company, account).await?,
        Some(false) if settled == 1 => breaker::doubt(connection, company, account, server_now).await?,
        _ => {}
    }
    Ok(if settled == 1 {
        SettleOutcome::Settled
    } else {
        SettleOutcome::LeaseLost
    })
}

/// What the attempt came to, for people to read, and WhatsApp's id.
fn told(settlement: &Settlement) -> (String, Option<Cow<'_, str>>) {
    match settlement {
        Settlement::Accepted(id) => ("accepted".to_owned(), Some(clean(id.as_str()))),
        Settlement::RetryAt { reason, .. } | Settlement::AccountPaused { reason, .. } => {
            (format!("not sent: {reason}"), None)
        }
        Settlement::Unknown { reason, .. } => (format!("unknown: {reason}"), None),
        Settlement::Failed(refusal) => (format!("failed: {} ({})", refusal.reason, refusal.code), None),
    }
}

/// What is due some time from `now` is due as long from the time by which leases go.
fn changes(settlement: &Settlement, now: Timestamp, server_now: Timestamp) -> Changes<'_> {
    let due_at = |due: Timestamp| Some((server_now + due.since(now)).as_micros());
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
            provider_message_id: Some(clean(ProviderMessageId::as_str(id))),
            ..to(OutboxState::Accepted)
        },
        Settlement::RetryAt { due, .. } | Settlement::AccountPaused { until: due, .. } => Changes {
            due_at: due_at(*due),
            ..to(OutboxState::Pending)
        },
        Settlement::Unknown { until, .. } => Changes {
            due_at: due_at(*until),
            ..to(OutboxState::Unknown)
        },
        Settlement::Failed(refusal) => Changes {
            error_code: Some(refusal.code),
            error_reason: Some(clean(&refusal.reason)),
            ..to(OutboxState::Failed)
        },
    }
}
