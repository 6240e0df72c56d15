//! A sign-in that is under way, as the browser keeps it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use onboarding_core::{ButtonKey, CompanyId, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::secret::{as_text, hash_shown};

/// What is signed before everything else: the name of this use of the company's key.
const DOMAIN: &[u8] = b"onboarding-sign-in-1\0";

/// What the browser keeps: whose, since when, and a secret of its own.
pub(super) struct Pending {
    pub(super) company: CompanyId,
    pub(super) begun_at: Timestamp,
    secret: SecretString,
}

/// What goes with the browser and comes back. Only who has the company's key can make it from what the browser keeps.
pub(super) struct Marks {
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
}

impl Pending {
    pub(super) fn begun(company: &CompanyId, now: Timestamp, secret: [u8; 32]) -> Self {
        Self {
            company: company.clone(),
            begun_at: now,
            secret: as_text(secret),
        }
    }

    /// As the cookie has it. That nobody changed it, the state shows.
    pub(super) fn cookie(&self) -> SecretString {
        let (company, at) = (&self.company, self.begun_at.as_micros());
        format!("{company}.{at}.{}", self.secret.expose_secret()).into()
    }

    pub(super) fn read(cookie: &str) -> Option<Self> {
        let mut parts = cookie.splitn(3, '.');
        let (company, at, secret) = (parts.next()?, parts.next()?, parts.next()?);
        hash_shown(secret)?;
        Some(Self {
            company: CompanyId::parse(company).ok()?,
            begun_at: Timestamp::from_micros(at.parse().ok()?),
            secret: secret.into(),
        })
    }

    pub(super) fn marks(&self, key: &ButtonKey) -> Marks {
        let mark = |purpose: &str| {
            let mut mac =
                Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
            mac.update(DOMAIN);
            mac.update(purpose.as_bytes());
            mac.update(b"\0");
            mac.update(self.cookie().expose_secret().as_bytes());
            let mark = as_text(mac.finalize().into_bytes().into());
            mark.expose_secret().to_owned()
        };
        Marks {
            state: mark("state"),
            nonce: mark("nonce"),
            verifier: mark("verifier"),
        }
    }
}

impl Marks {
    /// SHA-256 of the verifier (RFC 7636, `S256`).
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.as_bytes()))
    }

    /// Whether this came back. How long it takes does not tell how much is alike.
    pub(super) fn is_state(&self, shown: &str) -> bool {
        let (ours, shown) = (
            Sha256::digest(self.state.as_bytes()),
            Sha256::digest(shown.as_bytes()),
        );
        ours.iter()
            .zip(shown.iter())
            .fold(0, |found, (a, b)| found | (a ^ b))
            == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: ButtonKey = ButtonKey::from_bytes([7; 32]);

    fn pending() -> Pending {
        let acme = CompanyId::parse("acme").unwrap();
        Pending::begun(&acme, Timestamp::from_unix_seconds(1_795_346_001), [9; 32])
    }

    #[test]
    fn a_sign_in_is_read_back_from_its_cookie_and_has_the_same_marks() {
        let cookie = pending().cookie();
        let read = Pending::read(cookie.expose_secret()).unwrap();
        assert_eq!(
            (read.company.as_str(), read.begun_at),
            ("acme", pending().begun_at)
        );
        assert!(read.marks(&KEY).is_state(&pending().marks(&KEY).state));
        let marks = read.marks(&KEY);
        assert!(marks.state != marks.nonce && marks.nonce != marks.verifier);
        for odd in [
            "",
            "acme",
            "acme.1",
            "acme.1.x",
            "acme.x.",
            &cookie.expose_secret()[1..70],
        ] {
            assert!(Pending::read(odd).is_none(), "{odd}");
        }
    }

    #[test]
    fn who_changes_the_cookie_has_another_state() {
        let state = pending().marks(&KEY).state;
        let cookie = pending().cookie().expose_secret().to_owned();
        for changed in [
            cookie.replace("acme", "initech"),
            cookie.replace(".1795", ".1796"),
            cookie.replace("0909", "0908"),
        ] {
            assert_ne!(changed, cookie);
            assert!(!Pending::read(&changed).unwrap().marks(&KEY).is_state(&state));
        }
        let other = ButtonKey::from_bytes([8; 32]);
        assert!(!pending().marks(&other).is_state(&state));
        assert!(!pending().marks(&KEY).is_state(""));
    }

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let marks = Marks {
            state: String::new(),
            nonce: String::new(),
            verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned(),
        };
        assert_eq!(marks.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
