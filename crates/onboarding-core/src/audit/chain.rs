//! The chain of a company's entries, and whether it is whole.

use std::{collections::BTreeMap, fmt};

use sha2::{Digest, Sha256};

use super::{AuditEntry, Checkpoint, entry::write_text};
use crate::{CompanyId, OnboardingId, Timestamp};

/// A SHA-256 of the audit; prints itself in hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AuditHash([u8; 32]);

impl AuditHash {
    /// Stands before the first entry.
    pub const NONE: Self = Self([0; 32]);

    /// From its bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits: Vec<u8> = text
            .chars()
            .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect::<Option<_>>()?;
        let (pairs, rest) = digits.as_chunks::<2>();
        let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high * 16 + low).collect();
        bytes.try_into().ok().filter(|_| rest.is_empty()).map(Self)
    }

    /// Of some bytes.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for AuditHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The end of a company's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditHead {
    /// The place of the last entry.
    pub sequence: u64,
    /// Its hash.
    pub hash: AuditHash,
}

/// What is hashed before everything else for a company: the name of this form and the company with its length. A store
/// that hashes for itself begins with it.
pub fn chain_prefix(company: &CompanyId) -> Vec<u8> {
    let mut bytes = b"onboarding-audit-1\0".to_vec();
    write_text(&mut bytes, company.as_str());
    bytes
}

/// The hash of an entry in its place: SHA-256 of the [`chain_prefix`], the sequence in eight bytes with the most
/// significant first, the hash of the entry before ([`AuditHash::NONE`] for the first), and the canonical bytes.
pub fn chain_hash(company: &CompanyId, sequence: u64, previous: &AuditHash, canonical: &[u8]) -> AuditHash {
    let mut bytes = chain_prefix(company);
    bytes.extend(sequence.to_be_bytes());
    bytes.extend(previous.as_bytes());
    bytes.extend(canonical);
    AuditHash::of(&bytes)
}

/// Something that is wrong with a chain. Prints as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditFinding {
    /// Entries are not there.
    Missing {
        /// The first of them.
        from: u64,
        /// The last of them.
        to: u64,
    },
    /// The entry does not follow from the one before it.
    Unlinked {
        /// Its place.
        sequence: u64,
    },
    /// The end of the chain as the store keeps it is not the last entry: some were cut off or put on.
    WrongEnd {
        /// The end as it is kept.
        kept: u64,
        /// The place of the last entry; 0 for none.
        last: u64,
    },
    /// A checkpoint is beyond the last entry.
    Truncated {
        /// The last entry when the checkpoint was made.
        checkpoint: u64,
        /// When that was.
        at: Timestamp,
        /// The last entry now; 0 for none.
        last: u64,
    },
    /// The entry is not the one that the checkpoint was made of.
    Rewritten {
        /// Its place.
        sequence: u64,
        /// When the checkpoint was made.
        at: Timestamp,
    },
    /// The record of a decision is not the one whose digest the entry holds.
    ChangedRecord {
        /// The entry's place.
        sequence: u64,
        /// The decision.
        onboarding: OnboardingId,
    },
}

impl fmt::Display for AuditFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { from, to } if from == to => write!(f, "entry {from} is missing"),
            Self::Missing { from, to } => write!(f, "entries {from} to {to} are missing"),
            Self::Unlinked { sequence } => write!(
                f,
                "entry {sequence} is not the one that was written there: it was changed, inserted or moved"
            ),
            Self::WrongEnd { kept, last } => write!(
                f,
                "the chain is kept to end at entry {kept} and ends at {last}: entries were cut off, put on or changed"
            ),
            Self::Truncated { checkpoint, at, last } => write!(
                f,
                "the checkpoint of {at} has entry {checkpoint} and the last one is {last}: entries were cut off"
            ),
            Self::Rewritten { sequence, at } => write!(
                f,
                "entry {sequence} is not the one that the checkpoint of {at} was made of: the chain was rewritten"
            ),
            Self::ChangedRecord { sequence, onboarding } => write!(
                f,
                "the record of onboarding {onboarding} is not the one that entry {sequence} vouches for: it was changed"
            ),
        }
    }
}

