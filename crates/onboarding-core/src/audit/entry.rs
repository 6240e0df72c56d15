//! One entry, and the bytes that stand for it.

use super::{AuditHash, AuditValue, Origin};
use crate::{Timestamp, named::named_enum};

named_enum! {
    /// What was done to the subject.
    AuditAction {
        /// It is new.
        Create = "create",
        /// It is different.
        Change = "change",
        /// It is gone, or out of use.
        Remove = "remove",
        /// The flow decided on a client's message.
        Decide = "decide",
        /// It came to nothing.
        Fail = "fail",
        /// What was given up is tried again.
        Replay = "replay",
        /// What clients wrote, or were written to, was read.
        Read = "read",
        /// Somebody signed in.
        SignIn = "sign_in",
        /// A session was ended.
        SignOut = "sign_out",
        /// Somebody who is known was refused.
        Deny = "deny",
    }
}

named_enum! {
    /// What the subject is.
    SubjectKind {
        /// The settings of the company.
        Company = "company",
        /// A unit, by its id.
        OrgUnit = "org_unit",
        /// An external company, by its id.
        ExternalCompany = "external_company",
        /// A user, by username.
        User = "user",
        /// A client as WhatsApp knows them, by the id of their record.
        ClientIdentity = "client_identity",
        /// A client profile: by its key if the company keeps it, by its id otherwise.
        ClientProfile = "client_profile",
        /// A WhatsApp number of the company, by the number.
        OfficialAccount = "official_account",
        /// A pool, by its id.
        Pool = "pool",
        /// A recorded decision, by its id.
        Onboarding = "onboarding",
        /// A recorded act, by its id.
        Act = "act",
        /// A room, by its id.
        ChatRoom = "chat_room",
        /// A queued inbound element, by its id.
        InboundElement = "inbound_element",
        /// A queued message to a client, by its id.
        OutboundMessage = "outbound_message",
        /// An API token, by its id.
        ApiToken = "api_token",
        /// How a user signs in, by username.
        LocalAccount = "local_account",
        /// An import of users, by its id.
        Import = "import",
        /// Something that was asked for, by method and address.
        Request = "request",
    }
}

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditSubject {
    /// What it is.
    pub kind: SubjectKind,
    /// Which one.
    pub id: String,
}

impl AuditSubject {
    /// The one of this kind with this id.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers give ids and references to texts alike"
    )]
    pub fn new(kind: SubjectKind, id: impl ToString) -> Self {
        Self {
            kind,
            id: id.to_string(),
        }
    }
}

/// What happened, before it has a place in the chain.
///
/// The fields are texts, so that an entry can be read and judged whatever somebody wrote into the table;
/// [`NewAuditEntry::new`] makes them from the words of this module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAuditEntry {
    /// When, by the clock of the service.
    pub at: Timestamp,
    /// [`super::ActorKind`].
    pub actor_kind: String,
    /// Which actor.
    pub actor_id: Option<String>,
    /// The network address that it came from.
    pub address: Option<String>,
    /// [`AuditAction`].
    pub action: String,
    /// [`SubjectKind`].
    pub subject_kind: String,
    /// Which subject.
    pub subject_id: String,
    /// What it was, as [`AuditValue::to_json`] writes it.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
}

impl NewAuditEntry {
    /// Somebody did something to something. U+0000, which no column takes, becomes U+FFFD.
    pub fn new(by: &Origin, action: AuditAction, subject: &AuditSubject, at: Timestamp) -> Self {
        let clean = |text: &str| text.replace('\0', "\u{FFFD}");
        Self {
            at,
            actor_kind: by.actor.kind().to_string(),
            actor_id: by.actor.id().map(clean),
            address: by.address.map(|address| address.to_canonical().to_string()),
            action: action.to_string(),
            subject_kind: subject.kind.to_string(),
            subject_id: clean(&subject.id),
            before: None,
            after: None,
        }
    }

    /// Message content was read.
    pub fn read(by: &Origin, subject: &AuditSubject, at: Timestamp) -> Self {
        Self::new(by, AuditAction::Read, subject, at)
    }

