//! The breakers of accounts, kept where all replicas and the next start find them.

use std::collections::BTreeMap;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, upsert::excluded};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{Breaker, Passage, Timestamp};

use crate::{error::Error, key::Key, schema::breakers};

/// Those of all accounts that are in trouble, of which there are few, for one call of lease.
pub(super) struct Breakers {
    states: BTreeMap<(String, Key), Breaker>,
    now: Timestamp,
}

type Row = (i64, i64, bool);

impl Breakers {
    /// Loads them, and holds them until the transaction ends.
    pub(super) async fn load(connection: &mut AsyncPgConnection, now: Timestamp) -> Result<Self, Error> {
        let rows: Vec<(String, Key, Row)> = breakers::table
            .select((
                breakers::company_id,
                breakers::account_id,
                (breakers::troubles, breakers::held_until, breakers::probing),
            ))
            .order((breakers::company_id, breakers::account_id))
            .for_update()
            .load(connection)
            .await?;
        let states = rows
            .into_iter()
            .map(|(company, account, row)| ((company, account), breaker(row)))
            .collect();
        Ok(Self { states, now })
    }

    /// When a message of the account may go.
    pub(super) fn passage(&self, company: &str, account: Key, in_doubt: bool) -> Passage {
        let state = self.states.get(&(company.to_owned(), account));
        Breaker::lets_pass(state.copied(), in_doubt, self.now)
    }

    /// Notes that a probe of the account goes.
    pub(super) async fn probe(
        &mut self,
        connection: &mut AsyncPgConnection,
        company: &str,
        account: Key,
        probing: Breaker,
    ) -> Result<(), Error> {
        self.states.insert((company.to_owned(), account), probing);
        keep(connection, company, account, probing).await
    }

    /// Whether the account is in trouble.
    pub(super) fn knows(&self, company: &str, account: Key) -> bool {
        self.states.contains_key(&(company.to_owned(), account))
    }
}

/// An attempt of the account ended in doubt.
pub(super) async fn doubt(
    connection: &mut AsyncPgConnection,
    company: &str,
    account: Key,
    now: Timestamp,
) -> Result<(), Error> {
    let before: Option<Row> = breakers::table
        .find((company, account))
        .select((breakers::troubles, breakers::held_until, breakers::probing))
        .for_update()
        .first(connection)
        .await
        .optional()?;
    keep(
        connection,
        company,
        account,
        Breaker::after_doubt(before.map(breaker), now),
    )
    .await
}

/// All is well again.
pub(super) async fn forget(
    connection: &mut AsyncPgConnection,
    company: &str,
    account: Key,
) -> Result<(), Error> {
    diesel::delete(breakers::table.find((company, account)))
        .execute(connection)
        .await?;
    Ok(())
}

fn breaker((troubles, held_until, probing): Row) -> Breaker {
    Breaker {
        troubles: u32::try_from(troubles).unwrap_or(u32::MAX),
        held_until: Timestamp::from_micros(held_until),
        probing,
    }
}

async fn keep(
    connection: &mut AsyncPgConnection,
    company: &str,
    account: Key,
    breaker: Breaker,
) -> Result<(), Error> {
    diesel::insert_into(breakers::table)
        .values((
            breakers::company_id.eq(company),
            breakers::account_id.eq(account),
            breakers::troubles.eq(i64::from(breaker.troubles)),
            breakers::held_until.eq(breaker.free_at(false).as_micros()),
            breakers::spared_until.eq(breaker.free_at(true).as_micros()),
            breakers::probing.eq(breaker.probing),
        ))
        .on_conflict((breakers::company_id, breakers::account_id))
        .do_update()
        .set((
            breakers::troubles.eq(excluded(breakers::troubles)),
            breakers::held_until.eq(excluded(breakers::held_until)),
            breakers::spared_until.eq(excluded(breakers::spared_until)),
            breakers::probing.eq(excluded(breakers::probing)),
        ))
        .execute(connection)
        .await?;
    Ok(())
}
