//! Lists, as commands print them.

use super::say;

/// Prints a line a row below the headings, in columns; the last column, which may be long, ends each line.
///
/// Whatever a terminal would obey is printed as a space: some cells hold WhatsApp's words.
pub(super) fn say_table<const COLUMNS: usize>(headings: [&str; COLUMNS], rows: Vec<[String; COLUMNS]>) {
    for line in lines(headings, rows) {
        say(&line);
    }
}

fn lines<const COLUMNS: usize>(headings: [&str; COLUMNS], rows: Vec<[String; COLUMNS]>) -> Vec<String> {
    let mut all = vec![headings.map(str::to_owned)];
    all.extend(
        rows.into_iter()
            .map(|row| row.map(|cell| without_controls(&cell))),
    );
    let width = |column: usize| all.iter().map(|row| row[column].chars().count()).max();
    let widths: [usize; COLUMNS] = std::array::from_fn(|column| width(column).unwrap_or(0));
    let line = |row: &[String; COLUMNS]| {
        let columns = row.iter().zip(widths);
        let padded = columns.map(|(cell, width)| format!("{cell:width$}  "));
        padded.collect::<String>().trim_end().to_owned()
    };
    all.iter().map(line).collect()
}

fn without_controls(cell: &str) -> String {
    cell.chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_say_nothing_to_the_terminal() {
        let rows = vec![
            ["1".to_owned(), "no\u{1b}[31m".to_owned()],
            ["22222".to_owned(), String::new()],
        ];
        assert_eq!(
            lines(["ID", "WHY"], rows),
            ["ID     WHY", "1      no [31m", "22222"]
        );
    }
}
