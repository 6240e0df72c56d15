//! What a decision is made on.

use std::sync::Arc;

use crate::{
    AliasKind, ChatRoom, ClientAliases, ClientIdentityId, ClientProfile, Company, ExtensionKey,
    ExtensionToken, IdentityRoom, InboundMessage, OfficialAccountId, PhoneNumber, RoomState, Timestamp, User,
    UserId, WaId, WaitingProspect, WrittenNumber,
};

/// A client's message to one of our accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The account it was written to.
    pub account: OfficialAccountId,
    /// The message.
    pub message: InboundMessage,
}

/// Everything that was looked up for one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The company that owns the account.
    pub company: Arc<Company>,
    /// What is known of the client.
    pub client: ClientFacts,
    /// Where the client wrote, and what stands there.
    pub situation: Situation,
}

/// What is known of the client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientFacts {
    /// The identity that the strongest alias leads to.
    pub identity: Option<KnownIdentity>,
    /// Further identities that aliases of this message lead to. Whether they are the same person is
    /// [`crate::reconcile`]'s to say, before a decision is made.
    pub others: Vec<KnownIdentity>,
    /// When another client gave up the phone, the latest time; what the company recorded under it before is not this
    /// client's.
    pub phone_left_at: Option<Timestamp>,
    /// What was put right in the company's record of its clients on the way to this decision, for its trace.
    pub put_right: Vec<String>,
    /// Automatic replies queued in the last hour for any of the identities found.
    pub automatic_replies: u32,
    /// When any of the identities found tried extensions that nobody has; recent ones, in any order.
    pub wrong_extensions: Vec<Timestamp>,
    /// The client's live rooms; looked up only for a client who asks for no more messages now.
    pub live_rooms: Vec<ChatRoom>,
}

impl ClientFacts {
    /// Since when the client wants no more messages.
    pub fn opted_out_at(&self) -> Option<Timestamp> {
        self.identity.as_ref()?.opted_out_at
    }
}

/// A client that wrote before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownIdentity {
    /// Its id.
    pub id: ClientIdentityId,
    /// Counts up with every change of its aliases, and when the client opts out or in.
    pub revision: u64,
    /// All that is known of it.
    pub aliases: ClientAliases,
    /// Since when the phone is theirs, where it was somebody else's or they had another one.
    pub phone_since: Option<Timestamp>,
    /// Since when the client wants no more messages.
    pub opted_out_at: Option<Timestamp>,
    /// Those of the keys asked for that lead here.
    pub found_by: Vec<(AliasKind, String)>,
    /// Those of the keys asked for that led here once.
    pub gave_up: Vec<(AliasKind, String)>,
    /// Its rooms but for those that failed. Loaded only where several identities are found.
    pub rooms: Vec<IdentityRoom>,
    /// With whom it is a person's question whether they are one. Loaded only where several identities are found.
    pub disputes: Vec<ClientIdentityId>,
}

/// Where the client wrote, and what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Situation {
    /// To an account that belongs to no pool.
    NoPool,
    /// To the primary of a pool.
    Primary {
        /// The active user whom the text names, if any.
        holder: Option<Box<Holder>>,
        /// Whether an inactive user has one of the extensions; told in the trace only.
        inactive_holder: bool,
        /// The number that the client asks about, where they name no extension.
        asked: Option<Box<AskedNumber>>,
    },
    /// To a secondary.
    Secondary {
        /// The live room of this client on this account.
        room: Option<ChatRoom>,
    },
}

/// A number that the client asks about: is it really ours?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedNumber {
    /// As the client wrote it.
    pub written: WrittenNumber,
    /// Our account with this number.
    pub account: Option<OfficialAccountId>,
    /// The client's live room there, and its user.
    pub room: Option<(ChatRoom, User)>,
}

/// The user whom the extension names, and how they stand with the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The user.
    pub user: User,
    /// How they stand with the client.
    pub standing: Standing,
}

/// How a user stands with a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// They have a live room.
    InRoom {
        /// The room.
        room: ChatRoom,
        /// When the client last wrote to the secondary of the room.
        client_last_wrote_at: Option<Timestamp>,
    },
    /// They have none.
    NoRoom {
        /// Every profile of the company with this client's identity, visible to the user or not.
        profiles: Vec<ClientProfile>,
        /// The prospects by which this client waits already, for this user or another, the longest waiting first.
        waits: Vec<WaitingProspect>,
        /// How the secondaries of the pools that serve the user are used.
        usage: Vec<AccountUsage>,
    },
}

/// How one secondary is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountUsage {
    /// The account.
    pub account: OfficialAccountId,
    /// Live rooms of all clients.
    pub live_rooms: u32,
    /// When a room was last opened on it.
    pub last_allocated_at: Option<Timestamp>,
    /// The rooms that this client ever had on it.
    pub rooms_of_client: Vec<ClientRoom>,
    /// To how many more people its portfolio may write first today; `None` where no limit is known. Stores leave it
    /// so: [`Company::messaging_limit_of`] and what was sent tell it.
    pub limit_left: Option<u32>,
}

/// A room of the client on an account, as the allocation sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientRoom {
    /// Whose room it was.
    pub user: UserId,
    /// Where it stands.
    pub state: RoomState,
    /// When it ended.
    pub closed_at: Option<Timestamp>,
}

/// The number that the client asks about, with our account that has it; the client's own number is no question.
///
/// A number that is retired is not ours any more.
pub fn asked_in(company: &Company, sender: &ClientAliases, texts: &[String]) -> Option<AskedNumber> {
    let written = texts.iter().find_map(|text| WrittenNumber::first_in(text))?;
    let code = sender
        .calling_code()
        .or_else(|| company.settings.country.calling_code());
    let is_own = |id: &WaId| PhoneNumber::parse(&format!("+{id}")).is_ok_and(|own| written.is(&own, code));
    if sender.wa_id.as_ref().is_some_and(is_own) {
        return None;
    }
    let mut accounts = company.accounts.iter().filter(|account| !account.retired);
    let account = accounts.find(|account| written.is(&account.phone_number, code));
    Some(AskedNumber {
        account: account.map(|account| account.id),
        written,
        room: None,
    })
}

/// Finds whom the tokens name: the first token that an active user has, and of its keys the longest
/// (domain.md, "Where is the extension in the text?").
pub fn find_holder<'a>(tokens: &[ExtensionToken], users: &'a [User]) -> Option<&'a User> {
    let holder_of = |key: &ExtensionKey| {
        let has_it =
            |user: &&User| user.active && user.extension.as_ref().is_some_and(|own| own.key() == key);
        users.iter().find(has_it)
    };
    tokens
        .iter()
        .find_map(|token| token.keys().iter().find_map(holder_of))
}
