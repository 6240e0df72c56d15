//! Reads the record.

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, Queryable, QueryableByName, RunQueryDsl,
    Selectable, SelectableHelper, SqliteConnection, sql_types::BigInt, sqlite::Sqlite,
};
use onboarding_core::{
    ChatRoom, ChatRoomId, CompanyId, Timestamp,
    ports::{Backlog, OnboardingRecord, Record, RoomRecordLine, StoreError, written_by},
};

use crate::{
    SqliteStore,
    commit::read_trace,
    error::{BadRow, Error, Place},
    key::Key,
    outbox::shown,
    room::RoomRow,
    schema::{inbox, onboardings, outbox, room_lines, rooms},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = onboardings, check_for_backend(Sqlite))]
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
    trace: String,
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
            trace: place.read("trace", read_trace(&self.trace))?,
        })
    }
}

/// How much waits, in one look. The conditions are those of the partial indexes.
const BACKLOG: &str = "
    SELECT (SELECT count(*) FROM inbox WHERE finished_at IS NULL) AS inbox,
           (SELECT count(*) FROM outbox WHERE settled_at IS NULL) AS outbox,
           (SELECT count(*) FROM inbox WHERE buried)
             + (SELECT count(*) FROM outbox WHERE state = 'failed') AS dead_letters,
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
impl Record for SqliteStore {
    async fn latest_onboardings(
        &self,
        company: &CompanyId,
        limit: u32,
    ) -> Result<Vec<OnboardingRecord>, StoreError> {
        let company = company.clone();
        self.read("read the record", move |connection| {
            let rows: Vec<OnboardingRow> = onboardings::table
                .filter(onboardings::company_id.eq(company.as_str()))
                .order(onboardings::place.desc())
                .limit(limit.into())
                .select(OnboardingRow::as_select())
                .load(connection)?;
            Ok(rows
                .into_iter()
                .map(OnboardingRow::record)
                .collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn latest_rooms(&self, company: &CompanyId, limit: u32) -> Result<Vec<ChatRoom>, StoreError> {
        let company = company.clone();
        self.read("list the rooms", move |connection| {
            let rows: Vec<RoomRow> = rooms::table
                .filter(rooms::company_id.eq(company.as_str()))
                .order((rooms::created_at.desc(), rooms::room_id.desc()))
                .limit(limit.into())
                .select(RoomRow::as_select())
                .load(connection)?;
            Ok(rows.into_iter().map(RoomRow::room).collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn room_record(
        &self,
        company: &CompanyId,
        room: ChatRoomId,
    ) -> Result<Vec<RoomRecordLine>, StoreError> {
        let (company, room) = (company.clone(), Key::from(room));
        self.read("read the record of the room", move |connection| {
            let mut lines = client_lines(connection, &company, room)?;
            lines.extend(our_lines(connection, &company, room)?);
            // Stable: of one moment, the client's come first, and each side's stay in their order.
            lines.sort_by_key(|line| line.at);
            Ok(lines)
        })
        .await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        self.read("count what waits", |connection| {
            let row: BacklogRow = diesel::sql_query(BACKLOG).get_result(connection)?;
            let count = |number: i64| u64::try_from(number).unwrap_or(0);
            Ok(Backlog {
                inbox: count(row.inbox),
                outbox: count(row.outbox),
                dead_letters: count(row.dead_letters),
                quarantined: count(row.quarantined),
            })
        })
        .await
    }
}

fn client_lines(
    connection: &mut SqliteConnection,
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
        .load(connection)?;
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

fn our_lines(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    room: Key,
) -> Result<Vec<RoomRecordLine>, Error> {
    type Row = (Key, i64, Option<String>, Option<String>, String, Option<String>);
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
        .load(connection)?;
    let mut lines = Vec::with_capacity(rows.len());
    for (id, at, text, template, state, progress) in rows {
        let place = Place {
            table: "outbox",
            row: &id,
        };
        lines.push(RoomRecordLine {
            at: Timestamp::from_micros(at),
            from_client: false,
            text: place.read("template", shown(text, template.as_deref()))?,
            state: progress.unwrap_or(state),
        });
    }
    Ok(lines)
}
