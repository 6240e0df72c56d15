//! The one way in which a decision changes anything.

use async_trait::async_trait;
use onboarding_core::{
    ChatRoom, ChatRoomId, ClientIdentityId, ClientProfile, ClientProfileId, Closing, CompanyId, Decision,
    IdentityChange, NewProfile, NewProspect, OptOutChange, Prospect, ProspectChange, ProspectState,
    RoomState, RoomUpdate, Timestamp,
    ports::{Commit, CommitOutcome, Conflict, DecisionCommit, StoreError},
};

use super::{
    Answer, MemoryStore,
    world::{CompanyRows, InboxEnd, OnboardingRow, ProfileRow, RoomLine, World},
};

#[async_trait]
impl DecisionCommit for MemoryStore {
    async fn commit(&self, commit: Commit) -> Answer<CommitOutcome> {
        let mut world = self.world();
        if let Some(refusal) = refusal(&world, &commit) {
            return Ok(refusal);
        }
        let element = world.inbox.iter().find(|row| row.row.id == commit.cause.id);
        let arrived_at = element.map_or(commit.decided_at, |row| Timestamp::from_micros(row.row.arrival));
        let Some(rows) = world.companies.get_mut(&commit.company) else {
            return Err(StoreError::new("commit the decision", "there is no such company"));
        };
        if let Some(conflict) = conflict(rows, &commit) {
            return Ok(CommitOutcome::Conflict(conflict));
        }
        if let Some((profile, _)) = commit.decision.assignment
            && !knows_profile(rows, &commit.decision, profile)
        {
            return Err(StoreError::new(
                "commit the decision",
                "the profile to assign does not exist",
            ));
        }
        store(rows, &commit, arrived_at);
        world.record(&commit.company, [commit.audit_entry()]);
        finish(&mut world, commit);
        Ok(CommitOutcome::Committed)
    }
}

/// Why the message is not ours to decide on.
fn refusal(world: &World, commit: &Commit) -> Option<CommitOutcome> {
    let row = world.inbox.iter().find(|row| row.row.id == commit.cause.id);
    match row {
        Some(row) if row.end.is_some() => Some(CommitOutcome::AlreadyDecided),
        Some(row) if row.is_held_by(commit.cause.token) && row.row.company == commit.company => None,
        _ => Some(CommitOutcome::LeaseLost),
    }
}

/// What the decision runs into, in the order of [`Conflict`].
fn conflict(rows: &CompanyRows, commit: &Commit) -> Option<Conflict> {
    let decision = &commit.decision;
    if rows.revision != commit.expected_revision {
        return Some(Conflict::CompanyChanged);
    }
    if let Some(change) = &decision.identity {
        if client_changed(rows, change) {
            return Some(Conflict::ClientChanged);
        }
        if loses_an_alias(rows, change) {
            return Some(Conflict::AliasTaken);
        }
    }
    if let Some(in_the_way) = decision
        .new_room
        .as_ref()
        .and_then(|room| in_the_way_of(rows, room, None))
    {
        return Some(in_the_way);
    }
    let updates = decision.room_update.iter().all(|update| may_update(rows, update));
    if !updates || decision.kept_in_room.is_some_and(|room| !is_live(rows, room)) {
        return Some(Conflict::RoomChanged);
    }
    if decision.closings.iter().any(|closing| !may_end(rows, closing)) {
        return Some(Conflict::RoomChanged);
    }
    if decision.opt_out == Some(OptOutChange::Out) && leaves_a_room_open(rows, decision) {
        return Some(Conflict::RoomChanged);
    }
    let waits = decision
        .new_prospect
        .as_ref()
        .is_some_and(|new| waiting(rows).any(|old| old.user == new.user && old.identity == new.identity));
    if waits {
        return Some(Conflict::ProspectExists);
    }
    let gone = |change: ProspectChange| waiting(rows).all(|one| one.id != change.prospect());
    decision
        .prospect
        .is_some_and(gone)
        .then_some(Conflict::ProspectChanged)
}

