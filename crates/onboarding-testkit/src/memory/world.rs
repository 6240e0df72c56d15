//! What a store remembers.

use std::collections::{BTreeMap, VecDeque};

use onboarding_core::{
    AliasKind, Breaker, ButtonKey, ChatRoom, ChatRoomId, ClientAliases, ClientIdentityId, ClientProfile,
    ClientProfileId, CompanyId, CompanySettings, DeliveryProgress, ExternalCompany, ExternalIdentity,
    IdentityEvent, InboxId, IngestHealth, LeaseToken, Logo, NewDispute, NewOutbound, Notice, OfficialAccount,
    OfficialAccountId, OnboardingId, OrgUnit, OutboxState, Platform, Pool, Prospect, ProspectId,
    ProviderMessageId, RoomEnd, SendRefusal, Timestamp, User, UserId,
    access::{ApiToken, LocalAccount, SecretHash, Session, SetUpLink},
    audit::AuditEntry,
    import::{Import, ImportRow, RefusedRow},
    ports::{ActRecord, KeyReservation, NewDelivery, NewInboxRow, OnboardingRecord},
};

/// Everything.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) companies: BTreeMap<CompanyId, CompanyRows>,
    /// Without their rows, which are in the inbox.
    pub(super) deliveries: Vec<NewDelivery>,
    /// In order of storing.
    pub(super) inbox: Vec<InboxRow>,
    /// In order of queueing.
    pub(super) outbox: Vec<OutboxRow>,
    pub(super) rates: BTreeMap<Sender, Timestamp>,
    /// In order of their places.
    pub(super) audit: BTreeMap<CompanyId, Vec<AuditEntry>>,
    pub(super) ingest: Option<IngestHealth>,
    pub(super) breakers: BTreeMap<(CompanyId, OfficialAccountId), Breaker>,
    /// In order of their making.
    pub(super) tokens: Vec<ApiToken>,
    pub(super) sessions: Vec<Session>,
    pub(super) local_accounts: Vec<LocalAccount>,
    pub(super) set_up_links: Vec<SetUpLink>,
    pub(super) keys: BTreeMap<(CompanyId, String, SecretHash), KeyRow>,
    pub(super) imports: Vec<ImportJob>,
}

/// An import with what waits and what was refused.
#[derive(Debug)]
pub(super) struct ImportJob {
    pub(super) company: CompanyId,
    pub(super) import: Import,
    pub(super) batches: VecDeque<Vec<ImportRow>>,
    pub(super) refused: Vec<RefusedRow>,
    pub(super) lease: Option<Lease>,
}

/// A request with a key, and its answer when there is one.
#[derive(Debug)]
pub(super) struct KeyRow {
    pub(super) reservation: KeyReservation,
    pub(super) sealed: Option<Vec<u8>>,
}

/// Whose rate: of a number, or of a number and a client.
pub(super) type Sender = (CompanyId, OfficialAccountId, Option<ClientIdentityId>);

