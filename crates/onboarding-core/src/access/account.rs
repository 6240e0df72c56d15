//! Local accounts: the passwords of people whose company has no identity provider, and the links that set them up.

use std::{fmt, time::Duration};

use super::SecretHash;
use crate::{CompanyId, Timestamp, UserId};

/// Characters of a password at the least (ASVS 6.2.1 asks for 8, this service for 15).
pub const PASSWORD_AT_LEAST: usize = 15;

/// Characters of a password at the most, so that hashing one is bounded work.
pub const PASSWORD_AT_MOST: usize = 128;

/// How long the link holds that the service shows at its first start.
pub const FIRST_LINK_LASTS: Duration = Duration::from_mins(15);

/// How long a link holds that an operator makes for somebody.
pub const LINK_LASTS: Duration = Duration::from_hours(24);

/// Wrong tries that cost nothing but themselves.
const FREE_TRIES: u32 = 4;

/// How long the next try waits after the first one that is not free; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_secs(30);

/// The longest wait, so that nobody can lock a person out for good.
const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// A link with which one user sets up how they sign in. It is good for one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetUpLink {
    /// Of the secret in the link.
    pub key: SecretHash,
    /// The company.
    pub company: CompanyId,
    /// Whose account it sets up.
    pub user: UserId,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl SetUpLink {
    /// Whether it still opens anything.
    pub fn holds(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

/// How a user signs in who has no identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalAccount {
    /// The company.
    pub company: CompanyId,
    /// The user.
    pub user: UserId,
    /// Of the password.
    pub password: PasswordHash,
    /// Of the second factor, which administrators need.
    pub totp: Option<TotpSecret>,
    /// What was tried with it.
    pub tries: Tries,
}

/// A password as it is stored: the text that argon2 writes (PHC format).
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Wraps the text.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for who stores or checks it.
    pub fn as_text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// What a person's authenticator and this service share (RFC 6238), 160 bits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TotpSecret([u8; 20]);

impl TotpSecret {
    /// Wraps the secret.
    pub const fn from_bytes(secret: [u8; 20]) -> Self {
        Self(secret)
    }

    /// The secret, for who stores it or computes codes.
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

/// What was tried with an account. A try is counted before its password is looked at, so that tries at the same time
/// are not free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tries {
    /// Wrong ones since the last right one.
    pub failures: u32,
    /// When the last of them was.
    pub failed_at: Option<Timestamp>,
    /// The time step of the last code that was taken: a code is good for one time (RFC 6238, 5.2).
    pub code_step: u64,
}

impl Tries {
    /// Whether the next try has to wait.
    ///
    /// Four wrong tries are free; then the wait grows from half a minute to a quarter of an hour, so that a guesser has
    /// fewer than a hundred tries a day and the owner is never shut out for long.
    pub fn must_wait(&self, now: Timestamp) -> bool {
        let Some(failed_at) = self.failed_at else {
            return false;
        };
        let Some(doublings) = self.failures.checked_sub(FREE_TRIES + 1) else {
            return false;
        };
        let wait = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(doublings));
        now < failed_at + wait.min(LONGEST_WAIT)
    }

    /// After a wrong try.
    #[must_use]
    pub fn failed(self, now: Timestamp) -> Self {
        Self {
            failures: self.failures.saturating_add(1),
            failed_at: Some(now),
            ..self
        }
    }

    /// After a right one, with the step of its code if it had one.
    #[must_use]
    pub fn passed(self, code_step: Option<u64>) -> Self {
        Self {
            failures: 0,
            failed_at: None,
            code_step: code_step.unwrap_or(self.code_step),
        }
    }
}

/// Why a password cannot be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Too short.
    #[error("the password needs {PASSWORD_AT_LEAST} characters or more")]
    TooShort,
    /// Too long.
    #[error("the password may have {PASSWORD_AT_MOST} characters at the most")]
    TooLong,
    /// A few characters over and over, or the name of its owner.
    #[error("the password is too easy to guess: use several words that do not belong together")]
    Guessable,
}

