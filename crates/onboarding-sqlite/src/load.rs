//! How the numbers are used up, client by client.

use std::time::Duration;

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl,
    SqliteConnection,
};
use onboarding_core::{
    Bsuid, ClientAliases, CompanyId, OfficialAccountId, RoomState, Timestamp, WaId,
    ports::{ClientLoad, PoolLoad, StoreError},
};

use crate::{
    SqliteStore,
    error::Error,
    key::Key,
    schema::{client_identities, rooms},
};

#[async_trait]
impl PoolLoad for SqliteStore {
    async fn client_loads(
        &self,
        company: &CompanyId,
        accounts: &[OfficialAccountId],
        reserved_for: Option<Duration>,
        now: Timestamp,
    ) -> Result<Vec<ClientLoad>, StoreError> {
        let (company, accounts) = (company.clone(), accounts.to_vec());
        self.read("look how the numbers are used up", move |connection| {
            loads(connection, &company, &accounts, reserved_for, now)
        })
        .await
    }
}

fn loads(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    accounts: &[OfficialAccountId],
    reserved_for: Option<Duration>,
    now: Timestamp,
) -> Result<Vec<ClientLoad>, Error> {
    type Row = (Key, Key, i64, Option<String>, Option<String>, Option<String>);
    let keys: Vec<Key> = accounts.iter().copied().map(Key::from).collect();
    let since = reserved_for.map_or(i64::MIN, |span| (now - span).as_micros());
    let same = client_identities::company_id
        .eq(rooms::company_id)
        .and(client_identities::identity_id.eq(rooms::identity_id));
    let reserved = rooms::state
        .eq(RoomState::Closed.as_str())
        .and(rooms::closed_at.assume_not_null().gt(since));
    let rows: Vec<Row> = rooms::table
        .inner_join(client_identities::table.on(same))
        .filter(rooms::company_id.eq(company.as_str()))
        .filter(rooms::account_id.eq_any(&keys))
        .filter(rooms::closed_at.is_null().or(reserved))
        .order((rooms::identity_id, rooms::account_id, rooms::created_at))
        .select((
            rooms::identity_id,
            rooms::account_id,
            rooms::created_at,
            client_identities::wa_id,
            client_identities::bsuid,
            client_identities::parent_bsuid,
        ))
        .load(connection)?;
    let mut found: Vec<ClientLoad> = Vec::new();
    for (identity, account, opened, wa_id, bsuid, parent_bsuid) in rows {
        let (identity, account) = (identity.into(), account.into());
        if let Some(load) = found.last_mut().filter(|load| load.identity == identity) {
            // The rooms of a number come one after the other, the first one first.
            if load.taken.last() != Some(&account) {
                load.taken.push(account);
                load.since.push(Timestamp::from_micros(opened));
            }
            continue;
        }
        let aliases = ClientAliases {
            wa_id: wa_id.as_deref().and_then(WaId::from_whatsapp),
            bsuid: bsuid.as_deref().and_then(Bsuid::from_whatsapp),
            parent_bsuid: parent_bsuid.as_deref().and_then(Bsuid::from_whatsapp),
            ..ClientAliases::default()
        };
        found.push(ClientLoad {
            identity,
            country: aliases.country(),
            taken: vec![account],
            since: vec![Timestamp::from_micros(opened)],
        });
    }
    Ok(found)
}
