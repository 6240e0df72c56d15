//! The table of users as CSV (RFC 4180): read for an import, written for an export. `docs/bulk.md` has its columns.

mod cell;

use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord, WriterBuilder};
use onboarding_core::{
    config::UserConfig,
    import::{CellMistake, Column, ImportRow, ImportTable, RefusedRow, cells_of},
};

/// The largest table that is read, in bytes.
pub const MAX_TABLE_BYTES: usize = 4 * 1024 * 1024;

/// The most rows of a table, without its header.
pub const MAX_TABLE_ROWS: usize = 20_000;

/// The most characters of a cell.
const MAX_CELL: usize = 1_000;

/// Some spreadsheets begin their files with it.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Why a file as a whole is no table of users.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// More than [`MAX_TABLE_BYTES`].
    #[error("the table has more than {MAX_TABLE_BYTES} bytes; import it in parts")]
    TooLarge,
    /// More than [`MAX_TABLE_ROWS`].
    #[error("the table has more than {MAX_TABLE_ROWS} rows; import it in parts")]
    TooManyRows,
    /// Written in another encoding.
    #[error("line {0}: the table is not written in UTF-8; save it as “CSV UTF-8”")]
    NotUtf8(usize),
    /// Nothing, or empty lines.
    #[error("the table is empty; its first line names the columns: {list}", list = known())]
    Empty,
    /// The header names something else.
    #[error("line 1: there is no column `{0}`; known are {list}", list = known())]
    UnknownColumn(String),
    /// The header is not separated by commas.
    #[error("line 1: the columns are separated by something else than commas; save the table with commas")]
    Separator,
    /// The header names a column again.
    #[error("line 1: the column {0} stands there twice; remove one")]
    RepeatedColumn(Column),
    /// Nobody could say whose rows they are.
    #[error("line 1: the column username is missing; it says whose row it is")]
    NoUsername,
}

fn known() -> String {
    let names: Vec<_> = Column::ALL.iter().map(|column| column.as_str()).collect();
    names.join(", ")
}

/// Reads a table. What is wrong with the file as a whole is an error; a row that cannot be read is told by its line.
///
/// ```
/// let table = onboarding_manifest::read_users("username,title\r\ndom,\"Director, Hong Kong\"\r\n".as_bytes());
/// assert_eq!(table.expect("a table").rows[0].line, 2);
/// ```
pub fn read_users(bytes: &[u8]) -> Result<ImportTable, TableError> {
    if bytes.len() > MAX_TABLE_BYTES {
        return Err(TableError::TooLarge);
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        TableError::NotUtf8(before.split(|byte| *byte == b'\n').count())
    })?;
    // Whatever ends a line; no cell may hold one.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut records = reader.records().filter_map(Result::ok);
    let columns = columns(&records.next().ok_or(TableError::Empty)?)?;
    let mut table = ImportTable::default();
    for record in records {
        if table.rows.len() + table.unreadable.len() == MAX_TABLE_ROWS {
            return Err(TableError::TooManyRows);
        }
        match row(&columns, &record, line_of(&record, &text)) {
            Ok(row) => table.rows.push(row),
            Err(refused) => table.unreadable.push(refused),
        }
    }
    Ok(table)
}

fn columns(header: &StringRecord) -> Result<Vec<Column>, TableError> {
    let mut columns = Vec::new();
    for name in header {
        let name = name.trim();
        let Some(column) = Column::from_name(&name.to_ascii_lowercase()) else {
            return Err(if header.len() == 1 && name.contains([';', '\t', '|']) {
                TableError::Separator
            } else {
                TableError::UnknownColumn(name.chars().filter(|c| !c.is_control()).take(60).collect())
            });
        };
        if columns.contains(&column) {
            return Err(TableError::RepeatedColumn(column));
        }
        columns.push(column);
    }
    if columns.contains(&Column::Username) {
        Ok(columns)
    } else {
        Err(TableError::NoUsername)
    }
}

/// The line on which the record begins. Empty lines before it are counted as part of it by the reader.
fn line_of(record: &StringRecord, text: &str) -> u32 {
    let Some(position) = record.position() else {
        return 0;
    };
    let before = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(before..).unwrap_or_default();
    let empty = rest.iter().take_while(|byte| **byte == b'\n').count();
    let line = usize::try_from(position.line()).unwrap_or(usize::MAX);
    u32::try_from(line.saturating_add(empty)).unwrap_or(u32::MAX)
}

fn row(columns: &[Column], record: &StringRecord, line: u32) -> Result<ImportRow, RefusedRow> {
    let mut mistakes = Vec::new();
    if record.len() != columns.len() {
        mistakes.push(CellMistake {
            column: None,
            message: format!(
                "has {} cells where the header names {} columns; a cell with a comma stands in quotation marks",
                record.len(),
                columns.len()
            ),
        });
    }
    let mut cells = BTreeMap::new();
    for (column, cell) in columns.iter().zip(record) {
        let cell = cell::bare(cell.trim_matches(' '));
        if let Some(message) = unreadable(&cell) {
            mistakes.push(CellMistake {
                column: Some(*column),
                message,
            });
        } else {
            cells.insert(*column, cell);
        }
    }
    if mistakes.is_empty() {
        return Ok(ImportRow { line, cells });
    }
    Err(RefusedRow {
        line,
        username: cells.remove(&Column::Username).unwrap_or_default(),
        mistakes,
    })
}

fn unreadable(cell: &str) -> Option<String> {
    if cell.chars().any(char::is_control) {
        Some("holds a line break or another control character; write it on one line".to_owned())
    } else if cell.chars().count() > MAX_CELL {
        Some(format!("has more than {MAX_CELL} characters; shorten it"))
    } else {
        None
    }
}

/// Writes a table with every column, its rows in the order of the usernames. Read again, it changes nothing.
///
/// A cell that a spreadsheet would take for a formula begins with `'`, which reading takes off again.
pub fn write_users(users: &[UserConfig]) -> String {
    let mut users: Vec<_> = users.iter().collect();
    users.sort_by(|one, other| one.username.cmp(&other.username));
    let mut writer = WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let header = writer.write_record(Column::ALL.iter().map(|column| column.as_str()));
    let rows = users.into_iter().try_for_each(|user| {
        let cells = cells_of(user);
        writer.write_record(Column::ALL.iter().map(|column| {
            let cell = cells.get(column).map(String::as_str).unwrap_or_default();
            cell::shielded(cell).into_owned()
        }))
    });
    header.and(rows).expect("writing into memory does not fail");
    let bytes = writer.into_inner().expect("writing into memory does not fail");
    String::from_utf8(bytes).expect("made of texts")
}
