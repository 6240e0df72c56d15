//! The user's rooms and prospects.

use askama::Template;

use crate::shell::{Place, Shell};

/// How a room stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RoomMark {
    /// The client has not answered yet.
    Invited,
    /// It is live.
    Active,
    /// It was closed.
    Closed,
    /// Its invitation could not be delivered.
    Failed,
}

impl RoomMark {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Invited => "waiting",
            Self::Active => "good",
            Self::Closed => "quiet",
            Self::Failed => "bad",
        }
    }

    pub(crate) fn words(self, shell: &Shell<'_>) -> &'static str {
        let words = shell.w();
        match self {
            Self::Invited => words.room_invited,
            Self::Active => words.room_active,
            Self::Closed => words.room_closed,
            Self::Failed => words.room_failed,
        }
    }
}

/// A room in the list.
#[derive(Debug, Clone, Hash)]
pub struct ChatRow {
    /// Its id, as in its address.
    pub id: String,
    /// The client's name.
    pub client: String,
    /// The client's number, with its `+`; some hide theirs.
    pub client_number: Option<String>,
    /// The secondary number that carries it.
    pub number: String,
    /// How it stands.
    pub mark: RoomMark,
    /// What was said last.
    pub last: Option<String>,
    /// When, in RFC 3339.
    pub at: String,
    /// When, as people read it.
    pub when: String,
}

/// A contact that waits for the user's word.
#[derive(Debug, Clone, Hash)]
pub struct ProspectRow {
    /// Its id, as in its address.
    pub id: String,
    /// The name that the contact goes by.
    pub name: String,
    /// What they wrote.
    pub text: String,
    /// Whether the user accepted them and only a number is missing.
    pub waits_for_number: bool,
    /// When, in RFC 3339.
    pub at: String,
    /// When, as people read it.
    pub when: String,
}

/// Something that the service tells the user.
#[derive(Debug, Clone, Hash)]
pub struct NoticeRow {
    /// Its id, as in its address.
    pub id: String,
    /// What it says, in English.
    pub text: String,
    /// When, in RFC 3339.
    pub at: String,
    /// When, as people read it.
    pub when: String,
}

/// The user's rooms and prospects.
#[derive(Debug, Template)]
#[template(path = "app/chats.html")]
pub struct ChatsPage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// What the user was told and has not seen yet.
    pub notices: &'a [NoticeRow],
    /// Those that wait for the user.
    pub prospects: &'a [ProspectRow],
    /// The latest rooms, newest first.
    pub rooms: &'a [ChatRow],
    /// Where older ones are listed.
    pub older: Option<&'a str>,
    /// Where the page hears that it changed.
    pub events: &'a str,
}

/// How far a message of ours came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// It waits.
    Waiting,
    /// WhatsApp has it.
    Sent,
    /// The client's phone has it.
    Delivered,
    /// The client saw it.
    Read,
    /// It could not be delivered.
    Failed,
}

impl Delivery {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Waiting => "tick waiting",
            Self::Sent => "tick sent",
            Self::Delivered => "tick delivered",
            Self::Read => "tick read",
            Self::Failed => "tick failed",
        }
    }

    pub(crate) fn glyph(self) -> &'static str {
        match self {
            Self::Waiting => "◷",
            Self::Sent => "✓",
            Self::Delivered | Self::Read => "✓✓",
            Self::Failed => "!",
        }
    }

    pub(crate) fn words(self, shell: &Shell<'_>) -> &'static str {
        let words = shell.w();
        match self {
            Self::Waiting => words.message_waiting,
            Self::Sent => words.message_sent,
            Self::Delivered => words.message_delivered,
            Self::Read => words.message_read,
            Self::Failed => words.message_failed,
        }
    }
}

/// A line of a room's record.
#[derive(Debug, Clone, Hash)]
pub struct ChatLine {
    /// What was said.
    pub text: String,
    /// How far it came, if it is ours; nothing if the client said it.
    pub ours: Option<Delivery>,
    /// When, in RFC 3339.
    pub at: String,
    /// When, as people read it.
    pub when: String,
}

/// What was said in a room.
#[derive(Debug, Template)]
#[template(path = "app/chat.html")]
pub struct ChatPage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// The room.
    pub room: &'a ChatRow,
    /// What was said, oldest first.
    pub lines: &'a [ChatLine],
    /// Whether the user may close it.
    pub may_close: bool,
    /// Where the page hears that it changed.
    pub events: &'a str,
}

/// Asks once more before a room is closed; what a browser without script opens.
#[derive(Debug, Template)]
#[template(path = "app/closing.html")]
pub struct ClosingPage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// The room.
    pub room: &'a ChatRow,
}
