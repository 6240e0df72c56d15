//! The flow: what a client's message leads to, as a pure function of the facts.
//!
//! [`decide`] takes a [`Request`], the [`Facts`] that were loaded for it, the time and a draw, and gives a
//! [`Decision`]: the outcome, what changes, the messages to send, and the [`crate::Trace`] that tells why. It
//! has no ports in scope and cannot fail: every case of domain.md ends in an [`Outcome`].

mod allocation;
pub(crate) mod decide;
mod decision;
mod facts;
mod genuineness;
mod guessing;
mod identity_change;
mod invitation;
pub(crate) mod messages;
pub(crate) mod opening;
mod opting_out;
pub(crate) mod profile_choice;
mod reminding;
pub(crate) mod room;
mod staying;

pub(crate) use allocation::limit_is_spent;
pub use allocation::{Allocation, Exhaustion, Rung, allocate};
pub use decide::decide;
pub use decision::{Decision, IdentityChange, IgnoreReason, NewProfile, NewProspect, Outcome, RoomUpdate};
pub use facts::{
    AccountUsage, AskedNumber, ClientFacts, ClientRoom, Facts, Holder, KnownIdentity, Request, Situation,
    Standing, asked_in, find_holder,
};
pub use guessing::locked_until;
pub use invitation::{InvitationContext, InvitationFailure, invitation_failed};
pub use profile_choice::visible_profiles;

use std::time::Duration;

/// How long after a client's message free text is taken by WhatsApp (Meta: customer service windows), less a
/// margin for the way there.
pub const CUSTOMER_SERVICE_WINDOW: Duration = Duration::from_mins(24 * 60 - 5);

/// A room is not reminded of again within this time.
pub const REMINDER_PAUSE: Duration = Duration::from_mins(1);
