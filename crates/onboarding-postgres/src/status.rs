//! Status reports: how far our messages got.

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper, pg::Pg,
    query_builder::AsChangeset,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    CompanyId, DeliveryProgress, OutboxState, ProviderMessageId, Purpose, SendRefusal, StatusReport,
    Timestamp,
    ports::{InboxLease, StatusEffect},
};

use crate::{
    error::{Error, Place},
    inbox::{self, Standing},
    key::Key,
    prepared::Prepared,
    schema::{outbox, outbox_attempts, outbox_statuses},
    text::clean,
};

/// The message that a status is about.
#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox, check_for_backend(Pg))]
struct MessageRow {
    outbox_id: Key,
    purpose: String,
    state: String,
    progress: Option<String>,
    provider_message_id: Option<String>,
    settled_at: Option<i64>,
}

/// What a status sets. Nothing is left of a lease: whoever holds it finds the message settled.
#[derive(AsChangeset)]
#[diesel(table_name = outbox, treat_none_as_null = true)]
struct Moved {
    state: &'static str,
    progress: &'static str,
    settled_at: i64,
    lease_token: Option<Key>,
    leased_until: Option<i64>,
    error_code: Option<i64>,
    error_reason: Option<String>,
}

/// Applies the report and finishes its row.
pub(crate) async fn apply(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    lease: &InboxLease,
    report: &StatusReport,
    now: Timestamp,
) -> Result<StatusEffect, Error> {
    if inbox::standing(connection, company, lease).await? != Standing::Ours {
        return Ok(StatusEffect::Recorded);
    }
    let Some(message) = find(connection, company, report).await? else {
        inbox::close(
            connection,
            company,
            lease,
            Some("status of a message that is not ours"),
            now,
        )
        .await?;
        return Ok(StatusEffect::UnknownMessage);
    };
    record(connection, company, lease, &message, report).await?;
    let effect = advance(connection, company, &message, report, now).await?;
    inbox::close(connection, company, lease, Some("status recorded"), now).await?;
    Ok(effect)
}

/// By our own id first, by WhatsApp's second.
async fn find(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    report: &StatusReport,
) -> Result<Option<MessageRow>, Error> {
    if let Some(id) = report.outbox_id
        && let Some(row) = by_id(connection, company, id.into()).await?
    {
        return Ok(Some(row));
    }
    let provider_id = clean(report.provider_id.as_str());
    let by_provider: Option<Key> = outbox::table
        .filter(outbox::company_id.eq(company.as_str()))
        .filter(outbox::provider_message_id.eq(provider_id.as_ref()))
        .select(outbox::outbox_id)
        .first(connection)
        .await
        .optional()?;
    let found: Option<Key> = match by_provider {
        Some(id) => Some(id),
        None => outbox_attempts::table
            .filter(outbox_attempts::company_id.eq(company.as_str()))
            .filter(outbox_attempts::provider_message_id.eq(provider_id.as_ref()))
            .select(outbox_attempts::outbox_id)
            .first(connection)
            .await
            .optional()?,
    };
    match found {
        Some(id) => by_id(connection, company, id).await,
        None => Ok(None),
    }
}

async fn by_id(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    id: Key,
) -> Result<Option<MessageRow>, Error> {
    // Locked, so that of two statuses, or a status and a settlement, the second sees what the first did.
    let found = outbox::table
        .find((company.as_str(), id))
        .select(MessageRow::as_select())
        .for_update();
    Ok(found.first(connection).await.optional()?)
}

/// Keeps the report, and WhatsApp's id of the message where it was not known.
async fn record(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    lease: &InboxLease,
    message: &MessageRow,
    report: &StatusReport,
) -> Result<(), Error> {
    let provider_id = clean(ProviderMessageId::as_str(&report.provider_id));
    diesel::insert_into(outbox_statuses::table)
        .values((
            outbox_statuses::company_id.eq(company.as_str()),
            outbox_statuses::outbox_id.eq(message.outbox_id),
            outbox_statuses::inbox_id.eq(Key::from(lease.id)),
            outbox_statuses::provider_message_id.eq(provider_id.as_ref()),
            outbox_statuses::progress.eq(report.progress.map(DeliveryProgress::as_str)),
            outbox_statuses::at.eq(report.at.as_micros()),
            outbox_statuses::error_code.eq(report.error.as_ref().map(|error| error.code)),
            outbox_statuses::error_reason.eq(report.error.as_ref().map(|error| clean(&error.reason))),
        ))
        .execute(connection)
        .await?;
    if message.provider_message_id.is_none() {
        let change = diesel::update(outbox::table.find((company.as_str(), message.outbox_id)))
            .set(outbox::provider_message_id.eq(provider_id.as_ref()));
        Prepared(change).execute(connection).await?;
    }
    Ok(())
}

/// Moves the message forward, if the report may follow what is known (INV-16).
async fn advance(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    message: &MessageRow,
    report: &StatusReport,
    now: Timestamp,
) -> Result<StatusEffect, Error> {
    let Some(progress) = report.progress else {
        return Ok(StatusEffect::Recorded);
    };
    let place = Place {
        table: "outbox",
        row: &message.outbox_id,
    };
    let state = place.read("state", OutboxState::from_name(&message.state))?;
    let known = message
        .progress
        .as_deref()
        .map(|name| place.read("progress", DeliveryProgress::from_name(name)));
    // A message that was refused when it was sent failed, though no status said so.
    let earlier = known
        .transpose()?
        .or((state == OutboxState::Failed).then_some(DeliveryProgress::Failed));
    if !progress.may_follow(earlier) {
        return Ok(StatusEffect::Recorded);
    }
    let failed = progress == DeliveryProgress::Failed;
    let refusal = failed.then(|| report.error.clone().unwrap_or_else(no_reason));
    let moved = Moved {
        state: if failed {
            OutboxState::Failed
        } else {
            OutboxState::Accepted
        }
        .as_str(),
        progress: progress.as_str(),
        settled_at: message.settled_at.unwrap_or(now.as_micros()),
        lease_token: None,
        leased_until: None,
        error_code: refusal.as_ref().map(|refusal| refusal.code),
        error_reason: refusal.map(|refusal| clean(&refusal.reason).into_owned()),
    };
    let change = diesel::update(outbox::table.find((company.as_str(), message.outbox_id))).set(moved);
    Prepared(change).execute(connection).await?;
    let purpose = place.read("purpose", Purpose::from_name(&message.purpose))?;
    Ok(if failed && purpose.brings_the_client() {
        StatusEffect::InvitationFailed(message.outbox_id.into())
    } else {
        StatusEffect::Recorded
    })
}

fn no_reason() -> SendRefusal {
    SendRefusal {
        code: 0,
        reason: "WhatsApp gave no reason".to_owned(),
    }
}
