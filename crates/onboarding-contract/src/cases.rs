//! The cases by subject.

pub mod administration;
pub mod clients;
pub mod commit;
pub mod conflicts;
pub mod flow;
pub mod inbox;
pub mod invitation;
pub mod outbox;
pub mod record;
pub mod status;
pub mod usage;
