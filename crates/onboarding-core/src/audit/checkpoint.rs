//! What is kept elsewhere of a chain.

use super::{AuditHead, entry::write_text};
use crate::{CompanyId, Timestamp};

/// The end of a company's chain at some time. Signed, and kept where whoever can write the database cannot, it shows
/// when the chain up to it is cut short or written anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose chain.
    pub company: CompanyId,
    /// Its end.
    pub head: AuditHead,
    /// When it was made.
    pub at: Timestamp,
}

impl Checkpoint {
    /// The bytes that the signature is over.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = b"onboarding-audit-checkpoint-1\0".to_vec();
        write_text(&mut bytes, self.company.as_str());
        bytes.extend(self.head.sequence.to_be_bytes());
        bytes.extend(self.head.hash.as_bytes());
        bytes.extend(self.at.as_micros().to_be_bytes());
        bytes
    }
}
