//! The keys of a provider (RFC 7517).

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::Value;

/// More keys than any provider has.
const MOST: usize = 100;

/// What is sent; a key that cannot be read is nobody's.
#[derive(Deserialize)]
pub(crate) struct KeySet {
    keys: Vec<Value>,
}

/// Keys that may sign tokens.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys(Vec<Key>);

#[derive(Debug, Clone)]
struct Key {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    checks: DecodingKey,
}

impl KeySet {
    /// Those that can be used to check a signature.
    pub(crate) fn usable(self) -> Keys {
        let keys = self.keys.into_iter().take(MOST);
        Keys(
            keys.filter_map(|key| usable(serde_json::from_value(key).ok()?))
                .collect(),
        )
    }
}

impl Keys {
    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key with this id that makes such signatures; without an id the only one that does.
    pub(crate) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&DecodingKey> {
        let mut fitting = self.0.iter().filter(|key| {
            let named = id.is_none() || key.id.as_deref() == id;
            named && key.algorithms.contains(&algorithm)
        });
        let first = fitting.next()?;
        fitting.next().is_none().then_some(&first.checks)
    }
}

/// Secrets, keys for encryption, and curves that nobody checks here are left out.
fn usable(jwk: Jwk) -> Option<Key> {
    if jwk
        .common
        .public_key_use
        .as_ref()
        .is_some_and(|used| *used != PublicKeyUse::Signature)
    {
        return None;
    }
    let makes: &[Algorithm] = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => &[
            Algorithm::RS256,
            Algorithm::RS384,
            Algorithm::RS512,
            Algorithm::PS256,
            Algorithm::PS384,
            Algorithm::PS512,
        ],
        AlgorithmParameters::EllipticCurve(one) if one.curve == EllipticCurve::P256 => &[Algorithm::ES256],
        AlgorithmParameters::EllipticCurve(one) if one.curve == EllipticCurve::P384 => &[Algorithm::ES384],
        AlgorithmParameters::OctetKeyPair(one) if one.curve == EllipticCurve::Ed25519 => &[Algorithm::EdDSA],
        _ => return None,
    };
    let declared = |algorithm: &&Algorithm| match jwk.common.key_algorithm {
        Some(only) => KeyAlgorithm::from(**algorithm) == only,
        None => true,
    };
    Some(Key {
        algorithms: makes.iter().filter(declared).copied().collect(),
        checks: DecodingKey::from_jwk(&jwk).ok()?,
        id: jwk.common.key_id,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keys(keys: &Value) -> Keys {
        serde_json::from_value::<KeySet>(json!({ "keys": keys }))
            .unwrap()
            .usable()
    }

    fn curve(id: &str) -> Value {
        json!({ "kty": "EC", "crv": "P-256", "kid": id, "x": "AAAA", "y": "AAAA" })
    }

    #[test]
    fn a_key_is_found_by_its_id_and_makes_one_kind_of_signature() {
        let all = keys(&json!([curve("a"), curve("b")]));
        assert!(all.find(Some("a"), Algorithm::ES256).is_some());
        assert!(all.find(Some("c"), Algorithm::ES256).is_none());
        assert!(all.find(Some("a"), Algorithm::RS256).is_none());
        assert!(all.find(None, Algorithm::ES256).is_none(), "which of the two?");
        assert!(keys(&json!([curve("a")])).find(None, Algorithm::ES256).is_some());
        assert!(
            keys(&json!([curve("a"), curve("a")]))
                .find(Some("a"), Algorithm::ES256)
                .is_none()
        );
    }

    #[test]
    fn secrets_and_keys_for_other_uses_are_no_keys() {
        let mut sealing = curve("a");
        sealing["use"] = "enc".into();
        let secret = json!({ "kty": "oct", "k": "AAAA", "kid": "a" });
        let mut other = curve("a");
        other["alg"] = "ES384".into();
        for one in [sealing, secret, other, json!({ "kty": "?" }), json!(7)] {
            let found = keys(&json!([one]));
            for algorithm in [Algorithm::ES256, Algorithm::HS256] {
                assert!(found.find(Some("a"), algorithm).is_none(), "{one}");
            }
        }
    }
}
