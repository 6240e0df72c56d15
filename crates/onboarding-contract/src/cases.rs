//! The cases by subject.

pub mod acts;
pub mod administration;
pub mod audit;
pub mod breaker;
pub mod clients;
pub mod commit;
pub mod conflicts;
pub mod dead_letters;
pub mod doubt;
pub mod flow;
pub mod inbox;
pub mod invitation;
pub mod lanes;
pub mod life;
pub mod notices;
pub mod numbers;
pub mod outbox;
pub mod profiles;
pub mod prospects;
pub mod races;
pub mod rates;
pub mod record;
pub mod rooms;
pub mod status;
pub mod usage;
pub mod verification;
