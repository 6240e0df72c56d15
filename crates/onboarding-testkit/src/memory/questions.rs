//! The questions of the flow.

use std::sync::Arc;

use async_trait::async_trait;
use onboarding_core::{
    AccountUsage, AliasKind, ChatRoom, ClientFacts, ClientIdentityId, ClientProfile, ClientRoom, Company,
    CompanyId, ExtensionKey, IdentityRoom, KnownIdentity, NewDispute, OfficialAccountId, PhoneNumber,
    Prospect, RoomState, Timestamp, User, UserId, WaitingProspect,
    ports::{
        ChatRoomCheck, ClientIdentification, ClientProfileSelection, CompanyDirectory, ExtensionLookup,
        SecondaryNumberAllocation,
    },
};

use super::{
    Answer, MemoryStore,
    commit::waiting,
    world::{AliasKey, CompanyRows, ProfileRow, World},
};

/// How many wrong extensions are told at the most.
const MAX_WRONG_EXTENSIONS: usize = 1_000;

impl CompanyRows {
    pub(super) fn as_company(&self, id: &CompanyId) -> Company {
        let in_use = self.accounts.iter().filter(|row| row.in_use);
        Company {
            id: id.clone(),
            revision: self.revision,
            settings: self.settings_as_loaded(),
            org_units: self.org_units.clone(),
            external_companies: self.external_companies.clone(),
            accounts: in_use.map(|row| row.account.clone()).collect(),
            pools: self.pools.clone(),
            platform: self.platform.clone(),
            button_key: self.button_key.clone(),
        }
    }
}

#[async_trait]
impl CompanyDirectory for MemoryStore {
    async fn company(&self, id: &CompanyId) -> Answer<Option<Arc<Company>>> {
        Ok(self.world().company(id).map(|rows| Arc::new(rows.as_company(id))))
    }

    async fn company_ids(&self) -> Answer<Vec<CompanyId>> {
        Ok(self.world().companies.keys().cloned().collect())
    }
}

#[async_trait]
impl ClientIdentification for MemoryStore {
    async fn identify(
        &self,
        company: &CompanyId,
        keys: &[(AliasKind, String)],
        replies_since: Timestamp,
        guesses_since: Timestamp,
    ) -> Answer<ClientFacts> {
        let world = self.world();
        let Some(rows) = world.company(company) else {
            return Ok(ClientFacts::default());
        };
        let mut found: Vec<ClientIdentityId> = Vec::new();
        for id in keys.iter().filter_map(|key| rows.aliases.get(key)) {
            if !found.contains(id) {
                found.push(*id);
            }
        }
        let several = found.len() > 1;
        let mut known = found
            .iter()
            .map(|id| known_identity(rows, *id, keys, several))
            .collect::<Vec<_>>()
            .into_iter();
        let replies = found
            .iter()
            .map(|id| automatic_replies(&world, company, *id, replies_since));
        let wrong = found
            .iter()
            .flat_map(|id| wrong_extensions(rows, *id, guesses_since));
        Ok(ClientFacts {
            identity: known.next(),
            others: known.collect(),
            phone_left_at: phone_left_at(rows, keys, found.first()),
            put_right: Vec::new(),
            automatic_replies: replies.sum(),
            wrong_extensions: wrong.collect(),
            live_rooms: Vec::new(),
        })
    }
}

/// What is known of an identity that is there, as one of several or alone.
pub(super) fn known_identity(
    rows: &CompanyRows,
    id: ClientIdentityId,
    keys: &[AliasKey],
    several: bool,
) -> KnownIdentity {
    let row = rows.identities.get(&id).cloned().unwrap_or_default();
    let rooms = rows
        .rooms
        .iter()
        .filter(|room| several && room.identity == id && room.state != RoomState::Failed);
    let open = rows.disputes.iter().filter(|dispute| several && dispute.open);
    KnownIdentity {
        id,
        revision: row.revision,
        aliases: row.aliases,
        phone_since: row.phone_since,
        opted_out_at: rows.opted_out.get(&id).copied(),
        found_by: keys
            .iter()
            .filter(|key| rows.aliases.get(*key) == Some(&id))
            .cloned()
            .collect(),
        gave_up: keys
            .iter()
            .filter(|key| rows.released.contains_key(&((*key).clone(), id)))
            .cloned()
            .collect(),
        rooms: rooms
            .map(|room| IdentityRoom {
                room: room.id,
                user: room.user,
                account: room.account,
                live: room.state.is_live(),
            })
            .collect(),
        disputes: open
            .filter_map(|dispute| other_of(&dispute.question, id))
            .collect(),
    }
}

