//! Users, and the lookup by extension.

use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, Selectable, SelectableHelper,
    SqliteConnection, sqlite::Sqlite,
};
use onboarding_core::{
    CompanyId, Extension, ExtensionKey, ExternalCompanyId, OrgUnitId, Role, User, UserId,
    ports::{ExtensionLookup, StoreError},
};

use crate::{
    SqliteStore,
    error::{Error, Place},
    key::Key,
    schema::{user_external_companies, users},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(Sqlite))]
struct UserRow {
    user_id: Key,
    username: String,
    name: String,
    email: Option<String>,
    title: Option<String>,
    org_unit_id: String,
    extension: Option<String>,
    roles: String,
    deactivated_at: Option<i64>,
}

#[async_trait]
impl ExtensionLookup for SqliteStore {
    async fn users_with(&self, company: &CompanyId, keys: &[ExtensionKey]) -> Result<Vec<User>, StoreError> {
        let (company, keys) = (company.clone(), keys.to_vec());
        self.read("look up the extension", move |connection| {
            let mut found: Vec<User> = Vec::new();
            for key in &keys {
                let user = holder(connection, &company, key)?;
                found.extend(user.filter(|user| found.iter().all(|known| known.id != user.id)));
            }
            Ok(found)
        })
        .await
    }
}

/// The active user with the extension, else the one who had it last.
fn holder(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    key: &ExtensionKey,
) -> Result<Option<User>, Error> {
    let row: Option<UserRow> = users::table
        .filter(users::company_id.eq(company.as_str()))
        .filter(users::extension.eq(key.as_str()))
        .order((
            users::deactivated_at.is_null().desc(),
            users::deactivated_at.desc(),
        ))
        .select(UserRow::as_select())
        .first(connection)
        .optional()?;
    row.map(|row| read(connection, company, row)).transpose()
}

/// The user with this id.
pub(crate) fn find(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    id: UserId,
) -> Result<Option<User>, Error> {
    let found = users::table
        .find((company.as_str(), Key::from(id)))
        .select(UserRow::as_select());
    let row: Option<UserRow> = found.first(connection).optional()?;
    row.map(|row| read(connection, company, row)).transpose()
}

/// The user with this username.
pub(crate) fn named(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    username: &str,
) -> Result<Option<User>, Error> {
    let row: Option<UserRow> = users::table
        .filter(users::company_id.eq(company.as_str()))
        .filter(users::username.eq(username))
        .select(UserRow::as_select())
        .first(connection)
        .optional()?;
    row.map(|row| read(connection, company, row)).transpose()
}

/// Who goes on with the clients of a user who left.
pub(crate) fn successor_of(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    user: Key,
) -> Result<Option<UserId>, Error> {
    let successor: Option<Option<Key>> = users::table
        .find((company.as_str(), user))
        .filter(users::deactivated_at.is_not_null())
        .select(users::successor_id)
        .first(connection)
        .optional()?;
    Ok(successor.flatten().map(Into::into))
}

/// Every active user, in order of the usernames.
pub(crate) fn active(connection: &mut SqliteConnection, company: &CompanyId) -> Result<Vec<User>, Error> {
    let rows: Vec<UserRow> = users::table
        .filter(users::company_id.eq(company.as_str()))
        .filter(users::deactivated_at.is_null())
        .order(users::username)
        .select(UserRow::as_select())
        .load(connection)?;
    rows.into_iter()
        .map(|row| read(connection, company, row))
        .collect()
}

fn read(connection: &mut SqliteConnection, company: &CompanyId, row: UserRow) -> Result<User, Error> {
    let place = Place {
        table: "users",
        row: &row.user_id,
    };
    let firms: Vec<String> = user_external_companies::table
        .filter(user_external_companies::company_id.eq(company.as_str()))
        .filter(user_external_companies::user_id.eq(row.user_id))
        .order(user_external_companies::place)
        .select(user_external_companies::external_company_id)
        .load(connection)?;
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
        roles: place.read("roles", roles(&row.roles))?,
        active: row.deactivated_at.is_none(),
    })
}

/// The roles as the column has them.
pub(crate) fn roles(json: &str) -> Option<Vec<Role>> {
    let names: Vec<String> = serde_json::from_str(json).ok()?;
    names.iter().map(|name| Role::from_name(name)).collect()
}
