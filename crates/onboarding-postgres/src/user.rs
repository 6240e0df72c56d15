//! Users, and the lookup by extension.

use std::collections::HashMap;

use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper, pg::Pg,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    CompanyId, Extension, ExtensionKey, ExternalCompanyId, OrgUnitId, Role, User, UserId,
    ports::{ExtensionLookup, StoreError},
};
use serde_json::Value;

use crate::{
    PostgresStore,
    error::{BadRow, Error, Place},
    key::Key,
    schema::{user_external_companies, users},
    text::{clean, from_json},
    transaction::{Scope, transaction},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(Pg))]
struct UserRow {
    user_id: Key,
    username: String,
    name: String,
    email: Option<String>,
    title: Option<String>,
    org_unit_id: String,
    extension: Option<String>,
    roles: Value,
    deactivated_at: Option<i64>,
}

#[async_trait]
impl ExtensionLookup for PostgresStore {
    async fn users_with(&self, company: &CompanyId, keys: &[ExtensionKey]) -> Result<Vec<User>, StoreError> {
        let mut attempts = self.read("look up the extension", Scope::Company(company));
        transaction!(attempts, |connection| holders(connection, company, keys))
    }
}

/// Of each key the active user who has it, else the one who had it last; each user once.
async fn holders(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    keys: &[ExtensionKey],
) -> Result<Vec<User>, Error> {
    let mut rows: Vec<UserRow> = Vec::new();
    for key in keys {
        let row: Option<UserRow> = users::table
            .filter(users::company_id.eq(company.as_str()))
            .filter(users::extension.eq(clean(key.as_str())))
            .order((
                users::deactivated_at.is_null().desc(),
                users::deactivated_at.desc(),
            ))
            .select(UserRow::as_select())
            .first(connection)
            .await
            .optional()?;
        rows.extend(row.filter(|row| rows.iter().all(|known| known.user_id != row.user_id)));
    }
    read_all(connection, company, rows).await
}

/// The user with this id.
pub(crate) async fn find(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    id: UserId,
) -> Result<Option<User>, Error> {
    let found = users::table
        .find((company.as_str(), Key::from(id)))
        .select(UserRow::as_select());
    let row: Option<UserRow> = found.first(connection).await.optional()?;
    Ok(read_all(connection, company, row.into_iter().collect())
        .await?
        .pop())
}

/// The user with this username.
pub(crate) async fn named(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    username: &str,
) -> Result<Option<User>, Error> {
    let row: Option<UserRow> = users::table
        .filter(users::company_id.eq(company.as_str()))
        .filter(users::username.eq(clean(username)))
        .select(UserRow::as_select())
        .first(connection)
        .await
        .optional()?;
    Ok(read_all(connection, company, row.into_iter().collect())
        .await?
        .pop())
}

/// Who goes on with the clients of a user who left.
pub(crate) async fn successor_of(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    user: Key,
) -> Result<Option<UserId>, Error> {
    let successor: Option<Option<Key>> = users::table
        .find((company.as_str(), user))
        .filter(users::deactivated_at.is_not_null())
        .select(users::successor_id)
        .first(connection)
        .await
        .optional()?;
    Ok(successor.flatten().map(Into::into))
}

/// Every active user, in order of the usernames.
pub(crate) async fn active(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
) -> Result<Vec<User>, Error> {
    let rows: Vec<UserRow> = users::table
        .filter(users::company_id.eq(company.as_str()))
        .filter(users::deactivated_at.is_null())
        .order(users::username)
        .select(UserRow::as_select())
        .load(connection)
        .await?;
    read_all(connection, company, rows).await
}

/// The users with their external companies, in the order of the rows.
async fn read_all(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    rows: Vec<UserRow>,
) -> Result<Vec<User>, Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Key> = rows.iter().map(|row| row.user_id).collect();
    let firms: Vec<(Key, String)> = user_external_companies::table
        .filter(user_external_companies::company_id.eq(company.as_str()))
        .filter(user_external_companies::user_id.eq_any(ids))
        .order(user_external_companies::place)
        .select((
            user_external_companies::user_id,
            user_external_companies::external_company_id,
        ))
        .load(connection)
        .await?;
    let mut firms_of: HashMap<Key, Vec<String>> = HashMap::new();
    for (user, firm) in firms {
        firms_of.entry(user).or_default().push(firm);
    }
    let read = |row: UserRow| {
        let firms = firms_of.remove(&row.user_id).unwrap_or_default();
        read(row, &firms)
    };
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

fn read(row: UserRow, firms: &[String]) -> Result<User, BadRow> {
    let place = Place {
        table: "users",
        row: &row.user_id,
    };
    let firms = firms
        .iter()
        .map(|firm| ExternalCompanyId::parse(firm).ok())
        .collect::<Option<_>>();
    let extension = row
        .extension
        .map(|key| place.read("extension", Extension::parse(&format!("#{key}"))));
    Ok(User {
        id: row.user_id.into(),
        username: row.username,
        name: row.name,
        email: row.email,
        title: row.title,
        org_unit: place.read("org_unit_id", OrgUnitId::parse(&row.org_unit_id))?,
        extension: extension.transpose()?,
        external_companies: place.read("external_company_id of user_external_companies", firms)?,
        roles: place.read("roles", roles(row.roles))?,
        active: row.deactivated_at.is_none(),
    })
}

/// The roles as the column has them.
pub(crate) fn roles(json: Value) -> Option<Vec<Role>> {
    let names: Vec<String> = from_json(json)?;
    names.iter().map(|name| Role::from_name(name)).collect()
}
