//! Users. One who left stays in the table, because the record refers to them.

use std::borrow::Cow;

use diesel::{ExpressionMethods, QueryDsl, prelude::Insertable, query_builder::AsChangeset};
use diesel_async::RunQueryDsl;
use onboarding_core::{Extension, Role, UserId, config::UserConfig};
use serde_json::Value;

use super::apply::Change;
use crate::{
    error::{Error, exactly_one},
    key::Key,
    schema::{user_external_companies, users},
    text::{clean, to_json},
    user_identity,
};

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = users, treat_none_as_null = true)]
struct UserColumns<'a> {
    name: Cow<'a, str>,
    email: Option<Cow<'a, str>>,
    title: Option<Cow<'a, str>>,
    org_unit_id: &'a str,
    extension: Option<String>,
    extension_skeleton: Option<String>,
    roles: Value,
    deactivated_at: Option<i64>,
    successor_id: Option<Key>,
}

impl<'a> UserColumns<'a> {
    fn of(user: &'a UserConfig) -> Result<Self, Error> {
        let roles: Vec<_> = user.roles.iter().copied().map(Role::as_str).collect();
        Ok(Self {
            name: clean(&user.name),
            email: user.email.as_deref().map(clean),
            title: user.title.as_deref().map(clean),
            org_unit_id: user.org_unit.as_str(),
            extension: user
                .extension
                .as_ref()
                .map(|extension| extension.key().as_str().to_owned()),
            extension_skeleton: user.extension.as_ref().map(Extension::skeleton),
            roles: to_json(&roles)?,
            deactivated_at: None,
            successor_id: None,
        })
    }
}

/// Creates or changes the user and makes them active.
pub(super) async fn put(change: &mut Change<'_>, new_id: UserId, user: &UserConfig) -> Result<(), Error> {
    let company = change.company.as_str();
    let id: Key = diesel::insert_into(users::table)
        .values((
            users::company_id.eq(company),
            users::user_id.eq(Key::from(new_id)),
            users::username.eq(clean(&user.username)),
            UserColumns::of(user)?,
        ))
        .on_conflict((users::company_id, users::username))
        .do_update()
        .set(UserColumns::of(user)?)
        .returning(users::user_id)
        .get_result(change.connection)
        .await?;
    diesel::delete(user_external_companies::table)
        .filter(user_external_companies::company_id.eq(company))
        .filter(user_external_companies::user_id.eq(id))
        .execute(change.connection)
        .await?;
    for (place, firm) in (0_i64..).zip(&user.external_companies) {
        diesel::insert_into(user_external_companies::table)
            .values((
                user_external_companies::company_id.eq(company),
                user_external_companies::user_id.eq(id),
                user_external_companies::external_company_id.eq(firm.as_str()),
                user_external_companies::place.eq(place),
            ))
            .execute(change.connection)
            .await?;
    }
    user_identity::give(change.connection, change.company, id, &user.identities).await
}

/// The extension stays in the row, for the record; the index of live extensions forgets it.
pub(super) async fn deactivate(change: &mut Change<'_>, username: &str) -> Result<(), Error> {
    let left = diesel::update(users::table)
        .filter(users::company_id.eq(change.company.as_str()))
        .filter(users::username.eq(clean(username)))
        .set((
            users::deactivated_at.eq(change.now.as_micros()),
            users::successor_id.eq(None::<Key>),
        ))
        .execute(change.connection)
        .await?;
    exactly_one(left, "deactivate the user")
}

/// Names who goes on with the clients of a user who left.
pub(super) async fn name_successor(
    change: &mut Change<'_>,
    username: &str,
    successor: &str,
) -> Result<(), Error> {
    let company = change.company.as_str();
    let id: Key = users::table
        .filter(users::company_id.eq(company))
        .filter(users::username.eq(clean(successor)))
        .select(users::user_id)
        .first(change.connection)
        .await?;
    diesel::update(users::table)
        .filter(users::company_id.eq(company))
        .filter(users::username.eq(clean(username)))
        .set(users::successor_id.eq(id))
        .execute(change.connection)
        .await?;
    Ok(())
}

/// Takes the extension from a user who is about to be put, so that another may take it.
pub(super) async fn release_extension(change: &mut Change<'_>, username: &str) -> Result<(), Error> {
    diesel::update(users::table)
        .filter(users::company_id.eq(change.company.as_str()))
        .filter(users::username.eq(clean(username)))
        .set((
            users::extension.eq(None::<&str>),
            users::extension_skeleton.eq(None::<&str>),
        ))
        .execute(change.connection)
        .await?;
    Ok(())
}
