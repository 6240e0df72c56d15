//! What is remembered of a client.

mod known;

use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper, pg::Pg,
    prelude::Insertable, query_builder::AsChangeset,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    AliasKind, Bsuid, Client, ClientAliases, ClientFacts, ClientIdentityId, CompanyId, IdentityChange,
    IdentityRevision, OptOutChange, Reconciliation, Timestamp, WaId,
    ports::{ClientIdentification, Conflict, StoreError},
};

pub(crate) use known::load as load_known;

use crate::{
    PostgresStore,
    error::{Error, Place, exactly_one},
    key::Key,
    lifecycle,
    schema::{client_aliases, client_identities, onboardings, outbox, released_aliases},
    text::clean,
    transaction::{Scope, transaction},
};

/// The latest wrong extensions that are looked at; more change nothing.
const MOST_GUESSES: i64 = 1000;

/// The aliases in the columns of `client_identities`.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = client_identities, treat_none_as_null = true, treat_none_as_default_value = false, check_for_backend(Pg))]
struct AliasColumns {
    wa_id: Option<String>,
    bsuid: Option<String>,
    parent_bsuid: Option<String>,
    username: Option<String>,
    profile_name: Option<String>,
}

impl AliasColumns {
    fn of(aliases: &ClientAliases) -> Self {
        let text = |text: &str| clean(text).into_owned();
        Self {
            wa_id: aliases.wa_id.as_ref().map(|id| text(id.as_str())),
            bsuid: aliases.bsuid.as_ref().map(|id| text(id.as_str())),
            parent_bsuid: aliases.parent_bsuid.as_ref().map(|id| text(id.as_str())),
            username: aliases.username.as_deref().map(text),
            profile_name: aliases.profile_name.as_deref().map(text),
        }
    }
}

#[async_trait]
impl ClientIdentification for PostgresStore {
    async fn identify(
        &self,
        company: &CompanyId,
        keys: &[(AliasKind, String)],
        replies_since: Timestamp,
        guesses_since: Timestamp,
    ) -> Result<ClientFacts, StoreError> {
        let mut attempts = self.read("identify the client", Scope::Company(company));
        transaction!(attempts, |connection| facts(
            connection,
            company,
            keys,
            replies_since,
            guesses_since
        ))
    }
}

async fn facts(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    keys: &[(AliasKind, String)],
    replies_since: Timestamp,
    guesses_since: Timestamp,
) -> Result<ClientFacts, Error> {
    let found = identities(connection, company, keys).await?;
    let mut facts = ClientFacts {
        phone_left_at: known::phone_left_at(connection, company, keys, <[Key]>::first(&found).copied())
            .await?,
        ..ClientFacts::default()
    };
    let mut known = Vec::with_capacity(found.len());
    for identity in &found {
        known.push(known::load(connection, company, *identity, keys, found.len() > 1).await?);
        facts.automatic_replies += automatic_replies(connection, company, *identity, replies_since).await?;
        let wrong = wrong_extensions(connection, company, *identity, guesses_since).await?;
        facts.wrong_extensions.extend(wrong);
    }
    let mut known = known.into_iter();
    facts.identity = known.next();
    facts.others = known.collect();
    Ok(facts)
}

/// The identities that the keys lead to, each once.
async fn identities(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    keys: &[(AliasKind, String)],
) -> Result<Vec<Key>, Error> {
    let mut found: Vec<Key> = Vec::new();
    for (kind, value) in keys {
        found.extend(
            owner(connection, company, *kind, value)
                .await?
                .filter(|identity| !found.contains(identity)),
        );
    }
    Ok(found)
}

async fn owner(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    kind: AliasKind,
    value: &str,
) -> Result<Option<Key>, Error> {
    let value = clean(value);
    let alias = client_aliases::table.find((company.as_str(), kind.as_str(), value.as_ref()));
    Ok(alias
        .select(client_aliases::identity_id)
        .first(connection)
        .await
        .optional()?)
}