/// Judges the chain of a company while it is read in order.
///
/// Alone the chain shows what was changed, deleted, inserted or moved in it. Who may write everything can cut off its
/// end, or write all of it anew; that shows only against checkpoints that they could not reach.
#[derive(Debug)]
pub struct ChainCheck {
    company: CompanyId,
    last: AuditHead,
    checkpoints: BTreeMap<u64, Vec<Checkpoint>>,
    kept_before: Option<AuditHead>,
    findings: Vec<AuditFinding>,
}

impl ChainCheck {
    /// Of a company, against checkpoints whose signatures hold, and the end of the chain as the store kept it before
    /// the reading began. Checkpoints of other companies are left aside.
    pub fn new(company: CompanyId, kept: Option<AuditHead>, checkpoints: &[Checkpoint]) -> Self {
        let mut by_place: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for checkpoint in checkpoints.iter().filter(|one| one.company == company) {
            by_place
                .entry(checkpoint.head.sequence)
                .or_default()
                .push(checkpoint.clone());
        }
        let last = AuditHead {
            sequence: 0,
            hash: AuditHash::NONE,
        };
        Self {
            company,
            last,
            checkpoints: by_place,
            kept_before: kept,
            findings: Vec::new(),
        }
    }

    /// The next entry.
    pub fn read(&mut self, entry: &AuditEntry) {
        let expected = self.last.sequence + 1;
        if entry.sequence > expected {
            // What it follows is unknown, so that it cannot be judged; the next one can.
            self.findings.push(AuditFinding::Missing {
                from: expected,
                to: entry.sequence - 1,
            });
        } else {
            let canonical = entry.content.canonical_bytes();
            let hash = chain_hash(&self.company, expected, &self.last.hash, &canonical);
            if entry.sequence < expected || hash != entry.hash {
                let sequence = entry.sequence;
                self.findings.push(AuditFinding::Unlinked { sequence });
            }
        }
        self.last = AuditHead {
            sequence: entry.sequence,
            hash: entry.hash,
        };
        self.compare();
    }

    /// The last entry with what was kept of it.
    fn compare(&mut self) {
        let AuditHead { sequence, hash } = self.last;
        if let Some(kept) = self.kept_before.take_if(|kept| kept.sequence == sequence)
            && kept.hash != hash
        {
            let (kept, last) = (sequence, sequence);
            self.findings.push(AuditFinding::WrongEnd { kept, last });
        }
        let checkpoints = self.checkpoints.remove(&sequence).unwrap_or_default();
        let differing = checkpoints.into_iter().find(|one| one.head.hash != hash);
        self.findings
            .extend(differing.map(|one| AuditFinding::Rewritten { sequence, at: one.at }));
    }

    /// Everything that is wrong, when all entries were read; `kept` is the end of the chain as the store keeps it now.
    pub fn finish(mut self, kept: Option<AuditHead>) -> Vec<AuditFinding> {
        let last = self.last.sequence;
        let kept = kept.map_or(0, |head| head.sequence);
        let cut = self.kept_before.filter(|before| before.sequence > last);
        if let Some(before) = cut {
            let kept = before.sequence;
            self.findings.push(AuditFinding::WrongEnd { kept, last });
        } else if last > kept {
            self.findings.push(AuditFinding::WrongEnd { kept, last });
        }
        let beyond = self.checkpoints.into_values().flatten();
        let beyond = beyond.filter(|one| one.head.sequence > last);
        self.findings.extend(beyond.map(|one| AuditFinding::Truncated {
            checkpoint: one.head.sequence,
            at: one.at,
            last,
        }));
        self.findings
    }
}

#[cfg(test)]
mod tests;
