//! `Debug` for values made of somebody's words and identifiers.

use std::fmt;

/// Shows whether something is there, not what.
pub(super) struct Present<'a, T>(pub(super) &'a Option<T>);

impl<T> fmt::Debug for Present<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "present" } else { "absent" })
    }
}
