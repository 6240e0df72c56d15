//! What is remembered of a client.

mod known;

use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, Selectable, SelectableHelper,
    SqliteConnection, prelude::Insertable, query_builder::AsChangeset, sqlite::Sqlite,
};
use onboarding_core::{
    AliasKind, Bsuid, Client, ClientAliases, ClientFacts, ClientIdentityId, CompanyId, IdentityChange,
    IdentityRevision, OptOutChange, Reconciliation, Timestamp, WaId,
    ports::{ClientIdentification, Conflict, StoreError},
};

pub(crate) use known::load as load_known;

use crate::{
    SqliteStore,
    error::{Error, Place, exactly_one},
    key::Key,
    lifecycle,
    schema::{client_aliases, client_identities, onboardings, outbox, released_aliases},
};

/// The latest wrong extensions that are looked at; more change nothing.
const MOST_GUESSES: i64 = 1000;

/// The aliases in the columns of `client_identities`.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = client_identities, treat_none_as_null = true, treat_none_as_default_value = false, check_for_backend(Sqlite))]
struct AliasColumns {
    wa_id: Option<String>,
    bsuid: Option<String>,
    parent_bsuid: Option<String>,
    username: Option<String>,
    profile_name: Option<String>,
}

impl AliasColumns {
    fn of(aliases: &ClientAliases) -> Self {
        Self {
            wa_id: aliases.wa_id.as_ref().map(|id| id.as_str().to_owned()),
            bsuid: aliases.bsuid.as_ref().map(|id| id.as_str().to_owned()),
            parent_bsuid: aliases.parent_bsuid.as_ref().map(|id| id.as_str().to_owned()),
            username: aliases.username.clone(),
            profile_name: aliases.profile_name.clone(),
        }
    }
}

#[async_trait]
impl ClientIdentification for SqliteStore {
    async fn identify(
        &self,
        company: &CompanyId,
        keys: &[(AliasKind, String)],
        replies_since: Timestamp,
        guesses_since: Timestamp,
    ) -> Result<ClientFacts, StoreError> {
        let (company, keys) = (company.clone(), keys.to_vec());
        self.read("identify the client", move |connection| {
            let found = identities(connection, &company, &keys)?;
            let mut facts = ClientFacts {
                phone_left_at: known::phone_left_at(connection, &company, &keys, found.first().copied())?,
                ..ClientFacts::default()
            };
            let mut known = Vec::with_capacity(found.len());
            for identity in &found {
                known.push(known::load(
                    connection,
                    &company,
                    *identity,
                    &keys,
                    found.len() > 1,
                )?);
                facts.automatic_replies += automatic_replies(connection, &company, *identity, replies_since)?;
                facts.wrong_extensions.extend(wrong_extensions(
                    connection,
                    &company,
                    *identity,
                    guesses_since,
                )?);
            }
            let mut known = known.into_iter();
            facts.identity = known.next();
            facts.others = known.collect();
            Ok(facts)
        })
        .await
    }
}

/// The identities that the keys lead to, each once.
fn identities(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    keys: &[(AliasKind, String)],
) -> Result<Vec<Key>, Error> {
    let mut found: Vec<Key> = Vec::new();
    for (kind, value) in keys {
        found.extend(owner(connection, company, *kind, value)?.filter(|identity| !found.contains(identity)));
    }
    Ok(found)
}

pub(crate) fn owner(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    kind: AliasKind,
    value: &str,
) -> Result<Option<Key>, Error> {
    let alias = client_aliases::table.find((company.as_str(), kind.as_str(), value));
    Ok(alias
        .select(client_aliases::identity_id)
        .first(connection)
        .optional()?)
}

