//! Typed identifiers.
//!
//! Ids that the service mints are UUIDv7 made from the time and the draw of one command (see
//! [`crate::Draw::uuid`]); ids that a company writes into its manifest are [`Slug`]s.

use std::fmt;

use uuid::Uuid;

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps an id that was minted before, for example one read back from a store.
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// The bare UUID, for an adapter that stores it.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

uuid_ids! {
    /// A user (AM user): an employee who talks with clients.
    UserId,
    /// A client as WhatsApp knows them: the group of aliases in [`crate::ClientAliases`].
    ClientIdentityId,
    /// The company's record of a client.
    ClientProfileId,
    /// A WhatsApp business number of the company.
    OfficialAccountId,
    /// The 1:1 conversation of a user and a client profile on one secondary account.
    ChatRoomId,
    /// One recorded attempt to onboard: a decision with its outcome and trace.
    OnboardingId,
    /// A contact that waits for a user to promote it, or for a number.
    ProspectId,
    /// One recorded act: a decision that answers no message.
    ActId,
    /// What the people of the company are told.
    NoticeId,
    /// A line in the history of the company's clients.
    IdentityEventId,
    /// A question for a person: are these two one client?
    DisputeId,
    /// A queued inbound event.
    InboxId,
    /// A queued outbound message. It travels in `biz_opaque_callback_data` and comes back in statuses.
    OutboxId,
    /// One stored webhook delivery.
    DeliveryId,
    /// The right to finish one leased queue row. A stale token changes nothing (INV-17).
    LeaseToken,
    /// An API token; it is part of what the service shows.
    ApiTokenId,
    /// A table of users that is being imported.
    ImportId,
}

/// A stable name that people write: 1 to 63 characters of `a-z`, `0-9`, `-`, `_`, beginning with a
/// letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

/// Why a string is not a [`Slug`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a valid id: use 1 to 63 of a-z, 0-9, - and _, beginning with a letter or digit")]
pub struct InvalidSlug(String);

impl Slug {
    /// Parses a slug; upper case is refused rather than folded, so that one id has one spelling.
    pub fn parse(text: &str) -> Result<Self, InvalidSlug> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        let starts_well = text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        if text.len() <= 63 && starts_well && text.chars().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidSlug(text.chars().take(80).collect()))
        }
    }

    /// The slug as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! slug_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Slug);

        impl $name {
            /// Parses the id as it stands in the manifest.
            pub fn parse(text: &str) -> Result<Self, InvalidSlug> {
                Slug::parse(text).map(Self)
            }

            /// The id as written.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

slug_ids! {
    /// The tenant: a regulated firm. Every other id belongs to exactly one company.
    CompanyId,
    /// A node of the company's tree of org units.
    OrgUnitId,
    /// An external company: it groups client profiles of one outside firm.
    ExternalCompanyId,
    /// An official account pool.
    PoolId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_have_one_spelling() {
        assert_eq!(
            Slug::parse("hk-private").map(|s| s.to_string()),
            Ok("hk-private".into())
        );
        for bad in ["", "-hk", "HK", "h k", "ünit", &"a".repeat(64)] {
            assert!(Slug::parse(bad).is_err(), "{bad:?}");
        }
    }
}