/// Everything of one company but its queues.
#[derive(Debug, Clone)]
pub(super) struct CompanyRows {
    pub(super) revision: u64,
    pub(super) settings: CompanySettings,
    pub(super) button_key: ButtonKey,
    pub(super) org_units: Vec<OrgUnit>,
    pub(super) external_companies: Vec<ExternalCompany>,
    /// Those who left, too, with the extension that they had.
    pub(super) users: Vec<User>,
    /// Of active users.
    pub(super) known_as: BTreeMap<ExternalIdentity, UserId>,
    pub(super) accounts: Vec<AccountRow>,
    pub(super) pools: Vec<Pool>,
    pub(super) platform: Platform,
    pub(super) profiles: Vec<ProfileRow>,
    pub(super) identities: BTreeMap<ClientIdentityId, IdentityRow>,
    pub(super) aliases: BTreeMap<AliasKey, ClientIdentityId>,
    /// Who had a key until when.
    pub(super) released: BTreeMap<(AliasKey, ClientIdentityId), Timestamp>,
    /// In order of happening.
    pub(super) identity_events: Vec<IdentityEvent>,
    /// In order of coming up.
    pub(super) disputes: Vec<DisputeRow>,
    /// Rooms that came from an absorbed identity.
    pub(super) taken_over: BTreeMap<ChatRoomId, ClientIdentityId>,
    /// In order of opening.
    pub(super) rooms: Vec<ChatRoom>,
    pub(super) room_lines: Vec<RoomLine>,
    pub(super) windows: BTreeMap<(OfficialAccountId, ClientIdentityId), Timestamp>,
    /// How rooms were closed.
    pub(super) ends: BTreeMap<ChatRoomId, RoomEnd>,
    /// Why rooms failed.
    pub(super) failures: BTreeMap<ChatRoomId, String>,
    /// In order of their ids.
    pub(super) prospects: BTreeMap<ProspectId, Prospect>,
    pub(super) opted_out: BTreeMap<ClientIdentityId, Timestamp>,
    /// Who goes on with the clients of those who left.
    pub(super) successors: BTreeMap<UserId, UserId>,
    /// In order of the commits.
    pub(super) acts: Vec<ActRecord>,
    /// In order of writing.
    pub(super) notices: Vec<Notice>,
    /// In order of the commits.
    pub(super) onboardings: Vec<OnboardingRow>,
}

pub(super) type AliasKey = (AliasKind, String);

#[derive(Debug, Clone, Default)]
pub(super) struct IdentityRow {
    pub(super) aliases: ClientAliases,
    pub(super) revision: u64,
    pub(super) phone_since: Option<Timestamp>,
    pub(super) merged_into: Option<ClientIdentityId>,
}

#[derive(Debug, Clone)]
pub(super) struct DisputeRow {
    pub(super) question: NewDispute,
    pub(super) noticed_at: Timestamp,
    pub(super) open: bool,
}

#[derive(Debug, Clone)]
pub(super) struct AccountRow {
    pub(super) account: OfficialAccount,
    pub(super) in_use: bool,
}

#[derive(Debug, Clone)]
pub(super) struct ProfileRow {
    /// As the flow made it or the configuration says; `assigned_to` holds what the flow assigned.
    pub(super) profile: ClientProfile,
    /// What the configuration assigns.
    pub(super) configured: Vec<UserId>,
    /// The one that it went up in; told in `ClientProfile` when it is asked for.
    pub(super) merged_into: Option<ClientProfileId>,
}

#[derive(Debug, Clone)]
pub(super) struct OnboardingRow {
    /// The element that it decides on.
    pub(super) cause: InboxId,
    pub(super) record: OnboardingRecord,
    pub(super) wrong_extension: bool,
}

/// What the client wrote in a room.
#[derive(Debug, Clone)]
pub(super) struct RoomLine {
    /// When it arrived.
    pub(super) arrived_at: Timestamp,
    /// The decision that kept it.
    pub(super) onboarding: OnboardingId,
    pub(super) room: ChatRoomId,
    pub(super) at: Timestamp,
    pub(super) text: String,
}

