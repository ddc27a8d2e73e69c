//! Aligns tables.

use std::fmt::Write;

/// Returns a line for each row. The first column is aligned to the left, the others to the right.
pub fn align(rows: &[impl AsRef<[String]>]) -> String {
    let width = |column: usize| rows.iter().map(|row| row.as_ref()[column].chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for row in rows {
        for (column, cell) in row.as_ref().iter().enumerate() {
            let width = width(column);
            // Writing to a string cannot fail.
            let _ = match column {
                0 => write!(text, "{cell:<width$}"),
                _ => write!(text, "  {cell:>width$}"),
            };
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["a", "100"], ["name", "1"]].map(|row| row.map(str::to_owned));
        assert_eq!(align(&rows), "a     100\nname    1\n");
    }
}
