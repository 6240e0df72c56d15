//! Stores acts: decisions that answer no message.

use async_trait::async_trait;
use diesel::{
    ExpressionMethods, QueryDsl, Queryable, RunQueryDsl, Selectable, SelectableHelper, SqliteConnection,
    dsl::max, sqlite::Sqlite,
};
use onboarding_core::{
    ActKind, Actor, CompanyId, Timestamp,
    ports::{ActCommit, ActOutcome, ActRecord, Acts, Conflict, StoreError},
};

use crate::{
    SqliteStore, audit, client,
    commit::{read_trace, write_trace},
    company,
    error::{BadRow, Error, Place, Undo},
    key::Key,
    lifecycle, notice, outbox, profile, prospect, room,
    schema::acts,
};

#[async_trait]
impl Acts for SqliteStore {
    async fn commit_act(&self, commit: ActCommit) -> Result<ActOutcome, StoreError> {
        self.write_or_undo("store the act", move |connection| store(connection, &commit))
            .await
    }

    async fn latest_acts(&self, company: &CompanyId, limit: u32) -> Result<Vec<ActRecord>, StoreError> {
        let company = company.clone();
        self.read("read the acts", move |connection| {
            latest(connection, &company, limit)
        })
        .await
    }
}

/// Ends the job with a conflict, and undoes what it wrote.
fn conflict(conflict: Conflict) -> Undo<ActOutcome> {
    Undo::Answer(ActOutcome::Conflict(conflict))
}

fn store(connection: &mut SqliteConnection, commit: &ActCommit) -> Result<ActOutcome, Undo<ActOutcome>> {
    let (company, act, now) = (&commit.company, &commit.act, commit.decided_at);
    if company::revision(connection, company)? != Some(commit.expected_revision) {
        return Err(conflict(Conflict::CompanyChanged));
    }
    let client = client::find(connection, company, act.identity.into())?;
    let Some(client) = client.filter(|client| client.revision == commit.expected_client) else {
        return Err(conflict(Conflict::ClientChanged));
    };
    if !act.messages.is_empty() && client.opted_out_at.is_some() {
        return Err(conflict(Conflict::OptedOut));
    }
    if let Some(closing) = &act.closing
        && !lifecycle::close(connection, company, closing, now)?
    {
        return Err(conflict(Conflict::RoomChanged));
    }
    if let Some(new) = &act.new_profile {
        profile::create(connection, company, new, now)?;
        client::touch(connection, company, act.identity)?;
    }
    if let Some(profile) = act.binds
        && !profile::bind(connection, company, profile, act.identity)?
    {
        return Err(conflict(Conflict::ClientChanged));
    }
    if let Some(new) = &act.new_room
        && let Some(in_the_way) = room::open(connection, company, new)?
    {
        return Err(conflict(in_the_way));
    }
    if let Some(change) = act.prospect
        && !prospect::change(connection, company, change, now)?
    {
        return Err(conflict(Conflict::ProspectChanged));
    }
    if let Some((profile, user)) = act.assignment {
        profile::assign(connection, company, profile, user)?;
    }
    for message in &act.messages {
        outbox::queue(connection, company, message, now)?;
    }
    notice::tell(connection, company, &act.notices, now)?;
    record(connection, commit)?;
    audit::append(connection, company, &[commit.audit_entry()])?;
    Ok(ActOutcome::Committed)
}

fn record(connection: &mut SqliteConnection, commit: &ActCommit) -> Result<(), Error> {
    let act = &commit.act;
    let last: Option<i64> = acts::table
        .filter(acts::company_id.eq(commit.company.as_str()))
        .select(max(acts::place))
        .first(connection)?;
    diesel::insert_into(acts::table)
        .values((
            acts::company_id.eq(commit.company.as_str()),
            acts::act_id.eq(Key::from(commit.id)),
            acts::place.eq(last.unwrap_or(0) + 1),
            acts::decided_at.eq(commit.decided_at.as_micros()),
            acts::kind.eq(act.kind.as_str()),
            acts::done_by.eq(act.by.to_string()),
            acts::user_id.eq(Key::from(act.user)),
            acts::identity_id.eq(Key::from(act.identity)),
            acts::closed_room_id.eq(act.closing.as_ref().map(|closing| Key::from(closing.room))),
            acts::new_room_id.eq(act.new_room.as_ref().map(|room| Key::from(room.id))),
            acts::trace.eq(write_trace(&act.trace)?),
        ))
        .execute(connection)?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = acts, check_for_backend(Sqlite))]
struct ActRow {
    act_id: Key,
    decided_at: i64,
    kind: String,
    done_by: String,
    user_id: Key,
    identity_id: Key,
    closed_room_id: Option<Key>,
    new_room_id: Option<Key>,
    trace: String,
}

impl ActRow {
    fn record(self) -> Result<ActRecord, BadRow> {
        let place = Place {
            table: "acts",
            row: &self.act_id,
        };
        Ok(ActRecord {
            id: self.act_id.into(),
            decided_at: Timestamp::from_micros(self.decided_at),
            kind: place.read("kind", ActKind::from_name(&self.kind))?,
            by: place.read("done_by", Actor::parse(&self.done_by))?,
            user: self.user_id.into(),
            identity: self.identity_id.into(),
            closed_room: self.closed_room_id.map(Into::into),
            new_room: self.new_room_id.map(Into::into),
            trace: place.read("trace", read_trace(&self.trace))?,
        })
    }
}

fn latest(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    limit: u32,
) -> Result<Vec<ActRecord>, Error> {
    let rows: Vec<ActRow> = acts::table
        .filter(acts::company_id.eq(company.as_str()))
        .order(acts::place.desc())
        .limit(limit.into())
        .select(ActRow::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(ActRow::record).collect::<Result<_, _>>()?)
}