/// All that is known of a client that exists.
pub(crate) async fn aliases(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    identity: Key,
) -> Result<ClientAliases, Error> {
    let found = client_identities::table.find((company.as_str(), identity));
    let row: AliasColumns = found.select(AliasColumns::as_select()).first(connection).await?;
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

async fn automatic_replies(
    connection: &mut AsyncPgConnection,
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
        .get_result(connection)
        .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

async fn wrong_extensions(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    identity: Key,
    since: Timestamp,
) -> Result<Vec<Timestamp>, Error> {
    // The record keeps who it was then: records that went up in this one count too.
    let mut members: Vec<Key> = client_identities::table
        .filter(client_identities::company_id.eq(company.as_str()))
        .filter(client_identities::merged_into.eq(identity))
        .select(client_identities::identity_id)
        .load(connection)
        .await?;
    members.push(identity);
    let times: Vec<i64> = onboardings::table
        .filter(onboardings::company_id.eq(company.as_str()))
        .filter(onboardings::identity_id.eq_any(members))
        .filter(onboardings::wrong_extension)
        .filter(onboardings::decided_at.ge(since.as_micros()))
        .order(onboardings::decided_at.desc())
        .limit(MOST_GUESSES)
        .select(onboardings::decided_at)
        .load(connection)
        .await?;
    Ok(times.into_iter().map(Timestamp::from_micros).collect())
}

/// Revision, since when the phone is theirs, and since when they want no more messages.
type Standing = (i64, Option<i64>, Option<i64>);

/// The client, if there is one. Nobody is found any more whose record went up in another.
pub(crate) async fn find(
    connection: &mut AsyncPgConnection,
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
        .await
        .optional()?;
    let Some((revision, phone_since, opted_out_at)) = row else {
        return Ok(None);
    };
    let place = Place {
        table: "client_identities",
        row: &identity,
    };
    Ok(Some(Client {
        aliases: aliases(connection, company, identity).await?,
        revision: place.read("revision", u64::try_from(revision))?,
        phone_since: phone_since.map(Timestamp::from_micros),
        opted_out_at: opted_out_at.map(Timestamp::from_micros),
    }))
}

/// Whether the client's record has this revision and stands for itself, and since when they want no more messages. It stays so
/// until this transaction ends.
pub(crate) async fn locked_opt_out(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    seen: IdentityRevision,
) -> Result<Option<Option<Timestamp>>, Error> {
    let at: Option<Option<i64>> = client_identities::table
        .find((company.as_str(), Key::from(seen.id)))
        .filter(client_identities::revision.eq(i64::try_from(seen.revision).unwrap_or(i64::MAX)))
        .filter(client_identities::merged_into.is_null())
        .select(client_identities::opted_out_at)
        .for_update()
        .first(connection)
        .await
        .optional()?;
    Ok(at.map(|at| at.map(Timestamp::from_micros)))
}

/// Counts the revision up.
pub(crate) async fn touch(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    identity: ClientIdentityId,
) -> Result<(), Error> {
    let changed = diesel::update(client_identities::table.find((company.as_str(), Key::from(identity))))
        .set(client_identities::revision.eq(client_identities::revision + 1))
        .execute(connection)
        .await?;
    exactly_one(changed, "count the client's revision up")
}

/// Writes down that the client wants no more messages, or wants them again.
pub(crate) async fn opt(
    connection: &mut AsyncPgConnection,
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
        .execute(connection)
        .await?;
    exactly_one(changed, "opt the client out or in")
}

/// Writes down since when the client wants no more messages after a change of who they are; `false` where they would keep
/// a live room.
pub(crate) async fn set_opted_out_at(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    change: &Reconciliation,
) -> Result<bool, Error> {
    let id = change.identity.id;
    let since = change.opted_out_at.map(Timestamp::as_micros);
    diesel::update(client_identities::table.find((company.as_str(), Key::from(id))))
        .set(client_identities::opted_out_at.eq(since))
        .execute(connection)
        .await?;
    Ok(since.is_none() || !lifecycle::has_live_room(connection, company, id).await?)
}

/// Stores what becomes of the client's record; the conflict, if it is not as it was looked at. A decision that creates a
/// profile counts the revision up, so that another that is made at the same time does not create a second one.
pub(crate) async fn change(
    connection: &mut AsyncPgConnection,
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
            .execute(connection)
            .await?;
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
        )
        .await?
        {
            return Ok(Some(Conflict::ClientChanged));
        }
    }
    // In one order, whatever the order of the claims: two who claim the same aliases wait for each other instead of
    // locking each other out.
    let mut claims: Vec<_> = change.claims.iter().collect();
    claims.sort_by_key(|(kind, value)| (kind.as_str(), value));
    for (kind, value) in claims {
        if !claim(connection, company, change.id, *kind, value).await? {
            return Ok(Some(Conflict::AliasTaken));
        }
    }
    Ok(None)
}

/// Changes what is known of a client; `false`, and nothing changed, when the client is not as they were looked at.
pub(crate) async fn update(
    connection: &mut AsyncPgConnection,
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
        .execute(connection)
        .await?;
    Ok(changed == 1)
}

/// Takes a key that nobody has; `false` when it is another identity's.
pub(crate) async fn claim(
    connection: &mut AsyncPgConnection,
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
            client_aliases::value.eq(clean(value)),
            client_aliases::identity_id.eq(identity),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    if claimed == 1 {
        let cleaned = clean(value);
        let again =
            released_aliases::table.find((company.as_str(), kind.as_str(), cleaned.as_ref(), identity));
        diesel::delete(again).execute(connection).await?;
    }
    Ok(claimed == 1 || owner(connection, company, kind, value).await? == Some(identity))
}
