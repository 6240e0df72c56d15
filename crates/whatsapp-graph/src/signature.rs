//! Proof that a webhook comes from Meta: `X-Hub-Signature-256` and the verify token of the GET handshake.
//!
//! Source: Meta "Create a webhook endpoint" (business-messaging/whatsapp/webhooks/create-webhook-endpoint). The key is
//! the app secret, the message is the raw body: hash before anything decodes, trims or re-encodes the bytes.

use std::fmt;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Name of the header that carries the signature. Header names are compared without regard to case.
pub const SIGNATURE_HEADER: &str = "X-Hub-Signature-256";

/// How every header value starts.
const PREFIX: &[u8] = b"sha256=";

/// Bytes of an HMAC-SHA256.
const TAG_LEN: usize = 32;

/// The secret of one Meta app: the key of every webhook signature of that app, whatever the number.
///
/// Never printed, and wiped from memory when dropped. An empty secret is accepted here, so that configuration can be
/// loaded and complained about elsewhere, but it verifies nothing: everybody knows it.
#[derive(Clone)]
pub struct AppSecret(SecretString);

impl AppSecret {
    /// Wraps the secret exactly as Meta's app dashboard shows it (32 hex digits, used as text, not decoded).
    pub fn new(secret: impl Into<SecretString>) -> Self {
        Self(secret.into())
    }

    /// The whole header value Meta would send for `body`: `sha256=` and 64 lower-case hex digits.
    pub fn sign(&self, body: &[u8]) -> String {
        let tag = self.mac(body).finalize().into_bytes();
        format!("sha256={}", hex::encode(tag))
    }

    /// Compares in constant time. False for the empty secret.
    fn verifies(&self, body: &[u8], tag: &[u8; TAG_LEN]) -> bool {
        !self.0.expose_secret().is_empty() && self.mac(body).verify_slice(tag).is_ok()
    }

    fn mac(&self, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret().as_bytes())
            .expect("HMAC takes keys of any length");
        mac.update(body);
        mac
    }
}

impl fmt::Debug for AppSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppSecret(redacted)")
    }
}

/// Why a delivery is not believed. Names the defect, never the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// No `X-Hub-Signature-256` header.
    #[error("signature header is absent")]
    Absent,
    /// More than one such header, even if they agree: which one a proxy before us looked at is unknowable.
    #[error("signature header is given more than once")]
    Duplicate,
    /// Not `sha256=` followed by exactly 64 lower-case hex digits.
    #[error("signature header is malformed")]
    Malformed,
    /// Well formed, and made with none of the secrets.
    #[error("signature matches no app secret")]
    Mismatch,
}

/// The bytes of a delivery that Meta signed.
///
/// [`VerifiedBody::verify`] is the only way to get one, so whoever holds it needs no second check.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifiedBody(Bytes);

impl VerifiedBody {
    /// Checks the signature of `body` (raw, as received) against every secret and returns the keys of all that match,
    /// in the order given and never none.
    ///
    /// `header_values` are the values of every header named [`SIGNATURE_HEADER`]. `K` is whatever the caller calls an
    /// app by. Several keys match when companies share one app, or while a secret is being rotated. Every secret is
    /// tried, each in constant time, so the time taken tells only how many secrets there are.
    pub fn verify<'h, 'k, K>(
        body: Bytes,
        header_values: impl IntoIterator<Item = &'h [u8]>,
        secrets: impl IntoIterator<Item = (K, &'k AppSecret)>,
    ) -> Result<(Self, Vec<K>), SignatureError> {
        let mut values = header_values.into_iter();
        let value = values.next().ok_or(SignatureError::Absent)?;
        if values.next().is_some() {
            return Err(SignatureError::Duplicate);
        }
        let tag = parse_header(value).ok_or(SignatureError::Malformed)?;
        let keys: Vec<K> = secrets
            .into_iter()
            .filter_map(|(key, secret)| secret.verifies(&body, &tag).then_some(key))
            .collect();
        if keys.is_empty() {
            Err(SignatureError::Mismatch)
        } else {
            Ok((Self(body), keys))
        }
    }

    /// The body exactly as it was received.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The body without copying it.
    pub fn into_bytes(self) -> Bytes {
        self.0
    }
}

impl AsRef<[u8]> for VerifiedBody {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Shows the length only: a body is full of names, phone numbers and words.
impl fmt::Debug for VerifiedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifiedBody({} bytes)", self.0.len())
    }
}

/// Whether the `hub.verify_token` of the GET handshake is ours. Constant time, whatever the lengths; false if
/// `expected` is empty.
pub fn verify_token_matches(expected: &SecretString, given: &str) -> bool {
    // Hashing first makes the compared lengths equal, so that the length of our token does not show in the time.
    let ours = Sha256::digest(expected.expose_secret().as_bytes());
    let theirs = Sha256::digest(given.as_bytes());
    !expected.expose_secret().is_empty() && bool::from(ours.as_slice().ct_eq(theirs.as_slice()))
}

fn parse_header(value: &[u8]) -> Option<[u8; TAG_LEN]> {
    let digits = value.strip_prefix(PREFIX)?;
    // `hex` also takes upper case, which Meta never sends.
    if digits.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    let mut tag = [0; TAG_LEN];
    hex::decode_to_slice(digits, &mut tag).ok()?;
    Some(tag)
}

#[cfg(test)]
mod tests;
