//! Checks the invariants on what the model holds.

use std::{collections::BTreeMap, fmt::Display};

use async_trait::async_trait;
use onboarding_core::{
    AliasKind, ChatRoom, CompanyId, DeliveryProgress, Extension, OutboxState, ProspectState, Purpose,
    RoomState, TextKey, WaId,
    ports::{Verification, Violation},
};

use super::{
    Answer, MemoryStore,
    world::{CompanyRows, InboxEnd, OutboxRow, RoomLine, World},
};

#[async_trait]
impl Verification for MemoryStore {
    async fn violations(&self) -> Answer<Vec<Violation>> {
        let world = self.world();
        let mut found = Found::default();
        for (company, rows) in &world.companies {
            found.company = Some(company.clone());
            found.in_rooms(rows);
            found.in_users(rows);
            found.in_identities(&world, company, rows);
            found.in_decisions(&world, company, rows);
            found.in_ends(&world, company, rows);
            found.in_inbox(&world, company, rows);
            found.in_outbox(&world, company, rows);
        }
        Ok(found.violations)
    }
}

#[derive(Default)]
struct Found {
    company: Option<CompanyId>,
    violations: Vec<Violation>,
}

impl Found {
    fn add(&mut self, invariant: &'static str, subject: String) {
        if let Some(company) = self.company.clone() {
            self.violations.push(Violation {
                invariant,
                company,
                subject,
            });
        }
    }

    /// Adds every key that occurs more than once.
    fn twice<K: Ord + Display>(&mut self, invariant: &'static str, keys: impl IntoIterator<Item = K>) {
        let mut counts = BTreeMap::new();
        for key in keys {
            *counts.entry(key).or_insert(0_u32) += 1;
        }
        for (key, count) in counts.into_iter().filter(|(_, count)| *count > 1) {
            self.add(invariant, format!("{key}, {count} times"));
        }
    }

    fn in_rooms(&mut self, rows: &CompanyRows) {
        let live = || {
            let lives = |room: &&ChatRoom| matches!(room.state, RoomState::Invited | RoomState::Active);
            rows.rooms.iter().filter(lives)
        };
        self.twice(
            "INV-1",
            live().map(|room| format!("user {} and profile {}", room.user, room.profile)),
        );
        self.twice(
            "INV-1",
            live().map(|room| format!("user {} and client {}", room.user, room.identity)),
        );
        self.twice(
            "INV-2",
            live().map(|room| format!("client {} on {}", room.identity, room.account)),
        );
        for room in &rows.rooms {
            let account = |id| rows.accounts.iter().any(|row| row.account.id == id);
            let whole = rows.users.iter().any(|user| user.id == room.user)
                && rows.profiles.iter().any(|row| row.profile.id == room.profile)
                && rows.identities.contains_key(&room.identity)
                && account(room.account)
                && account(room.primary);
            if !whole {
                self.add("INV-3", format!("room {}", room.id));
            }
        }
        if rows.settings.features.pair_reuse_after_days.is_none() {
            let mut served: Vec<_> = rows
                .rooms
                .iter()
                .filter(|room| room.state != RoomState::Failed)
                .map(|room| {
                    let opened_for = rows.taken_over.get(&room.id).copied().unwrap_or(room.identity);
                    (opened_for, room.account, room.user)
                })
                .collect();
            served.sort_unstable();
            served.dedup();
            let pairs = served
                .iter()
                .map(|(client, account, _)| format!("client {client} on {account}"));
            self.twice("INV-31", pairs);
        }
        let misplaced = rows
            .room_lines
            .iter()
            .filter(|line| !stands_where_it_was_written(rows, line));
        for line in misplaced {
            self.add(
                "INV-32",
                format!("line {} in room {}", line.onboarding, line.room),
            );
        }
    }

