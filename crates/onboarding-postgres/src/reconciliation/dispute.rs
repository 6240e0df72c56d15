//! Questions for a person.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{CompanyId, Dispute, DisputeId, DisputeReason, DisputeVerdict, NewDispute, Timestamp};

use super::kind_of;
use crate::{
    client::load_known,
    error::{Error, Place},
    key::Key,
    schema::identity_disputes,
    text::clean,
};

type Row = (Key, Key, Key, String, String, String, i64);

const COLUMNS: (
    identity_disputes::dispute_id,
    identity_disputes::identity_id,
    identity_disputes::other_id,
    identity_disputes::kind,
    identity_disputes::value,
    identity_disputes::reason,
    identity_disputes::noticed_at,
) = (
    identity_disputes::dispute_id,
    identity_disputes::identity_id,
    identity_disputes::other_id,
    identity_disputes::kind,
    identity_disputes::value,
    identity_disputes::reason,
    identity_disputes::noticed_at,
);

/// Asks, unless the same is open.
pub(super) async fn ask(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    question: &NewDispute,
    now: Timestamp,
) -> Result<(), Error> {
    let (kind, value) = &question.alias;
    diesel::insert_into(identity_disputes::table)
        .values((
            identity_disputes::company_id.eq(company.as_str()),
            identity_disputes::dispute_id.eq(Key::from(question.id)),
            identity_disputes::identity_id.eq(Key::from(question.identity)),
            identity_disputes::other_id.eq(Key::from(question.other)),
            identity_disputes::kind.eq(kind.as_str()),
            identity_disputes::value.eq(clean(value)),
            identity_disputes::reason.eq(question.reason.as_str()),
            identity_disputes::noticed_at.eq(now.as_micros()),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(())
}

/// The open questions, oldest first.
pub(super) async fn open(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    limit: u32,
) -> Result<Vec<Dispute>, Error> {
    let rows: Vec<Row> = identity_disputes::table
        .filter(identity_disputes::company_id.eq(company.as_str()))
        .filter(identity_disputes::settled_at.is_null())
        .order((identity_disputes::noticed_at, identity_disputes::dispute_id))
        .limit(limit.into())
        .select(COLUMNS)
        .load(connection)
        .await?;
    let mut open = Vec::with_capacity(rows.len());
    for row in rows {
        open.push(read(connection, company, row).await?);
    }
    Ok(open)
}

/// One open question.
pub(super) async fn one(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    id: DisputeId,
) -> Result<Option<Dispute>, Error> {
    let row: Option<Row> = identity_disputes::table
        .find((company.as_str(), Key::from(id)))
        .filter(identity_disputes::settled_at.is_null())
        .select(COLUMNS)
        .first(connection)
        .await
        .optional()?;
    match row {
        Some(row) => Ok(Some(read(connection, company, row).await?)),
        None => Ok(None),
    }
}

/// Settles an open question; `false` when it is not open.
pub(super) async fn settle(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    id: DisputeId,
    verdict: DisputeVerdict,
    now: Timestamp,
) -> Result<bool, Error> {
    let open = identity_disputes::table
        .find((company.as_str(), Key::from(id)))
        .filter(identity_disputes::settled_at.is_null());
    let settled = diesel::update(open)
        .set((
            identity_disputes::settled_at.eq(now.as_micros()),
            identity_disputes::verdict.eq(verdict.as_str()),
        ))
        .execute(connection)
        .await?;
    Ok(settled == 1)
}

async fn read(connection: &mut AsyncPgConnection, company: &CompanyId, row: Row) -> Result<Dispute, Error> {
    let (id, identity, other, kind, value, reason, noticed_at) = row;
    let place = Place {
        table: "identity_disputes",
        row: &id,
    };
    Ok(Dispute {
        question: NewDispute {
            id: id.into(),
            identity: identity.into(),
            other: other.into(),
            alias: (place.read("kind", kind_of(&kind))?, value),
            reason: place.read("reason", DisputeReason::from_name(&reason))?,
        },
        noticed_at: Timestamp::from_micros(noticed_at),
        identity: load_known(connection, company, identity, &[], true).await?,
        other: load_known(connection, company, other, &[], true).await?,
    })
}
