//! One-time codes of an authenticator (RFC 6238): six digits, half a minute each.

use onboarding_core::{Timestamp, access::TotpSecret};
use totp_rs::{Builder, Secret, Totp};

/// The time step of this code, if it is one of now, of the half minute before or of the one after: clocks of telephones
/// differ. Spaces are as people read codes out.
pub(crate) fn step_of(code: &str, secret: TotpSecret, now: Timestamp) -> Option<u64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let seconds = now.as_unix_millis() / 1000;
    generator(secret, "", "")?.check(&digits, seconds)
}

/// The secret as people type it: base 32, in groups of four.
pub(crate) fn as_key(secret: TotpSecret) -> String {
    let key = Secret::new(Box::new(*secret.as_bytes())).to_base32();
    let letters: Vec<char> = key.chars().collect();
    let groups = letters.chunks(4).map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join(" ")
}

/// What authenticators read from a QR code; `None` for names that no such address can carry.
pub(crate) fn address(secret: TotpSecret, company: &str, username: &str) -> Option<String> {
    generator(secret, &company.replace(':', " "), username)?
        .to_url()
        .ok()
}

/// SHA-1, six digits, 30 seconds, one step either way: what every authenticator does.
fn generator(secret: TotpSecret, issuer: &str, account: &str) -> Option<Totp> {
    Builder::new()
        .with_secret(Secret::new(Box::new(*secret.as_bytes())))
        .with_issuer((!issuer.is_empty()).then_some(issuer))
        .with_account_name(account)
        .build()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B; its codes there have eight digits, of which ours are the last six.
    const RFC: TotpSecret = TotpSecret::from_bytes(*b"12345678901234567890");

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds)
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
        ] {
            let step = u64::try_from(seconds).unwrap() / 30;
            assert_eq!(step_of(code, RFC, at(seconds)), Some(step));
            assert_eq!(step_of(code, RFC, at(seconds + 30)), Some(step));
            assert_eq!(step_of(code, RFC, at(seconds + 60)), None);
        }
        assert!(step_of("287 082", RFC, at(59)).is_some());
        for wrong in ["", "28708", "287083", "+87082", "2870820"] {
            assert_eq!(step_of(wrong, RFC, at(59)), None, "{wrong}");
        }
    }

    #[test]
    fn authenticators_can_read_it() {
        assert_eq!(as_key(RFC), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let address = address(RFC, "Acme: Wealth", "michael").unwrap();
        assert_eq!(
            address,
            "otpauth://totp/Acme%20%20Wealth:michael?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme%20%20Wealth"
        );
    }
}
