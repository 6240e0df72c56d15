//! The one table of error codes.

use std::ops::RangeInclusive;

use super::ErrorClass::{self, Message, PauseAccount, PauseNumber, Retry, WindowClosed};
use super::RecipientTrouble as R;
use super::TemplateTrouble as T;

/// One row of [`TABLE`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownError {
    /// The codes the row is about; mostly one.
    pub codes: RangeInclusive<i64>,
    /// What the sender does.
    pub class: ErrorClass,
    /// What a person does, as a lower-case fragment for an alarm or a list.
    pub action: &'static str,
}

/// The row of `code`, if Meta documents it.
pub fn known(code: i64) -> Option<&'static KnownError> {
    TABLE.iter().find(|row| row.codes.contains(&code))
}

const fn one(code: i64, class: ErrorClass, action: &'static str) -> KnownError {
    KnownError {
        codes: code..=code,
        class,
        action,
    }
}

const fn span(codes: RangeInclusive<i64>, class: ErrorClass, action: &'static str) -> KnownError {
    KnownError { codes, class, action }
}

const SAFE: ErrorClass = Retry { safe: true };
const DOUBTFUL: ErrorClass = Retry { safe: false };

const fn person(trouble: R) -> ErrorClass {
    ErrorClass::Recipient(trouble)
}

const fn template(trouble: T) -> ErrorClass {
    ErrorClass::Template(trouble)
}

/// Every code of Meta's "Error codes" page as of September 2026, ascending and without overlap. The classes are ours:
/// Meta describes causes, not what a queue should do.
pub const TABLE: &[KnownError] = &[
    one(0, PauseAccount, "renew the access token"),
    one(1, DOUBTFUL, "check the platform status page"),
    one(2, DOUBTFUL, "wait; the platform is down for a moment"),
    one(3, PauseAccount, "grant the app the missing capability"),
    one(4, SAFE, "slow down: call limit of the app"),
    one(10, PauseAccount, "grant the missing permission"),
    one(
        33,
        PauseNumber,
        "check the phone number id; the number may be deleted",
    ),
    one(100, Message, "correct the parameter"),
    one(190, PauseAccount, "renew the access token"),
    span(200..=299, PauseAccount, "grant the missing permission"),
    one(
        368,
        PauseAccount,
        "see account quality: blocked for a policy violation",
    ),
    one(803, Message, "check the id; no such object"),
    one(80007, SAFE, "slow down: call limit of the account"),
    one(130_403, person(R::BlockedByUs), "unblock the person"),
    one(130_429, SAFE, "slow down: throughput of the number"),
    one(130_472, person(R::Experiment), "reach the person in another way"),
    one(130_497, PauseAccount, "the account may not write to that country"),
    one(130_501, Message, "send a type that groups support"),
    one(131_000, DOUBTFUL, "wait; contact support if it persists"),
    one(131_005, PauseAccount, "grant the missing permission"),
    one(131_008, Message, "add the missing parameter"),
    one(131_009, Message, "correct the parameter value"),
    one(131_016, DOUBTFUL, "wait; the service is overloaded"),
    one(131_021, Message, "sender and recipient are the same number"),
    one(
        131_026,
        person(R::Undeliverable),
        "mark the person as unreachable",
    ),
    one(
        131_030,
        person(R::NotAllowListed),
        "add the recipient to the test number's list",
    ),
    one(131_031, PauseAccount, "account locked: see account quality"),
    one(131_037, PauseNumber, "get the display name approved"),
    one(131_042, PauseAccount, "set up the payment method of the account"),
    one(131_045, PauseNumber, "register the number again"),
    one(131_047, WindowClosed, "send a template"),
    one(131_048, PauseNumber, "stop sending: number restricted for spam"),
    one(131_049, person(R::Withheld), "do not repeat within 24 hours"),
    one(
        131_050,
        person(R::OptedOut),
        "do not send marketing to this person",
    ),
    one(131_051, Message, "send a supported message type"),
    one(131_052, Message, "ask the person to send the file again"),
    one(131_053, Message, "check type and size of the file"),
    one(131_055, Message, "use the right method"),
    one(131_056, SAFE, "slow down: too many messages to this person"),
    one(131_057, DOUBTFUL, "wait; number in maintenance for some minutes"),
    one(131_059, Message, "start the listing again"),
    one(131_060, Message, "inbound message is unavailable"),
    one(131_061, Message, "max-price feature is not available"),
    one(131_062, person(R::PhoneNeeded), "send to the phone number"),
    one(
        131_063,
        template(T::CategoryRestricted),
        "marketing is switched off for this interface",
    ),
    one(
        131_064,
        template(T::CategoryRestricted),
        "wait; templates were given a wrong category",
    ),
    one(131_065, Message, "max-price feature is not available"),
    one(
        131_070,
        person(R::ThreadOwnedElsewhere),
        "take the conversation over from the other partner",
    ),
    one(132_000, template(T::Parameters), "match the number of parameters"),
    one(
        132_001,
        template(T::Missing),
        "create the template in this language or wait for approval",
    ),
    one(132_005, template(T::TooLong), "shorten the parameters"),
    one(132_007, template(T::Policy), "rewrite the template"),
    one(
        132_012,
        template(T::Parameters),
        "match the form of the parameters",
    ),
    one(
        132_015,
        template(T::Paused),
        "wait for the pause to end, improve the template",
    ),
    one(132_016, template(T::Disabled), "make a new template"),
    one(
        132_018,
        template(T::Parameters),
        "remove newlines, tabs and runs of spaces from parameters",
    ),
    span(132_068..=132_069, template(T::Flow), "repair the flow"),
    one(133_000, Message, "deregister the number again"),
    one(133_004, DOUBTFUL, "wait; the server is unavailable"),
    one(133_005, Message, "use the right two-step PIN"),
    one(133_006, Message, "verify the number before registering it"),
    span(133_008..=133_009, Message, "wait; too many PIN guesses"),
    one(133_010, PauseNumber, "register the number"),
    one(133_015, Message, "wait five minutes; the number was just deleted"),
    one(133_016, Message, "wait 72 hours; registered too often"),
    one(134_011, Message, "accept the payments terms"),
    span(
        134_100..=134_102,
        template(T::Disabled),
        "synchronise the template with the marketing interface",
    ),
    one(135_000, Message, "correct the parameters"),
    one(136_024, Message, "wait; temporary failure"),
    one(
        137_000,
        person(R::IdentityChanged),
        "verify the person, then send without the identity hash",
    ),
    span(138_000..=138_999, Message, "calling is not used"),
    span(
        139_100..=139_103,
        Message,
        "look at the failed users of the block list call",
    ),
    one(141_002, template(T::Missing), "wait for the template's approval"),
    one(141_006, PauseAccount, "set up the payment method of the account"),
    one(
        141_010,
        PauseAccount,
        "the business is not eligible: see account quality",
    ),
    span(147_001..=147_005, Message, "correct the business username"),
    span(
        2_388_000..=2_388_999,
        template(T::Policy),
        "correct the template as created",
    ),
    one(
        2_494_100,
        DOUBTFUL,
        "wait; number in maintenance for some minutes",
    ),
    span(
        2_593_107..=2_593_109,
        Message,
        "history of the phone app was not shared",
    ),
];