/// Whether this may be a password of the user with this name: long enough, more than a few characters over and over,
/// and neither the name nor the product's. Nothing else is asked of it (ASVS 6.2.5: no rules about kinds of characters).
pub fn judge_password(password: &str, username: &str) -> Result<(), WeakPassword> {
    let length = password.chars().count();
    if length < PASSWORD_AT_LEAST {
        return Err(WeakPassword::TooShort);
    }
    if length > PASSWORD_AT_MOST {
        return Err(WeakPassword::TooLong);
    }
    let lower = password.to_lowercase();
    let mut different: Vec<char> = lower.chars().collect();
    different.sort_unstable();
    different.dedup();
    let rest = [
        username.to_lowercase().as_str(),
        "password",
        "onboarding",
        "leapwork",
        "whatsapp",
    ]
    .iter()
    .filter(|word| !word.is_empty())
    .fold(lower, |text, word| text.replace(word, ""));
    let steps = rest.chars().zip(rest.chars().skip(1));
    let neighbours = steps
        .filter(|(a, b)| u32::from(*a).abs_diff(u32::from(*b)) <= 1)
        .count();
    let is_sequence = neighbours * 2 > rest.chars().count();
    if different.len() < 6 || rest.chars().count() < 8 || is_sequence {
        return Err(WeakPassword::Guessable);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(1_795_346_001 + seconds)
    }

    #[test]
    fn four_tries_are_free_and_then_each_wrong_one_waits_longer() {
        let mut tries = Tries::default();
        for _ in 0..4 {
            assert!(!tries.must_wait(at(0)));
            tries = tries.failed(at(0));
        }
        assert!(!tries.must_wait(at(0)));
        for wait in [30, 60, 120, 240, 480, 900, 900] {
            tries = tries.failed(at(0));
            assert!(tries.must_wait(at(wait - 1)), "{tries:?}");
            assert!(!tries.must_wait(at(wait)), "{tries:?}");
        }
        let many = Tries {
            failures: u32::MAX,
            ..tries
        };
        assert!(many.failed(at(0)).must_wait(at(899)) && !many.must_wait(at(900)));
    }

    #[test]
    fn a_right_try_forgives_the_wrong_ones_and_remembers_its_code() {
        let tries = Tries::default().failed(at(0)).passed(Some(7));
        assert_eq!((tries.failures, tries.failed_at, tries.code_step), (0, None, 7));
        assert_eq!(tries.passed(None).code_step, 7);
    }

    #[test]
    fn passwords_are_long_and_their_own() {
        for (password, verdict) in [
            ("fourteen chars", Err(WeakPassword::TooShort)),
            ("plum harbour tilts", Ok(())),
            ("混合的長密碼可以用中文寫成吧好嗎", Ok(())),
            ("aaaaaaaaaaaaaaaaaaaa", Err(WeakPassword::Guessable)),
            ("abababababababababab", Err(WeakPassword::Guessable)),
            ("12345678901234567890", Err(WeakPassword::Guessable)),
            ("abcdefghijklmnopqrst", Err(WeakPassword::Guessable)),
            ("passwordpassword1!", Err(WeakPassword::Guessable)),
            ("Michael-onboarding", Err(WeakPassword::Guessable)),
        ] {
            assert_eq!(judge_password(password, "michael"), verdict, "{password}");
        }
        assert_eq!(
            judge_password(&"plum harbour ".repeat(10), "x"),
            Err(WeakPassword::TooLong)
        );
    }

    #[test]
    fn what_is_secret_is_not_shown() {
        let account = format!(
            "{:?} {:?}",
            PasswordHash::from_text("$argon2id$secret"),
            TotpSecret::from_bytes([7; 20])
        );
        assert_eq!(account, "PasswordHash(…) TotpSecret(…)");
    }
}
