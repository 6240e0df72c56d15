//! The logo in a company's QR codes.

use std::{
    fmt::{self, Write as _},
    sync::Arc,
};

use sha2::{Digest, Sha256};

/// A logo, named by the file that somebody gave; with its picture, or without it where nobody looks at it.
///
/// Two are equal when their files were: a company is loaded for each message, and its logo is not.
#[derive(Clone)]
pub struct Logo {
    digest: String,
    picture: Option<Arc<[u8]>>,
}

impl Logo {
    /// Of a file, with the picture that is drawn of it: PNG, made by us.
    pub fn new(file: &[u8], picture: impl Into<Arc<[u8]>>) -> Self {
        let mut digest = String::with_capacity(64);
        for byte in Sha256::digest(file) {
            // Writing to a string cannot fail.
            let _ = write!(digest, "{byte:02x}");
        }
        Self {
            digest,
            picture: Some(picture.into()),
        }
    }

    /// As a store has it; `None` for what is no digest.
    pub fn stored(digest: &str, picture: Option<Vec<u8>>) -> Option<Self> {
        let is_hex = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
        (digest.len() == 64 && digest.as_bytes().iter().all(is_hex)).then(|| Self {
            digest: digest.to_owned(),
            picture: picture.map(Into::into),
        })
    }

    /// SHA-256 of the file, in hex: names it in the audit, in plans and in caches.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The picture, PNG; `None` where the logo came with a company's settings.
    pub fn picture(&self) -> Option<&[u8]> {
        self.picture.as_deref()
    }
}

impl PartialEq for Logo {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for Logo {}

impl fmt::Debug for Logo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Logo").field(&self.digest).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_is_what_its_file_was() {
        let logo = Logo::new(b"file", b"png".to_vec());
        let stored = Logo::stored(logo.digest(), None).unwrap();
        assert_eq!(logo, stored);
        assert_eq!((logo.picture(), stored.picture()), (Some(&b"png"[..]), None));
        assert_ne!(logo, Logo::new(b"another", b"png".to_vec()));
        for no_digest in ["", "f", &"G".repeat(64), &"F".repeat(64)] {
            assert_eq!(Logo::stored(no_digest, None), None);
        }
    }
}
