//! API tokens.

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl,
    Queryable, Selectable, SelectableHelper, pg::Pg, prelude::Insertable,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    CompanyId, Timestamp,
    access::{ApiToken, ApiTokenId, SecretHash, TokenScope},
    audit::{Origin, token_created_entry, token_revoked_entry},
    ports::{ApiTokens, StoreError},
};
use serde_json::Value;

use crate::{
    PostgresStore, audit,
    error::{BadRow, Error, Place, exactly_one},
    key::Key,
    schema::api_tokens,
    text::{clean, from_json, to_json},
    transaction::{Scope, transaction},
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = api_tokens, check_for_backend(Pg))]
struct TokenRow {
    company_id: String,
    token_id: Key,
    name: String,
    secret_hash: Vec<u8>,
    scopes: Value,
    created_at: i64,
    created_by: String,
    expires_at: i64,
    last_used_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl TokenRow {
    fn of(token: &ApiToken) -> Result<Self, Error> {
        let scopes: Vec<_> = token.scopes.iter().map(|scope| scope.as_str()).collect();
        Ok(Self {
            company_id: token.company.as_str().to_owned(),
            token_id: token.id.into(),
            name: clean(&token.name).into_owned(),
            secret_hash: token.hash.as_bytes().to_vec(),
            scopes: to_json(&scopes)?,
            created_at: token.created_at.as_micros(),
            created_by: token.created_by.clone(),
            expires_at: token.expires_at.as_micros(),
            last_used_at: token.last_used_at.map(Timestamp::as_micros),
            revoked_at: token.revoked_at.map(Timestamp::as_micros),
        })
    }

    fn token(self) -> Result<ApiToken, BadRow> {
        let place = Place {
            table: "api_tokens",
            row: &self.token_id,
        };
        Ok(ApiToken {
            company: place.read("company_id", CompanyId::parse(&self.company_id))?,
            hash: place.read("secret_hash", hash(self.secret_hash))?,
            scopes: place.read("scopes", scopes(self.scopes))?,
            name: self.name,
            created_at: Timestamp::from_micros(self.created_at),
            created_by: self.created_by,
            expires_at: Timestamp::from_micros(self.expires_at),
            last_used_at: self.last_used_at.map(Timestamp::from_micros),
            revoked_at: self.revoked_at.map(Timestamp::from_micros),
            id: self.token_id.into(),
        })
    }
}

/// A hash as the column has it.
pub(crate) fn hash(bytes: Vec<u8>) -> Option<SecretHash> {
    <[u8; 32]>::try_from(bytes).ok().map(SecretHash::from_bytes)
}

fn scopes(json: Value) -> Option<Vec<TokenScope>> {
    let names: Vec<String> = from_json(json)?;
    names.iter().map(|name| TokenScope::from_name(name)).collect()
}

#[async_trait]
impl ApiTokens for PostgresStore {
    async fn create_token(&self, token: ApiToken, by: &Origin) -> Result<(), StoreError> {
        let mut attempts = self.write("create the token", Scope::Company(&token.company));
        transaction!(attempts, |connection| create(connection, &token, by))
    }

    async fn token(&self, id: ApiTokenId) -> Result<Option<ApiToken>, StoreError> {
        let mut attempts = self.read("look up the token", Scope::Installation);
        transaction!(attempts, |connection| find(connection, id.into()))
    }

    async fn tokens(
        &self,
        company: &CompanyId,
        after: Option<ApiTokenId>,
        limit: u32,
    ) -> Result<Vec<ApiToken>, StoreError> {
        let mut attempts = self.read("list the tokens", Scope::Company(company));
        transaction!(attempts, |connection| list(
            connection,
            company,
            after,
            limit.into()
        ))
    }

    async fn revoke_token(
        &self,
        company: &CompanyId,
        id: ApiTokenId,
        by: &Origin,
        now: Timestamp,
    ) -> Result<Option<ApiToken>, StoreError> {
        let mut attempts = self.write("revoke the token", Scope::Company(company));
        transaction!(attempts, |connection| revoke(
            connection,
            company,
            id.into(),
            by,
            now
        ))
    }

    async fn token_used(
        &self,
        company: &CompanyId,
        id: ApiTokenId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut attempts = self.write("note the use of the token", Scope::Company(company));
        transaction!(attempts, |connection| used(connection, company, id.into(), now))
    }
}

async fn create(connection: &mut AsyncPgConnection, token: &ApiToken, by: &Origin) -> Result<(), Error> {
    let row = TokenRow::of(token)?;
    let rows = diesel::insert_into(api_tokens::table)
        .values(row)
        .execute(connection)
        .await?;
    exactly_one(rows, "a new token")?;
    audit::append(connection, &token.company, &[token_created_entry(by, token)]).await
}

async fn find(connection: &mut AsyncPgConnection, id: Key) -> Result<Option<ApiToken>, Error> {
    let row: Option<TokenRow> = api_tokens::table
        .filter(api_tokens::token_id.eq(id))
        .select(TokenRow::as_select())
        .first(connection)
        .await
        .optional()?;
    Ok(row.map(TokenRow::token).transpose()?)
}

async fn list(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    after: Option<ApiTokenId>,
    limit: i64,
) -> Result<Vec<ApiToken>, Error> {
    let mut query = api_tokens::table
        .filter(api_tokens::company_id.eq(company.as_str()))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(api_tokens::token_id.lt(Key::from(after)));
    }
    let rows: Vec<TokenRow> = query
        .order(api_tokens::token_id.desc())
        .limit(limit)
        .select(TokenRow::as_select())
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(TokenRow::token).collect::<Result<_, _>>()?)
}

async fn revoke(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    id: Key,
    by: &Origin,
    now: Timestamp,
) -> Result<Option<ApiToken>, Error> {
    let revoked = diesel::update(api_tokens::table.find((company.as_str(), id)))
        .filter(api_tokens::revoked_at.is_null())
        .set(api_tokens::revoked_at.eq(now.as_micros()))
        .execute(connection)
        .await?;
    let found = api_tokens::table
        .find((company.as_str(), id))
        .select(TokenRow::as_select());
    let row: Option<TokenRow> = found.first(connection).await.optional()?;
    let token = row.map(TokenRow::token).transpose()?;
    if revoked > 0
        && let Some(token) = &token
    {
        audit::append(connection, company, &[token_revoked_entry(by, token, now)]).await?;
    }
    Ok(token)
}

async fn used(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    id: Key,
    now: Timestamp,
) -> Result<(), Error> {
    let earlier = api_tokens::last_used_at
        .is_null()
        .or(api_tokens::last_used_at.assume_not_null().lt(now.as_micros()));
    diesel::update(api_tokens::table.find((company.as_str(), id)))
        .filter(earlier)
        .set(api_tokens::last_used_at.eq(now.as_micros()))
        .execute(connection)
        .await?;
    Ok(())
}
