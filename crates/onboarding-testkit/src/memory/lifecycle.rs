//! Rooms, prospects and notices, where no client's message is answered.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use onboarding_core::{
    Audience, ChatRoom, ChatRoomId, Client, ClientIdentityId, ClientProfile, ClientProfileId, Closing,
    CompanyId, ExternalIdentity, NewNotice, Notice, NoticeId, OfficialAccountId, Prospect, ProspectChange,
    ProspectId, ProspectState, RoomState, Timestamp, User, UserId,
    ports::{
        ActCommit, ActOutcome, ActRecord, Acts, ClientLoad, Conflict, NoticeFilter, Notices, PoolLoad,
        ProspectFilter, Prospects, RoomLife, RoomView, RoomsOf, StoreError,
    },
};

use super::{
    Answer, MemoryStore,
    commit::{in_the_way_of, is_anothers, may_end, profile_row, waiting},
    questions::as_profile,
    world::{CompanyRows, World},
};

/// A notice is not repeated within this time, though it was seen.
const NOTICE_PAUSE: Duration = Duration::from_hours(24);

#[async_trait]
impl RoomLife for MemoryStore {
    async fn user(&self, company: &CompanyId, user: UserId) -> Answer<Option<User>> {
        let world = self.world();
        let mut users = world.company(company).into_iter().flat_map(|rows| &rows.users);
        Ok(users.find(|one| one.id == user).cloned())
    }

    async fn user_named(&self, company: &CompanyId, username: &str) -> Answer<Option<User>> {
        let world = self.world();
        let mut users = world.company(company).into_iter().flat_map(|rows| &rows.users);
        Ok(users.find(|one| one.username == username).cloned())
    }

    async fn user_known_as(&self, company: &CompanyId, identity: &ExternalIdentity) -> Answer<Option<User>> {
        let world = self.world();
        let user = |rows: &CompanyRows| {
            let id = rows.known_as.get(identity)?;
            rows.users.iter().find(|user| user.id == *id).cloned()
        };
        Ok(world.company(company).and_then(user))
    }

    async fn successor_of(&self, company: &CompanyId, user: UserId) -> Answer<Option<UserId>> {
        let world = self.world();
        Ok(world
            .company(company)
            .and_then(|rows| rows.successors.get(&user).copied()))
    }

    async fn client(&self, company: &CompanyId, identity: ClientIdentityId) -> Answer<Option<Client>> {
        let world = self.world();
        let client = |rows: &CompanyRows| {
            let row = rows.identities.get(&identity)?;
            row.merged_into.is_none().then(|| Client {
                aliases: row.aliases.clone(),
                revision: row.revision,
                phone_since: row.phone_since,
                opted_out_at: rows.opted_out.get(&identity).copied(),
            })
        };
        Ok(world.company(company).and_then(client))
    }

    async fn profile(&self, company: &CompanyId, profile: ClientProfileId) -> Answer<Option<ClientProfile>> {
        let world = self.world();
        let Some(rows) = world.company(company) else {
            return Ok(None);
        };
        let row = rows.profiles.iter().find(|row| row.profile.id == profile);
        Ok(row.map(|row| as_profile(&world, company, rows, row)))
    }

    async fn room(&self, company: &CompanyId, room: ChatRoomId) -> Answer<Option<RoomView>> {
        let world = self.world();
        Ok(world
            .company(company)
            .and_then(|rows| Some(rows.view(rows.room(room)?))))
    }

    async fn rooms(&self, company: &CompanyId, which: RoomsOf, limit: u32) -> Answer<Vec<RoomView>> {
        let world = self.world();
        let Some(rows) = world.company(company) else {
            return Ok(Vec::new());
        };
        let wanted = rows.rooms.iter().rev().filter(|room| rows.is_of(room, which));
        Ok(wanted.take(at_most(limit)).map(|room| rows.view(room)).collect())
    }
}

#[async_trait]
impl Prospects for MemoryStore {
    async fn prospect(&self, company: &CompanyId, prospect: ProspectId) -> Answer<Option<Prospect>> {
        let world = self.world();
        Ok(world
            .company(company)
            .and_then(|rows| rows.prospects.get(&prospect).cloned()))
    }

    async fn prospects(
        &self,
        company: &CompanyId,
        filter: ProspectFilter,
        limit: u32,
    ) -> Answer<Vec<Prospect>> {
        let world = self.world();
        let Some(rows) = world.company(company) else {
            return Ok(Vec::new());
        };
        let wanted = |one: &&Prospect| {
            (!filter.waiting || one.state == ProspectState::Waiting)
                && filter.waits_for.is_none_or(|what| one.waits_for == what)
                && filter.user.is_none_or(|user| one.user == user)
                && (!filter.of_leavers || rows.has_left(one.user))
                && filter.created_before.is_none_or(|at| one.created_at < at)
                && filter.after.is_none_or(|after| one.id > after)
        };
        let found = rows.prospects.values().filter(wanted);
        Ok(found.take(at_most(limit)).cloned().collect())
    }
}

