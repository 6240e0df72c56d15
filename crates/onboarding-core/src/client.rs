//! Who a client is: the aliases under which WhatsApp shows one person.

use std::fmt;

use crate::{CountryCode, Timestamp, WaId};

/// A business-scoped user id, verbatim: the country prefix and the case belong to it
/// (Meta: business-scoped user ids).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bsuid(String);

impl Bsuid {
    /// Takes what WhatsApp sent; `None` for an empty or absurdly long string, so that no two people are
    /// ever joined by a missing id.
    pub fn from_whatsapp(text: &str) -> Option<Self> {
        (!text.trim().is_empty() && text.len() <= 256).then(|| Self(text.to_owned()))
    }

    /// The id as received.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The country before the first point, which tells where the client is from when the phone is hidden.
    pub fn country(&self) -> Option<CountryCode> {
        CountryCode::parse(self.0.split_once('.')?.0).ok()
    }
}

/// Personal data: the country prefix only.
impl fmt::Debug for Bsuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Bsuid({}.…)",
            self.country().map_or_else(String::new, |c| c.to_string())
        )
    }
}

/// What WhatsApp tells of a client in one message. An alias group, never a bare phone string: any part may
/// be absent, and the phone often is when the client has a username.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ClientAliases {
    /// The phone, when WhatsApp shows it to this number.
    pub wa_id: Option<WaId>,
    /// The id of the client at this business.
    pub bsuid: Option<Bsuid>,
    /// The id of the client at the group of businesses, for enrolled companies.
    pub parent_bsuid: Option<Bsuid>,
    /// For display; the client may change it at any time.
    pub username: Option<String>,
    /// Chosen by the client, never an identifier.
    pub profile_name: Option<String>,
}

impl ClientAliases {
    /// Whether there is anything by which this client can be found again and answered.
    pub fn is_identified(&self) -> bool {
        self.wa_id.is_some() || self.bsuid.is_some() || self.parent_bsuid.is_some()
    }

    /// The keys under which a store finds the identity, strongest first.
    ///
    /// ```
    /// use onboarding_core::{AliasKind, ClientAliases, WaId};
    ///
    /// let aliases = ClientAliases { wa_id: WaId::from_whatsapp("85291234567"), ..Default::default() };
    /// assert_eq!(aliases.keys(), [(AliasKind::Phone, "85291234567".to_owned())]);
    /// ```
    pub fn keys(&self) -> Vec<(AliasKind, String)> {
        let bsuid = self
            .bsuid
            .iter()
            .map(|id| (AliasKind::Bsuid, id.as_str().to_owned()));
        let parent = self
            .parent_bsuid
            .iter()
            .map(|id| (AliasKind::ParentBsuid, id.as_str().to_owned()));
        let phone = self.wa_id.iter().map(|id| (AliasKind::Phone, id.match_key()));
        bsuid.chain(parent).chain(phone).collect()
    }

    /// Country of the phone, else of the BSUID (domain.md, "Phone numbers").
    pub fn country(&self) -> Option<CountryCode> {
        let of_phone = self.wa_id.as_ref().and_then(WaId::country);
        of_phone.or_else(|| {
            self.bsuid
                .as_ref()
                .or(self.parent_bsuid.as_ref())
                .and_then(Bsuid::country)
        })
    }

    /// Calling code of the phone, else of the BSUID's country.
    pub fn calling_code(&self) -> Option<u16> {
        let of_phone = self.wa_id.as_ref().and_then(WaId::calling_code);
        of_phone.or_else(|| self.country().and_then(CountryCode::calling_code))
    }

    /// What is known when `self` (newer) is laid over `older`: nothing known is forgotten.
    pub fn over(&self, older: &Self) -> Self {
        Self {
            wa_id: self.wa_id.clone().or_else(|| older.wa_id.clone()),
            bsuid: self.bsuid.clone().or_else(|| older.bsuid.clone()),
            parent_bsuid: self.parent_bsuid.clone().or_else(|| older.parent_bsuid.clone()),
            username: self.username.clone().or_else(|| older.username.clone()),
            profile_name: self.profile_name.clone().or_else(|| older.profile_name.clone()),
        }
    }
}

/// A client whom the company knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// All that is known of them.
    pub aliases: ClientAliases,
    /// Counts up with every change of the aliases, and when they opt out or in.
    pub revision: u64,
    /// Since when the phone is theirs, where it was somebody else's or they had another one.
    pub phone_since: Option<Timestamp>,
    /// Since when they want no more messages.
    pub opted_out_at: Option<Timestamp>,
}

/// Personal data: which aliases are there, not what they are.
impl fmt::Debug for ClientAliases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAliases")
            .field("wa_id", &self.wa_id)
            .field("bsuid", &self.bsuid)
            .field("has_username", &self.username.is_some())
            .finish_non_exhaustive()
    }
}

/// Which kind of alias a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AliasKind {
    /// [`WaId::match_key`].
    Phone,
    /// A BSUID verbatim.
    Bsuid,
    /// A parent BSUID verbatim.
    ParentBsuid,
}

impl AliasKind {
    /// The name that stores use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Bsuid => "bsuid",
            Self::ParentBsuid => "parent_bsuid",
        }
    }
}

/// Makes a name that a person outside chose fit to be shown or sent: control and bidi characters out, white
/// space folded, at most `limit` characters.
pub fn clean_name(name: &str, limit: usize) -> String {
    let visible: String = name
        .chars()
        .filter(|c| !crate::extension::is_invisible(*c))
        .collect();
    let folded = visible
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|w| !w.is_empty());
    folded
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(limit)
        .collect::<String>()
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_id_never_becomes_an_alias() {
        assert_eq!(Bsuid::from_whatsapp(""), None);
        assert_eq!(WaId::from_whatsapp(""), None);
        assert!(ClientAliases::default().keys().is_empty());
    }

    #[test]
    fn the_country_of_a_hidden_phone_comes_from_the_bsuid() {
        let aliases = ClientAliases {
            bsuid: Bsuid::from_whatsapp("HK.1349120"),
            ..Default::default()
        };
        assert_eq!(aliases.country().unwrap().as_str(), "HK");
        assert_eq!(aliases.calling_code(), Some(852));
    }

    #[test]
    fn names_lose_what_cannot_be_seen() {
        assert_eq!(clean_name("  Ana\u{202e}\n\tExample\u{200b} ", 40), "Ana Example");
        assert_eq!(clean_name("\u{200f}\u{0}", 40), "");
        assert_eq!(clean_name("abcdef", 3), "abc");
    }
}