fn other_of(question: &NewDispute, id: ClientIdentityId) -> Option<ClientIdentityId> {
    if question.identity == id {
        Some(question.other)
    } else {
        (question.other == id).then_some(question.identity)
    }
}

/// When somebody else gave up one of the phones, the latest time.
fn phone_left_at(
    rows: &CompanyRows,
    keys: &[AliasKey],
    by_other_than: Option<&ClientIdentityId>,
) -> Option<Timestamp> {
    let left = rows.released.iter().filter(|((key, identity), _)| {
        key.0 == AliasKind::Phone && keys.contains(key) && Some(identity) != by_other_than
    });
    left.map(|(_, at)| *at).max()
}

fn automatic_replies(world: &World, company: &CompanyId, id: ClientIdentityId, since: Timestamp) -> u32 {
    let to_client = world
        .outbox
        .iter()
        .filter(|row| row.company == *company && row.message.identity == id);
    let replies = to_client
        .filter(|row| row.message.automatic && row.queued_at >= since)
        .count();
    u32::try_from(replies).unwrap_or(u32::MAX)
}

fn wrong_extensions(rows: &CompanyRows, id: ClientIdentityId, since: Timestamp) -> Vec<Timestamp> {
    let by_client = rows
        .onboardings
        .iter()
        .filter(|row| row.record.identity.is_some_and(|who| rows.is_now(who, id)));
    let wrong = by_client.filter(|row| row.wrong_extension && row.record.decided_at >= since);
    let mut times: Vec<_> = wrong.map(|row| row.record.decided_at).collect();
    times.sort_unstable();
    times.split_off(times.len().saturating_sub(MAX_WRONG_EXTENSIONS))
}

#[async_trait]
impl ExtensionLookup for MemoryStore {
    async fn users_with(&self, company: &CompanyId, keys: &[ExtensionKey]) -> Answer<Vec<User>> {
        let world = self.world();
        let Some(rows) = world.company(company) else {
            return Ok(Vec::new());
        };
        let mut found: Vec<User> = Vec::new();
        for key in keys {
            let has_it = |user: &&User| user.extension.as_ref().is_some_and(|own| own.key() == key);
            // Who left keeps the extension for the record; who has it now goes first.
            let user = rows.users.iter().filter(has_it).max_by_key(|user| user.active);
            found.extend(
                user.filter(|user| found.iter().all(|one| one.id != user.id))
                    .cloned(),
            );
        }
        Ok(found)
    }
}

#[async_trait]
impl ChatRoomCheck for MemoryStore {
    async fn live_room(
        &self,
        company: &CompanyId,
        user: UserId,
        identity: ClientIdentityId,
    ) -> Answer<Option<ChatRoom>> {
        let theirs = |room: &&ChatRoom| room.user == user && room.identity == identity;
        Ok(self
            .world()
            .company(company)
            .and_then(|rows| rows.live_rooms().find(theirs).cloned()))
    }

    async fn live_room_on(
        &self,
        company: &CompanyId,
        account: OfficialAccountId,
        identity: ClientIdentityId,
    ) -> Answer<Option<ChatRoom>> {
        let there = |room: &&ChatRoom| room.account == account && room.identity == identity;
        Ok(self
            .world()
            .company(company)
            .and_then(|rows| rows.live_rooms().find(there).cloned()))
    }

    async fn client_last_wrote_at(
        &self,
        company: &CompanyId,
        account: OfficialAccountId,
        identity: ClientIdentityId,
    ) -> Answer<Option<Timestamp>> {
        Ok(self
            .world()
            .company(company)
            .and_then(|rows| rows.windows.get(&(account, identity)).copied()))
    }
}