#[async_trait]
impl Acts for MemoryStore {
    async fn commit_act(&self, commit: ActCommit) -> Answer<ActOutcome> {
        let mut world = self.world();
        let Some(rows) = world.companies.get_mut(&commit.company) else {
            return Err(StoreError::new("store the act", "there is no such company"));
        };
        if let Some(conflict) = conflict(rows, &commit) {
            return Ok(ActOutcome::Conflict(conflict));
        }
        store(rows, &commit);
        world.record(&commit.company, [commit.audit_entry()]);
        if let Some(closing) = &commit.act.closing {
            world.withdraw(&commit.company, closing.room, commit.decided_at);
        }
        for message in commit.act.messages {
            world.queue(&commit.company, message, commit.decided_at);
        }
        Ok(ActOutcome::Committed)
    }

    async fn latest_acts(&self, company: &CompanyId, limit: u32) -> Answer<Vec<ActRecord>> {
        let world = self.world();
        let acts = world
            .company(company)
            .into_iter()
            .flat_map(|rows| rows.acts.iter().rev());
        Ok(acts.take(at_most(limit)).cloned().collect())
    }
}

/// What the act runs into, in the order of [`Conflict`].
fn conflict(rows: &CompanyRows, commit: &ActCommit) -> Option<Conflict> {
    let act = &commit.act;
    let closed = act.closing.as_ref().map(|closing| closing.room);
    let spared = |closing: &Closing| !may_end(rows, closing);
    let in_the_way = act
        .new_room
        .as_ref()
        .and_then(|room| in_the_way_of(rows, room, closed));
    let gone = |change: ProspectChange| waiting(rows).all(|one| one.id != change.prospect());
    let client = rows.identities.get(&act.identity);
    let as_seen =
        client.is_some_and(|row| row.revision == commit.expected_client && row.merged_into.is_none());
    if rows.revision != commit.expected_revision {
        Some(Conflict::CompanyChanged)
    } else if !as_seen
        || act
            .binds
            .is_some_and(|profile| is_anothers(rows, profile, act.identity))
    {
        Some(Conflict::ClientChanged)
    } else if act.closing.as_ref().is_some_and(spared) {
        Some(Conflict::RoomChanged)
    } else if in_the_way.is_some() {
        in_the_way
    } else if act.prospect.is_some_and(gone) {
        Some(Conflict::ProspectChanged)
    } else {
        let opted_out = !act.messages.is_empty() && rows.opted_out.contains_key(&act.identity);
        opted_out.then_some(Conflict::OptedOut)
    }
}

fn store(rows: &mut CompanyRows, commit: &ActCommit) {
    let (act, now) = (&commit.act, commit.decided_at);
    if let Some(closing) = &act.closing {
        rows.close(closing, now);
    }
    rows.profiles
        .extend(act.new_profile.as_ref().map(|new| profile_row(new, now)));
    if act.new_profile.is_some()
        && let Some(row) = rows.identities.get_mut(&act.identity)
    {
        row.revision += 1;
    }
    if let Some(profile) = act.binds {
        rows.bind(profile, act.identity);
    }
    if let Some((profile, user)) = act.assignment
        && let Some(row) = rows.profiles.iter_mut().find(|row| row.profile.id == profile)
        && !row.profile.assigned_to.contains(&user)
    {
        row.profile.assigned_to.push(user);
    }
    rows.rooms.extend(act.new_room.clone());
    if let Some(change) = act.prospect {
        rows.change_prospect(change, now);
    }
    rows.tell(act.notices.clone(), now);
    rows.acts.push(ActRecord {
        id: commit.id,
        decided_at: now,
        kind: act.kind,
        by: act.by,
        user: act.user,
        identity: act.identity,
        closed_room: act.closing.as_ref().map(|closing| closing.room),
        new_room: act.new_room.as_ref().map(|room| room.id),
        trace: act.trace.clone(),
    });
}

#[async_trait]
impl Notices for MemoryStore {
    async fn tell(&self, company: &CompanyId, notices: Vec<NewNotice>, now: Timestamp) -> Answer<()> {
        if let Some(rows) = self.world().companies.get_mut(company) {
            rows.tell(notices, now);
        }
        Ok(())
    }

    async fn notices(&self, company: &CompanyId, filter: NoticeFilter, limit: u32) -> Answer<Vec<Notice>> {
        let world = self.world();
        let notices = world
            .company(company)
            .into_iter()
            .flat_map(|rows| rows.notices.iter().rev());
        let mut reached = filter.after.is_none();
        let behind = notices.filter(|one| {
            let shown = reached;
            reached |= filter.after == Some(one.notice.id);
            shown
        });
        let theirs = behind.filter(|one| {
            one.notice.audience == filter.audience && !(filter.unseen && one.seen_at.is_some())
        });
        Ok(theirs.take(at_most(limit)).cloned().collect())
    }

    async fn see(
        &self,
        company: &CompanyId,
        audience: Audience,
        notice: NoticeId,
        now: Timestamp,
    ) -> Answer<Option<Notice>> {
        let mut world = self.world();
        let rows = world.companies.get_mut(company);
        let mut notices = rows.into_iter().flat_map(|rows| &mut rows.notices);
        let theirs = notices.find(|one| one.notice.id == notice && one.notice.audience == audience);
        Ok(theirs.map(|one| {
            one.seen_at.get_or_insert(now);
            one.clone()
        }))
    }
}

