//! Client profiles and prospects.

mod change;

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
    Selectable, SelectableHelper, SqliteConnection, sqlite::Sqlite,
};
use onboarding_core::{
    ClientIdentityId, ClientProfile, ClientProfileId, CompanyId, ExternalCompanyId, NewProfile, OrgUnitId,
    PhoneNumber, Timestamp, UserId, WaitingProspect,
    ports::{ClientProfileSelection, StoreError},
};

use crate::{
    SqliteStore,
    error::{Error, Place},
    key::Key,
    prospect,
    schema::{client_profiles, outbox, profile_assignments, room_lines, rooms},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = client_profiles, check_for_backend(Sqlite))]
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
impl ClientProfileSelection for SqliteStore {
    async fn profiles_of(
        &self,
        company: &CompanyId,
        identity: Option<ClientIdentityId>,
        phone_match_key: Option<String>,
    ) -> Result<Vec<ClientProfile>, StoreError> {
        let (company, identity) = (company.clone(), identity.map(Key::from));
        self.read("look for the client's profiles", move |connection| {
            // A comparison with NULL is never true: what is not known matches nothing. Each side names the company,
            // so that each is looked up in its own index.
            let of_company = client_profiles::company_id.eq(company.as_str());
            let of_client = of_company.and(client_profiles::identity_id.eq(identity));
            let with_phone = of_company.and(client_profiles::phone_match_key.eq(phone_match_key));
            let rows: Vec<ProfileRow> = client_profiles::table
                .filter(of_client.or(with_phone))
                .order(client_profiles::profile_id)
                .select(ProfileRow::as_select())
                .load(connection)?;
            rows.into_iter()
                .map(|row| read(connection, &company, row))
                .collect()
        })
        .await
    }

    async fn waiting_prospects(
        &self,
        company: &CompanyId,
        identity: ClientIdentityId,
    ) -> Result<Vec<WaitingProspect>, StoreError> {
        let company = company.clone();
        self.read("look for the waiting prospects", move |connection| {
            prospect::waiting(connection, &company, identity.into())
        })
        .await
    }
}

/// The profile with this id.
pub(crate) fn find(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    profile: Key,
) -> Result<Option<ClientProfile>, Error> {
    let row: Option<ProfileRow> = client_profiles::table
        .find((company.as_str(), profile))
        .select(ProfileRow::as_select())
        .first(connection)
        .optional()?;
    row.map(|row| read(connection, company, row)).transpose()
}

/// Every profile that the company keeps by key, in order of the keys.
pub(crate) fn with_key(
    connection: &mut SqliteConnection,
    company: &CompanyId,
) -> Result<Vec<ClientProfile>, Error> {
    let rows: Vec<ProfileRow> = client_profiles::table
        .filter(client_profiles::company_id.eq(company.as_str()))
        .filter(client_profiles::profile_key.is_not_null())
        .order(client_profiles::profile_key)
        .select(ProfileRow::as_select())
        .load(connection)?;
    rows.into_iter()
        .map(|row| read(connection, company, row))
        .collect()
}

fn read(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    row: ProfileRow,
) -> Result<ClientProfile, Error> {
    let place = Place {
        table: "client_profiles",
        row: &row.profile_id,
    };
    // Nothing goes up in a profile that went up in another: this ends after one step.
    let merged_into = match row.merged_into {
        Some(kept) => find(connection, company, kept)?,
        None => None,
    };
    let assigned_to: Vec<Key> = profile_assignments::table
        .filter(profile_assignments::company_id.eq(company.as_str()))
        .filter(profile_assignments::profile_id.eq(row.profile_id))
        .order((profile_assignments::by_config.desc(), profile_assignments::place))
        .select(profile_assignments::user_id)
        .load(connection)?;
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
        assigned_to: assigned_to.into_iter().map(Into::into).collect(),
        last_active_at: last_active_at(connection, company, row.profile_id)?,
        merged_into: merged_into.map(Box::new),
    })
}

/// When one of its rooms last carried a message, the client's or ours.
fn last_active_at(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    profile: Key,
) -> Result<Option<Timestamp>, Error> {
    let rooms: Vec<Key> = rooms::table
        .filter(rooms::company_id.eq(company.as_str()))
        .filter(rooms::profile_id.eq(profile))
        .select(rooms::room_id)
        .load(connection)?;
    let wrote: Option<i64> = room_lines::table
        .filter(room_lines::company_id.eq(company.as_str()))
        .filter(room_lines::room_id.eq_any(&rooms))
        .select(diesel::dsl::max(room_lines::sent_at))
        .first(connection)?;
    let answered: Option<i64> = outbox::table
        .filter(outbox::company_id.eq(company.as_str()))
        .filter(outbox::room_id.eq_any(&rooms))
        .select(diesel::dsl::max(outbox::queued_at))
        .first(connection)?;
    Ok(wrote.max(answered).map(Timestamp::from_micros))
}

/// Creates a profile for a client who onboards.
pub(crate) fn create(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    profile: &NewProfile,
    now: Timestamp,
) -> Result<(), Error> {
    diesel::insert_into(client_profiles::table)
        .values((
            client_profiles::company_id.eq(company.as_str()),
            client_profiles::profile_id.eq(Key::from(profile.id)),
            client_profiles::name.eq(&profile.name),
            client_profiles::named_by_company.eq(false),
            client_profiles::phone_number.eq(profile.phone_number.as_ref().map(PhoneNumber::as_str)),
            client_profiles::phone_match_key.eq(profile.phone_number.as_ref().map(PhoneNumber::match_key)),
            client_profiles::phone_recorded_at.eq(now.as_micros()),
            client_profiles::identity_id.eq(Key::from(profile.identity)),
            client_profiles::org_unit_id.eq(profile.org_unit.as_str()),
            client_profiles::external_company_id
                .eq(profile.external_company.as_ref().map(ExternalCompanyId::as_str)),
        ))
        .execute(connection)?;
    Ok(())
}

/// Makes the profile the client's, where it is nobody's yet; `false` when it is another's.
pub(crate) fn bind(
    connection: &mut SqliteConnection,
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
        .execute(connection)?;
    Ok(bound == 1)
}

/// Assigns the profile to the user, if it is not yet.
pub(crate) fn assign(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    profile: ClientProfileId,
    user: UserId,
) -> Result<(), Error> {
    let last: Option<i64> = profile_assignments::table
        .filter(profile_assignments::company_id.eq(company.as_str()))
        .filter(profile_assignments::profile_id.eq(Key::from(profile)))
        .select(diesel::dsl::max(profile_assignments::place))
        .first(connection)?;
    diesel::insert_into(profile_assignments::table)
        .values((
            profile_assignments::company_id.eq(company.as_str()),
            profile_assignments::profile_id.eq(Key::from(profile)),
            profile_assignments::user_id.eq(Key::from(user)),
            profile_assignments::by_config.eq(false),
            profile_assignments::place.eq(last.map_or(0, |last| last + 1)),
        ))
        .on_conflict_do_nothing()
        .execute(connection)?;
    Ok(())
}
