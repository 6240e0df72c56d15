//! The rates of senders, kept where all replicas and the next start find them.

use std::collections::BTreeMap;

use diesel::sql_types::{Array, BigInt, Text, Uuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{SendLimits, Timestamp};

use crate::{error::Error, key::Key, prepared::Prepared};

/// Time only goes on, so the later state is the newer one: of a lease and a pause that meet, the pause stays.
const KEEP: &str = "
    INSERT INTO send_rates AS present (company_id, account_id, identity_id, paid_until)
    SELECT * FROM unnest($1, $2, $3, $4)
    ON CONFLICT (company_id, account_id, identity_id)
    DO UPDATE SET paid_until = greatest(present.paid_until, excluded.paid_until)";

/// A number, with [`Key::NONE`], or a number and a client.
type Sender = (String, Key, Key);

/// The rates from which one call of lease takes.
pub(super) struct Rates {
    limits: SendLimits,
    now: Timestamp,
    states: BTreeMap<Sender, Timestamp>,
    taken: BTreeMap<Sender, Timestamp>,
}

impl Rates {
    pub(super) fn new(limits: SendLimits, now: Timestamp) -> Self {
        Self {
            limits,
            now,
            states: BTreeMap::new(),
            taken: BTreeMap::new(),
        }
    }

    /// Learns the states that the store keeps.
    pub(super) fn know(
        &mut self,
        company: &str,
        account: Key,
        client: Key,
        number: Option<i64>,
        pair: Option<i64>,
    ) {
        for (client, state) in [(Key::NONE, number), (client, pair)] {
            if let Some(state) = state {
                let sender = (company.to_owned(), account, client);
                self.states.insert(sender, Timestamp::from_micros(state));
            }
        }
    }

    /// Takes one from the rates of the number and of the pair; `false`, and nothing taken, if one of them is spent.
    pub(super) fn take(&mut self, company: &str, account: Key, client: Key) -> bool {
        let number = (company.to_owned(), account, Key::NONE);
        let pair = (company.to_owned(), account, client);
        let of_number = self
            .limits
            .number
            .take(self.states.get(&number).copied(), self.now);
        let of_pair = self.limits.pair.take(self.states.get(&pair).copied(), self.now);
        let (Ok(of_number), Ok(of_pair)) = (of_number, of_pair) else {
            return false;
        };
        for (sender, state) in [(number, of_number), (pair, of_pair)] {
            self.states.insert(sender.clone(), state);
            self.taken.insert(sender, state);
        }
        true
    }

    /// Stores what was taken.
    pub(super) async fn keep(self, connection: &mut AsyncPgConnection) -> Result<(), Error> {
        keep(connection, self.taken.into_iter().collect()).await
    }
}

/// Spends the rate of the number until then; a rate that is spent for longer stays as it is.
pub(super) async fn spend_until(
    connection: &mut AsyncPgConnection,
    company: &str,
    account: Key,
    until: Timestamp,
) -> Result<(), Error> {
    keep(
        connection,
        vec![((company.to_owned(), account, Key::NONE), until)],
    )
    .await
}

/// In the order of the senders, so that two who do this at once wait for each other instead of locking each other out.
async fn keep(connection: &mut AsyncPgConnection, states: Vec<(Sender, Timestamp)>) -> Result<(), Error> {
    if states.is_empty() {
        return Ok(());
    }
    let (mut companies, mut accounts, mut clients, mut until) = (vec![], vec![], vec![], vec![]);
    for ((company, account, client), state) in states {
        companies.push(company);
        accounts.push(account);
        clients.push(client);
        until.push(state.as_micros());
    }
    let keep = diesel::sql_query(KEEP)
        .bind::<Array<Text>, _>(companies)
        .bind::<Array<Uuid>, _>(accounts)
        .bind::<Array<Uuid>, _>(clients)
        .bind::<Array<BigInt>, _>(until);
    Prepared(keep).execute(connection).await?;
    Ok(())
}
