//! How the secondaries are used.

use async_trait::async_trait;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SqliteConnection};
use onboarding_core::{
    AccountUsage, ClientIdentityId, ClientRoom, CompanyId, OfficialAccountId, RoomState, Timestamp,
    ports::{SecondaryNumberAllocation, StoreError},
};

use crate::{
    SqliteStore,
    error::{Error, Place},
    key::Key,
    schema::{account_usage, rooms},
};

#[async_trait]
impl SecondaryNumberAllocation for SqliteStore {
    async fn usage_of(
        &self,
        company: &CompanyId,
        identity: Option<ClientIdentityId>,
        accounts: &[OfficialAccountId],
    ) -> Result<Vec<AccountUsage>, StoreError> {
        let (company, accounts) = (company.clone(), accounts.to_vec());
        self.read("look how the numbers are used", move |connection| {
            let usage = |account| usage(connection, &company, identity, account);
            accounts.into_iter().map(usage).collect()
        })
        .await
    }
}

fn usage(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    identity: Option<ClientIdentityId>,
    account: OfficialAccountId,
) -> Result<AccountUsage, Error> {
    let on_account = || {
        rooms::table
            .filter(rooms::company_id.eq(company.as_str()))
            .filter(rooms::account_id.eq(Key::from(account)))
    };
    let counted: Option<(i64, i64)> = account_usage::table
        .find((company.as_str(), Key::from(account)))
        .select((account_usage::live_rooms, account_usage::last_allocated_at))
        .first(connection)
        .optional()?;
    let mut rooms_of_client = Vec::new();
    if let Some(identity) = identity {
        let rows: Vec<(Key, Key, String, Option<i64>)> = on_account()
            .filter(rooms::identity_id.eq(Key::from(identity)))
            .select((rooms::room_id, rooms::user_id, rooms::state, rooms::closed_at))
            .order(rooms::created_at)
            .load(connection)?;
        for (room, user, state, closed_at) in rows {
            let place = Place {
                table: "rooms",
                row: &room,
            };
            rooms_of_client.push(ClientRoom {
                user: user.into(),
                state: place.read("state", RoomState::from_name(&state))?,
                closed_at: closed_at.map(Timestamp::from_micros),
            });
        }
    }
    Ok(AccountUsage {
        account,
        live_rooms: counted.map_or(0, |(live, _)| u32::try_from(live).unwrap_or(u32::MAX)),
        last_allocated_at: counted.map(|(_, last)| Timestamp::from_micros(last)),
        rooms_of_client,
        limit_left: None,
    })
}