    fn in_identities(&mut self, world: &World, company: &CompanyId, rows: &CompanyRows) {
        for (id, row) in &rows.identities {
            let held = |kind: AliasKind| {
                let mine = rows
                    .aliases
                    .iter()
                    .filter(|(key, holder)| key.0 == kind && *holder == id);
                mine.map(|(key, _)| key.1.as_str()).collect::<Vec<_>>()
            };
            let phone = row.aliases.wa_id.as_ref().map(WaId::match_key);
            let shown = [&row.aliases.bsuid, &row.aliases.parent_bsuid];
            let [ids, parents] = [AliasKind::Bsuid, AliasKind::ParentBsuid].map(held);
            let owns = shown[0].as_ref().is_none_or(|id| ids.contains(&id.as_str()))
                && shown[1].as_ref().is_none_or(|id| parents.contains(&id.as_str()))
                && held(AliasKind::Phone) == phone.as_deref().into_iter().collect::<Vec<_>>();
            if !owns {
                self.add("INV-36", format!("client {id}"));
            }
            let left = rows.aliases.values().any(|holder| holder == id)
                || rows.rooms.iter().any(|room| room.identity == *id)
                || rows
                    .profiles
                    .iter()
                    .any(|profile| profile.profile.identity == Some(*id))
                || rows.prospects.values().any(|prospect| prospect.identity == *id)
                || world
                    .outbox
                    .iter()
                    .any(|row| row.company == *company && row.message.identity == *id);
            if row.merged_into.is_some() && left {
                self.add("INV-37", format!("client {id}"));
            }
        }
        for room in rows.live_rooms() {
            let profile = rows.profiles.iter().find(|row| row.profile.id == room.profile);
            let holder = profile.and_then(|row| row.profile.identity);
            if holder.is_some_and(|holder| holder != room.identity) {
                self.add("INV-38", format!("room {}", room.id));
            }
        }
    }

    fn in_users(&mut self, rows: &CompanyRows) {
        let active = rows.users.iter().filter(|user| user.active);
        let extensions: Vec<&Extension> = active.filter_map(|user| user.extension.as_ref()).collect();
        let keys = extensions
            .iter()
            .map(|one| format!("extension {}", one.key().as_str()));
        self.twice("INV-26", keys);
        let skeletons = extensions
            .iter()
            .map(|one| format!("skeleton {}", one.skeleton()));
        self.twice("INV-26", skeletons);
    }

    fn in_decisions(&mut self, world: &World, company: &CompanyId, rows: &CompanyRows) {
        self.twice(
            "INV-8",
            rows.onboardings
                .iter()
                .map(|row| format!("element {}", row.cause)),
        );
        let onboarded = || {
            rows.onboardings
                .iter()
                .filter(|row| row.record.outcome == "onboarded")
        };
        for row in onboarded() {
            let room = row.record.room.filter(|room| rows.room(*room).is_some());
            let invites = |message: &OutboxRow| {
                let purpose = message.message.purpose;
                message.company == *company
                    && message.message.room == room
                    && matches!(purpose, Purpose::Invitation | Purpose::Text(TextKey::HandOffLink))
            };
            if room.is_none() || !world.outbox.iter().any(invites) {
                self.add("INV-9", format!("onboarding {}", row.record.id));
            }
        }
        for act in rows.acts.iter().filter(|act| act.new_room.is_some()) {
            let invites = |message: &OutboxRow| {
                let purpose = message.message.purpose;
                message.company == *company
                    && message.message.room == act.new_room
                    && matches!(purpose, Purpose::Invitation | Purpose::Text(TextKey::HandOffLink))
            };
            if !world.outbox.iter().any(invites) {
                self.add("INV-9", format!("act {}", act.id));
            }
        }
        for room in &rows.rooms {
            let by_act = || rows.acts.iter().any(|act| act.new_room == Some(room.id));
            if !onboarded().any(|row| row.record.room == Some(room.id)) && !by_act() {
                self.add("INV-9", format!("room {}", room.id));
            }
        }
    }

