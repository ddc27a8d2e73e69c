//! Converts comments to documentation.

use crate::tree::{Comment, Comments};

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
    // Comments above an empty line do not belong to the item, for example a licence.
    let about = comments.before.iter().rev().take_while(|comment| !comment.apart).collect::<Vec<_>>();
    let mut lines = Vec::new();
    for comment in about.into_iter().rev().chain(&comments.behind) {
        let more = paragraph(comment);
        if !lines.is_empty() && !more.is_empty() {
            lines.push(String::new());
        }
        lines.extend(more);
    }
    lines
}

/// Returns the lines of a comment without stars and rulers.
fn paragraph(comment: &Comment) -> Vec<String> {
    let line = |line: &str| {
        let line = line.trim().trim_start_matches('*');
        // The right side of a box is removed. Stars of a word stay.
        let inner = line.trim_end_matches('*');
        let line = if inner.ends_with(char::is_whitespace) { inner } else { line }.trim();
        let ruler = line.chars().all(|character| "-=+*#_~ ".contains(character));
        if ruler { String::new() } else { escape(&line.split_whitespace().collect::<Vec<_>>().join(" ")) }
    };
    let mut lines: Vec<_> = comment.text.lines().map(line).collect();
    lines.dedup_by(|line, before| line.is_empty() && before.is_empty());
    let empty = |line: &&String| line.is_empty();
    let (start, end) = (lines.iter().take_while(empty).count(), lines.iter().rev().take_while(empty).count());
    lines.drain(start..lines.len().saturating_sub(end).max(start)).collect()
}

/// Escapes characters that have a meaning in Markdown.
fn escape(line: &str) -> String {
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

    fn of(text: &str) -> Vec<String> {
        paragraph(&Comment { text: text.into(), apart: false, place: crate::Place::default() })
    }

    #[test]
    fn comments_lose_their_stars() {
        assert_eq!(of("\n * File types\n *\n * and more\n "), ["File types", "", "and more"]);
        assert_eq!(of(" one\tline "), ["one line"]);
        assert_eq!(of("********\n * boxed *\n ********"), ["boxed"]);
        assert!(of(" \n *\n").is_empty());
    }

    #[test]
    fn nothing_is_markdown() {
        assert_eq!(of("chars[0] <b> *x*"), [r"chars\[0\] \<b\> \*x\*"]);
        assert_eq!(of("- a\n# b\n1. c"), [r"\- a", r"\# b", r"1\. c"]);
        assert_eq!(of("see http://a.b/c."), ["see <http://a.b/c>"]);
    }
}
