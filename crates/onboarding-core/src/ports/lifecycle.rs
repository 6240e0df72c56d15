//! What is asked and stored where no client's message is answered.

use std::time::Duration;

use async_trait::async_trait;

use super::{Conflict, StoreError};
use crate::{
    Act, ActId, ActKind, Actor, Audience, ChatRoom, ChatRoomId, Client, ClientIdentityId, ClientProfile,
    ClientProfileId, CompanyId, CountryCode, ExternalIdentity, NewNotice, Notice, NoticeId,
    OfficialAccountId, Prospect, ProspectId, RoomEnd, Timestamp, Trace, User, UserId, WaitsFor,
    audit::Origin,
};

/// A room, and how it came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomView {
    /// The room.
    pub room: ChatRoom,
    /// How it was closed; `None` while it lives, and when it failed.
    pub end: Option<RoomEnd>,
    /// Why it failed.
    pub failure: Option<String>,
}

/// Which rooms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoomsOf {
    /// All, over or not.
    Anybody,
    /// The live rooms of all users.
    Live,
    /// The live rooms of one user.
    User(UserId),
    /// The rooms of one user, over or not.
    AllOfUser(UserId),
    /// The live rooms on one number.
    Account(OfficialAccountId),
    /// The live rooms of one client.
    Client(ClientIdentityId),
    /// The live rooms of users who left.
    Leavers,
    /// The rooms whose client got a link, had until then or earlier to use it, and did not.
    UnusedLinks(Timestamp),
    /// The live rooms on numbers that carry none any more: removed, retired, or no secondary of a pool.
    NumbersOutOfUse,
}

/// Looks at rooms and those who stand in them.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait RoomLife: Send + Sync {
    /// The user, active or not.
    async fn user(&self, company: &CompanyId, user: UserId) -> Result<Option<User>, StoreError>;

    /// The user with this username, active or not.
    async fn user_named(&self, company: &CompanyId, username: &str) -> Result<Option<User>, StoreError>;

    /// The active user whom an identity provider knows under this name.
    async fn user_known_as(
        &self,
        company: &CompanyId,
        identity: &ExternalIdentity,
    ) -> Result<Option<User>, StoreError>;

    /// Who goes on with the clients of a user who left; named when they left.
    async fn successor_of(&self, company: &CompanyId, user: UserId) -> Result<Option<UserId>, StoreError>;

    /// The client.
    async fn client(
        &self,
        company: &CompanyId,
        identity: ClientIdentityId,
    ) -> Result<Option<Client>, StoreError>;

    /// The profile.
    async fn profile(
        &self,
        company: &CompanyId,
        profile: ClientProfileId,
    ) -> Result<Option<ClientProfile>, StoreError>;

    /// The room.
    async fn room(&self, company: &CompanyId, room: ChatRoomId) -> Result<Option<RoomView>, StoreError>;

    /// The rooms, newest first, at most `limit`.
    async fn rooms(
        &self,
        company: &CompanyId,
        which: RoomsOf,
        limit: u32,
    ) -> Result<Vec<RoomView>, StoreError>;
}

/// Which prospects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProspectFilter {
    /// Only those that wait.
    pub waiting: bool,
    /// Only those that wait, or waited last, for this.
    pub waits_for: Option<WaitsFor>,
    /// Only those of this user.
    pub user: Option<UserId>,
    /// Only those of users who left.
    pub of_leavers: bool,
    /// Only those that are older.
    pub created_before: Option<Timestamp>,
    /// Only those behind this one in the order of their ids.
    pub after: Option<ProspectId>,
}

/// Looks at contacts that wait.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait Prospects: Send + Sync {
    /// The prospect, waiting or over.
    async fn prospect(
        &self,
        company: &CompanyId,
        prospect: ProspectId,
    ) -> Result<Option<Prospect>, StoreError>;

    /// The prospects in order of their ids, which is about that of their beginning; at most `limit`.
    async fn prospects(
        &self,
        company: &CompanyId,
        filter: ProspectFilter,
        limit: u32,
    ) -> Result<Vec<Prospect>, StoreError>;
}

