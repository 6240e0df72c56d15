//! Passwords: hashed and checked with argon2id, at most two at a time.

use std::sync::{Arc, LazyLock};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc},
};
use onboarding_core::access::PasswordHash;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

/// Hashing costs 19 MiB and tens of milliseconds of a processor: more at a time would let strangers stop the service.
const AT_A_TIME: usize = 2;

/// Of a password that nobody has, with the same cost as any other.
static NOBODYS: LazyLock<Option<PasswordHash>> =
    LazyLock::new(|| hash(b"nobody has this password", &[7; 16]));

/// Hashes and checks passwords beside the threads that answer requests.
#[derive(Clone)]
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_A_TIME)),
        }
    }

    /// The password as it is stored, with this salt; `None` only if the machine cannot do it.
    pub(crate) async fn hash(&self, password: &SecretString, salt: [u8; 16]) -> Option<PasswordHash> {
        let password = password.clone();
        self.in_turn(move || hash(password.expose_secret().as_bytes(), &salt))
            .await
            .flatten()
    }

    /// Whether it is the password. Without a hash to compare with it takes as long and says no: how long an answer takes
    /// does not tell who has an account.
    pub(crate) async fn check(&self, password: &SecretString, stored: Option<PasswordHash>) -> bool {
        let password = password.clone();
        let checked = self.in_turn(move || {
            let is_somebodys = stored.is_some();
            let stored = stored.or_else(|| NOBODYS.clone());
            let right = stored.is_some_and(|stored| is_of(password.expose_secret().as_bytes(), &stored));
            right && is_somebodys
        });
        checked.await.unwrap_or(false)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        // The semaphore is never closed, and the work does not panic: both would be a refusal.
        let turn = self.turns.clone().acquire_owned().await.ok()?;
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.ok()
    }
}

/// With argon2's defaults, which are what OWASP asks for: 19 MiB, two passes, one lane.
fn hash(password: &[u8], salt: &[u8]) -> Option<PasswordHash> {
    let hash = Argon2::default().hash_password_with_salt(password, salt).ok()?;
    Some(PasswordHash::from_text(hash.to_string()))
}

/// With the cost that is written in the hash.
fn is_of(password: &[u8], stored: &PasswordHash) -> bool {
    phc::PasswordHash::new(stored.as_text())
        .is_ok_and(|stored| Argon2::default().verify_password(password, &stored).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_is_right() {
        let passwords = Passwords::new();
        let right = SecretString::from("plum harbour tilts");
        let stored = passwords.hash(&right, [1; 16]).await.unwrap();
        let text = stored.as_text();
        assert!(text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{text}");
        let other = passwords.hash(&right, [2; 16]).await.unwrap();
        assert_ne!(stored, other, "each has a salt of its own");
        assert!(passwords.check(&right, Some(stored.clone())).await);
        assert!(
            !passwords
                .check(&SecretString::from("plum harbour tilt"), Some(stored))
                .await
        );
        assert!(
            !passwords
                .check(&SecretString::from("nobody has this password"), None)
                .await
        );
        assert!(
            !passwords
                .check(&right, Some(PasswordHash::from_text("no hash")))
                .await
        );
    }
}