    /// With what the subject was.
    pub fn before(self, value: &AuditValue) -> Self {
        Self {
            before: Some(value.to_json()),
            ..self
        }
    }

    /// With what the subject is now.
    pub fn after(self, value: &AuditValue) -> Self {
        Self {
            after: Some(value.to_json()),
            ..self
        }
    }

    /// The bytes that stand for the entry in the chain: each field in the order above, a text with its length before
    /// it, an optional one with whether it is there. No two entries have the same bytes.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend(self.at.as_micros().to_be_bytes());
        write_text(&mut bytes, &self.actor_kind);
        write_option(&mut bytes, self.actor_id.as_deref());
        write_option(&mut bytes, self.address.as_deref());
        write_text(&mut bytes, &self.action);
        write_text(&mut bytes, &self.subject_kind);
        write_text(&mut bytes, &self.subject_id);
        write_option(&mut bytes, self.before.as_deref());
        write_option(&mut bytes, self.after.as_deref());
        bytes
    }
}

/// An entry in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// The place in the chain of its company: 1 for the first, without gaps.
    pub sequence: u64,
    /// [`super::chain_hash`] of it and of the entry before it.
    pub hash: AuditHash,
    /// What happened.
    pub content: NewAuditEntry,
}

/// The length in eight bytes, most significant first, then the bytes.
pub(super) fn write_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend((text.len() as u64).to_be_bytes());
    bytes.extend(text.as_bytes());
}

/// A zero byte for none; a one and the text.
pub(super) fn write_option(bytes: &mut Vec<u8>, text: Option<&str>) {
    bytes.push(u8::from(text.is_some()));
    if let Some(text) = text {
        write_text(bytes, text);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![".{0,3}", "[ab]{0,3}", "\u{0}{0,3}", Just(String::new())]
    }

    fn entries() -> impl Strategy<Value = NewAuditEntry> {
        let option = || proptest::option::of(texts());
        (
            prop_oneof![any::<i64>(), 0_i64..2],
            (texts(), option(), option()),
            (texts(), texts(), texts()),
            (option(), option()),
        )
            .prop_map(|(at, actor, what, values)| NewAuditEntry {
                at: Timestamp::from_micros(at),
                actor_kind: actor.0,
                actor_id: actor.1,
                address: actor.2,
                action: what.0,
                subject_kind: what.1,
                subject_id: what.2,
                before: values.0,
                after: values.1,
            })
    }

    /// Reads the bytes back: what can be read back in one way cannot stand for two entries.
    struct Reader<'a>(&'a [u8]);

    impl Reader<'_> {
        fn take(&mut self, count: usize) -> Vec<u8> {
            let (head, tail) = self.0.split_at(count);
            self.0 = tail;
            head.to_vec()
        }

        fn number(&mut self) -> [u8; 8] {
            self.take(8).try_into().unwrap()
        }

        fn text(&mut self) -> String {
            let length = usize::try_from(u64::from_be_bytes(self.number())).unwrap();
            String::from_utf8(self.take(length)).unwrap()
        }

        fn option(&mut self) -> Option<String> {
            (self.take(1) == [1]).then(|| self.text())
        }
    }

    fn read(bytes: &[u8]) -> NewAuditEntry {
        let mut reader = Reader(bytes);
        let entry = NewAuditEntry {
            at: Timestamp::from_micros(i64::from_be_bytes(reader.number())),
            actor_kind: reader.text(),
            actor_id: reader.option(),
            address: reader.option(),
            action: reader.text(),
            subject_kind: reader.text(),
            subject_id: reader.text(),
            before: reader.option(),
            after: reader.option(),
        };
        assert!(reader.0.is_empty(), "nothing is left over");
        entry
    }

    proptest! {
        #[test]
        fn the_entry_can_be_read_back_from_its_bytes(entry in entries()) {
            prop_assert_eq!(read(&entry.canonical_bytes()), entry);
        }

        #[test]
        fn distinct_entries_have_distinct_bytes(one in entries(), other in entries()) {
            prop_assert_eq!(one == other, one.canonical_bytes() == other.canonical_bytes());
        }
    }
}