    fn in_ends(&mut self, world: &World, company: &CompanyId, rows: &CompanyRows) {
        for room in &rows.rooms {
            let told = rows.ends.contains_key(&room.id);
            if told != (room.state == RoomState::Closed) {
                self.add("INV-33", format!("room {}", room.id));
            }
            if room.state.is_live() && rows.opted_out.contains_key(&room.identity) {
                self.add("INV-34", format!("client {} in room {}", room.identity, room.id));
            }
        }
        for prospect in rows.prospects.values() {
            let over = prospect.state != ProspectState::Waiting;
            if over != (prospect.ended_at.is_some() && prospect.ended_by.is_some()) {
                self.add("INV-33", format!("prospect {}", prospect.id));
            }
        }
        let waiting = super::commit::waiting(rows);
        self.twice(
            "INV-35",
            waiting.map(|one| format!("client {} for {}", one.identity, one.user)),
        );
        let invited = world.outbox.iter().filter(|row| {
            row.company == *company
                && row.state == OutboxState::Pending
                && row.message.purpose == Purpose::Invitation
                && rows.opted_out.contains_key(&row.message.identity)
        });
        for row in invited {
            self.add("INV-34", format!("message {}", row.message.id));
        }
    }

    fn in_inbox(&mut self, world: &World, company: &CompanyId, rows: &CompanyRows) {
        for row in world.inbox.iter().filter(|row| row.row.company == *company) {
            let decided = || rows.onboardings.iter().any(|one| one.cause == row.row.id);
            let visible = match &row.end {
                None => row.attempts <= 13,
                Some(InboxEnd::Decided) => decided(),
                Some(InboxEnd::Finished(note) | InboxEnd::Buried(note)) => !note.is_empty(),
            };
            if !visible {
                self.add("INV-5", format!("element {}", row.row.id));
            }
        }
    }

    fn in_outbox(&mut self, world: &World, company: &CompanyId, rows: &CompanyRows) {
        let ours = || world.outbox.iter().filter(|row| row.company == *company);
        let open = |row: &&OutboxRow| !matches!(row.state, OutboxState::Accepted | OutboxState::Failed);
        let invitations = ours().filter(open).filter_map(|row| {
            let room = row
                .message
                .room
                .filter(|_| row.message.purpose == Purpose::Invitation)?;
            let user = rows.room(room)?.user;
            Some(format!("client {} by {user}", row.message.identity))
        });
        self.twice("INV-7", invitations);
        for row in ours() {
            let copies = row.tries.iter().filter(|one| one.accepted).count();
            let unknown = usize::try_from(row.unknown_attempts).unwrap_or(usize::MAX);
            let explained = copies < 2 || row.tries.iter().any(|one| one.explained);
            if copies > 2 || copies > unknown.saturating_add(1) || !explained {
                self.add("INV-6", format!("message {}, {copies} times", row.message.id));
            }
            let first = ours().find(|first| Some(first.message.id) == row.message.after && !first.replayed);
            if let Some(first) = first
                && row
                    .tries
                    .iter()
                    .any(|one| first.settled_at.is_none_or(|at| one.started_at < at))
            {
                self.add("INV-14", format!("message {}", row.message.id));
            }
            let told = row.statuses.iter().map(|status| rank(*status)).max().unwrap_or(0);
            let failed = (row.state == OutboxState::Failed).then_some(DeliveryProgress::Failed);
            if row.progress.or(failed).map_or(0, rank) < told {
                self.add("INV-16", format!("message {}", row.message.id));
            }
        }
    }
}

/// On the number of the room, by its client.
fn stands_where_it_was_written(rows: &CompanyRows, line: &RoomLine) -> bool {
    let decision = rows
        .onboardings
        .iter()
        .find(|row| row.record.id == line.onboarding);
    let Some((decision, room)) = decision.zip(rows.room(line.room)) else {
        return false;
    };
    let wrote = decision.record.identity;
    decision.record.account == room.account && wrote.is_some_and(|who| rows.is_now(who, room.identity))
}

/// Arrival outranks failure, and failure that WhatsApp took it.
fn rank(progress: DeliveryProgress) -> u8 {
    match progress {
        DeliveryProgress::Sent => 1,
        DeliveryProgress::Failed => 2,
        DeliveryProgress::Delivered => 3,
        DeliveryProgress::Read => 4,
        DeliveryProgress::Played => 5,
    }
}
