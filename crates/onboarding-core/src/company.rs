//! The company: its settings, its tree of org units, its official accounts and pools.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    ApprovedText, ButtonKey, CompanyId, CountryCode, ExternalCompanyId, InvitationButton, Language, Logo,
    OfficialAccount, OfficialAccountId, OptOutWords, OrgUnitId, Platform, Pool, ProfileField, QrText,
    SignInSettings, TextTemplate, Texts, Values, named::named_enum,
};

/// Everything of a company that the flow needs and that changes only when an admin changes it.
///
/// `revision` grows with every such change. A decision made on an older revision conflicts when it is
/// committed and is made again, so that no room opens for a user who has just left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Its id.
    pub id: CompanyId,
    /// Grows by one with every change of the company's configuration.
    pub revision: u64,
    /// Name, languages, features, limits, texts.
    pub settings: CompanySettings,
    /// The tree of org units.
    pub org_units: Vec<OrgUnit>,
    /// The external companies.
    pub external_companies: Vec<ExternalCompany>,
    /// The WhatsApp numbers.
    pub accounts: Vec<OfficialAccount>,
    /// The pools.
    pub pools: Vec<Pool>,
    /// What WhatsApp told of its side.
    pub platform: Platform,
    /// Signs the buttons of its invitations.
    pub button_key: ButtonKey,
}

/// What an admin sets for the whole company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanySettings {
    /// As clients read it.
    pub name: String,
    /// Where it is; used where a client's country is unknown.
    pub country: CountryCode,
    /// Language of clients whose country says nothing; one of `languages`.
    pub default_language: Language,
    /// The languages that clients are answered in.
    pub languages: Vec<Language>,
    /// Where the secrets of its WhatsApp app are; never the secrets.
    pub whatsapp: WhatsAppSecrets,
    /// Switches of the flow.
    pub features: Features,
    /// Bounds on automatic answers and on guessing.
    pub limits: Limits,
    /// The approved templates.
    pub templates: Templates,
    /// Text that a QR code types for the client; holds `{extension}`.
    pub qr_text: QrText,
    /// The logo in the middle of its QR codes, in place of ours.
    pub qr_logo: Option<Logo>,
    /// Its own texts.
    pub texts: Texts,
    /// The words by which clients ask for no more messages, and for messages again.
    pub opt_out: OptOutWords,
    /// How its people sign in.
    pub sign_in: SignInSettings,
}

impl CompanySettings {
    /// Where all of its secrets are, each with its path in the manifest.
    pub fn secrets(&self) -> Vec<(&'static str, &SecretRef)> {
        let provider = self.sign_in.provider.as_ref();
        let of_provider =
            provider.map(|provider| ("sign_in.provider.client_secret", &provider.client_secret));
        [
            ("whatsapp.app_secret", &self.whatsapp.app_secret),
            ("whatsapp.verify_token", &self.whatsapp.verify_token),
            ("whatsapp.access_token", &self.whatsapp.access_token),
        ]
        .into_iter()
        .chain(of_provider)
        .collect()
    }
}

/// Where a secret is: `env:NAME` or `file:PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretRef {
    /// In the environment variable.
    Env(String),
    /// In the file; white space at its ends is not part of it.
    File(String),
}

/// Why a string is not a [`SecretRef`]. It does not repeat the string: it may be the secret itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a secret is given by reference: write env:NAME or file:PATH, never the secret itself")]
pub struct InvalidSecretRef;

impl SecretRef {
    /// Parses `env:NAME` or `file:PATH`.
    pub fn parse(text: &str) -> Result<Self, InvalidSecretRef> {
        let valid_name =
            |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        match text.split_once(':') {
            Some(("env", name)) if valid_name(name) => Ok(Self::Env(name.to_owned())),
            Some(("file", path)) if !path.trim().is_empty() && !path.contains('\0') => {
                Ok(Self::File(path.to_owned()))
            }
            _ => Err(InvalidSecretRef),
        }
    }
}

