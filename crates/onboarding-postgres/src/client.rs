//! What is remembered of a client.

use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper, dsl::exists,
    pg::Pg, prelude::Insertable, query_builder::AsChangeset,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    AliasKind, Bsuid, Client, ClientAliases, ClientFacts, ClientIdentityId, CompanyId, IdentityChange,
    KnownIdentity, OptOutChange, Timestamp, WaId,
    ports::{ClientIdentification, StoreError},
};

use crate::{
    PostgresStore,
    error::{Error, Place, exactly_one},
    key::Key,
    schema::{client_aliases, client_identities, onboardings, outbox},
    text::clean,
    transaction::{Scope, transaction},
};

/// The latest wrong extensions that are looked at; more change nothing.
const MOST_GUESSES: i64 = 1000;

/// The aliases in the columns of `client_identities`.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = client_identities, treat_none_as_null = true, check_for_backend(Pg))]
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
    let Some((first, others)) = identities(connection, company, keys).await? else {
        return Ok(ClientFacts::default());
    };
    Ok(ClientFacts {
        automatic_replies: automatic_replies(connection, company, first, replies_since).await?,
        wrong_extensions: wrong_extensions(connection, company, first, guesses_since).await?,
        opted_out_at: opted_out_at(connection, company, first).await?,
        live_rooms: Vec::new(),
        identity: Some(KnownIdentity {
            id: first.into(),
            aliases: aliases(connection, company, first).await?,
            others: others.into_iter().map(Into::into).collect(),
        }),
    })
}

/// The identity that the first key with one leads to, and the others, each once.
async fn identities(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    keys: &[(AliasKind, String)],
) -> Result<Option<(Key, Vec<Key>)>, Error> {
    let mut found: Vec<Key> = Vec::new();
    for (kind, value) in keys {
        found.extend(
            owner(connection, company, *kind, value)
                .await?
                .filter(|identity| !found.contains(identity)),
        );
    }
    let mut found = found.into_iter();
    Ok(found.next().map(|first| (first, found.collect())))
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
    let times: Vec<i64> = onboardings::table
        .filter(onboardings::company_id.eq(company.as_str()))
        .filter(onboardings::identity_id.eq(identity))
        .filter(onboardings::wrong_extension)
        .filter(onboardings::decided_at.ge(since.as_micros()))
        .order(onboardings::decided_at.desc())
        .limit(MOST_GUESSES)
        .select(onboardings::decided_at)
        .load(connection)
        .await?;
    Ok(times.into_iter().map(Timestamp::from_micros).collect())
}

/// Since when the client wants no more messages.
pub(crate) async fn opted_out_at(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    identity: Key,
) -> Result<Option<Timestamp>, Error> {
    let found = client_identities::table.find((company.as_str(), identity));
    let at: Option<Option<i64>> = found
        .select(client_identities::opted_out_at)
        .first(connection)
        .await
        .optional()?;
    Ok(at.flatten().map(Timestamp::from_micros))
}

/// The client, if there is one.
pub(crate) async fn find(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    identity: Key,
) -> Result<Option<Client>, Error> {
    let there = client_identities::table.find((company.as_str(), identity));
    if !diesel::select(exists(there))
        .get_result::<bool>(connection)
        .await?
    {
        return Ok(None);
    }
    Ok(Some(Client {
        aliases: aliases(connection, company, identity).await?,
        opted_out_at: opted_out_at(connection, company, identity).await?,
    }))
}

/// Since when the client wants no more messages; it stays so until this transaction ends.
pub(crate) async fn locked_opted_out_at(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    identity: Key,
) -> Result<Option<Timestamp>, Error> {
    let found = client_identities::table.find((company.as_str(), identity));
    let at: Option<Option<i64>> = found
        .select(client_identities::opted_out_at)
        .for_share()
        .first(connection)
        .await
        .optional()?;
    Ok(at.flatten().map(Timestamp::from_micros))
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
        .set(client_identities::opted_out_at.eq(since))
        .execute(connection)
        .await?;
    exactly_one(changed, "opt the client out or in")
}

/// Stores what becomes of the client's record; `false` when an alias is another identity's.
pub(crate) async fn change(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    change: &IdentityChange,
    now: Timestamp,
) -> Result<bool, Error> {
    let identity = Key::from(change.id);
    if change.is_new {
        diesel::insert_into(client_identities::table)
            .values((
                client_identities::company_id.eq(company.as_str()),
                client_identities::identity_id.eq(identity),
                client_identities::created_at.eq(now.as_micros()),
                client_identities::changed_at.eq(now.as_micros()),
                AliasColumns::of(&change.aliases),
            ))
            .execute(connection)
            .await?;
    } else {
        let changed = diesel::update(client_identities::table.find((company.as_str(), identity)))
            .set((
                AliasColumns::of(&change.aliases),
                client_identities::changed_at.eq(now.as_micros()),
            ))
            .execute(connection)
            .await?;
        exactly_one(changed, "change the client")?;
    }
    // In one order, whatever the order of the claims: two who claim the same aliases wait for each other instead of
    // locking each other out.
    let mut claims: Vec<_> = change.claims.iter().collect();
    claims.sort_by_key(|(kind, value)| (kind.as_str(), value));
    for (kind, value) in claims {
        if !claim(connection, company, change.id, *kind, value).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn claim(
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
    Ok(claimed == 1 || owner(connection, company, kind, value).await? == Some(identity))
}
