//! How the secondaries are used.

use std::collections::HashMap;

use async_trait::async_trait;
use diesel::{ExpressionMethods, QueryDsl, dsl::count_star};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    AccountUsage, ClientIdentityId, ClientRoom, CompanyId, OfficialAccountId, RoomState, Timestamp,
    ports::{SecondaryNumberAllocation, StoreError},
};

use crate::{
    PostgresStore,
    error::{Error, Place},
    key::Key,
    schema::rooms,
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
    let live: Vec<(Key, i64)> = rooms::table
        .filter(rooms::company_id.eq(company.as_str()))
        .filter(rooms::account_id.eq_any(&keys))
        .filter(rooms::closed_at.is_null())
        .group_by(rooms::account_id)
        .select((rooms::account_id, count_star()))
        .load(connection)
        .await?;
    let last: Vec<(Key, Option<i64>)> = rooms::table
        .filter(rooms::company_id.eq(company.as_str()))
        .filter(rooms::account_id.eq_any(&keys))
        .group_by(rooms::account_id)
        .select((rooms::account_id, diesel::dsl::max(rooms::created_at)))
        .load(connection)
        .await?;
    let (live, last) = (HashMap::<_, _>::from_iter(live), HashMap::<_, _>::from_iter(last));
    let mut rooms_of_client = match identity {
        Some(identity) => rooms_of(connection, company, identity.into(), &keys).await?,
        None => HashMap::new(),
    };
    let usage = |(account, key): (&OfficialAccountId, &Key)| AccountUsage {
        account: *account,
        live_rooms: live
            .get(key)
            .map_or(0, |count| u32::try_from(*count).unwrap_or(u32::MAX)),
        last_allocated_at: last.get(key).copied().flatten().map(Timestamp::from_micros),
        rooms_of_client: rooms_of_client.remove(key).unwrap_or_default(),
        limit_left: None,
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
