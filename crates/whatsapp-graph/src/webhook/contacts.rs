//! Which entry of `contacts` belongs to which message.

use std::collections::HashMap;

use serde_json::value::RawValue;

use crate::json::Object;

/// Contacts larger than this are left out of an element, in bytes of JSON. Real ones have about 150; a huge one copied
/// into each of many elements would multiply a 3 MB body into gigabytes.
const MAX_CONTACT: usize = 1024;

/// The contacts of one change, found by identifier.
pub(super) struct Contacts<'a> {
    by_user_id: HashMap<String, &'a RawValue>,
    by_phone: HashMap<String, &'a RawValue>,
    only: Option<&'a RawValue>,
}

impl<'a> Contacts<'a> {
    pub(super) fn new(value: &Object<'a>) -> Self {
        let raw = value.list("contacts").unwrap_or_default();
        let mut contacts = Self {
            by_user_id: HashMap::new(),
            by_phone: HashMap::new(),
            only: match raw.as_slice() {
                [only] if fits(only) => Some(only),
                _ => None,
            },
        };
        for raw in raw.into_iter().filter(|raw| fits(raw)) {
            let Some(contact) = Object::parse(raw.get()) else {
                continue;
            };
            for key in ["user_id", "parent_user_id"] {
                if let Some(id) = contact.identifier(key) {
                    contacts.by_user_id.insert(id, raw);
                }
            }
            if let Some(id) = contact.identifier("wa_id") {
                contacts.by_phone.insert(id, raw);
            }
        }
        contacts
    }

    /// The contact with that user id, else the one with that phone.
    ///
    /// `alone`: there is one message in the change. If there is also one contact, it is that message's even when no
    /// identifier agrees, unless both have a user id and these differ.
    pub(super) fn of(&self, who: &Sender, alone: bool) -> Option<&'a RawValue> {
        let mut user_ids = [&who.user_id, &who.parent_user_id].into_iter().flatten();
        let found = user_ids
            .find_map(|id| self.by_user_id.get(id))
            .or_else(|| self.by_phone.get(who.phone.as_ref()?))
            .or_else(|| self.only.as_ref().filter(|_| alone))?;
        let theirs = Object::parse(found.get())?.identifier("user_id");
        match (&who.user_id, theirs) {
            (Some(ours), Some(theirs)) if *ours != theirs => None,
            _ => Some(found),
        }
    }
}

/// The identifiers under which a message names its sender, or a status its recipient.
pub(super) struct Sender {
    pub(super) user_id: Option<String>,
    pub(super) parent_user_id: Option<String>,
    pub(super) phone: Option<String>,
}

impl Sender {
    pub(super) fn of_message(message: &Object<'_>) -> Self {
        Self {
            user_id: message.identifier("from_user_id"),
            parent_user_id: message.identifier("from_parent_user_id"),
            phone: message.identifier("from"),
        }
    }

    pub(super) fn of_status(status: &Object<'_>) -> Self {
        Self {
            user_id: status.identifier("recipient_user_id"),
            parent_user_id: status.identifier("parent_recipient_user_id"),
            phone: status.identifier("recipient_id"),
        }
    }

    /// Adds what the contact knows and the message does not say, provided an identifier both have ties them together.
    pub(super) fn complete(mut self, contact: Option<&Object<'_>>) -> Self {
        let Some(contact) = contact else { return self };
        let same = |ours: &Option<String>, theirs: &Option<String>| ours.is_some() && ours == theirs;
        let user_id = contact.identifier("user_id");
        let parent = contact.identifier("parent_user_id");
        let phone = contact.identifier("wa_id");
        if same(&self.user_id, &user_id) || same(&self.parent_user_id, &parent) || same(&self.phone, &phone) {
            self.user_id = self.user_id.or(user_id);
            self.parent_user_id = self.parent_user_id.or(parent);
            self.phone = self.phone.or(phone);
        }
        self
    }
}

fn fits(raw: &RawValue) -> bool {
    raw.get().len() <= MAX_CONTACT
}