#[derive(Debug)]
pub(super) struct InboxRow {
    pub(super) row: NewInboxRow,
    pub(super) due: Timestamp,
    pub(super) attempts: u32,
    pub(super) lease: Option<Lease>,
    pub(super) end: Option<InboxEnd>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum InboxEnd {
    Decided,
    /// With a note for people.
    Finished(String),
    /// With the reason that people see.
    Buried(String),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Lease {
    pub(super) token: LeaseToken,
    pub(super) until: Timestamp,
}

#[derive(Debug)]
pub(super) struct OutboxRow {
    pub(super) company: CompanyId,
    pub(super) message: NewOutbound,
    pub(super) queued_at: Timestamp,
    pub(super) state: OutboxState,
    pub(super) due: Timestamp,
    /// Held while the state is `sending`.
    pub(super) lease: Option<Lease>,
    pub(super) attempts: u32,
    pub(super) unknown_attempts: u32,
    pub(super) provider_id: Option<ProviderMessageId>,
    pub(super) progress: Option<DeliveryProgress>,
    pub(super) refusal: Option<SendRefusal>,
    /// When it was settled first.
    pub(super) settled_at: Option<Timestamp>,
    /// Whether it was given up before and is tried anew.
    pub(super) replayed: bool,
    /// Every attempt of this life.
    pub(super) tries: Vec<Try>,
    /// Every status of this life.
    pub(super) statuses: Vec<DeliveryProgress>,
}

/// One attempt to send.
#[derive(Debug, Clone, Copy)]
pub(super) struct Try {
    pub(super) token: LeaseToken,
    pub(super) started_at: Timestamp,
    pub(super) accepted: bool,
    /// Whether it is written down why it may be a second copy.
    pub(super) explained: bool,
}

impl World {
    pub(super) fn company(&self, id: &CompanyId) -> Option<&CompanyRows> {
        self.companies.get(id)
    }

    /// The unfinished row, if the lease on it is this one.
    pub(super) fn leased(&mut self, id: InboxId, token: LeaseToken) -> Option<&mut InboxRow> {
        self.inbox
            .iter_mut()
            .find(|row| row.row.id == id && row.is_held_by(token))
    }

    /// Queues the message behind all others.
    pub(super) fn queue(&mut self, company: &CompanyId, message: NewOutbound, now: Timestamp) {
        self.outbox.push(OutboxRow {
            company: company.clone(),
            message,
            queued_at: now,
            state: OutboxState::Pending,
            due: now,
            lease: None,
            attempts: 0,
            unknown_attempts: 0,
            provider_id: None,
            progress: None,
            refusal: None,
            settled_at: None,
            replayed: false,
            tries: Vec::new(),
            statuses: Vec::new(),
        });
    }
}

impl CompanyRows {
    /// The settings as a company is loaded: its logo without its picture.
    pub(super) fn settings_as_loaded(&self) -> CompanySettings {
        let logo = self.settings.qr_logo.as_ref();
        CompanySettings {
            qr_logo: logo.and_then(|logo| Logo::stored(logo.digest(), None)),
            ..self.settings.clone()
        }
    }

    /// Whether the one identity is the other, or went up in it.
    pub(super) fn is_now(&self, then: ClientIdentityId, now: ClientIdentityId) -> bool {
        let row = self.identities.get(&then);
        then == now || row.is_some_and(|row| row.merged_into == Some(now))
    }

    /// The profile is the client's from now on.
    pub(super) fn bind(&mut self, profile: ClientProfileId, client: ClientIdentityId) {
        let row = self.profiles.iter_mut().find(|row| row.profile.id == profile);
        if let Some(row) = row {
            row.profile.identity = Some(client);
        }
    }

    pub(super) fn room(&self, id: ChatRoomId) -> Option<&ChatRoom> {
        self.rooms.iter().find(|room| room.id == id)
    }

    pub(super) fn live_rooms(&self) -> impl Iterator<Item = &ChatRoom> {
        self.rooms.iter().filter(|room| room.state.is_live())
    }

    pub(super) fn live_room_mut(&mut self, id: ChatRoomId) -> Option<&mut ChatRoom> {
        self.rooms
            .iter_mut()
            .find(|room| room.id == id && room.state.is_live())
    }
}

impl InboxRow {
    pub(super) fn is_held_by(&self, token: LeaseToken) -> bool {
        self.end.is_none() && self.lease.is_some_and(|lease| lease.token == token)
    }

    /// Nobody has it any more.
    pub(super) fn end(&mut self, end: InboxEnd) {
        self.end = Some(end);
        self.lease = None;
    }
}

impl OutboxRow {
    /// It goes nowhere any more.
    pub(super) fn withdraw(&mut self, now: Timestamp) {
        self.state = OutboxState::Withdrawn;
        self.settled_at = Some(now);
        self.lease = None;
    }
}

impl Lease {
    pub(super) fn holds_at(self, now: Timestamp) -> bool {
        self.until > now
    }
}
