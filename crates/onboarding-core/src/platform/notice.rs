//! Webhooks about accounts, numbers and templates, free of their wire format.

use crate::Timestamp;

/// A webhook that is about our side of the platform, free of its wire format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformNotice {
    /// The WhatsApp Business Account that it came for.
    pub waba_id: Option<String>,
    /// When, by WhatsApp's clock.
    pub at: Option<Timestamp>,
    /// What it says.
    pub content: NoticeContent,
}

/// One restriction of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restriction {
    /// WhatsApp's word for it.
    pub kind: String,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// What WhatsApp suggests.
    pub remedy: Option<String>,
}

/// What it says. Words in capitals are WhatsApp's own; all of them are open lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeContent {
    /// `account_update`.
    Account {
        /// `DISABLED_UPDATE` and the like.
        event: String,
        /// `DISABLE`, `SCHEDULE_FOR_DISABLE`, `REINSTATE`.
        ban_state: Option<String>,
        /// The restrictions.
        restrictions: Vec<Restriction>,
        /// What was violated.
        violation: Option<String>,
        /// The app that was uninstalled or installed.
        app: Option<String>,
        /// Why the connection ended.
        disconnection: Option<String>,
        /// The digits of the one number that it concerns.
        number: Option<String>,
    },
    /// `account_review_update`.
    Review {
        /// `APPROVED`, `REJECTED` and the like.
        decision: String,
    },
    /// `account_alerts`.
    Alert {
        /// `CRITICAL`, `WARNING`, `INFORMATIONAL`.
        severity: String,
        /// Whether it holds, as opposed to being over.
        active: bool,
        /// Which alert.
        kind: String,
        /// WhatsApp's sentence.
        description: String,
    },
    /// `business_capability_update`, or a limit told elsewhere.
    Capability {
        /// As WhatsApp writes it.
        limit: Option<String>,
    },
    /// `phone_number_name_update`.
    DisplayName {
        /// Digits of the number.
        number: Option<String>,
        /// `APPROVED`, `REJECTED` and the like.
        decision: String,
        /// Why it was rejected.
        reason: Option<String>,
    },
    /// `phone_number_quality_update`.
    NumberQuality {
        /// Digits of the number.
        number: Option<String>,
        /// `FLAGGED`, `UNFLAGGED`, `ONBOARDING`, `THROUGHPUT_UPGRADE` and the like.
        event: String,
        /// The limit, as WhatsApp writes it.
        limit: Option<String>,
    },
    /// `message_template_status_update`.
    TemplateStatus {
        /// Its name.
        name: String,
        /// Its language.
        language: String,
        /// `APPROVED`, `PAUSED` and the like.
        event: String,
        /// WhatsApp's reason, where it gives one.
        reason: Option<String>,
    },
    /// `message_template_quality_update`.
    TemplateQuality {
        /// Its name.
        name: String,
        /// Its language.
        language: String,
        /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
        score: String,
    },
    /// `message_template_components_update`: somebody edited it.
    TemplateEdited {
        /// Its name.
        name: String,
        /// Its language.
        language: String,
        /// How many parameters the body has now.
        parameters: usize,
    },
    /// `template_category_update`.
    TemplateCategory {
        /// Its name.
        name: String,
        /// Its language.
        language: String,
        /// The category before, where it has changed already.
        previous: Option<String>,
        /// The category now.
        category: String,
        /// The category that it will get.
        coming: Option<String>,
    },
    /// `security`: the PIN of a number.
    Security {
        /// Digits of the number.
        number: Option<String>,
        /// `PIN_CHANGED` and the like.
        event: String,
    },
    /// Errors without a message.
    Errors {
        /// The Graph id of the number.
        phone_number_id: Option<String>,
        /// The code and our words for it.
        errors: Vec<(i64, String)>,
    },
}
