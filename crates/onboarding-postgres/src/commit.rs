//! Stores decisions.

mod trace;

use async_trait::async_trait;
use diesel::{ExpressionMethods, QueryDsl, dsl::exists};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    OptOutChange,
    ports::{Commit, CommitOutcome, Conflict, DecisionCommit, StoreError},
};

pub(crate) use self::trace::{read_trace, write_trace};
use crate::{
    PostgresStore, Queue, audit, client, company,
    error::{Error, Undo, exactly_one},
    inbox::{self, Standing},
    key::Key,
    lifecycle, notice, outbox, profile, prospect, room,
    schema::{onboardings, room_lines},
    text::clean,
    transaction::transaction,
};

#[async_trait]
impl DecisionCommit for PostgresStore {
    async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let mut attempts = self.decide("store the decision", &commit.company);
        let (decision, ours) = (&commit, self.database_time());
        let outcome = transaction!(attempts, |connection| store(
            connection,
            decision,
            attempts.may_be_done(),
            ours
        ));
        if matches!(outcome, Ok(CommitOutcome::Committed)) && !commit.decision.messages.is_empty() {
            self.put_into(Queue::Outbox);
        }
        outcome
    }
}

/// Ends the job with a conflict, and undoes what it wrote.
fn conflict(conflict: Conflict) -> Undo<CommitOutcome> {
    Undo::Answer(CommitOutcome::Conflict(conflict))
}

/// `may_be_done` tells that an earlier attempt at this very commit may have come through.
async fn store(
    connection: &mut AsyncPgConnection,
    commit: &Commit,
    may_be_done: bool,
    database_time: bool,
) -> Result<CommitOutcome, Undo<CommitOutcome>> {
    match inbox::standing(connection, &commit.company, &commit.cause).await? {
        Standing::Finished if may_be_done && is_stored(connection, commit).await? => {
            return Ok(CommitOutcome::Committed);
        }
        Standing::Finished => return Err(Undo::Answer(CommitOutcome::AlreadyDecided)),
        Standing::NotOurs => return Err(Undo::Answer(CommitOutcome::LeaseLost)),
        Standing::Ours => {}
    }
    if company::locked_revision(connection, &commit.company).await? != Some(commit.expected_revision) {
        return Err(conflict(Conflict::CompanyChanged));
    }
    store_client(connection, commit).await?;
    store_room(connection, commit).await?;
    onboarding_core::crash_point!("store.half_done");
    store_onboarding(connection, commit).await?;
    store_room_line(connection, commit).await?;
    store_ends(connection, commit).await?;
    for message in &commit.decision.messages {
        outbox::queue(
            connection,
            &commit.company,
            message,
            commit.decided_at,
            database_time,
        )
        .await?;
    }
    let closed = inbox::close(
        connection,
        &commit.company,
        &commit.cause,
        None,
        commit.decided_at,
    )
    .await?;
    exactly_one(usize::from(closed), "finish the message")?;
    audit::append(connection, &commit.company, &[commit.audit_entry()]).await?;
    Ok(CommitOutcome::Committed)
}

async fn is_stored(connection: &mut AsyncPgConnection, commit: &Commit) -> Result<bool, Error> {
    let ours = onboardings::table.find((commit.company.as_str(), Key::from(commit.onboarding)));
    Ok(diesel::select(exists(ours)).get_result(connection).await?)
}

async fn store_client(
    connection: &mut AsyncPgConnection,
    commit: &Commit,
) -> Result<(), Undo<CommitOutcome>> {
    let (company, decision) = (&commit.company, &commit.decision);
    let Some(identity) = &decision.identity else {
        return Ok(());
    };
    let creates_profile = decision.new_profile.is_some();
    if let Some(in_the_way) =
        client::change(connection, company, identity, creates_profile, commit.decided_at).await?
    {
        return Err(conflict(in_the_way));
    }
    if let Some(profile) = identity.profile
        && !profile::bind(connection, company, profile, identity.id).await?
    {
        return Err(conflict(Conflict::ClientChanged));
    }
    if let Some(at) = commit.window_from() {
        room::client_wrote(connection, company, commit.request.account, identity.id, at).await?;
    }
    Ok(())
}

