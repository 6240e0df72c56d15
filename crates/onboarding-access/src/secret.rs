//! Secrets of 256 random bits as callers show them, and the hash that is stored.

use std::fmt::Write as _;

use onboarding_core::access::{ApiTokenId, SecretHash};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// What API tokens begin with, so that scanners for leaked secrets know them.
pub const TOKEN_PREFIX: &str = "lxo";

/// The SHA-256 of these parts, each with its length before it, so that no two lists of parts are alike.
pub fn hash_of(parts: &[&[u8]]) -> SecretHash {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part);
    }
    SecretHash::from_bytes(hasher.finalize().into())
}

/// The secret as 64 hexadecimal digits.
pub fn as_text(secret: [u8; 32]) -> SecretString {
    let mut text = String::with_capacity(64);
    for byte in secret {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.into()
}

/// The hash of a secret that is shown as text; `None` for what none of ours can be.
pub fn hash_shown(text: &str) -> Option<SecretHash> {
    let is_ours = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    is_ours.then(|| hash_of(&[text.as_bytes()]))
}

/// The token as its service shows it: `lxo_<id>_<secret>`.
pub fn token_text(id: ApiTokenId, secret: &SecretString) -> SecretString {
    let id = id.as_uuid().simple();
    format!("{TOKEN_PREFIX}_{id}_{}", secret.expose_secret()).into()
}

/// The id and the hash of a token as it is shown; `None` for what is no token of ours.
pub fn read_token(text: &str) -> Option<(ApiTokenId, SecretHash)> {
    let mut parts = text.splitn(3, '_');
    let (prefix, id, secret) = (parts.next()?, parts.next()?, parts.next()?);
    let is_simple = id.len() == 32 && prefix == TOKEN_PREFIX;
    let id = is_simple.then(|| Uuid::try_parse(id).ok()).flatten()?;
    Some((ApiTokenId::from_uuid(id), hash_shown(secret)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_nothing_else_is_a_token() {
        let id = ApiTokenId::from_uuid(Uuid::from_u128(7));
        let secret = as_text([0xab; 32]);
        let text = token_text(id, &secret);
        let text = text.expose_secret();
        assert!(
            text.starts_with("lxo_00000000000000000000000000000007_abab"),
            "{text}"
        );
        assert_eq!(
            read_token(text),
            hash_shown(secret.expose_secret()).map(|hash| (id, hash))
        );
        let upper = text.to_uppercase();
        for other in [
            "",
            "lxo",
            "lxo__",
            &text[1..],
            &text[..text.len() - 1],
            &upper,
            &format!("{text}0"),
        ] {
            assert_eq!(read_token(other), None, "{other}");
        }
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(hash_of(&[b"ab", b"c"]), hash_of(&[b"a", b"bc"]));
    }
}
