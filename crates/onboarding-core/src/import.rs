//! Bulk: users and their extensions from a table.
//!
//! A table is read elsewhere; here its rows are judged against the company as it is ([`judge`]), by the rules that judge
//! manifests. What passes becomes a job in the store ([`NewImport`]): batches, each made in one transaction with its audit
//! entries and the progress of the job, so that a row takes effect once however often the work is taken up again.
//!
//! An import adds and changes users and never takes one away. A column that the table does not have leaves its field as it
//! is; a cell that is empty empties it.

mod batches;
mod job;
mod judge;
mod row;

pub use batches::batches;
pub use job::{Import, ImportCounts, ImportState, NewImport, SettledBatch};
pub use judge::{Judged, Preview, Verdict, judge};
pub use row::{CellMistake, Column, ImportRow, ImportTable, RefusedRow, cells_of};
