//! Comments, and their text without the decoration.

use crate::source::Place;

/// A comment, or several on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The text between `/*` and `*/`, or after `//`. Successive lines of `//` are one comment.
    pub text: String,
    /// An empty line follows, so the comment does not belong to the next item.
    pub apart: bool,
    /// The place of the comment.
    pub place: Place,
}

/// The comments that belong to an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comments {
    /// The comments above the item.
    pub before: Vec<Comment>,
    /// The comment after the item on its last line, or after the `{` of its body.
    pub behind: Option<Comment>,
}

impl Comments {
    /// Returns the text about the item, without stars, boxes and rulers: for documentation and help.
    ///
    /// Comments above an empty line do not belong to the item, for example a licence. Lines of a paragraph are joined by
    /// line breaks, as in the file. The text is empty without a comment.
    ///
    /// ```
    /// use oncilla_rpcgen::tree::Definition;
    ///
    /// let text = "/* Copyright. */\n\n/* The length\n * of a name. */\nconst LENGTH = 16; /* bytes */";
    /// let parsed = oncilla_rpcgen::parse_text("a.x", text, &oncilla_rpcgen::Preprocessor::default());
    /// assert_eq!(parsed.tree.items[0].comments.text(), "The length\nof a name.\n\nbytes");
    /// ```
    #[must_use]
    pub fn text(&self) -> String {
        self.lines().join("\n")
    }

    /// Returns the lines of the [`text`](Self::text).
    pub(crate) fn lines(&self) -> Vec<String> {
        let about = self.before.iter().rev().take_while(|comment| !comment.apart).collect::<Vec<_>>();
        let mut lines = Vec::new();
        for comment in about.into_iter().rev().chain(&self.behind) {
            let more = paragraph(comment);
            if !lines.is_empty() && !more.is_empty() {
                lines.push(String::new());
            }
            lines.extend(more);
        }
        lines
    }
}

/// Returns the lines of a comment without stars and rulers.
fn paragraph(comment: &Comment) -> Vec<String> {
    let line = |line: &str| {
        let line = line.trim().trim_start_matches('*');
        // The right side of a box is removed. Stars of a word stay.
        let inner = line.trim_end_matches('*');
        let line = if inner.ends_with(char::is_whitespace) { inner } else { line }.trim();
        let ruler = line.chars().all(|character| "-=+*#_~ ".contains(character));
        if ruler { String::new() } else { line.split_whitespace().collect::<Vec<_>>().join(" ") }
    };
    let mut lines: Vec<_> = comment.text.lines().map(line).collect();
    lines.dedup_by(|line, before| line.is_empty() && before.is_empty());
    let empty = |line: &&String| line.is_empty();
    let (start, end) = (lines.iter().take_while(empty).count(), lines.iter().rev().take_while(empty).count());
    lines.drain(start..lines.len().saturating_sub(end).max(start)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        paragraph(&Comment { text: text.into(), apart: false, place: Place::default() })
    }

    #[test]
    fn comments_lose_their_stars() {
        assert_eq!(of("\n * File types\n *\n * and more\n "), ["File types", "", "and more"]);
        assert_eq!(of(" one\tline "), ["one line"]);
        assert_eq!(of("********\n * boxed *\n ********"), ["boxed"]);
        assert!(of(" \n *\n").is_empty());
    }
}
