//! Under which names identity providers know users. Only active ones have any.

use std::collections::BTreeMap;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SqliteConnection};
use onboarding_core::{CompanyId, ExternalIdentity, ExternalSubject, Issuer, User, UserId};

use crate::{
    error::{Error, Place},
    key::Key,
    schema::{user_identities, users},
    user,
};

/// Whom the provider knows under this name.
pub(crate) fn holder(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    identity: &ExternalIdentity,
) -> Result<Option<User>, Error> {
    let key = (
        company.as_str(),
        identity.issuer.as_str(),
        identity.subject.as_str(),
    );
    let found = user_identities::table.find(key).select(user_identities::user_id);
    let row: Option<Key> = found.first(connection).optional()?;
    row.map(|id| user::find(connection, company, id.into()))
        .transpose()
        .map(Option::flatten)
}

/// All of the company by user, each in order.
pub(crate) fn of_all(
    connection: &mut SqliteConnection,
    company: &CompanyId,
) -> Result<BTreeMap<UserId, Vec<ExternalIdentity>>, Error> {
    let rows: Vec<(Key, String, String)> = user_identities::table
        .filter(user_identities::company_id.eq(company.as_str()))
        .order((user_identities::issuer, user_identities::subject))
        .select((
            user_identities::user_id,
            user_identities::issuer,
            user_identities::subject,
        ))
        .load(connection)?;
    let mut all: BTreeMap<UserId, Vec<ExternalIdentity>> = BTreeMap::new();
    for (user, issuer, subject) in rows {
        let place = Place {
            table: "user_identities",
            row: &user,
        };
        let identity = ExternalIdentity {
            issuer: place.read("issuer", Issuer::parse(&issuer))?,
            subject: place.read("subject", ExternalSubject::parse(&subject))?,
        };
        all.entry(user.into()).or_default().push(identity);
    }
    Ok(all)
}

/// Gives them to a user who has none.
pub(crate) fn give(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    user: Key,
    identities: &[ExternalIdentity],
) -> Result<(), Error> {
    for identity in identities {
        diesel::insert_into(user_identities::table)
            .values((
                user_identities::company_id.eq(company.as_str()),
                user_identities::issuer.eq(identity.issuer.as_str()),
                user_identities::subject.eq(identity.subject.as_str()),
                user_identities::user_id.eq(user),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// Takes them from the user with this username, so that another may have them.
pub(crate) fn release(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    username: &str,
) -> Result<(), Error> {
    let user: Option<Key> = users::table
        .filter(users::company_id.eq(company.as_str()))
        .filter(users::username.eq(username))
        .select(users::user_id)
        .first(connection)
        .optional()?;
    let Some(user) = user else {
        return Ok(());
    };
    diesel::delete(user_identities::table)
        .filter(user_identities::company_id.eq(company.as_str()))
        .filter(user_identities::user_id.eq(user))
        .execute(connection)?;
    Ok(())
}