/// An act with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActCommit {
    /// The company.
    pub company: CompanyId,
    /// The revision of the company that the act rests on.
    pub expected_revision: u64,
    /// The revision of the client's record that it rests on.
    pub expected_client: u64,
    /// The id of its record.
    pub id: ActId,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// Who did it and from where, for the audit.
    pub origin: Origin,
    /// The act.
    pub act: Act,
}

/// What became of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActOutcome {
    /// Everything is stored.
    Committed,
    /// Something that the act rests on is no longer so; nothing changed. Load the facts and decide again.
    Conflict(Conflict),
}

/// One recorded act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActRecord {
    /// Its id.
    pub id: ActId,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// What was done.
    pub kind: ActKind,
    /// By whom.
    pub by: Actor,
    /// The user whom it concerns.
    pub user: UserId,
    /// The client whom it concerns.
    pub identity: ClientIdentityId,
    /// The room that was closed.
    pub closed_room: Option<ChatRoomId>,
    /// The room that was opened.
    pub new_room: Option<ChatRoomId>,
    /// Why.
    pub trace: Trace,
}

/// Stores acts and tells of them.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait Acts: Send + Sync {
    /// Stores the act in one transaction: the closed room with its withdrawn messages, profile, assignment, new room,
    /// prospect, outbox rows, notices, the record with its trace, and its [`ActCommit::audit_entry`]. All of it or
    /// nothing. Conflicts when the company or the client's record changed or went up in another, the room to close is over, a live room is in the way of the new one, the prospect does not wait any
    /// more, or the client opted out and would get a message.
    async fn commit_act(&self, commit: ActCommit) -> Result<ActOutcome, StoreError>;

    /// The latest acts, newest first.
    async fn latest_acts(&self, company: &CompanyId, limit: u32) -> Result<Vec<ActRecord>, StoreError>;
}

/// Which notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoticeFilter {
    /// For whom.
    pub audience: Audience,
    /// Only those that nobody saw.
    pub unseen: bool,
    /// Only those that stand behind this one; nothing stands behind one that is not there.
    pub after: Option<NoticeId>,
}

impl From<Audience> for NoticeFilter {
    /// All of them.
    fn from(audience: Audience) -> Self {
        Self {
            audience,
            unseen: false,
            after: None,
        }
    }
}

/// What the people of the company are told.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait Notices: Send + Sync {
    /// Writes notices that belong to no decision.
    async fn tell(
        &self,
        company: &CompanyId,
        notices: Vec<NewNotice>,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// The notices for somebody, newest first; at most `limit`.
    async fn notices(
        &self,
        company: &CompanyId,
        filter: NoticeFilter,
        limit: u32,
    ) -> Result<Vec<Notice>, StoreError>;

    /// Somebody of `audience` saw the notice, now or before: the first time stays. Gives it as it is then; `None` when no
    /// such notice is for them.
    async fn see(
        &self,
        company: &CompanyId,
        audience: Audience,
        notice: NoticeId,
        now: Timestamp,
    ) -> Result<Option<Notice>, StoreError>;
}

/// How much of the numbers one client has used up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientLoad {
    /// The client.
    pub identity: ClientIdentityId,
    /// Their country, where it is known.
    pub country: Option<CountryCode>,
    /// The numbers that no further user can have with this client.
    pub taken: Vec<OfficialAccountId>,
    /// Since when each of them is taken, in the same order: when the first of the rooms that take it was opened.
    pub since: Vec<Timestamp>,
}

/// How the numbers are used up, client by client.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait PoolLoad: Send + Sync {
    /// Every client who has one of the numbers: a room lives on it, or was closed there within `reserved_for` before
    /// `now`, or ever where that is `None` (INV-31). A room that failed takes nothing.
    async fn client_loads(
        &self,
        company: &CompanyId,
        accounts: &[OfficialAccountId],
        reserved_for: Option<Duration>,
        now: Timestamp,
    ) -> Result<Vec<ClientLoad>, StoreError>;
}
