//! The quick-reply buttons of an invitation, and the proof that a tap is one on ours.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{ChatRoomId, Draw, OfficialAccountId, audit::AuditHash, named::named_enum};

/// How every payload of ours begins.
const PREFIX: &str = "onboarding:";

/// What is signed before everything else: the name of this form.
const DOMAIN: &[u8] = b"onboarding-button-1\0";

named_enum! {
    /// What a button of the invitation says.
    InvitationButton {
        /// The client wants the conversation.
        Accept = "accept",
        /// The client does not want it.
        Decline = "decline",
    }
}

/// The key with which a company's buttons are signed. Minted with the company, never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct ButtonKey([u8; 32]);

impl ButtonKey {
    /// A new one.
    pub fn mint(draw: &mut Draw) -> Self {
        Self(draw.secret())
    }

    /// As a store kept it.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For a store to keep.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What WhatsApp gives back when the button in the invitation to this room, from this number, is tapped.
    ///
    /// HMAC-SHA256 over button, room and number: nobody else can make it, and it says nothing in another room.
    pub fn payload(&self, button: InvitationButton, room: ChatRoomId, account: OfficialAccountId) -> String {
        let tag = self.mac(button, room, account).finalize().into_bytes();
        let tag = AuditHash::from_bytes(tag.into());
        format!("{PREFIX}{button}:{tag}")
    }

    /// The button that was tapped, if the payload is ours for this room and number. Compares in constant time.
    pub fn button(
        &self,
        payload: &str,
        room: ChatRoomId,
        account: OfficialAccountId,
    ) -> Option<InvitationButton> {
        let (name, tag) = payload.strip_prefix(PREFIX)?.split_once(':')?;
        let button = InvitationButton::from_name(name)?;
        let tag = AuditHash::from_hex(tag)?;
        let right = self
            .mac(button, room, account)
            .verify_slice(tag.as_bytes())
            .is_ok();
        right.then_some(button)
    }

    fn mac(&self, button: InvitationButton, room: ChatRoomId, account: OfficialAccountId) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(DOMAIN);
        mac.update(button.as_str().as_bytes());
        mac.update(b"\0");
        mac.update(room.as_uuid().as_bytes());
        mac.update(account.as_uuid().as_bytes());
        mac
    }
}

impl fmt::Debug for ButtonKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ButtonKey(redacted)")
    }
}

/// Whether it looks like a payload of ours, right or forged: then it is no word of the client.
pub fn is_button_payload(text: &str) -> bool {
    text.starts_with(PREFIX)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn only_the_payload_of_this_room_number_and_key_is_taken() {
        let key = |seed| ButtonKey::mint(&mut Draw::from_seed([seed; 32]));
        let room = |id| ChatRoomId::from_uuid(Uuid::from_u128(id));
        let account = |id| OfficialAccountId::from_uuid(Uuid::from_u128(id));
        let ours = key(1);
        for button in InvitationButton::ALL {
            let payload = ours.payload(*button, room(1), account(1));
            assert!(is_button_payload(&payload) && payload.len() <= 128, "{payload}");
            assert_eq!(ours.button(&payload, room(1), account(1)), Some(*button));
            assert_eq!(
                ours.button(&payload, room(2), account(1)),
                None,
                "of another room"
            );
            assert_eq!(
                ours.button(&payload, room(1), account(2)),
                None,
                "of another number"
            );
            assert_eq!(
                key(2).button(&payload, room(1), account(1)),
                None,
                "of another company"
            );
        }
        let accept = ours.payload(InvitationButton::Accept, room(1), account(1));
        let turned = accept.replace("accept", "decline");
        let cut = &accept[..accept.len() - 1];
        for forged in [
            turned.as_str(),
            cut,
            "decline",
            "onboarding:decline:",
            "onboarding:decline",
            "",
        ] {
            assert_eq!(ours.button(forged, room(1), account(1)), None, "{forged}");
        }
    }
}
