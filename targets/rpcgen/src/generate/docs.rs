//! Converts comments to documentation.

use crate::tree::Comments;

/// Returns the documentation of an item: its comments, then its declaration in the file.
pub(super) fn lines(comments: &Comments, declaration: &str) -> Vec<String> {
    let mut lines = text(comments);
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.push(format!("`{declaration}`"));
    lines
}

/// Returns the comments of an item as lines of Markdown that look like the original.
pub(super) fn text(comments: &Comments) -> Vec<String> {
    comments.lines().iter().map(|line| escape(line)).collect()
}

/// Escapes characters that have a meaning in Markdown.
#[must_use]
pub fn escape(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        if word.starts_with("http://") || word.starts_with("https://") {
            return format!("<{}>", word.trim_end_matches(['>', ',', '.', ';', ')']));
        }
        let special = |character: char| "\\`*_[]<>|~$&".contains(character);
        word.chars().flat_map(|character| special(character).then_some('\\').into_iter().chain([character])).collect()
    });
    let line = words.collect::<Vec<_>>().join(" ");
    // The beginning of a list or a heading.
    let digits = line.find(|character: char| !character.is_ascii_digit()).unwrap_or(0);
    if line.starts_with(['-', '+', '#', '=']) {
        format!("\\{line}")
    } else if digits > 0 && line[digits..].starts_with(['.', ')']) {
        format!("{}\\{}", &line[..digits], &line[digits..])
    } else {
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markdown() {
        assert_eq!(escape("chars[0] <b> *x*"), r"chars\[0\] \<b\> \*x\*");
        assert_eq!(["- a", "# b", "1. c"].map(escape), [r"\- a", r"\# b", r"1\. c"]);
        assert_eq!(escape("see http://a.b/c."), "see <http://a.b/c>");
    }
}