#[async_trait]
impl PoolLoad for MemoryStore {
    async fn client_loads(
        &self,
        company: &CompanyId,
        accounts: &[OfficialAccountId],
        reserved_for: Option<Duration>,
        now: Timestamp,
    ) -> Answer<Vec<ClientLoad>> {
        type Numbers = BTreeMap<OfficialAccountId, Timestamp>;
        let world = self.world();
        let Some(rows) = world.company(company) else {
            return Ok(Vec::new());
        };
        let counts = |room: &&ChatRoom| {
            let reserved = room.state == RoomState::Closed
                && reserved_for.is_none_or(|span| room.closed_at.is_some_and(|at| now.since(at) < span));
            accounts.contains(&room.account) && (room.state.is_live() || reserved)
        };
        let mut taken: BTreeMap<ClientIdentityId, Numbers> = BTreeMap::new();
        for room in rows.rooms.iter().filter(counts) {
            let numbers = taken.entry(room.identity).or_default();
            let since = numbers.entry(room.account).or_insert(room.created_at);
            *since = room.created_at.min(*since);
        }
        let load = |(identity, taken): (ClientIdentityId, Numbers)| ClientLoad {
            identity,
            country: rows
                .identities
                .get(&identity)
                .and_then(|row| row.aliases.country()),
            since: taken.values().copied().collect(),
            taken: taken.into_keys().collect(),
        };
        Ok(taken.into_iter().map(load).collect())
    }
}

impl World {
    /// What is not settled for a room that is closed goes nowhere; what is on its way just now may still arrive.
    pub(super) fn withdraw(&mut self, company: &CompanyId, room: ChatRoomId, now: Timestamp) {
        let of_room = self
            .outbox
            .iter_mut()
            .filter(|row| row.company == *company && row.message.room == Some(room));
        for row in of_room {
            if !row.state.is_settled() {
                row.withdraw(now);
            }
        }
    }
}

impl CompanyRows {
    pub(super) fn close(&mut self, closing: &Closing, now: Timestamp) {
        if let Some(room) = self.live_room_mut(closing.room) {
            room.state = closing.end.reason.leaves();
            room.closed_at = Some(now);
            self.ends.insert(closing.room, closing.end.clone());
        }
    }

    pub(super) fn change_prospect(&mut self, change: ProspectChange, now: Timestamp) {
        let Some(prospect) = self.prospects.get_mut(&change.prospect()) else {
            return;
        };
        match change {
            ProspectChange::Ends { state, by, room, .. } => {
                prospect.state = state;
                prospect.ended_at = Some(now);
                prospect.ended_by = Some(by);
                prospect.room = room;
            }
            ProspectChange::WaitsForNumber { .. } => {
                prospect.waits_for = onboarding_core::WaitsFor::Number;
                prospect.created_at = now;
            }
        }
    }

    pub(super) fn tell(&mut self, notices: Vec<NewNotice>, now: Timestamp) {
        for notice in notices {
            let same = |old: &Notice| {
                old.notice.audience == notice.audience
                    && old.notice.kind == notice.kind
                    && old.notice.subject == notice.subject
                    && (old.seen_at.is_none() || now.since(old.at) < NOTICE_PAUSE)
            };
            if !self.notices.iter().any(same) {
                self.notices.push(Notice {
                    notice,
                    at: now,
                    seen_at: None,
                });
            }
        }
    }

    pub(super) fn view(&self, room: &ChatRoom) -> RoomView {
        RoomView {
            room: room.clone(),
            end: self.ends.get(&room.id).cloned(),
            failure: self.failures.get(&room.id).cloned(),
        }
    }

    fn has_left(&self, user: UserId) -> bool {
        self.users.iter().any(|one| one.id == user && !one.active)
    }

    fn carries_rooms(&self, account: OfficialAccountId) -> bool {
        let row = self.accounts.iter().find(|row| row.account.id == account);
        row.is_some_and(|row| row.in_use && !row.account.retired)
            && self.pools.iter().any(|pool| pool.secondaries.contains(&account))
    }

    fn is_of(&self, room: &ChatRoom, which: RoomsOf) -> bool {
        let live = room.state.is_live();
        match which {
            RoomsOf::Anybody => true,
            RoomsOf::Live => live,
            RoomsOf::User(user) => live && room.user == user,
            RoomsOf::AllOfUser(user) => room.user == user,
            RoomsOf::Account(account) => live && room.account == account,
            RoomsOf::Client(identity) => live && room.identity == identity,
            RoomsOf::UnusedLinks(until) => {
                room.state == RoomState::Invited && room.link_until.is_some_and(|at| at <= until)
            }
            RoomsOf::Leavers => live && self.has_left(room.user),
            RoomsOf::NumbersOutOfUse => live && !self.carries_rooms(room.account),
        }
    }
}

fn at_most(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