/// All that is known of a client that exists.
pub(crate) fn aliases(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    identity: Key,
) -> Result<ClientAliases, Error> {
    let found = client_identities::table.find((company.as_str(), identity));
    let row: AliasColumns = found.select(AliasColumns::as_select()).first(connection)?;
    let place = Place {
        table: "client_identities",
        row: &identity,
    };
    let bsuid = |column, id: Option<String>| {
        id.map(|id| place.read(column, Bsuid::from_whatsapp(&id)))
            .transpose()
    };
    Ok(ClientAliases {
        wa_id: row
            .wa_id
            .map(|id| place.read("wa_id", WaId::from_whatsapp(&id)))
            .transpose()?,
        bsuid: bsuid("bsuid", row.bsuid)?,
        parent_bsuid: bsuid("parent_bsuid", row.parent_bsuid)?,
        username: row.username,
        profile_name: row.profile_name,
    })
}

fn automatic_replies(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    identity: Key,
    since: Timestamp,
) -> Result<u32, Error> {
    let count: i64 = outbox::table
        .filter(outbox::company_id.eq(company.as_str()))
        .filter(outbox::identity_id.eq(identity))
        .filter(outbox::automatic)
        .filter(outbox::queued_at.ge(since.as_micros()))
        .count()
        .get_result(connection)?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

fn wrong_extensions(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    identity: Key,
    since: Timestamp,
) -> Result<Vec<Timestamp>, Error> {
    // The record keeps who it was then: records that went up in this one count too.
    let mut members: Vec<Key> = client_identities::table
        .filter(client_identities::company_id.eq(company.as_str()))
        .filter(client_identities::merged_into.eq(identity))
        .select(client_identities::identity_id)
        .load(connection)?;
    members.push(identity);
    let times: Vec<i64> = onboardings::table
        .filter(onboardings::company_id.eq(company.as_str()))
        .filter(onboardings::identity_id.eq_any(members))
        .filter(onboardings::wrong_extension)
        .filter(onboardings::decided_at.ge(since.as_micros()))
        .order(onboardings::decided_at.desc())
        .limit(MOST_GUESSES)
        .select(onboardings::decided_at)
        .load(connection)?;
    Ok(times.into_iter().map(Timestamp::from_micros).collect())
}

/// Revision, since when the phone is theirs, and since when they want no more messages.
type Standing = (i64, Option<i64>, Option<i64>);

/// The client, if there is one. Nobody is found any more whose record went up in another.
pub(crate) fn find(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    identity: Key,
) -> Result<Option<Client>, Error> {
    let row: Option<Standing> = client_identities::table
        .find((company.as_str(), identity))
        .filter(client_identities::merged_into.is_null())
        .select((
            client_identities::revision,
            client_identities::phone_since,
            client_identities::opted_out_at,
        ))
        .first(connection)
        .optional()?;
    let Some((revision, phone_since, opted_out_at)) = row else {
        return Ok(None);
    };
    let place = Place {
        table: "client_identities",
        row: &identity,
    };
    Ok(Some(Client {
        aliases: aliases(connection, company, identity)?,
        revision: place.read("revision", u64::try_from(revision))?,
        phone_since: phone_since.map(Timestamp::from_micros),
        opted_out_at: opted_out_at.map(Timestamp::from_micros),
    }))
}

/// Counts the revision up.
pub(crate) fn touch(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    identity: ClientIdentityId,
) -> Result<(), Error> {
    let changed = diesel::update(client_identities::table.find((company.as_str(), Key::from(identity))))
        .set(client_identities::revision.eq(client_identities::revision + 1))
        .execute(connection)?;
    exactly_one(changed, "count the client's revision up")
}

/// Writes down that the client wants no more messages, or wants them again.
pub(crate) fn opt(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    identity: ClientIdentityId,
    change: OptOutChange,
    now: Timestamp,
) -> Result<(), Error> {
    let since = (change == OptOutChange::Out).then_some(now.as_micros());
    let changed = diesel::update(client_identities::table.find((company.as_str(), Key::from(identity))))
        .set((
            client_identities::opted_out_at.eq(since),
            client_identities::revision.eq(client_identities::revision + 1),
        ))
        .execute(connection)?;
    exactly_one(changed, "opt the client out or in")
}

/// Writes down since when the client wants no more messages after a change of who they are; `false` where they would keep
/// a live room.
pub(crate) fn set_opted_out_at(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    change: &Reconciliation,
) -> Result<bool, Error> {
    let id = change.identity.id;
    let since = change.opted_out_at.map(Timestamp::as_micros);
    diesel::update(client_identities::table.find((company.as_str(), Key::from(id))))
        .set(client_identities::opted_out_at.eq(since))
        .execute(connection)?;
    Ok(since.is_none() || !lifecycle::has_live_room(connection, company, id)?)
}

/// Stores what becomes of the client's record; the conflict, if it is not as it was looked at. A decision that creates a
/// profile counts the revision up, so that another that is made at the same time does not create a second one.
pub(crate) fn change(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    change: &IdentityChange,
    creates_profile: bool,
    now: Timestamp,
) -> Result<Option<Conflict>, Error> {
    let identity = Key::from(change.id);
    if change.is_new {
        diesel::insert_into(client_identities::table)
            .values((
                client_identities::company_id.eq(company.as_str()),
                client_identities::identity_id.eq(identity),
                client_identities::created_at.eq(now.as_micros()),
                client_identities::changed_at.eq(now.as_micros()),
                client_identities::phone_since.eq(change.phone_since.map(Timestamp::as_micros)),
                AliasColumns::of(&change.aliases),
            ))
            .execute(connection)?;
    } else {
        let seen = IdentityRevision {
            id: change.id,
            revision: change.revision,
        };
        let grows = creates_profile || !change.claims.is_empty();
        if !update(
            connection,
            company,
            seen,
            &change.aliases,
            change.phone_since,
            grows,
            now,
        )? {
            return Ok(Some(Conflict::ClientChanged));
        }
    }
    for (kind, value) in &change.claims {
        if !claim(connection, company, change.id, *kind, value)? {
            return Ok(Some(Conflict::AliasTaken));
        }
    }
    Ok(None)
}

/// Changes what is known of a client; `false`, and nothing changed, when the client is not as they were looked at.
pub(crate) fn update(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    seen: IdentityRevision,
    aliases: &ClientAliases,
    phone_since: Option<Timestamp>,
    counts_up: bool,
    now: Timestamp,
) -> Result<bool, Error> {
    let revision = i64::try_from(seen.revision).unwrap_or(i64::MAX);
    let as_seen = client_identities::table
        .find((company.as_str(), Key::from(seen.id)))
        .filter(client_identities::revision.eq(revision))
        .filter(client_identities::merged_into.is_null());
    let changed = diesel::update(as_seen)
        .set((
            AliasColumns::of(aliases),
            client_identities::changed_at.eq(now.as_micros()),
            client_identities::revision.eq(revision + i64::from(counts_up)),
            phone_since.map(|since| client_identities::phone_since.eq(since.as_micros())),
        ))
        .execute(connection)?;
    Ok(changed == 1)
}

/// Takes a key that nobody has; `false` when it is another identity's.
pub(crate) fn claim(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    identity: ClientIdentityId,
    kind: AliasKind,
    value: &str,
) -> Result<bool, Error> {
    let identity = Key::from(identity);
    let claimed = diesel::insert_into(client_aliases::table)
        .values((
            client_aliases::company_id.eq(company.as_str()),
            client_aliases::kind.eq(kind.as_str()),
            client_aliases::value.eq(value),
            client_aliases::identity_id.eq(identity),
        ))
        .on_conflict_do_nothing()
        .execute(connection)?;
    if claimed == 1 {
        let again = released_aliases::table.find((company.as_str(), kind.as_str(), value, identity));
        diesel::delete(again).execute(connection)?;
    }
    Ok(claimed == 1 || owner(connection, company, kind, value)? == Some(identity))
}
