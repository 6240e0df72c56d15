//! Client profiles and prospects.

mod change;

use std::collections::HashMap;

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension,
    QueryDsl, Queryable, Selectable, SelectableHelper, dsl::max, pg::Pg,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    ClientIdentityId, ClientProfile, ClientProfileId, CompanyId, ExternalCompanyId, NewProfile, OrgUnitId,
    PhoneNumber, Timestamp, UserId, WaitingProspect,
    ports::{ClientProfileSelection, StoreError},
};

use crate::{
    PostgresStore,
    error::{BadRow, Error, Place},
    key::Key,
    prospect,
    schema::{client_profiles, outbox, profile_assignments, room_lines, rooms},
    text::clean,
    transaction::{Scope, transaction},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = client_profiles, check_for_backend(Pg))]
struct ProfileRow {
    profile_id: Key,
    profile_key: Option<String>,
    name: String,
    named_by_company: bool,
    phone_number: Option<String>,
    phone_recorded_at: i64,
    identity_id: Option<Key>,
    org_unit_id: String,
    external_company_id: Option<String>,
    merged_into: Option<Key>,
}

#[async_trait]
impl ClientProfileSelection for PostgresStore {
    async fn profiles_of(
        &self,
        company: &CompanyId,
        identity: Option<ClientIdentityId>,
        phone_match_key: Option<String>,
    ) -> Result<Vec<ClientProfile>, StoreError> {
        let mut attempts = self.read("look for the client's profiles", Scope::Company(company));
        let (identity, phone) = (identity.map(Key::from), phone_match_key.as_deref().map(clean));
        transaction!(attempts, |connection| of_client(
            connection,
            company,
            identity,
            phone.as_deref()
        ))
    }

    async fn waiting_prospects(
        &self,
        company: &CompanyId,
        identity: ClientIdentityId,
    ) -> Result<Vec<WaitingProspect>, StoreError> {
        let mut attempts = self.read("look for the waiting prospects", Scope::Company(company));
        transaction!(attempts, |connection| prospect::waiting(
            connection,
            company,
            identity.into()
        ))
    }
}

async fn of_client(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    identity: Option<Key>,
    phone_match_key: Option<&str>,
) -> Result<Vec<ClientProfile>, Error> {
    // A comparison with NULL is never true: what is not known matches nothing. Each side names the company, so that
    // each is looked up in its own index.
    let of_company = client_profiles::company_id.eq(company.as_str());
    let of_client = of_company.and(client_profiles::identity_id.eq(identity));
    let with_phone = of_company.and(client_profiles::phone_match_key.eq(phone_match_key));
    let rows: Vec<ProfileRow> = client_profiles::table
        .filter(of_client.or(with_phone))
        .order(client_profiles::profile_id)
        .select(ProfileRow::as_select())
        .load(connection)
        .await?;
    read_all(connection, company, rows).await
}

/// The profile with this id.
pub(crate) async fn find(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    profile: Key,
) -> Result<Option<ClientProfile>, Error> {
    let row: Option<ProfileRow> = client_profiles::table
        .find((company.as_str(), profile))
        .select(ProfileRow::as_select())
        .first(connection)
        .await
        .optional()?;
    Ok(read_all(connection, company, row.into_iter().collect())
        .await?
        .pop())
}

/// Every profile that the company keeps by key, in order of the keys.
pub(crate) async fn with_key(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
) -> Result<Vec<ClientProfile>, Error> {
    let rows: Vec<ProfileRow> = client_profiles::table
        .filter(client_profiles::company_id.eq(company.as_str()))
        .filter(client_profiles::profile_key.is_not_null())
        .order(client_profiles::profile_key)
        .select(ProfileRow::as_select())
        .load(connection)
        .await?;
    read_all(connection, company, rows).await
}

/// The profiles in the order of the rows, each with the one that it went up in.
async fn read_all(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    rows: Vec<ProfileRow>,
) -> Result<Vec<ClientProfile>, Error> {
    let merged: HashMap<Key, Key> = rows
        .iter()
        .filter_map(|row| Some((row.profile_id, row.merged_into?)))
        .collect();
    let mut profiles = read_each(connection, company, rows).await?;
    if merged.is_empty() {
        return Ok(profiles);
    }
    let kept: Vec<ProfileRow> = client_profiles::table
        .filter(client_profiles::company_id.eq(company.as_str()))
        .filter(client_profiles::profile_id.eq_any(merged.values()))
        .select(ProfileRow::as_select())
        .load(connection)
        .await?;
    let kept = read_each(connection, company, kept).await?;
    for profile in &mut profiles {
        let into = merged
            .get(&profile.id.into())
            .map(|id| ClientProfileId::from(*id));
        let into = kept.iter().find(|one| Some(one.id) == into);
        profile.merged_into = into.cloned().map(Box::new);
    }
    Ok(profiles)
}

/// Each for itself, with whom it is assigned to and when it was last in use, in the order of the rows.
async fn read_each(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    rows: Vec<ProfileRow>,
) -> Result<Vec<ClientProfile>, Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Key> = rows.iter().map(|row| row.profile_id).collect();
    let assignments: Vec<(Key, Key)> = profile_assignments::table
        .filter(profile_assignments::company_id.eq(company.as_str()))
        .filter(profile_assignments::profile_id.eq_any(&ids))
        .order((profile_assignments::by_config.desc(), profile_assignments::place))
        .select((profile_assignments::profile_id, profile_assignments::user_id))
        .load(connection)
        .await?;
    let mut assigned: HashMap<Key, Vec<UserId>> = HashMap::new();
    for (profile, user) in assignments {
        assigned.entry(profile).or_default().push(user.into());
    }
    let last_active = last_active(connection, company, &ids).await?;
    let read = |row: ProfileRow| {
        let id = row.profile_id;
        read(
            row,
            assigned.remove(&id).unwrap_or_default(),
            last_active.get(&id).copied(),
        )
    };
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