impl std::fmt::Display for SecretRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{path}"),
        }
    }
}

/// References to the secrets of the company's WhatsApp app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatsAppSecrets {
    /// Signs webhooks.
    pub app_secret: SecretRef,
    /// Answers Meta's verification handshake.
    pub verify_token: SecretRef,
    /// Authorises calls of the Graph API.
    pub access_token: SecretRef,
}

named_enum! {
    /// How one of several visible client profiles is chosen.
    ProfileChoice {
        /// Uniformly at random (the default); the draw is in the trace.
        Random = "random",
        /// The most recently active one, deterministically.
        MostRecent = "most_recent",
    }
}

named_enum! {
    /// When a new room becomes active.
    RoomActivation {
        /// At once.
        OnCreation = "on_creation",
        /// When the client answers on the secondary.
        OnClientReply = "on_client_reply",
    }
}

named_enum! {
    /// How the client gets to the secondary number.
    InvitationKind {
        /// The secondary writes an approved template.
        Template = "template",
        /// The primary answers with a `wa.me` link to the secondary.
        Link = "link",
    }
}

/// Switches of the flow (interface.md, `[features]`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches that an admin sets one by one; no two of them make a state together"
)]
pub struct Features {
    /// Off: a new contact becomes a prospect.
    pub auto_promotion: bool,
    /// One phone number, one client profile.
    pub unique_phone_number: bool,
    /// Among several profiles.
    pub profile_choice: ProfileChoice,
    /// When a room becomes active.
    pub room_activation: RoomActivation,
    /// Template or link.
    pub invitation: InvitationKind,
    /// Whether the link stands in for a template that cannot be sent.
    pub link_fallback: bool,
    /// After how many days a (client, number) pair may serve another user; `None`: never (INV-31).
    pub pair_reuse_after_days: Option<u32>,
    /// Whether a client for whom no number is free is put on the waiting list.
    pub waiting_list: bool,
    /// What a profile must hold, or it is incomplete.
    pub mandatory_profile_fields: Vec<ProfileField>,
}

impl Default for Features {
    fn default() -> Self {
        Self {
            auto_promotion: true,
            unique_phone_number: false,
            profile_choice: ProfileChoice::Random,
            room_activation: RoomActivation::OnCreation,
            invitation: InvitationKind::Template,
            link_fallback: false,
            pair_reuse_after_days: None,
            waiting_list: false,
            mandatory_profile_fields: Vec::new(),
        }
    }
}

/// Bounds on automatic answers and on guessing (interface.md, `[limits]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Automatic replies to one client in an hour; what is over is recorded and not answered.
    pub auto_replies_per_hour: u32,
    /// When wrong extensions lock a client's guesses.
    pub wrong_extensions: GuessLimit,
    /// How long a prospect waits for its promotion; `None`: for ever.
    pub prospects_expire_after: Option<Duration>,
    /// How long a client stays on the waiting list.
    pub waiting_expires_after: Duration,
    /// How long a link to a number waits to be used, before the number is free again.
    pub link_expires_after: Duration,
}

/// More than `attempts` wrong extensions within `within` lock the client's guesses for `lock`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuessLimit {
    /// How many wrong ones are let pass.
    pub attempts: u32,
    /// The span in which they are counted.
    pub within: Duration,
    /// How long the lock holds.
    pub lock: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let wrong_extensions = GuessLimit {
            attempts: 5,
            within: Duration::from_mins(10),
            lock: Duration::from_hours(1),
        };
        Self {
            auto_replies_per_hour: 5,
            wrong_extensions,
            prospects_expire_after: Some(Duration::from_hours(30 * 24)),
            // Inside the 24-hour window that the client's request opened, so that they can be told.
            waiting_expires_after: Duration::from_hours(23),
            link_expires_after: Duration::from_hours(72),
        }
    }
}

