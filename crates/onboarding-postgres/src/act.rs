//! Stores acts: decisions that answer no message.

use async_trait::async_trait;
use diesel::{ExpressionMethods, QueryDsl, Queryable, Selectable, SelectableHelper, dsl::exists, pg::Pg};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    ActKind, Actor, CompanyId, IdentityRevision, Timestamp,
    ports::{ActCommit, ActOutcome, ActRecord, Acts, Conflict, StoreError},
};
use serde_json::Value;

use crate::{
    PostgresStore, Queue, audit, client,
    commit::{read_trace, write_trace},
    company,
    error::{BadRow, Error, Place, Undo},
    key::Key,
    lifecycle, notice, outbox, profile, prospect, room,
    schema::acts,
    transaction::{Scope, transaction},
};

#[async_trait]
impl Acts for PostgresStore {
    async fn commit_act(&self, commit: ActCommit) -> Result<ActOutcome, StoreError> {
        let mut attempts = self.write("store the act", Scope::Company(&commit.company));
        let (act, ours) = (&commit, self.database_time());
        let outcome = transaction!(attempts, |connection| store(
            connection,
            act,
            attempts.may_be_done(),
            ours
        ));
        if matches!(outcome, Ok(ActOutcome::Committed)) && !commit.act.messages.is_empty() {
            self.put_into(Queue::Outbox);
        }
        outcome
    }

    async fn latest_acts(&self, company: &CompanyId, limit: u32) -> Result<Vec<ActRecord>, StoreError> {
        let mut attempts = self.read("read the acts", Scope::Company(company));
        transaction!(attempts, |connection| latest(connection, company, limit))
    }
}

/// Ends the job with a conflict, and undoes what it wrote.
fn conflict(conflict: Conflict) -> Undo<ActOutcome> {
    Undo::Answer(ActOutcome::Conflict(conflict))
}

/// `may_be_done` tells that an earlier attempt at this very commit may have come through.
async fn store(
    connection: &mut AsyncPgConnection,
    commit: &ActCommit,
    may_be_done: bool,
    database_time: bool,
) -> Result<ActOutcome, Undo<ActOutcome>> {
    let (company, act, now) = (&commit.company, &commit.act, commit.decided_at);
    if may_be_done && is_stored(connection, commit).await? {
        return Ok(ActOutcome::Committed);
    }
    if company::locked_revision(connection, company).await? != Some(commit.expected_revision) {
        return Err(conflict(Conflict::CompanyChanged));
    }
    let client = IdentityRevision {
        id: act.identity,
        revision: commit.expected_client,
    };
    let Some(opted_out_at) = client::locked_opt_out(connection, company, client).await? else {
        return Err(conflict(Conflict::ClientChanged));
    };
    if !act.messages.is_empty() && opted_out_at.is_some() {
        return Err(conflict(Conflict::OptedOut));
    }
    if let Some(closing) = &act.closing
        && !lifecycle::close(connection, company, closing, now).await?
    {
        return Err(conflict(Conflict::RoomChanged));
    }
    if let Some(new) = &act.new_profile {
        profile::create(connection, company, new, now).await?;
        client::touch(connection, company, act.identity).await?;
    }
    if let Some(profile) = act.binds
        && !profile::bind(connection, company, profile, act.identity).await?
    {
        return Err(conflict(Conflict::ClientChanged));
    }
    if let Some(new) = &act.new_room
        && let Some(in_the_way) = room::open(connection, company, new).await?
    {
        return Err(conflict(in_the_way));
    }
    if let Some(change) = act.prospect
        && !prospect::change(connection, company, change, now).await?
    {
        return Err(conflict(Conflict::ProspectChanged));
    }
    if let Some((profile, user)) = act.assignment {
        profile::assign(connection, company, profile, user).await?;
    }
    for message in &act.messages {
        outbox::queue(connection, company, message, now, database_time).await?;
    }
    notice::tell(connection, company, &act.notices, now).await?;
    record(connection, commit).await?;
    audit::append(connection, company, &[commit.audit_entry()]).await?;
    Ok(ActOutcome::Committed)
}

async fn record(connection: &mut AsyncPgConnection, commit: &ActCommit) -> Result<(), Error> {
    let act = &commit.act;
    diesel::insert_into(acts::table)
        .values((
            acts::company_id.eq(commit.company.as_str()),
            acts::act_id.eq(Key::from(commit.id)),
            acts::decided_at.eq(commit.decided_at.as_micros()),
            acts::kind.eq(act.kind.as_str()),
            acts::done_by.eq(act.by.to_string()),
            acts::user_id.eq(Key::from(act.user)),
            acts::identity_id.eq(Key::from(act.identity)),
            acts::closed_room_id.eq(act.closing.as_ref().map(|closing| Key::from(closing.room))),
            acts::new_room_id.eq(act.new_room.as_ref().map(|room| Key::from(room.id))),
            acts::trace.eq(write_trace(&act.trace)?),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = acts, check_for_backend(Pg))]
struct ActRow {
    act_id: Key,
    decided_at: i64,
    kind: String,
    done_by: String,
    user_id: Key,
    identity_id: Key,
    closed_room_id: Option<Key>,
    new_room_id: Option<Key>,
    trace: Value,
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
            trace: place.read("trace", read_trace(self.trace))?,
        })
    }
}

async fn latest(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    limit: u32,
) -> Result<Vec<ActRecord>, Error> {
    let rows: Vec<ActRow> = acts::table
        .filter(acts::company_id.eq(company.as_str()))
        .order(acts::place.desc())
        .limit(limit.into())
        .select(ActRow::as_select())
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(ActRow::record).collect::<Result<_, _>>()?)
}

async fn is_stored(connection: &mut AsyncPgConnection, commit: &ActCommit) -> Result<bool, Error> {
    let ours = acts::table.find((commit.company.as_str(), Key::from(commit.id)));
    Ok(diesel::select(exists(ours)).get_result(connection).await?)
}
