//! How the secondaries are used.

use std::collections::HashMap;

use async_trait::async_trait;
use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    AccountUsage, ClientIdentityId, ClientRoom, CompanyId, OfficialAccountId, RoomState, Timestamp,
    ports::{SecondaryNumberAllocation, StoreError},
};

use crate::{
    PostgresStore,
    error::{Error, Place},
    key::Key,
    schema::{account_usage, rooms},
    transaction::{Scope, transaction},
};

#[async_trait]
impl SecondaryNumberAllocation for PostgresStore {
    async fn usage_of(
        &self,
        company: &CompanyId,
        identity: Option<ClientIdentityId>,
        accounts: &[OfficialAccountId],
    ) -> Result<Vec<AccountUsage>, StoreError> {
        let mut attempts = self.read("look how the numbers are used", Scope::Company(company));
        transaction!(attempts, |connection| usage(
            connection, company, identity, accounts
        ))
    }
}

async fn usage(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    identity: Option<ClientIdentityId>,
    accounts: &[OfficialAccountId],
) -> Result<Vec<AccountUsage>, Error> {
    let keys: Vec<Key> = accounts.iter().copied().map(Key::from).collect();
    let counted: Vec<(Key, i64, i64)> = account_usage::table
        .filter(account_usage::company_id.eq(company.as_str()))
        .filter(account_usage::account_id.eq_any(&keys))
        .select((
            account_usage::account_id,
            account_usage::live_rooms,
            account_usage::last_allocated_at,
        ))
        .load(connection)
        .await?;
    let counted: HashMap<_, _> = counted
        .into_iter()
        .map(|(account, live, last)| (account, (live, last)))
        .collect();
    let mut rooms_of_client = match identity {
        Some(identity) => rooms_of(connection, company, identity.into(), &keys).await?,
        None => HashMap::new(),
    };
    let usage = |(account, key): (&OfficialAccountId, &Key)| {
        let counted = counted.get(key).copied();
        AccountUsage {
            account: *account,
            live_rooms: counted.map_or(0, |(live, _)| u32::try_from(live).unwrap_or(u32::MAX)),
            last_allocated_at: counted.map(|(_, last)| Timestamp::from_micros(last)),
            rooms_of_client: rooms_of_client.remove(key).unwrap_or_default(),
            limit_left: None,
        }
    };
    Ok(accounts.iter().zip(&keys).map(usage).collect())
}

/// The rooms of the client on the accounts, oldest first.
async fn rooms_of(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    identity: Key,
    accounts: &[Key],
) -> Result<HashMap<Key, Vec<ClientRoom>>, Error> {
    let rows: Vec<(Key, Key, Key, String, Option<i64>)> = rooms::table
        .filter(rooms::company_id.eq(company.as_str()))
        .filter(rooms::identity_id.eq(identity))
        .filter(rooms::account_id.eq_any(accounts))
        .order(rooms::created_at)
        .select((
            rooms::account_id,
            rooms::room_id,
            rooms::user_id,
            rooms::state,
            rooms::closed_at,
        ))
        .load(connection)
        .await?;
    let mut found: HashMap<Key, Vec<ClientRoom>> = HashMap::new();
    for (account, room, user, state, closed_at) in rows {
        let place = Place {
            table: "rooms",
            row: &room,
        };
        found.entry(account).or_default().push(ClientRoom {
            user: user.into(),
            state: place.read("state", RoomState::from_name(&state))?,
            closed_at: closed_at.map(Timestamp::from_micros),
        });
    }
    Ok(found)
}