named_enum! {
    /// What an approved template is for.
    TemplatePurpose {
        /// The first message of a room.
        Invitation = "invitation",
        /// The reminder outside the 24-hour window.
        RoomReminder = "room_reminder",
        /// The user's info outside the 24-hour window of the primary.
        UserInfo = "user_info",
        /// The notice of another number outside the 24-hour window of the primary.
        RoomMoved = "room_moved",
        /// The notice of another user outside the 24-hour window of the primary.
        RoomHandedOver = "room_handed_over",
        /// From the primary, outside its 24-hour window: the client's place on the waiting list expired.
        WaitingExpired = "waiting_expired",
    }
}

/// An approved template of the company; parameters by position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its name at Meta.
    pub name: String,
    /// Its language code at Meta, as `en` or `en_US`: there is no fallback to another.
    pub language: String,
    /// What clients read, as Meta approved it: with it the record of a chat has the words that were sent. `None`: the record names the
    /// template and its parameters.
    pub text: Option<ApprovedText>,
    /// One text per body parameter.
    pub body: Vec<TextTemplate>,
    /// What its quick-reply buttons say, in their order at Meta; only of the invitation.
    pub buttons: Vec<InvitationButton>,
}

impl Template {
    /// The parameters, cleaned as Meta demands: no line break, no tab, no run of spaces, not empty.
    pub fn parameters(&self, values: &Values) -> Vec<String> {
        let clean = |text: String| {
            let words: Vec<_> = text.split_whitespace().collect();
            if words.is_empty() {
                "-".to_owned()
            } else {
                words.join(" ")
            }
        };
        self.body.iter().map(|text| clean(text.render(values))).collect()
    }
}

/// The templates by purpose.
pub type Templates = BTreeMap<TemplatePurpose, Template>;

/// A node of the company's tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgUnit {
    /// Its id.
    pub id: OrgUnitId,
    /// As people read it.
    pub name: String,
    /// The unit above; `None` at the top.
    pub parent: Option<OrgUnitId>,
}

/// It groups client profiles of one outside firm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalCompany {
    /// Its id.
    pub id: ExternalCompanyId,
    /// As people read it.
    pub name: String,
}

impl Company {
    /// The unit itself, then its parent, up to the top. Ends at an unknown unit, and at a cycle.
    pub fn units_upward<'a>(&'a self, from: &'a OrgUnitId) -> impl Iterator<Item = &'a OrgUnitId> {
        let parent = |id: &OrgUnitId| {
            self.org_units
                .iter()
                .find(|unit| unit.id == *id)
                .and_then(|unit| unit.parent.as_ref())
        };
        std::iter::successors(Some(from), move |id| parent(id)).take(self.org_units.len().max(1))
    }

    /// Whether `unit` is `of` or lies below it.
    pub fn is_within(&self, unit: &OrgUnitId, of: &OrgUnitId) -> bool {
        self.units_upward(unit).any(|id| id == of)
    }

    /// The account with this id.
    pub fn account(&self, id: OfficialAccountId) -> Option<&OfficialAccount> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// The pool that an account belongs to, in either role. An account is in one pool at the most.
    pub fn pool_of(&self, account: OfficialAccountId) -> Option<&Pool> {
        self.pools
            .iter()
            .find(|pool| pool.primary == account || pool.secondaries.contains(&account))
    }

    /// The pools that serve a unit, nearest first: the pool of the unit or of the nearest unit above that
    /// has one, then, as long as each allows it, the pools further up (domain.md, "Fallback upward").
    pub fn pools_for<'a>(&'a self, unit: &'a OrgUnitId) -> Vec<&'a Pool> {
        let mut serving: Vec<&Pool> = Vec::new();
        for unit in self.units_upward(unit) {
            if serving.last().is_some_and(|pool| !pool.fallback_upward) {
                break;
            }
            let here = self.pools.iter().find(|pool| pool.org_units.contains(unit));
            // One pool may serve a unit and the one above it.
            serving.extend(here.filter(|here| serving.iter().all(|pool| pool.id != here.id)));
        }
        serving
    }
}