/// Whether a room of the client that opts out would live on.
fn leaves_a_room_open(rows: &CompanyRows, decision: &Decision) -> bool {
    let identity = decision.identity.as_ref().map(|change| change.id);
    let mut of_client = rows.live_rooms().filter(|room| Some(room.identity) == identity);
    of_client.any(|room| decision.closings.iter().all(|closing| closing.room != room.id))
}

pub(super) fn waiting(rows: &CompanyRows) -> impl Iterator<Item = &Prospect> {
    rows.prospects
        .values()
        .filter(|one| one.state == ProspectState::Waiting)
}

/// The live room, other than the one that is closed with it, that keeps a room from being opened.
pub(super) fn in_the_way_of(
    rows: &CompanyRows,
    room: &ChatRoom,
    closed: Option<ChatRoomId>,
) -> Option<Conflict> {
    let others = || rows.live_rooms().filter(|live| Some(live.id) != closed);
    let same_people = |live: &ChatRoom| {
        live.user == room.user && (live.identity == room.identity || live.profile == room.profile)
    };
    if !room.state.is_live() {
        None
    } else if others().any(same_people) {
        Some(Conflict::RoomExists)
    } else {
        others()
            .any(|live| live.identity == room.identity && live.account == room.account)
            .then_some(Conflict::NumberTaken)
    }
}

/// Whether the client is not as they were looked at, or the profile is another's by now.
fn client_changed(rows: &CompanyRows, change: &IdentityChange) -> bool {
    let row = rows.identities.get(&change.id);
    let as_seen = match row {
        None => change.is_new,
        Some(row) => row.revision == change.revision && row.merged_into.is_none(),
    };
    let profile_gone = change
        .profile
        .is_some_and(|profile| is_anothers(rows, profile, change.id));
    !as_seen || profile_gone
}

/// Whether the profile is the record of a client other than this one.
pub(super) fn is_anothers(rows: &CompanyRows, profile: ClientProfileId, client: ClientIdentityId) -> bool {
    let row = rows.profiles.iter().find(|row| row.profile.id == profile);
    let holder = row.and_then(|row| row.profile.identity);
    holder.is_some_and(|holder| holder != client)
}

fn loses_an_alias(rows: &CompanyRows, change: &IdentityChange) -> bool {
    change
        .claims
        .iter()
        .any(|claim| rows.aliases.get(claim).is_some_and(|holder| *holder != change.id))
}

fn may_update(rows: &CompanyRows, update: &RoomUpdate) -> bool {
    let waits = |room: &ChatRoom| room.state == RoomState::Invited;
    match update {
        RoomUpdate::LinkSentAgain { room, .. } => rows.room(*room).is_some_and(waits),
        RoomUpdate::Reminded { room, .. } | RoomUpdate::Activated { room } => is_live(rows, *room),
    }
}

/// Whether the room is live and one that the closing may end.
pub(super) fn may_end(rows: &CompanyRows, closing: &Closing) -> bool {
    let ended = closing.end.reason.ends();
    rows.room(closing.room)
        .is_some_and(|room| ended.contains(&room.state))
}

pub(super) fn is_live(rows: &CompanyRows, room: ChatRoomId) -> bool {
    rows.room(room).is_some_and(|room| room.state.is_live())
}

fn knows_profile(rows: &CompanyRows, decision: &Decision, id: ClientProfileId) -> bool {
    decision.new_profile.as_ref().is_some_and(|new| new.id == id)
        || rows.profiles.iter().any(|row| row.profile.id == id)
}

