//! Error classes by what the caller can do.

/// What an error asks of the sender of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// Try again later.
    ///
    /// `safe`: the call was refused before it was processed, so repeating it cannot send twice; back off 4^n seconds
    /// (Meta: about-the-platform). Otherwise the message may have gone out, as after a time-out: wait for a status that
    /// carries the `biz_opaque_callback_data` before repeating, and repeat once or twice at most.
    Retry {
        /// Whether a repetition is free of the risk of a second copy.
        safe: bool,
    },
    /// Nothing of this account will pass until somebody acts: park its queue and raise an alarm.
    PauseAccount,
    /// Nothing from this phone number will pass until somebody acts: park its queue and raise an alarm.
    PauseNumber,
    /// The 24 hours since the person's last message are over: only a template may be sent.
    WindowClosed,
    /// This person cannot be reached, for the reason given; others can. Never loop.
    Recipient(RecipientTrouble),
    /// This template cannot be used as it is; other messages pass.
    Template(TemplateTrouble),
    /// This message, or the call itself, is wrong; repeating it does not help. Also every code not in the table.
    Message,
}

/// Why a person cannot be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecipientTrouble {
    /// Not on WhatsApp, too old a client, terms not accepted, or blocked us: Meta does not say which (131026).
    Undeliverable,
    /// We have blocked this person ourselves (130403).
    BlockedByUs,
    /// Meta excludes the person from marketing as part of an experiment (130472).
    Experiment,
    /// Meta withholds the (marketing) message; not again within 24 hours (131049).
    Withheld,
    /// The person stopped marketing messages (131050).
    OptedOut,
    /// Test numbers write only to the five numbers listed for them (131030).
    NotAllowListed,
    /// The person registered anew: make sure who it is, then send without the identity hash (137000).
    IdentityChanged,
    /// This kind of message needs a phone number instead of a business-scoped user id (131062).
    PhoneNeeded,
    /// Another partner owns the conversation (131070).
    ThreadOwnedElsewhere,
}

/// What is wrong with a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TemplateTrouble {
    /// No approved template of that name in that language.
    Missing,
    /// Number or form of the parameters.
    Parameters,
    /// Too long once filled.
    TooLong,
    /// Against Meta's policy, or refused at creation.
    Policy,
    /// Paused for low quality; comes back by itself.
    Paused,
    /// Switched off for good.
    Disabled,
    /// Its flow is blocked or throttled.
    Flow,
    /// Templates of this category are limited or not available to this account.
    CategoryRestricted,
}
