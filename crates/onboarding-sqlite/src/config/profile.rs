//! Client profiles that the company keeps by key.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl,
    SqliteConnection, prelude::Insertable, query_builder::AsChangeset,
};
use onboarding_core::{
    ClientProfileId, CompanyId, ExternalCompanyId, PhoneNumber,
    config::{ClientProfileConfig, ConfigChange},
};

use super::apply::Change;
use crate::{
    error::Error,
    key::Key,
    schema::{client_profiles, profile_assignments, rooms, users},
};

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = client_profiles, treat_none_as_null = true)]
struct ProfileColumns<'a> {
    name: &'a str,
    named_by_company: bool,
    phone_number: Option<String>,
    phone_match_key: Option<String>,
    org_unit_id: &'a str,
    external_company_id: Option<String>,
}

impl<'a> ProfileColumns<'a> {
    fn of(profile: &'a ClientProfileConfig) -> Self {
        Self {
            name: &profile.name,
            named_by_company: true,
            phone_number: profile.phone_number.as_ref().map(PhoneNumber::to_string),
            phone_match_key: profile.phone_number.as_ref().map(PhoneNumber::match_key),
            org_unit_id: profile.org_unit.as_str(),
            external_company_id: profile
                .external_company
                .as_ref()
                .map(ExternalCompanyId::to_string),
        }
    }
}

/// Usernames of those to whom the configuration assigns the profile, in its order. Assignments that the flow made are
/// not configuration: were they listed, applying a manifest anew would take them away.
pub(super) fn assigned_by_config(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    profile: Key,
) -> Result<Vec<String>, Error> {
    let same_user = users::company_id
        .eq(profile_assignments::company_id)
        .and(users::user_id.eq(profile_assignments::user_id));
    Ok(profile_assignments::table
        .inner_join(users::table.on(same_user))
        .filter(profile_assignments::company_id.eq(company.as_str()))
        .filter(profile_assignments::profile_id.eq(profile))
        .filter(profile_assignments::by_config)
        .filter(users::deactivated_at.is_null())
        .order(profile_assignments::place)
        .select(users::username)
        .load(connection)?)
}

/// Creates or changes the profile, and replaces the assignments that the configuration made.
pub(super) fn put(
    change: &mut Change<'_>,
    new_id: ClientProfileId,
    profile: &ClientProfileConfig,
) -> Result<(), Error> {
    let company = change.company.as_str();
    let known: Option<(Key, Option<String>)> = client_profiles::table
        .filter(client_profiles::company_id.eq(company))
        .filter(client_profiles::profile_key.eq(&profile.key))
        .select((client_profiles::profile_id, client_profiles::phone_match_key))
        .first(change.connection)
        .optional()?;
    let id = known.as_ref().map_or(new_id.into(), |(id, _)| *id);
    if let Some((_, phone)) = known {
        diesel::update(client_profiles::table.find((company, id)))
            .set(ProfileColumns::of(profile))
            .execute(change.connection)?;
        if phone != profile.phone_number.as_ref().map(PhoneNumber::match_key) {
            // Another phone is another person's, as far as we know, until they write.
            diesel::update(client_profiles::table.find((company, id)))
                .set((
                    client_profiles::phone_recorded_at.eq(change.now.as_micros()),
                    client_profiles::identity_id.eq(None::<Key>),
                ))
                .execute(change.connection)?;
        }
    } else {
        diesel::insert_into(client_profiles::table)
            .values((
                client_profiles::company_id.eq(company),
                client_profiles::profile_id.eq(id),
                client_profiles::profile_key.eq(&profile.key),
                client_profiles::phone_recorded_at.eq(change.now.as_micros()),
                ProfileColumns::of(profile),
            ))
            .execute(change.connection)?;
    }
    diesel::delete(profile_assignments::table)
        .filter(profile_assignments::company_id.eq(company))
        .filter(profile_assignments::profile_id.eq(id))
        .filter(profile_assignments::by_config)
        .execute(change.connection)?;
    for (place, username) in (0_i64..).zip(&profile.assigned_to) {
        assign(change, id, username, place)?;
    }
    Ok(())
}

fn assign(change: &mut Change<'_>, profile: Key, username: &str, place: i64) -> Result<(), Error> {
    let company = change.company.as_str();
    let user: Option<Key> = users::table
        .filter(users::company_id.eq(company))
        .filter(users::username.eq(username))
        .select(users::user_id)
        .first(change.connection)
        .optional()?;
    let unknown =
        || Error::Impossible("a client profile is assigned to a user who does not exist".to_owned());
    diesel::insert_into(profile_assignments::table)
        .values((
            profile_assignments::company_id.eq(company),
            profile_assignments::profile_id.eq(profile),
            profile_assignments::user_id.eq(user.ok_or_else(unknown)?),
            profile_assignments::by_config.eq(true),
            profile_assignments::place.eq(place),
        ))
        .on_conflict((
            profile_assignments::company_id,
            profile_assignments::profile_id,
            profile_assignments::user_id,
        ))
        .do_update()
        .set((
            profile_assignments::by_config.eq(true),
            profile_assignments::place.eq(place),
        ))
        .execute(change.connection)?;
    Ok(())
}

/// The first profile that is to go and that the record needs: it has a chat room, or is part of a merge.
pub(super) fn needed_by_the_record<'a>(
    change: &mut Change<'_>,
    changes: &'a [ConfigChange],
) -> Result<Option<&'a str>, Error> {
    for one in changes {
        let ConfigChange::RemoveClientProfile(key) = one else {
            continue;
        };
        let Some(profile) = with_key(change, key)? else {
            continue;
        };
        let company = change.company.as_str();
        let room = rooms::table
            .filter(rooms::company_id.eq(company))
            .filter(rooms::profile_id.eq(profile));
        let went_up = client_profiles::table
            .filter(client_profiles::company_id.eq(company))
            .filter(client_profiles::profile_id.eq(profile))
            .filter(client_profiles::merged_into.is_not_null());
        let stands_for = client_profiles::table
            .filter(client_profiles::company_id.eq(company))
            .filter(client_profiles::merged_into.eq(profile));
        let needed = diesel::dsl::exists(room)
            .or(diesel::dsl::exists(went_up))
            .or(diesel::dsl::exists(stands_for));
        if diesel::select(needed).get_result(change.connection)? {
            return Ok(Some(key));
        }
    }
    Ok(None)
}

/// Takes the profile and its assignments away. A key that nobody has is gone already.
pub(super) fn remove(change: &mut Change<'_>, key: &str) -> Result<(), Error> {
    let Some(profile) = with_key(change, key)? else {
        return Ok(());
    };
    let company = change.company.as_str();
    diesel::delete(profile_assignments::table)
        .filter(profile_assignments::company_id.eq(company))
        .filter(profile_assignments::profile_id.eq(profile))
        .execute(change.connection)?;
    diesel::delete(client_profiles::table.find((company, profile))).execute(change.connection)?;
    Ok(())
}

fn with_key(change: &mut Change<'_>, key: &str) -> Result<Option<Key>, Error> {
    Ok(client_profiles::table
        .filter(client_profiles::company_id.eq(change.company.as_str()))
        .filter(client_profiles::profile_key.eq(key))
        .select(client_profiles::profile_id)
        .first(change.connection)
        .optional()?)
}
