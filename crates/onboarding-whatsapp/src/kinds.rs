//! Every kind of webhook that Meta documents or is seen to send, and what becomes of it.
//!
//! `docs/whatsapp.md` shows this table; a test holds the two, and every sample body, against each other.

/// What a kind of webhook leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// A client's message that may be answered: the flow decides on it.
    Answered,
    /// A message that is kept (in the room, if there is one) and never answered.
    Kept,
    /// Moves one of our messages forward.
    Progress,
    /// Goes into the state of an account, number or template.
    State,
    /// Puts right who a client is.
    Identity,
    /// Recorded, because onboarding does not depend on it.
    Recorded,
}

impl Effect {
    /// As the table says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Kept => "kept, not answered",
            Self::Progress => "progress",
            Self::State => "state",
            Self::Identity => "who a client is",
            Self::Recorded => "recorded",
        }
    }
}

/// One kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// The field; for messages and statuses with the type behind a slash.
    pub name: &'static str,
    /// What it leads to.
    pub effect: Effect,
    /// Why, or how.
    pub why: &'static str,
}

const fn kind(name: &'static str, effect: Effect, why: &'static str) -> Kind {
    Kind { name, effect, why }
}

/// The kinds.
#[rustfmt::skip]
pub const KINDS: &[Kind] = &[
    kind("messages/text", Effect::Answered, "the extension may stand anywhere in it, also in the headline of the ad that it answers"),
    kind("messages/image", Effect::Answered, "by its caption"),
    kind("messages/video", Effect::Answered, "by its caption"),
    kind("messages/audio", Effect::Answered, "it names no extension, so the client is asked for one"),
    kind("messages/document", Effect::Answered, "by its caption"),
    kind("messages/sticker", Effect::Answered, "like audio"),
    kind("messages/location", Effect::Answered, "like audio"),
    kind("messages/contacts", Effect::Answered, "like audio; a card tells whose number it is only where WhatsApp asked the client for it"),
    kind("messages/button", Effect::Answered, "by its payload and its words; a button of an invitation accepts or declines"),
    kind("messages/interactive", Effect::Answered, "by the id and the title that were chosen"),
    kind("messages/order", Effect::Answered, "by the words beside it; what was ordered is not looked at"),
    kind("messages/reaction", Effect::Kept, "an answer to an emoji would surprise"),
    kind("messages/a changed number or id", Effect::Identity, "the client keeps rooms and profiles: domain.md, “Clients”"),
    kind("messages/system", Effect::Kept, "any other note of WhatsApp about the client, not their words"),
    kind("messages/edit", Effect::Kept, "the first wording was decided on; only on numbers that are also in the phone app"),
    kind("messages/revoke", Effect::Kept, "what was decided on is not undone; only on numbers that are also in the phone app"),
    kind("messages/unsupported", Effect::Kept, "edits, polls and what other businesses write arrive so: an answer could start a loop"),
    kind("messages/request_welcome", Effect::Kept, "Meta withdrew it in March 2026"),
    kind("messages/in a group", Effect::Kept, "a room has two people; a group is never answered"),
    kind("messages/of an unknown type", Effect::Kept, "until a version knows the type"),
    kind("messages/errors", Effect::State, "errors without a message, kept with the number for an hour"),
    kind("statuses/sent", Effect::Progress, "WhatsApp has it"),
    kind("statuses/delivered", Effect::Progress, "it is on the phone"),
    kind("statuses/read", Effect::Progress, "the client saw it"),
    kind("statuses/played", Effect::Progress, "the client listened to it"),
    kind("statuses/failed", Effect::Progress, "the message fails; with an invitation its room"),
    kind("account_update", Effect::State, "bans, restrictions with their end, violations, lost access; the rest is noted"),
    kind("account_review_update", Effect::State, "a rejected account is blocked"),
    kind("account_alerts", Effect::State, "critical ones limit the account, others are warnings"),
    kind("business_capability_update", Effect::State, "the messaging limit"),
    kind("phone_number_name_update", Effect::State, "a rejected display name limits the number"),
    kind("phone_number_quality_update", Effect::State, "flags, and the messaging limit"),
    kind("message_template_status_update", Effect::State, "whether the template can be sent"),
    kind("message_template_quality_update", Effect::State, "a warning before Meta pauses it"),
    kind("message_template_components_update", Effect::State, "its number of parameters against the manifest"),
    kind("template_category_update", Effect::State, "a change to marketing"),
    kind("security", Effect::State, "a warning for a day when somebody touched the PIN"),
    kind("business_username_updates", Effect::Recorded, "clients write to the number, whatever name it has"),
    kind("user_preferences", Effect::Recorded, "WhatsApp itself holds marketing back (131050); an invitation that the client asked for is none"),
    kind("calls", Effect::Recorded, "calls are not offered"),
    kind("flows", Effect::Recorded, "no flow is sent"),
    kind("history", Effect::Recorded, "old conversations of the phone app open no room"),
    kind("smb_message_echoes", Effect::Recorded, "what a person typed in the phone app is theirs"),
    kind("smb_app_state_sync", Effect::Recorded, "the phone app's address book is not ours"),
    kind("standby", Effect::Recorded, "another partner owns the conversation"),
    kind("messaging_handovers", Effect::Recorded, "another partner owns the conversation"),
    kind("group_lifecycle_update", Effect::Recorded, "rooms have two people"),
    kind("group_participants_update", Effect::Recorded, "rooms have two people"),
    kind("group_settings_update", Effect::Recorded, "rooms have two people"),
    kind("group_status_update", Effect::Recorded, "rooms have two people"),
    kind("payment_configuration_update", Effect::Recorded, "nothing is sold"),
    kind("partner_solutions", Effect::Recorded, "nothing depends on it"),
    kind("automatic_events", Effect::Recorded, "nothing depends on it"),
    kind("any other field", Effect::Recorded, "not known to this version; kept as it came"),
];

/// The webhook fields that an app has to subscribe to: messages, and what goes into a state.
pub fn fields_to_subscribe() -> Vec<&'static str> {
    let of_state = KINDS.iter().filter(|kind| kind.effect == Effect::State);
    let fields = of_state.map(|kind| kind.name).filter(|name| !name.contains('/'));
    std::iter::once("messages").chain(fields).collect()
}

/// Why a field is only recorded.
pub(crate) fn why_recorded(field: &str) -> &'static str {
    let known = KINDS.iter().find(|kind| kind.name == field);
    known.map_or("not known to this version; kept as it came", |kind| kind.why)
}
