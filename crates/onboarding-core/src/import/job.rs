//! An import as the store keeps it.

use super::{ImportRow, RefusedRow};
use crate::{ImportId, Timestamp, audit::Origin, config::ConfigChange, named::named_enum};

named_enum! {
    /// How far an import is.
    ImportState {
        /// Batches wait, or one is under way.
        Running = "running",
        /// Somebody stopped it; what was done stays done.
        Stopped = "stopped",
        /// Every row was made or refused.
        Finished = "finished",
    }
}

/// How many rows did what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// Rows of the table.
    pub total: u32,
    /// Users who are new, or came back.
    pub created: u32,
    /// Users who are different.
    pub changed: u32,
    /// Users who were so already.
    pub unchanged: u32,
    /// Rows that took no effect.
    pub refused: u32,
}

impl ImportCounts {
    /// Rows of which it is known what became of them.
    pub fn done(&self) -> u32 {
        self.created + self.changed + self.unchanged + self.refused
    }
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Which.
    pub id: ImportId,
    /// How far it is.
    pub state: ImportState,
    /// Who began it; what it changes is told as theirs.
    pub by: Origin,
    /// Whether they may give roles beyond `user`.
    pub may_give_roles: bool,
    /// When it began.
    pub begun_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How many rows did what so far.
    pub counts: ImportCounts,
}

/// An import that is to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewImport {
    /// Which.
    pub id: ImportId,
    /// Whether whoever begins it may give roles beyond `user`.
    pub may_give_roles: bool,
    /// The rows, in the batches in which they are made.
    pub batches: Vec<Vec<ImportRow>>,
    /// The rows that take no effect.
    pub refused: Vec<RefusedRow>,
}

impl NewImport {
    /// The counts with which it begins.
    pub fn counts(&self) -> ImportCounts {
        let count = |rows: usize| u32::try_from(rows).unwrap_or(u32::MAX);
        let refused = count(self.refused.len());
        ImportCounts {
            total: refused + count(self.batches.iter().map(Vec::len).sum()),
            refused,
            ..ImportCounts::default()
        }
    }
}

/// What became of a batch, to be stored whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledBatch {
    /// The revision of the company on which the rows were judged.
    pub revision: u64,
    /// What is to be changed.
    pub changes: Vec<ConfigChange>,
    /// The lines of the batch that are done with, but for those that are refused.
    pub done: Vec<u32>,
    /// How many did what; `total` is not looked at.
    pub counts: ImportCounts,
    /// The rows that take no effect.
    pub refused: Vec<RefusedRow>,
}