async fn store_room(connection: &mut AsyncPgConnection, commit: &Commit) -> Result<(), Undo<CommitOutcome>> {
    let (company, decision) = (&commit.company, &commit.decision);
    if let Some(new) = &decision.new_profile {
        profile::create(connection, company, new, commit.decided_at).await?;
    }
    if let Some(new) = &decision.new_room
        && let Some(in_the_way) = room::open(connection, company, new).await?
    {
        return Err(conflict(in_the_way));
    }
    if let Some(update) = &decision.room_update
        && !room::update(connection, company, update).await?
    {
        return Err(conflict(Conflict::RoomChanged));
    }
    if let Some(room) = decision.kept_in_room
        && !room::is_live(connection, company, room).await?
    {
        return Err(conflict(Conflict::RoomChanged));
    }
    if let Some(new) = &decision.new_prospect
        && !prospect::wait(connection, company, new, commit.decided_at).await?
    {
        return Err(conflict(Conflict::ProspectExists));
    }
    if let Some(change) = decision.prospect
        && !prospect::change(connection, company, change, commit.decided_at).await?
    {
        return Err(conflict(Conflict::ProspectChanged));
    }
    if let Some((profile, user)) = decision.assignment {
        profile::assign(connection, company, profile, user).await?;
    }
    Ok(())
}

/// What ends with the message, after it is kept in its room; what the client wants of messages; who is told.
async fn store_ends(connection: &mut AsyncPgConnection, commit: &Commit) -> Result<(), Undo<CommitOutcome>> {
    let (company, decision, now) = (&commit.company, &commit.decision, commit.decided_at);
    for closing in &decision.closings {
        if !lifecycle::close(connection, company, closing, now).await? {
            return Err(conflict(Conflict::RoomChanged));
        }
    }
    if let Some((change, identity)) = decision.opt_out.zip(decision.identity.as_ref()) {
        client::opt(connection, company, identity.id, change, now).await?;
        if change == OptOutChange::Out && lifecycle::has_live_room(connection, company, identity.id).await? {
            return Err(conflict(Conflict::RoomChanged));
        }
    }
    notice::tell(connection, company, &decision.notices, now).await?;
    Ok(())
}

async fn store_onboarding(connection: &mut AsyncPgConnection, commit: &Commit) -> Result<(), Error> {
    let (decision, message) = (&commit.decision, &commit.request.message);
    diesel::insert_into(onboardings::table)
        .values((
            onboardings::company_id.eq(commit.company.as_str()),
            onboardings::onboarding_id.eq(Key::from(commit.onboarding)),
            onboardings::inbox_id.eq(Key::from(commit.cause.id)),
            onboardings::decided_at.eq(commit.decided_at.as_micros()),
            onboardings::sent_at.eq(message.sent_at.as_micros()),
            onboardings::account_id.eq(Key::from(commit.request.account)),
            onboardings::identity_id.eq(decision.identity.as_ref().map(|identity| Key::from(identity.id))),
            onboardings::text.eq(clean(&message.texts.join("\n"))),
            onboardings::outcome.eq(decision.outcome.name()),
            onboardings::user_id.eq(decision.outcome.user().map(Key::from)),
            onboardings::room_id.eq(decision.outcome.room().map(Key::from)),
            onboardings::suppressed.eq(decision.suppressed),
            onboardings::wrong_extension.eq(decision.outcome.is_wrong_extension()),
            onboardings::trace.eq(write_trace(&decision.trace)?),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

async fn store_room_line(connection: &mut AsyncPgConnection, commit: &Commit) -> Result<(), Error> {
    let Some(room) = commit.decision.kept_in_room else {
        return Ok(());
    };
    let message = &commit.request.message;
    diesel::insert_into(room_lines::table)
        .values((
            room_lines::company_id.eq(commit.company.as_str()),
            room_lines::onboarding_id.eq(Key::from(commit.onboarding)),
            room_lines::room_id.eq(Key::from(room)),
            room_lines::sent_at.eq(message.sent_at.as_micros()),
            room_lines::text.eq(clean(&message.texts.join("\n"))),
            room_lines::provider_message_id.eq(clean(message.provider_id.as_str())),
        ))
        .execute(connection)
        .await?;
    Ok(())
}
