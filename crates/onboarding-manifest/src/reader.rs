//! Reads a TOML document by hand: every value knows its path and line, and nothing stops at the first mistake.
//!
//! Serde would stop there. A value that cannot be read is reported and a stand-in (see
//! [`crate::stand_in`]) takes its place, so that the rest is read and indices keep their meaning.

mod item;
mod report;
mod table;

pub(crate) use item::Item;
pub(crate) use report::{Found, Places, Report};
pub(crate) use table::{Table, unknown};