/// Everything that belongs to the company. Cannot fail.
fn store(rows: &mut CompanyRows, commit: &Commit, arrived_at: Timestamp) {
    let decision = &commit.decision;
    let message = &commit.request.message;
    if let Some(change) = &decision.identity {
        let row = rows.identities.entry(change.id).or_default();
        row.aliases = change.aliases.clone();
        row.phone_since = change.phone_since.or(row.phone_since);
        if !change.is_new && (decision.new_profile.is_some() || !change.claims.is_empty()) {
            row.revision += 1;
        }
        if let Some(profile) = change.profile {
            rows.bind(profile, change.id);
        }
        rows.released
            .retain(|(key, holder), _| *holder != change.id || !change.claims.contains(key));
        rows.aliases
            .extend(change.claims.iter().cloned().map(|claim| (claim, change.id)));
        if let Some(at) = commit.window_from() {
            let window = rows
                .windows
                .entry((commit.request.account, change.id))
                .or_insert(at);
            *window = at.max(*window);
        }
    }
    rows.profiles.extend(
        decision
            .new_profile
            .as_ref()
            .map(|new| profile_row(new, commit.decided_at)),
    );
    if let Some((profile, user)) = decision.assignment
        && let Some(row) = rows.profiles.iter_mut().find(|row| row.profile.id == profile)
    {
        row.profile.assigned_to.push(user);
    }
    rows.rooms.extend(decision.new_room.clone());
    if let Some(update) = &decision.room_update {
        update_room(rows, update);
    }
    let text = message.texts.join("\n");
    let line = |room| RoomLine {
        arrived_at,
        onboarding: commit.onboarding,
        room,
        at: message.sent_at,
        text: text.clone(),
    };
    rows.room_lines.extend(decision.kept_in_room.map(line));
    if let Some(new) = &decision.new_prospect {
        rows.prospects.insert(new.id, prospect(new, commit.decided_at));
    }
    if let Some(change) = decision.prospect {
        rows.change_prospect(change, commit.decided_at);
    }
    for closing in &decision.closings {
        rows.close(closing, commit.decided_at);
    }
    if let Some((change, identity)) = decision.opt_out.zip(decision.identity.as_ref()) {
        if let Some(row) = rows.identities.get_mut(&identity.id) {
            row.revision += 1;
        }
        match change {
            OptOutChange::Out => drop(rows.opted_out.insert(identity.id, commit.decided_at)),
            OptOutChange::In => drop(rows.opted_out.remove(&identity.id)),
        }
    }
    rows.tell(decision.notices.clone(), commit.decided_at);
    rows.onboardings.push(OnboardingRow {
        cause: commit.cause.id,
        record: commit.record(),
        wrong_extension: decision.outcome.is_wrong_extension(),
    });
}

fn prospect(new: &NewProspect, now: Timestamp) -> Prospect {
    Prospect {
        id: new.id,
        user: new.user,
        identity: new.identity,
        primary: new.primary,
        text: new.text.clone(),
        waits_for: new.waits_for,
        state: ProspectState::Waiting,
        created_at: now,
        ended_at: None,
        ended_by: None,
        room: None,
    }
}

fn update_room(rows: &mut CompanyRows, update: &RoomUpdate) {
    let Some(room) = rows.live_room_mut(update.room()) else {
        return;
    };
    match update {
        RoomUpdate::Reminded { at, .. } => room.last_reminded_at = Some(*at),
        RoomUpdate::LinkSentAgain { at, until, .. } => {
            room.last_reminded_at = Some(*at);
            room.link_until = Some(*until);
        }
        RoomUpdate::Activated { .. } => {
            room.state = RoomState::Active;
            room.link_until = None;
        }
    }
}

pub(super) fn profile_row(new: &NewProfile, now: Timestamp) -> ProfileRow {
    let profile = ClientProfile {
        id: new.id,
        key: None,
        name: new.name.clone(),
        named_by_company: false,
        phone_number: new.phone_number.clone(),
        phone_recorded_at: now,
        identity: Some(new.identity),
        org_unit: new.org_unit.clone(),
        external_company: new.external_company.clone(),
        assigned_to: Vec::new(),
        last_active_at: None,
        merged_into: None,
    };
    ProfileRow {
        profile,
        configured: Vec::new(),
        merged_into: None,
    }
}

/// The queues: what goes out waits, what came in is done.
fn finish(world: &mut World, commit: Commit) {
    let company: CompanyId = commit.company;
    for closing in &commit.decision.closings {
        world.withdraw(&company, closing.room, commit.decided_at);
    }
    for message in commit.decision.messages {
        world.queue(&company, message, commit.decided_at);
    }
    if let Some(row) = world.leased(commit.cause.id, commit.cause.token) {
        row.end(InboxEnd::Decided);
    }
}
