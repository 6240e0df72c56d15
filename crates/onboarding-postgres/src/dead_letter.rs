//! What was given up, and how it is tried again.

use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName,
    sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    CompanyId, SendRefusal, Timestamp,
    audit::{Origin, replay_entry},
    ports::{DeadLetter, DeadLetterKind, DeadLetters, ReplayOutcome, StoreError},
};
use uuid::Uuid;

use crate::{
    PostgresStore, Queue, audit,
    error::{BadRow, Error, Place},
    key::Key,
    schema::{inbox, outbox, rooms},
    time::onboarding_due,
    transaction::{Scope, transaction},
};

/// Of both queues. The conditions are those of the partial indexes; which company, the policies say.
const DEAD: &str = "
    SELECT company_id, inbox_id AS id, 'inbound' AS kind, arrival AS since, note AS reason, 0::bigint AS code, attempts
    FROM inbox WHERE buried
    UNION ALL
    SELECT company_id, outbox_id, 'outbound', queued_at, error_reason, error_code, attempts
    FROM outbox WHERE error_code IS NOT NULL
    ORDER BY since DESC, id DESC LIMIT $1";

/// Behind all others, as if queued now.
const REPLAY: &str = "
    UPDATE outbox
    SET place = DEFAULT, state = 'pending', queued_at = $3, due_at = onboarding_due($3, $4), replayed_at = $3,
        settled_at = NULL, attempts = 0, unknown_attempts = 0, provider_message_id = NULL, progress = NULL,
        error_code = NULL, error_reason = NULL
    WHERE company_id = $1 AND outbox_id = $2";

#[derive(QueryableByName)]
pub(crate) struct DeadRow {
    #[diesel(sql_type = Text)]
    company_id: String,
    #[diesel(sql_type = SqlUuid)]
    id: Key,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    since: i64,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    code: Option<i64>,
    #[diesel(sql_type = BigInt)]
    attempts: i64,
}

impl DeadRow {
    pub(crate) fn letter(self) -> Result<DeadLetter, BadRow> {
        let place = Place {
            table: "inbox or outbox",
            row: &self.id,
        };
        let refusal = SendRefusal {
            code: self.code.unwrap_or(0),
            reason: place.read("reason", self.reason)?,
        };
        Ok(DeadLetter {
            company: place.read("company_id", CompanyId::parse(&self.company_id))?,
            kind: place.read("kind", DeadLetterKind::from_name(&self.kind))?,
            since: Timestamp::from_micros(self.since),
            reason: refusal.to_string(),
            attempts: place.read("attempts", u32::try_from(self.attempts))?,
            id: self.id.into(),
        })
    }
}

#[async_trait]
impl DeadLetters for PostgresStore {
    async fn dead_letters(
        &self,
        company: Option<CompanyId>,
        limit: u32,
    ) -> Result<Vec<DeadLetter>, StoreError> {
        let scope = company.as_ref().map_or(Scope::Installation, Scope::Company);
        let mut attempts = self.read("list the dead letters", scope);
        transaction!(attempts, |connection| latest(connection, limit.into()))
    }

    async fn replay(&self, id: Uuid, by: &Origin, now: Timestamp) -> Result<ReplayOutcome, StoreError> {
        let mut attempts = self.write("replay the dead letter", Scope::Installation);
        let database_time = self.database_time();
        let outcome = transaction!(attempts, |connection| replay(
            connection,
            id.into(),
            by,
            now,
            database_time
        ));
        if matches!(outcome, Ok(ReplayOutcome::Replayed)) {
            self.put_into(Queue::Inbox);
            self.put_into(Queue::Outbox);
        }
        outcome
    }
}

async fn latest(connection: &mut AsyncPgConnection, limit: i64) -> Result<Vec<DeadLetter>, Error> {
    let rows: Vec<DeadRow> = diesel::sql_query(DEAD)
        .bind::<BigInt, _>(limit)
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(DeadRow::letter).collect::<Result<_, _>>()?)
}

async fn replay(
    connection: &mut AsyncPgConnection,
    id: Key,
    by: &Origin,
    now: Timestamp,
    database_time: bool,
) -> Result<ReplayOutcome, Error> {
    let told = |kind| replay_entry(by, kind, id.into(), now);
    if let Some(company) = replay_element(connection, id, now, database_time).await? {
        audit::append(connection, &company, &[told(DeadLetterKind::Inbound)]).await?;
        return Ok(ReplayOutcome::Replayed);
    }
    let (outcome, company) = replay_message(connection, id, now, database_time).await?;
    if let Some(company) = company {
        audit::append(connection, &company, &[told(DeadLetterKind::Outbound)]).await?;
    }
    Ok(outcome)
}

/// Whose it was; `None`, and nothing changed, when no buried element has the id.
async fn replay_element(
    connection: &mut AsyncPgConnection,
    id: Key,
    now: Timestamp,
    database_time: bool,
) -> Result<Option<CompanyId>, Error> {
    let replayed: Option<String> = diesel::update(inbox::table)
        .filter(inbox::inbox_id.eq(id))
        .filter(inbox::buried)
        .set((
            inbox::buried.eq(false),
            inbox::finished_at.eq(None::<i64>),
            inbox::note.eq(None::<String>),
            inbox::attempts.eq(0),
            inbox::due_at.eq(onboarding_due(now.as_micros(), database_time)),
        ))
        .returning(inbox::company_id)
        .get_result(connection)
        .await
        .optional()?;
    replayed.map(|company| owner(&id, &company)).transpose()
}

fn owner(id: &Key, company: &str) -> Result<CompanyId, Error> {
    let place = Place {
        table: "inbox or outbox",
        row: id,
    };
    Ok(place.read("company_id", CompanyId::parse(company))?)
}

/// With whose it is, if it was replayed.
async fn replay_message(
    connection: &mut AsyncPgConnection,
    id: Key,
    now: Timestamp,
    database_time: bool,
) -> Result<(ReplayOutcome, Option<CompanyId>), Error> {
    let failed: Option<(String, Option<Key>)> = outbox::table
        .filter(outbox::outbox_id.eq(id))
        .filter(outbox::error_code.is_not_null())
        .select((outbox::company_id, outbox::room_id))
        .for_update()
        .first(connection)
        .await
        .optional()?;
    let Some((company, room)) = failed else {
        return Ok((ReplayOutcome::NotFound, None));
    };
    if let Some(room) = room
        && !room_is_live(connection, &company, room).await?
    {
        return Ok((ReplayOutcome::ROOM_IS_OVER, None));
    }
    diesel::sql_query(REPLAY)
        .bind::<Text, _>(&company)
        .bind::<SqlUuid, _>(id)
        .bind::<BigInt, _>(now.as_micros())
        .bind::<diesel::sql_types::Bool, _>(database_time)
        .execute(connection)
        .await?;
    Ok((ReplayOutcome::Replayed, Some(owner(&id, &company)?)))
}

/// It stays so until the transaction ends.
async fn room_is_live(connection: &mut AsyncPgConnection, company: &str, room: Key) -> Result<bool, Error> {
    let live = rooms::table
        .find((company, room))
        .filter(rooms::closed_at.is_null());
    let found: Option<Key> = live
        .select(rooms::room_id)
        .for_share()
        .first(connection)
        .await
        .optional()?;
    Ok(found.is_some())
}
