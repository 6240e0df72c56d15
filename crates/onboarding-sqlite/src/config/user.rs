//! Users. One who left stays in the table, because the record refers to them.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, prelude::Insertable, query_builder::AsChangeset};
use onboarding_core::{Extension, Role, UserId, config::UserConfig};

use super::apply::Change;
use crate::{
    error::{Error, exactly_one},
    key::Key,
    schema::{user_external_companies, users},
    user_identity,
};

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = users, treat_none_as_null = true)]
struct UserColumns<'a> {
    name: &'a str,
    email: Option<String>,
    title: Option<String>,
    org_unit_id: &'a str,
    extension: Option<String>,
    extension_skeleton: Option<String>,
    roles: String,
    deactivated_at: Option<i64>,
    successor_id: Option<Key>,
}

impl<'a> UserColumns<'a> {
    fn of(user: &'a UserConfig) -> Result<Self, Error> {
        let roles: Vec<_> = user.roles.iter().copied().map(Role::as_str).collect();
        Ok(Self {
            name: &user.name,
            email: user.email.clone(),
            title: user.title.clone(),
            org_unit_id: user.org_unit.as_str(),
            extension: user
                .extension
                .as_ref()
                .map(|extension| extension.key().as_str().to_owned()),
            extension_skeleton: user.extension.as_ref().map(Extension::skeleton),
            roles: serde_json::to_string(&roles)?,
            deactivated_at: None,
            successor_id: None,
        })
    }
}

/// Creates or changes the user and makes them active.
pub(super) fn put(change: &mut Change<'_>, new_id: UserId, user: &UserConfig) -> Result<(), Error> {
    let company = change.company.as_str();
    let id: Key = diesel::insert_into(users::table)
        .values((
            users::company_id.eq(company),
            users::user_id.eq(Key::from(new_id)),
            users::username.eq(&user.username),
            UserColumns::of(user)?,
        ))
        .on_conflict((users::company_id, users::username))
        .do_update()
        .set(UserColumns::of(user)?)
        .returning(users::user_id)
        .get_result(change.connection)?;
    diesel::delete(user_external_companies::table)
        .filter(user_external_companies::company_id.eq(company))
        .filter(user_external_companies::user_id.eq(id))
        .execute(change.connection)?;
    for (place, firm) in (0_i64..).zip(&user.external_companies) {
        diesel::insert_into(user_external_companies::table)
            .values((
                user_external_companies::company_id.eq(company),
                user_external_companies::user_id.eq(id),
                user_external_companies::external_company_id.eq(firm.as_str()),
                user_external_companies::place.eq(place),
            ))
            .execute(change.connection)?;
    }
    user_identity::give(change.connection, change.company, id, &user.identities)
}

/// The extension stays in the row, for the record; the index of live extensions forgets it.
pub(super) fn deactivate(change: &mut Change<'_>, username: &str) -> Result<(), Error> {
    let left = diesel::update(users::table)
        .filter(users::company_id.eq(change.company.as_str()))
        .filter(users::username.eq(username))
        .set((
            users::deactivated_at.eq(change.now.as_micros()),
            users::successor_id.eq(None::<Key>),
        ))
        .execute(change.connection)?;
    exactly_one(left, "deactivate the user")
}

/// Names who goes on with the clients of a user who left.
pub(super) fn name_successor(change: &mut Change<'_>, username: &str, successor: &str) -> Result<(), Error> {
    let company = change.company.as_str();
    let id: Key = users::table
        .filter(users::company_id.eq(company))
        .filter(users::username.eq(successor))
        .select(users::user_id)
        .first(change.connection)?;
    diesel::update(users::table)
        .filter(users::company_id.eq(company))
        .filter(users::username.eq(username))
        .set(users::successor_id.eq(id))
        .execute(change.connection)?;
    Ok(())
}

/// Takes the extension from a user who is about to be put, so that another may take it.
pub(super) fn release_extension(change: &mut Change<'_>, username: &str) -> Result<(), Error> {
    diesel::update(users::table)
        .filter(users::company_id.eq(change.company.as_str()))
        .filter(users::username.eq(username))
        .set((
            users::extension.eq(None::<&str>),
            users::extension_skeleton.eq(None::<&str>),
        ))
        .execute(change.connection)?;
    Ok(())
}
