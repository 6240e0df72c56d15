//! The real clock and the real randomness: the only places in the product that read either.

use chrono::Utc;
use onboarding_core::{
    Timestamp,
    audit::Origin,
    ports::{Clock, Entropy},
};
use rand::{TryRng, rngs::SysRng};

/// The system's clock, in UTC.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port's real clock")]
    fn now(&self) -> Timestamp {
        let now = Utc::now().timestamp_micros();
        #[cfg(feature = "failpoints")]
        let now = crate::failpoints::hasten(now);
        Timestamp::from_micros(now)
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn seed(&self) -> [u8; 32] {
        let mut seed = [0; 32];
        SysRng
            .try_fill_bytes(&mut seed)
            .expect("the operating system gives randomness");
        seed
    }
}

/// Whoever runs the command, by the name that the shell gives: the login behind `sudo` if there is one. A hint for the
/// audit, not a proof; whoever has a shell can set it.
pub(crate) fn operator() -> Origin {
    let named = ["SUDO_USER", "LOGNAME", "USER"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok());
    Origin::operator(named.unwrap_or_else(|| "unknown".to_owned()))
}
