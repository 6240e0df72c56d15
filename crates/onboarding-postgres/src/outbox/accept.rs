//! Settles messages that WhatsApp took, several in one transaction: by far the most settlements are these. Not of an
//! account that was in trouble, which this would not end.

use std::{collections::HashSet, sync::Arc};

use diesel::{
    QueryableByName,
    pg::Pg,
    sql_types::{Array, BigInt, Text, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl, pooled_connection::deadpool::Pool};
use onboarding_core::{
    CompanyId, ProviderMessageId, Timestamp,
    ports::{LeasedMessage, SettleOutcome},
};

use super::SETTLE;
use crate::{
    error::Error,
    key::Key,
    prepared::Prepared,
    text::clean,
    together::{Together, Work},
    transaction::{Access, Attempts, Scope, transaction},
};

/// Messages that one transaction settles at the most, and transactions at a time.
const GROUP: usize = 64;
const GROUPS: usize = 2;

/// The attempt is written down in any case, the message only if it is still ours to settle.
const ACCEPT: &str = "
    WITH taken AS (
        SELECT * FROM unnest($1, $2, $3, $4, $5) AS taken (company_id, outbox_id, token, provider_id, at)
    ), attempts AS (
        UPDATE outbox_attempts SET ended_at = at, outcome = 'accepted', provider_message_id = provider_id
        FROM taken
        WHERE (outbox_attempts.company_id, outbox_attempts.outbox_id, outbox_attempts.lease_token)
            = (taken.company_id, taken.outbox_id, taken.token)
    )
    UPDATE outbox
    SET state = 'accepted', settled_at = at, provider_message_id = provider_id, lease_token = NULL,
        leased_until = NULL
    FROM taken
    WHERE (outbox.company_id, outbox.outbox_id, outbox.lease_token)
        = (taken.company_id, taken.outbox_id, taken.token)
    RETURNING outbox.outbox_id";

/// A message that WhatsApp took.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    company: CompanyId,
    id: Key,
    token: Key,
    provider_id: String,
    at: i64,
}

impl Taken {
    pub(super) fn new(message: &LeasedMessage, provider_id: &ProviderMessageId, now: Timestamp) -> Self {
        Self {
            company: message.item.company.clone(),
            id: message.item.message.id.into(),
            token: message.token.into(),
            provider_id: clean(provider_id.as_str()).into_owned(),
            at: now.as_micros(),
        }
    }
}

#[derive(QueryableByName)]
struct Settled {
    #[diesel(sql_type = Uuid)]
    outbox_id: Key,
}

/// Settles messages that WhatsApp took.
pub(crate) type AcceptedTogether = Together<Taken, SettleOutcome>;

pub(crate) fn accepted_together(pool: &Pool<AsyncPgConnection>) -> AcceptedTogether {
    let pool = pool.clone();
    let work: Work<Taken, SettleOutcome> = Arc::new(move |taken| {
        let pool = pool.clone();
        Box::pin(async move {
            let mut attempts =
                Attempts::new(&pool, SETTLE, Access::Write, Scope::Installation).planned_each_time();
            transaction!(attempts, |connection| accept(connection, &taken))
        })
    });
    Together::start(GROUPS, GROUP, &work)
}

async fn accept(connection: &mut AsyncPgConnection, taken: &[Taken]) -> Result<Vec<SettleOutcome>, Error> {
    let column = |value: fn(&Taken) -> Key| taken.iter().map(value).collect::<Vec<_>>();
    let accept = diesel::sql_query(ACCEPT)
        .into_boxed::<Pg>()
        .bind::<Array<Text>, _>(
            taken
                .iter()
                .map(|taken| taken.company.as_str())
                .collect::<Vec<_>>(),
        )
        .bind::<Array<Uuid>, _>(column(|taken| taken.id))
        .bind::<Array<Uuid>, _>(column(|taken| taken.token))
        .bind::<Array<Text>, _>(
            taken
                .iter()
                .map(|taken| taken.provider_id.as_str())
                .collect::<Vec<_>>(),
        )
        .bind::<Array<BigInt>, _>(taken.iter().map(|taken| taken.at).collect::<Vec<_>>());
    let settled: Vec<Settled> = Prepared(accept).load(connection).await?;
    let settled: HashSet<Key> = settled.into_iter().map(|settled| settled.outbox_id).collect();
    let outcome = |taken: &Taken| {
        if settled.contains(&taken.id) {
            SettleOutcome::Settled
        } else {
            SettleOutcome::LeaseLost
        }
    };
    Ok(taken.iter().map(outcome).collect())
}
