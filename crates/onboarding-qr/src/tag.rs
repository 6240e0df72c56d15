//! Names for pictures, for caches.

use sha2::{Digest, Sha256};

/// Grows when the same values are drawn differently, so that caches let go of what they have.
const DRAWING: &[u8] = b"onboarding-qr 1";

/// The name of what is made of the parts: the same parts, the same name, on every machine; 32 hexadecimal digits.
///
/// As an `ETag` it stands in double quotes.
pub fn content_tag(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in std::iter::once(&DRAWING).chain(parts) {
        // With its length, so that ("ab", "c") and ("a", "bc") differ.
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    let mut tag = hex::encode(hash.finalize());
    tag.truncate(32);
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(content_tag(&[b"ab", b"c"]), content_tag(&[b"a", b"bc"]));
        assert_ne!(content_tag(&[b"ab"]), content_tag(&[b"ab", b""]));
        assert_eq!(content_tag(&[b"ab"]).len(), 32);
    }
}
