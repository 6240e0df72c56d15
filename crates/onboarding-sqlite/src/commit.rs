//! Stores decisions.

mod trace;

use async_trait::async_trait;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SqliteConnection, dsl::max};
use onboarding_core::{
    OptOutChange,
    ports::{Commit, CommitOutcome, Conflict, DecisionCommit, StoreError},
};

pub(crate) use self::trace::{read_trace, write_trace};
use crate::{
    SqliteStore, audit, client, company,
    error::{Error, Undo, exactly_one},
    inbox::{self, Standing},
    key::Key,
    lifecycle, notice, outbox, profile, prospect, room,
    schema::{onboardings, room_lines},
};

#[async_trait]
impl DecisionCommit for SqliteStore {
    async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        self.write_or_undo("store the decision", move |connection| store(connection, &commit))
            .await
    }
}

/// Ends the job with a conflict, and undoes what it wrote.
fn conflict(conflict: Conflict) -> Undo<CommitOutcome> {
    Undo::Answer(CommitOutcome::Conflict(conflict))
}

fn store(connection: &mut SqliteConnection, commit: &Commit) -> Result<CommitOutcome, Undo<CommitOutcome>> {
    match inbox::standing(connection, &commit.company, &commit.cause)? {
        Standing::Finished => return Err(Undo::Answer(CommitOutcome::AlreadyDecided)),
        Standing::NotOurs => return Err(Undo::Answer(CommitOutcome::LeaseLost)),
        Standing::Ours => {}
    }
    if company::revision(connection, &commit.company)? != Some(commit.expected_revision) {
        return Err(conflict(Conflict::CompanyChanged));
    }
    store_client(connection, commit)?;
    store_room(connection, commit)?;
    onboarding_core::crash_point!("store.half_done");
    store_onboarding(connection, commit).map_err(Undo::Error)?;
    store_room_line(connection, commit).map_err(Undo::Error)?;
    store_ends(connection, commit)?;
    for message in &commit.decision.messages {
        outbox::queue(connection, &commit.company, message, commit.decided_at)?;
    }
    let closed = inbox::close(
        connection,
        &commit.company,
        &commit.cause,
        None,
        commit.decided_at,
    )?;
    exactly_one(usize::from(closed), "finish the message")?;
    audit::append(connection, &commit.company, &[commit.audit_entry()])?;
    Ok(CommitOutcome::Committed)
}

fn store_client(connection: &mut SqliteConnection, commit: &Commit) -> Result<(), Undo<CommitOutcome>> {
    let (company, decision) = (&commit.company, &commit.decision);
    let Some(identity) = &decision.identity else {
        return Ok(());
    };
    let creates_profile = decision.new_profile.is_some();
    if let Some(in_the_way) =
        client::change(connection, company, identity, creates_profile, commit.decided_at)?
    {
        return Err(conflict(in_the_way));
    }
    if let Some(profile) = identity.profile
        && !profile::bind(connection, company, profile, identity.id)?
    {
        return Err(conflict(Conflict::ClientChanged));
    }
    if let Some(at) = commit.window_from() {
        room::client_wrote(connection, company, commit.request.account, identity.id, at)?;
    }
    Ok(())
}

fn store_room(connection: &mut SqliteConnection, commit: &Commit) -> Result<(), Undo<CommitOutcome>> {
    let (company, decision) = (&commit.company, &commit.decision);
    if let Some(new) = &decision.new_profile {
        profile::create(connection, company, new, commit.decided_at)?;
    }
    if let Some(new) = &decision.new_room
        && let Some(in_the_way) = room::open(connection, company, new)?
    {
        return Err(conflict(in_the_way));
    }
    if let Some(update) = &decision.room_update
        && !room::update(connection, company, update)?
    {
        return Err(conflict(Conflict::RoomChanged));
    }
    if let Some(room) = decision.kept_in_room
        && !room::is_live(connection, company, room)?
    {
        return Err(conflict(Conflict::RoomChanged));
    }
    if let Some(new) = &decision.new_prospect
        && !prospect::wait(connection, company, new, commit.decided_at)?
    {
        return Err(conflict(Conflict::ProspectExists));
    }
    if let Some(change) = decision.prospect
        && !prospect::change(connection, company, change, commit.decided_at)?
    {
        return Err(conflict(Conflict::ProspectChanged));
    }
    if let Some((profile, user)) = decision.assignment {
        profile::assign(connection, company, profile, user)?;
    }
    Ok(())
}

/// What ends with the message, after it is kept in its room; what the client wants of messages; who is told.
fn store_ends(connection: &mut SqliteConnection, commit: &Commit) -> Result<(), Undo<CommitOutcome>> {
    let (company, decision, now) = (&commit.company, &commit.decision, commit.decided_at);
    for closing in &decision.closings {
        if !lifecycle::close(connection, company, closing, now)? {
            return Err(conflict(Conflict::RoomChanged));
        }
    }
    if let Some((change, identity)) = decision.opt_out.zip(decision.identity.as_ref()) {
        client::opt(connection, company, identity.id, change, now)?;
        if change == OptOutChange::Out && lifecycle::has_live_room(connection, company, identity.id)? {
            return Err(conflict(Conflict::RoomChanged));
        }
    }
    notice::tell(connection, company, &decision.notices, now)?;
    Ok(())
}

fn store_onboarding(connection: &mut SqliteConnection, commit: &Commit) -> Result<(), Error> {
    let (decision, message) = (&commit.decision, &commit.request.message);
    let last: Option<i64> = onboardings::table
        .filter(onboardings::company_id.eq(commit.company.as_str()))
        .select(max(onboardings::place))
        .first(connection)?;
    diesel::insert_into(onboardings::table)
        .values((
            onboardings::company_id.eq(commit.company.as_str()),
            onboardings::onboarding_id.eq(Key::from(commit.onboarding)),
            onboardings::inbox_id.eq(Key::from(commit.cause.id)),
            onboardings::place.eq(last.unwrap_or(0) + 1),
            onboardings::decided_at.eq(commit.decided_at.as_micros()),
            onboardings::sent_at.eq(message.sent_at.as_micros()),
            onboardings::account_id.eq(Key::from(commit.request.account)),
            onboardings::identity_id.eq(decision.identity.as_ref().map(|identity| Key::from(identity.id))),
            onboardings::text.eq(message.texts.join("\n")),
            onboardings::outcome.eq(decision.outcome.name()),
            onboardings::user_id.eq(decision.outcome.user().map(Key::from)),
            onboardings::room_id.eq(decision.outcome.room().map(Key::from)),
            onboardings::suppressed.eq(decision.suppressed),
            onboardings::wrong_extension.eq(decision.outcome.is_wrong_extension()),
            onboardings::trace.eq(write_trace(&decision.trace)?),
        ))
        .execute(connection)?;
    Ok(())
}

fn store_room_line(connection: &mut SqliteConnection, commit: &Commit) -> Result<(), Error> {
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
            room_lines::text.eq(message.texts.join("\n")),
            room_lines::provider_message_id.eq(message.provider_id.as_str()),
        ))
        .execute(connection)?;
    Ok(())
}