#[async_trait]
impl ClientProfileSelection for MemoryStore {
    async fn profiles_of(
        &self,
        company: &CompanyId,
        identity: Option<ClientIdentityId>,
        phone_match_key: Option<String>,
    ) -> Answer<Vec<ClientProfile>> {
        let world = self.world();
        let Some(rows) = world.company(company) else {
            return Ok(Vec::new());
        };
        let is_theirs = |row: &&ProfileRow| {
            let by_identity = identity.is_some() && row.profile.identity == identity;
            let key = row.profile.phone_number.as_ref().map(PhoneNumber::match_key);
            by_identity || (key.is_some() && key == phone_match_key)
        };
        let profiles = rows.profiles.iter().filter(is_theirs);
        Ok(profiles
            .map(|row| as_profile(&world, company, rows, row))
            .collect())
    }

    async fn waiting_prospects(
        &self,
        company: &CompanyId,
        identity: ClientIdentityId,
    ) -> Answer<Vec<WaitingProspect>> {
        let world = self.world();
        let waits = world.company(company).into_iter().flat_map(waiting);
        let mut theirs: Vec<_> = waits.filter(|one| one.identity == identity).collect();
        theirs.sort_by_key(|one| (one.created_at, one.id));
        let wait = |one: &Prospect| WaitingProspect {
            id: one.id,
            user: one.user,
            waits_for: one.waits_for,
        };
        Ok(theirs.into_iter().map(wait).collect())
    }
}

/// The profile as it is told, with the one that it went up in.
pub(super) fn as_profile(
    world: &World,
    company: &CompanyId,
    rows: &CompanyRows,
    row: &ProfileRow,
) -> ClientProfile {
    let kept = rows
        .profiles
        .iter()
        .find(|one| Some(one.profile.id) == row.merged_into);
    let merged_into = kept.map(|kept| Box::new(alone(world, company, rows, kept)));
    ClientProfile {
        merged_into,
        ..alone(world, company, rows, row)
    }
}

fn alone(world: &World, company: &CompanyId, rows: &CompanyRows, row: &ProfileRow) -> ClientProfile {
    let mut assigned_to = row.configured.clone();
    assigned_to.extend(
        row.profile
            .assigned_to
            .iter()
            .filter(|user| !row.configured.contains(user)),
    );
    let rooms: Vec<_> = rows
        .rooms
        .iter()
        .filter(|room| room.profile == row.profile.id)
        .map(|room| room.id)
        .collect();
    let written = rows
        .room_lines
        .iter()
        .filter(|line| rooms.contains(&line.room))
        .map(|line| line.at);
    let ours = world.outbox.iter().filter(|message| message.company == *company);
    let ours = ours.filter(|row| row.message.room.is_some_and(|room| rooms.contains(&room)));
    let last_active_at = written.chain(ours.map(|message| message.queued_at)).max();
    ClientProfile {
        assigned_to,
        last_active_at,
        ..row.profile.clone()
    }
}

#[async_trait]
impl SecondaryNumberAllocation for MemoryStore {
    async fn usage_of(
        &self,
        company: &CompanyId,
        identity: Option<ClientIdentityId>,
        accounts: &[OfficialAccountId],
    ) -> Answer<Vec<AccountUsage>> {
        let world = self.world();
        let Some(rows) = world.company(company) else {
            return Ok(Vec::new());
        };
        Ok(accounts
            .iter()
            .map(|account| usage_of(rows, identity, *account))
            .collect())
    }
}

fn usage_of(
    rows: &CompanyRows,
    identity: Option<ClientIdentityId>,
    account: OfficialAccountId,
) -> AccountUsage {
    let on_it: Vec<_> = rows.rooms.iter().filter(|room| room.account == account).collect();
    let live_rooms = on_it.iter().filter(|room| room.state.is_live()).count();
    let of_client = on_it.iter().filter(|room| Some(room.identity) == identity);
    AccountUsage {
        account,
        live_rooms: u32::try_from(live_rooms).unwrap_or(u32::MAX),
        last_allocated_at: on_it.iter().map(|room| room.created_at).max(),
        rooms_of_client: of_client
            .map(|room| ClientRoom {
                user: room.user,
                state: room.state,
                closed_at: room.closed_at,
            })
            .collect(),
        limit_left: None,
    }
}
