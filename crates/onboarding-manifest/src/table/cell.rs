//! Cells that no spreadsheet takes for a formula.

use std::borrow::Cow;

/// With one of these in front, spreadsheets calculate; the wide ones where the language of the spreadsheet writes them.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// The cell with a `'` in front, should it begin like a formula, or like a cell that got one.
pub(super) fn shielded(cell: &str) -> Cow<'_, str> {
    let behind = cell.strip_prefix('\'').unwrap_or(cell);
    let was_shielded = behind.len() != cell.len() && behind.starts_with('\'');
    if behind.starts_with(FORMULA) || was_shielded {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// The cell without the `'` that [`shielded`] put in front; any other `'` stays.
pub(super) fn bare(cell: &str) -> String {
    let bare = cell
        .strip_prefix('\'')
        .filter(|rest| rest.starts_with(FORMULA) || rest.starts_with('\''));
    bare.unwrap_or(cell).to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_begins_like_a_formula_is_shielded_and_nothing_else() {
        for (cell, shown) in [
            ("=1+1", "'=1+1"),
            ("+852", "'+852"),
            ("-", "'-"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＝1", "'＝1"),
            ("'=1", "''=1"),
            ("''x", "'''x"),
            ("'tis", "'tis"),
            ("'", "'"),
            ("#dom", "#dom"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(shielded(cell), shown, "{cell:?}");
            assert_eq!(bare(shown), cell, "{cell:?}");
        }
    }

    proptest! {
        #[test]
        fn every_cell_comes_back(cell in "['=+@\\-a＝ ]{0,6}|.{0,12}") {
            prop_assert_eq!(bare(&shielded(&cell)), cell.clone());
            prop_assert!(!shielded(&cell).starts_with(FORMULA));
        }
    }
}