fn read(
    row: ProfileRow,
    assigned_to: Vec<UserId>,
    last_active_at: Option<Timestamp>,
) -> Result<ClientProfile, BadRow> {
    let place = Place {
        table: "client_profiles",
        row: &row.profile_id,
    };
    let phone_number = row
        .phone_number
        .map(|phone| place.read("phone_number", PhoneNumber::parse(&phone)));
    let firm = row.external_company_id;
    let firm = firm.map(|id| place.read("external_company_id", ExternalCompanyId::parse(&id)));
    Ok(ClientProfile {
        id: row.profile_id.into(),
        key: row.profile_key,
        name: row.name,
        named_by_company: row.named_by_company,
        phone_number: phone_number.transpose()?,
        phone_recorded_at: Timestamp::from_micros(row.phone_recorded_at),
        identity: row.identity_id.map(Into::into),
        org_unit: place.read("org_unit_id", OrgUnitId::parse(&row.org_unit_id))?,
        external_company: firm.transpose()?,
        assigned_to,
        last_active_at,
        merged_into: None,
    })
}

/// When rooms of the profiles last carried a message, the client's or ours.
async fn last_active(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    profiles: &[Key],
) -> Result<HashMap<Key, Timestamp>, Error> {
    let wrote: Vec<(Key, Option<i64>)> = rooms::table
        .inner_join(
            room_lines::table.on(rooms::company_id
                .eq(room_lines::company_id)
                .and(rooms::room_id.eq(room_lines::room_id))),
        )
        .filter(rooms::company_id.eq(company.as_str()))
        .filter(rooms::profile_id.eq_any(profiles))
        .group_by(rooms::profile_id)
        .select((rooms::profile_id, max(room_lines::sent_at)))
        .load(connection)
        .await?;
    let answered: Vec<(Key, Option<i64>)> = rooms::table
        .inner_join(
            outbox::table.on(rooms::company_id
                .eq(outbox::company_id)
                .and(rooms::room_id.nullable().eq(outbox::room_id))),
        )
        .filter(rooms::company_id.eq(company.as_str()))
        .filter(rooms::profile_id.eq_any(profiles))
        .group_by(rooms::profile_id)
        .select((rooms::profile_id, max(outbox::queued_at)))
        .load(connection)
        .await?;
    let mut latest: HashMap<Key, Timestamp> = HashMap::new();
    for (profile, at) in wrote.into_iter().chain(answered) {
        if let Some(at) = at.map(Timestamp::from_micros) {
            let known = latest.entry(profile).or_insert(at);
            *known = at.max(*known);
        }
    }
    Ok(latest)
}

/// Creates a profile for a client who onboards.
pub(crate) async fn create(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    profile: &NewProfile,
    now: Timestamp,
) -> Result<(), Error> {
    diesel::insert_into(client_profiles::table)
        .values((
            client_profiles::company_id.eq(company.as_str()),
            client_profiles::profile_id.eq(Key::from(profile.id)),
            client_profiles::name.eq(clean(&profile.name)),
            client_profiles::named_by_company.eq(false),
            client_profiles::phone_number.eq(profile.phone_number.as_ref().map(PhoneNumber::as_str)),
            client_profiles::phone_match_key.eq(profile.phone_number.as_ref().map(PhoneNumber::match_key)),
            client_profiles::phone_recorded_at.eq(now.as_micros()),
            client_profiles::identity_id.eq(Key::from(profile.identity)),
            client_profiles::org_unit_id.eq(profile.org_unit.as_str()),
            client_profiles::external_company_id
                .eq(profile.external_company.as_ref().map(ExternalCompanyId::as_str)),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Makes the profile the client's, where it is nobody's yet; `false` when it is another's.
pub(crate) async fn bind(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    profile: ClientProfileId,
    identity: ClientIdentityId,
) -> Result<bool, Error> {
    let identity = Key::from(identity);
    let nobodys_or_theirs = client_profiles::identity_id
        .is_null()
        .or(client_profiles::identity_id.eq(identity));
    let bound = diesel::update(client_profiles::table.find((company.as_str(), Key::from(profile))))
        .filter(nobodys_or_theirs)
        .set(client_profiles::identity_id.eq(identity))
        .execute(connection)
        .await?;
    Ok(bound == 1)
}

/// Assigns the profile to the user, if it is not yet.
pub(crate) async fn assign(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    profile: ClientProfileId,
    user: UserId,
) -> Result<(), Error> {
    let last: Option<i64> = profile_assignments::table
        .filter(profile_assignments::company_id.eq(company.as_str()))
        .filter(profile_assignments::profile_id.eq(Key::from(profile)))
        .select(max(profile_assignments::place))
        .first(connection)
        .await?;
    diesel::insert_into(profile_assignments::table)
        .values((
            profile_assignments::company_id.eq(company.as_str()),
            profile_assignments::profile_id.eq(Key::from(profile)),
            profile_assignments::user_id.eq(Key::from(user)),
            profile_assignments::by_config.eq(false),
            profile_assignments::place.eq(last.map_or(0, |last| last + 1)),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(())
}
