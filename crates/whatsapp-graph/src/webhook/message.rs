//! A message of a person to one of our numbers.

use std::fmt;

use super::contacts::Sender;
use super::content::{Content, Interactive};
use super::redacted::Present;
use crate::error::ApiErrorBody;
use crate::json::Object;

/// One inbound message. Source: Meta "Messages webhook reference" and "Business-scoped user IDs".
///
/// No identifier is ever the empty string. `Debug` shows neither words nor identifiers of the person.
#[derive(Clone, PartialEq)]
pub struct Message {
    /// Id of the message (wamid); opaque. Unique per number, not proven to be unique across numbers.
    pub id: String,
    /// Which of our numbers it was sent to.
    pub phone_number_id: Option<String>,
    /// That number for display; mostly digits, sometimes with punctuation.
    pub display_phone_number: Option<String>,
    /// The person's phone as digits without `+`, as received. Absent while the person hides it.
    pub from: Option<String>,
    /// Business-scoped user id of the person: `CC.` and up to 128 letters and digits. The same for all numbers of a
    /// business portfolio; changes when the person changes phones. Absent only in old payloads.
    pub from_user_id: Option<String>,
    /// The same for a set of linked portfolios.
    pub from_parent_user_id: Option<String>,
    /// What the person calls themselves. Anything can stand here: show it escaped, never identify by it.
    pub profile_name: Option<String>,
    /// The person's username; may change or vanish, so display only.
    pub username: Option<String>,
    /// When it was sent, in seconds since 1970. May be days ago.
    pub timestamp: Option<i64>,
    /// The group it was sent to, if it was.
    pub group_id: Option<String>,
    /// What it says.
    pub content: Content,
    /// Id of the message this one answers: quoted, or whose button was pressed.
    pub context_id: Option<String>,
    /// Sender of that message as digits; our own number if it was ours.
    pub context_from: Option<String>,
    /// It was forwarded, or forwarded often.
    pub forwarded: bool,
    /// It was forwarded more than five times.
    pub frequently_forwarded: bool,
    /// The advertisement or post that led the person here.
    pub referral: Option<Referral>,
    /// On unsupported messages: why.
    pub errors: Vec<ApiErrorBody>,
}

/// Where a person came from: a click-to-WhatsApp advertisement, post or status.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Referral {
    /// Headline of the advertisement.
    pub headline: Option<String>,
    /// Its text.
    pub body: Option<String>,
    /// Where it stands.
    pub source_url: Option<String>,
    /// Its id at Meta.
    pub source_id: Option<String>,
    /// `ad` or `post`.
    pub source_type: Option<String>,
    /// The greeting shown before the person wrote.
    pub welcome_text: Option<String>,
    /// Click id for Meta's conversion reports; missing for advertisements in statuses.
    pub ctwa_clid: Option<String>,
}

impl Message {
    /// Every place where words of the person, or words put into their mouth by a link or button, can stand: the text,
    /// caption or button of the content first, then welcome text, headline and body of the referral. An order's text
    /// and the new text of an edit count as content. None is empty.
    pub fn texts(&self) -> Vec<&str> {
        let mut texts = self.content.texts();
        if let Some(referral) = &self.referral {
            let parts = [&referral.welcome_text, &referral.headline, &referral.body];
            texts.extend(parts.into_iter().flatten().map(String::as_str));
        }
        texts
    }

    /// What the business said that the tapped button or row gives back.
    pub fn payload(&self) -> Option<&str> {
        match &self.content {
            Content::Button { payload, .. } => payload.as_deref(),
            Content::Interactive(Interactive::ButtonReply { id, .. } | Interactive::ListReply { id, .. }) => {
                id.as_deref()
            }
            _ => None,
        }
    }

    pub(super) fn read(value: &Object<'_>, message: &Object<'_>) -> Option<Self> {
        let metadata = value.object("metadata");
        let ours = |key| metadata.as_ref().and_then(|metadata| metadata.identifier(key));
        // The payload of an element holds the contact of its message and no other.
        let contact = value.objects("contacts").into_iter().next();
        let profile = contact.as_ref().and_then(|contact| contact.object("profile"));
        let named = |key| profile.as_ref().and_then(|profile| profile.text(key));
        let sender = Sender::of_message(message).complete(contact.as_ref());
        let context = message.object("context");
        let quoted = |key| context.as_ref().and_then(|context| context.identifier(key));
        let flagged = |key| context.as_ref().is_some_and(|context| context.flag(key));
        Some(Self {
            id: message.identifier("id")?,
            phone_number_id: ours("phone_number_id"),
            display_phone_number: ours("display_phone_number"),
            from: sender.phone,
            from_user_id: sender.user_id,
            from_parent_user_id: sender.parent_user_id,
            profile_name: named("name"),
            username: named("username"),
            timestamp: message.integer("timestamp"),
            group_id: message.identifier("group_id"),
            content: Content::read(message),
            context_id: quoted("id"),
            context_from: quoted("from"),
            forwarded: flagged("forwarded") || flagged("frequently_forwarded"),
            frequently_forwarded: flagged("frequently_forwarded"),
            referral: message
                .object("referral")
                .map(|referral| Referral::read(&referral)),
            errors: message
                .objects("errors")
                .iter()
                .filter_map(ApiErrorBody::from_object)
                .collect(),
        })
    }
}

impl Referral {
    fn read(referral: &Object<'_>) -> Self {
        let welcome = referral.object("welcome_message");
        Self {
            headline: referral.text("headline"),
            body: referral.text("body"),
            source_url: referral.text("source_url"),
            source_id: referral.identifier("source_id"),
            source_type: referral.text("source_type"),
            welcome_text: welcome.and_then(|welcome| welcome.text("text")),
            ctwa_clid: referral.text("ctwa_clid"),
        }
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("phone_number_id", &self.phone_number_id)
            .field("from", &Present(&self.from))
            .field("from_user_id", &Present(&self.from_user_id))
            .field("timestamp", &self.timestamp)
            .field("content", &self.content)
            .field("referral", &Present(&self.referral))
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Referral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Referral")
            .field("source_type", &self.source_type)
            .finish_non_exhaustive()
    }
}
