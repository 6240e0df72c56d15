//! Reads the record.

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, Queryable, QueryableByName, Selectable,
    SelectableHelper, pg::Pg, sql_types::BigInt,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    ChatRoom, ChatRoomId, CompanyId, Timestamp,
    ports::{Backlog, OnboardingRecord, Record, RoomRecordLine, StoreError, written_by},
};
use serde_json::Value;

use crate::{
    PostgresStore,
    commit::read_trace,
    error::{BadRow, Error, Place},
    key::Key,
    outbox::shown,
    prepared::Prepared,
    room::RoomRow,
    schema::{inbox, onboardings, outbox, room_lines, rooms},
    transaction::{Scope, transaction},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = onboardings, check_for_backend(Pg))]
pub(crate) struct OnboardingRow {
    onboarding_id: Key,
    decided_at: i64,
    sent_at: i64,
    account_id: Key,
    identity_id: Option<Key>,
    text: String,
    outcome: String,
    user_id: Option<Key>,
    room_id: Option<Key>,
    suppressed: bool,
    trace: Value,
}

impl OnboardingRow {
    pub(crate) fn record(self) -> Result<OnboardingRecord, BadRow> {
        let place = Place {
            table: "onboardings",
            row: &self.onboarding_id,
        };
        Ok(OnboardingRecord {
            id: self.onboarding_id.into(),
            decided_at: Timestamp::from_micros(self.decided_at),
            sent_at: Timestamp::from_micros(self.sent_at),
            account: self.account_id.into(),
            identity: self.identity_id.map(Into::into),
            text: self.text,
            outcome: self.outcome,
            user: self.user_id.map(Into::into),
            room: self.room_id.map(Into::into),
            suppressed: self.suppressed,
            trace: place.read("trace", read_trace(self.trace))?,
        })
    }
}

/// How much waits, in one look. The conditions are those of the partial indexes.
const BACKLOG: &str = "
    SELECT (SELECT count(*) FROM inbox WHERE finished_at IS NULL) AS inbox,
           (SELECT count(*) FROM outbox WHERE settled_at IS NULL) AS outbox,
           (SELECT count(*) FROM inbox WHERE buried)
             + (SELECT count(*) FROM outbox WHERE error_code IS NOT NULL) AS dead_letters,
           (SELECT count(*) FROM quarantine) AS quarantined";

#[derive(QueryableByName)]
struct BacklogRow {
    #[diesel(sql_type = BigInt)]
    inbox: i64,
    #[diesel(sql_type = BigInt)]
    outbox: i64,
    #[diesel(sql_type = BigInt)]
    dead_letters: i64,
    #[diesel(sql_type = BigInt)]
    quarantined: i64,
}

#[async_trait]
impl Record for PostgresStore {
    async fn latest_onboardings(
        &self,
        company: &CompanyId,
        limit: u32,
    ) -> Result<Vec<OnboardingRecord>, StoreError> {
        let mut attempts = self.read("read the record", Scope::Company(company));
        transaction!(attempts, |connection| onboardings(
            connection,
            company,
            limit.into()
        ))
    }

    async fn latest_rooms(&self, company: &CompanyId, limit: u32) -> Result<Vec<ChatRoom>, StoreError> {
        let mut attempts = self.read("list the rooms", Scope::Company(company));
        transaction!(attempts, |connection| rooms(connection, company, limit.into()))
    }

    async fn room_record(
        &self,
        company: &CompanyId,
        room: ChatRoomId,
    ) -> Result<Vec<RoomRecordLine>, StoreError> {
        let mut attempts = self.read("read the record of the room", Scope::Company(company));
        transaction!(attempts, |connection| lines(connection, company, room.into()))
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        let mut attempts = self.read("count what waits", Scope::Installation);
        transaction!(attempts, |connection| backlog(connection))
    }
}

async fn onboardings(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    limit: i64,
) -> Result<Vec<OnboardingRecord>, Error> {
    let rows: Vec<OnboardingRow> = onboardings::table
        .filter(onboardings::company_id.eq(company.as_str()))
        .order(onboardings::place.desc())
        .limit(limit)
        .select(OnboardingRow::as_select())
        .load(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(OnboardingRow::record)
        .collect::<Result<_, _>>()?)
}

async fn rooms(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    limit: i64,
) -> Result<Vec<ChatRoom>, Error> {
    let rows: Vec<RoomRow> = rooms::table
        .filter(rooms::company_id.eq(company.as_str()))
        .order((rooms::created_at.desc(), rooms::room_id.desc()))
        .limit(limit)
        .select(RoomRow::as_select())
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(RoomRow::room).collect::<Result<_, _>>()?)
}

async fn lines(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    room: Key,
) -> Result<Vec<RoomRecordLine>, Error> {
    let mut lines = client_lines(connection, company, room).await?;
    lines.extend(our_lines(connection, company, room).await?);
    // Stable: of one moment, the client's come first, and each side's stay in their order.
    lines.sort_by_key(|line| line.at);
    Ok(lines)
}

async fn backlog(connection: &mut AsyncPgConnection) -> Result<Backlog, Error> {
    let row: BacklogRow = Prepared(diesel::sql_query(BACKLOG))
        .get_result(connection)
        .await?;
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(Backlog {
        inbox: count(row.inbox),
        outbox: count(row.outbox),
        dead_letters: count(row.dead_letters),
        quarantined: count(row.quarantined),
    })
}

async fn client_lines(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    room: Key,
) -> Result<Vec<RoomRecordLine>, Error> {
    let decision = onboardings::company_id
        .eq(room_lines::company_id)
        .and(onboardings::onboarding_id.eq(room_lines::onboarding_id));
    let element = inbox::company_id
        .eq(onboardings::company_id)
        .and(inbox::inbox_id.eq(onboardings::inbox_id));
    let rows: Vec<(i64, i64, String)> = room_lines::table
        .inner_join(onboardings::table.on(decision))
        .inner_join(inbox::table.on(element))
        .filter(room_lines::company_id.eq(company.as_str()))
        .filter(room_lines::room_id.eq(room))
        .order((room_lines::sent_at, inbox::arrival, inbox::place))
        .select((room_lines::sent_at, inbox::arrival, room_lines::text))
        .load(connection)
        .await?;
    let line = |(sent_at, arrived_at, text)| RoomRecordLine {
        at: written_by(
            Timestamp::from_micros(sent_at),
            Timestamp::from_micros(arrived_at),
        ),
        from_client: true,
        text,
        state: String::new(),
    };
    Ok(rows.into_iter().map(line).collect())
}

async fn our_lines(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    room: Key,
) -> Result<Vec<RoomRecordLine>, Error> {
    type Row = (Key, i64, Option<String>, Option<Value>, String, Option<String>);
    let rows: Vec<Row> = outbox::table
        .filter(outbox::company_id.eq(company.as_str()))
        .filter(outbox::room_id.eq(room))
        .order(outbox::place)
        .select((
            outbox::outbox_id,
            outbox::queued_at,
            outbox::text,
            outbox::template,
            outbox::state,
            outbox::progress,
        ))
        .load(connection)
        .await?;
    let mut lines = Vec::with_capacity(rows.len());
    for (id, at, text, template, state, progress) in rows {
        let place = Place {
            table: "outbox",
            row: &id,
        };
        lines.push(RoomRecordLine {
            at: Timestamp::from_micros(at),
            from_client: false,
            text: place.read("template", shown(text, template))?,
            state: progress.unwrap_or(state),
        });
    }
    Ok(lines)
}
