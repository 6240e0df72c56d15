//! What was given up, and how it is tried again.

use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, RunQueryDsl, SqliteConnection,
    dsl::{max, sql},
    sql_types::{BigInt, Binary, Bool, Nullable, Text},
};
use onboarding_core::{
    CompanyId, OutboxState, SendRefusal, Timestamp,
    audit::{Origin, replay_entry},
    ports::{DeadLetter, DeadLetterKind, DeadLetters, ReplayOutcome, StoreError},
};
use uuid::Uuid;

use crate::{
    SqliteStore, audit,
    error::{BadRow, Error, Place},
    key::Key,
    schema::{inbox, outbox, rooms},
};

/// Of both queues. The conditions are those of the partial indexes.
const DEAD: &str = "
    SELECT company_id, inbox_id AS id, 'inbound' AS kind, arrival AS since, note AS reason, 0 AS code, attempts
    FROM inbox WHERE buried AND (?1 IS NULL OR company_id = ?1)
    UNION ALL
    SELECT company_id, outbox_id, 'outbound', queued_at, error_reason, error_code, attempts
    FROM outbox WHERE state = 'failed' AND (?1 IS NULL OR company_id = ?1)
    ORDER BY since DESC, id DESC LIMIT ?2";

#[derive(QueryableByName)]
pub(crate) struct DeadRow {
    #[diesel(sql_type = Text)]
    company_id: String,
    #[diesel(sql_type = Binary)]
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
impl DeadLetters for SqliteStore {
    async fn dead_letters(
        &self,
        company: Option<CompanyId>,
        limit: u32,
    ) -> Result<Vec<DeadLetter>, StoreError> {
        self.read("list the dead letters", move |connection| {
            let rows: Vec<DeadRow> = diesel::sql_query(DEAD)
                .bind::<Nullable<Text>, _>(company.as_ref().map(CompanyId::as_str))
                .bind::<BigInt, _>(i64::from(limit))
                .load(connection)?;
            Ok(rows.into_iter().map(DeadRow::letter).collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn replay(&self, id: Uuid, by: &Origin, now: Timestamp) -> Result<ReplayOutcome, StoreError> {
        let by = by.clone();
        self.write("replay the dead letter", move |connection| {
            let told = |kind| replay_entry(&by, kind, id, now);
            if let Some(company) = replay_element(connection, id.into(), now)? {
                audit::append(connection, &company, &[told(DeadLetterKind::Inbound)])?;
                return Ok(ReplayOutcome::Replayed);
            }
            let (outcome, company) = replay_message(connection, id.into(), now)?;
            if let Some(company) = company {
                audit::append(connection, &company, &[told(DeadLetterKind::Outbound)])?;
            }
            Ok(outcome)
        })
        .await
    }
}

/// Whose it was; `None`, and nothing changed, when no buried element has the id.
fn replay_element(
    connection: &mut SqliteConnection,
    id: Key,
    now: Timestamp,
) -> Result<Option<CompanyId>, Error> {
    let replayed: Option<String> = diesel::update(inbox::table)
        .filter(inbox::inbox_id.eq(id))
        // Written out here and below, because SQLite takes a partial index only for a literal.
        .filter(sql::<Bool>("buried"))
        .set((
            inbox::buried.eq(false),
            inbox::finished_at.eq(None::<i64>),
            inbox::note.eq(None::<String>),
            inbox::attempts.eq(0),
            inbox::due_at.eq(now.as_micros()),
        ))
        .returning(inbox::company_id)
        .get_result(connection)
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
fn replay_message(
    connection: &mut SqliteConnection,
    id: Key,
    now: Timestamp,
) -> Result<(ReplayOutcome, Option<CompanyId>), Error> {
    let failed: Option<(String, Option<Key>)> = outbox::table
        .filter(outbox::outbox_id.eq(id))
        .filter(sql::<Bool>("state = 'failed'"))
        .select((outbox::company_id, outbox::room_id))
        .first(connection)
        .optional()?;
    let Some((company, room)) = failed else {
        return Ok((ReplayOutcome::NotFound, None));
    };
    if let Some(room) = room
        && !room_is_live(connection, &company, room)?
    {
        return Ok((ReplayOutcome::ROOM_IS_OVER, None));
    }
    let last: Option<i64> = outbox::table.select(max(outbox::place)).first(connection)?;
    diesel::update(outbox::table.find((&company, id)))
        .set((
            outbox::place.eq(last.unwrap_or(0) + 1),
            outbox::state.eq(OutboxState::Pending.as_str()),
            outbox::queued_at.eq(now.as_micros()),
            outbox::due_at.eq(now.as_micros()),
            outbox::replayed_at.eq(now.as_micros()),
            outbox::settled_at.eq(None::<i64>),
            outbox::attempts.eq(0),
            outbox::unknown_attempts.eq(0),
            outbox::provider_message_id.eq(None::<String>),
            outbox::progress.eq(None::<String>),
            outbox::error_code.eq(None::<i64>),
            outbox::error_reason.eq(None::<String>),
        ))
        .execute(connection)?;
    Ok((ReplayOutcome::Replayed, Some(owner(&id, &company)?)))
}

fn room_is_live(connection: &mut SqliteConnection, company: &str, room: Key) -> Result<bool, Error> {
    let live = rooms::table
        .find((company, room))
        .filter(rooms::closed_at.is_null());
    Ok(diesel::select(diesel::dsl::exists(live)).get_result(connection)?)
}
