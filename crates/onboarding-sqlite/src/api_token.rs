//! API tokens.

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl,
    Queryable, RunQueryDsl, Selectable, SelectableHelper, SqliteConnection, prelude::Insertable,
    sqlite::Sqlite,
};
use onboarding_core::{
    CompanyId, Timestamp,
    access::{ApiToken, ApiTokenId, SecretHash, TokenScope},
    audit::{Origin, token_created_entry, token_revoked_entry},
    ports::{ApiTokens, StoreError},
};

use crate::{
    SqliteStore, audit,
    error::{BadRow, Error, Place, exactly_one},
    key::Key,
    schema::api_tokens,
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = api_tokens, check_for_backend(Sqlite))]
struct TokenRow {
    company_id: String,
    token_id: Key,
    name: String,
    secret_hash: Vec<u8>,
    scopes: String,
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
            name: token.name.clone(),
            secret_hash: token.hash.as_bytes().to_vec(),
            scopes: serde_json::to_string(&scopes)?,
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
            scopes: place.read("scopes", scopes(&self.scopes))?,
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

fn scopes(json: &str) -> Option<Vec<TokenScope>> {
    let names: Vec<String> = serde_json::from_str(json).ok()?;
    names.iter().map(|name| TokenScope::from_name(name)).collect()
}

fn find(connection: &mut SqliteConnection, company: &str, id: Key) -> Result<Option<ApiToken>, Error> {
    let found = api_tokens::table
        .find((company, id))
        .select(TokenRow::as_select());
    let row: Option<TokenRow> = found.first(connection).optional()?;
    Ok(row.map(TokenRow::token).transpose()?)
}

#[async_trait]
impl ApiTokens for SqliteStore {
    async fn create_token(&self, token: ApiToken, by: &Origin) -> Result<(), StoreError> {
        let told = token_created_entry(by, &token);
        self.write("create the token", move |connection| {
            let row = TokenRow::of(&token)?;
            let rows = diesel::insert_into(api_tokens::table)
                .values(row)
                .execute(connection)?;
            exactly_one(rows, "a new token")?;
            audit::append(connection, &token.company, &[told])
        })
        .await
    }

    async fn token(&self, id: ApiTokenId) -> Result<Option<ApiToken>, StoreError> {
        self.read("look up the token", move |connection| {
            let row: Option<TokenRow> = api_tokens::table
                .filter(api_tokens::token_id.eq(Key::from(id)))
                .select(TokenRow::as_select())
                .first(connection)
                .optional()?;
            Ok(row.map(TokenRow::token).transpose()?)
        })
        .await
    }

    async fn tokens(
        &self,
        company: &CompanyId,
        after: Option<ApiTokenId>,
        limit: u32,
    ) -> Result<Vec<ApiToken>, StoreError> {
        let company = company.clone();
        self.read("list the tokens", move |connection| {
            let mut query = api_tokens::table
                .filter(api_tokens::company_id.eq(company.as_str()))
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(api_tokens::token_id.lt(Key::from(after)));
            }
            let rows: Vec<TokenRow> = query
                .order(api_tokens::token_id.desc())
                .limit(limit.into())
                .select(TokenRow::as_select())
                .load(connection)?;
            Ok(rows.into_iter().map(TokenRow::token).collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn revoke_token(
        &self,
        company: &CompanyId,
        id: ApiTokenId,
        by: &Origin,
        now: Timestamp,
    ) -> Result<Option<ApiToken>, StoreError> {
        let (company, by) = (company.clone(), by.clone());
        self.write("revoke the token", move |connection| {
            let revoked = diesel::update(api_tokens::table.find((company.as_str(), Key::from(id))))
                .filter(api_tokens::revoked_at.is_null())
                .set(api_tokens::revoked_at.eq(now.as_micros()))
                .execute(connection)?;
            let token = find(connection, company.as_str(), id.into())?;
            if revoked > 0
                && let Some(token) = &token
            {
                audit::append(connection, &company, &[token_revoked_entry(&by, token, now)])?;
            }
            Ok(token)
        })
        .await
    }

    async fn token_used(
        &self,
        company: &CompanyId,
        id: ApiTokenId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let company = company.clone();
        self.write("note the use of the token", move |connection| {
            let earlier = api_tokens::last_used_at
                .is_null()
                .or(api_tokens::last_used_at.assume_not_null().lt(now.as_micros()));
            diesel::update(api_tokens::table.find((company.as_str(), Key::from(id))))
                .filter(earlier)
                .set(api_tokens::last_used_at.eq(now.as_micros()))
                .execute(connection)?;
            Ok(())
        })
        .await
    }
}
