//! Signed tokens (RFC 7515, RFC 7519).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Validation, decode, errors::ErrorKind};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    claims::{Claims, Refusal},
    crypto,
    keys::Keys,
};

/// Bytes of a token at the most.
const LONGEST: usize = 16 * 1024;

/// Signatures that a provider makes with a key of its own: never `none`, never one with a shared secret.
const ALLOWED: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// How a token says that it is signed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) algorithm: Algorithm,
    pub(crate) key_id: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

impl Signed {
    /// Reads it; refused unless such a signature is allowed.
    pub(crate) fn read(token: &str) -> Result<Self, Refusal> {
        if token.len() > LONGEST || token.split('.').count() != 3 {
            return Err(Refusal::Unreadable);
        }
        let header: Header = part(token, 0).ok_or(Refusal::Unreadable)?;
        // What has to be understood and is not known here (RFC 7515, 4.1.11).
        if header.crit.is_some() {
            return Err(Refusal::Unreadable);
        }
        let algorithm = header.alg.parse().ok().filter(|named| ALLOWED.contains(named));
        Ok(Self {
            algorithm: algorithm.ok_or(Refusal::Algorithm)?,
            key_id: header.kid,
        })
    }

    /// What the token says, if one of the keys signed it.
    pub(crate) fn claims(&self, token: &str, keys: &Keys) -> Result<Claims, Refusal> {
        crypto::install();
        let key = keys
            .find(self.key_id.as_deref(), self.algorithm)
            .ok_or(Refusal::Key)?;
        // What it says is judged by `Expected`, with the caller's time.
        let mut signature_only = Validation::new(self.algorithm);
        signature_only.required_spec_claims.clear();
        signature_only.validate_exp = false;
        signature_only.validate_aud = false;
        let decoded = decode(token, key, &signature_only).map_err(|error| match error.kind() {
            ErrorKind::InvalidSignature => Refusal::Signature,
            ErrorKind::InvalidAlgorithm | ErrorKind::UnsupportedAlgorithm => Refusal::Algorithm,
            _ => Refusal::Unreadable,
        });
        decoded.map(|token| token.claims)
    }
}

/// What a token says, whoever signed it.
pub(crate) fn unproven<T: DeserializeOwned>(token: &str) -> Option<T> {
    if token.len() > LONGEST || token.split('.').count() != 3 {
        return None;
    }
    part(token, 1)
}

fn part<T: DeserializeOwned>(token: &str, place: usize) -> Option<T> {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(place)?).ok()?;
    serde_json::from_slice(&bytes).ok()
}
