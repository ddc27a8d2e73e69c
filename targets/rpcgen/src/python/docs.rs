//! Docstrings and literals.

use super::Generator;
use crate::harmless::harmless;
use crate::tree::Comments;

impl Generator<'_, '_> {
    /// Writes a docstring: the comments of an item, then its declaration in the file.
    pub(super) fn docs(&mut self, indent: usize, comments: &Comments, declaration: &str) {
        self.docstring(indent, &lines(comments, declaration));
    }

    /// Writes a docstring.
    pub(super) fn docstring(&mut self, indent: usize, lines: &[String]) {
        match lines {
            [] => {}
            [line] => self.line(indent, &format!("\"\"\"{line}\"\"\"")),
            [first, rest @ ..] => {
                self.line(indent, &format!("\"\"\"{first}"));
                rest.iter().for_each(|line| self.line(indent, line));
                self.line(indent, "\"\"\"");
            }
        }
    }
}

/// Returns the lines of a docstring: the comments of an item, then its declaration in the file.
pub(super) fn lines(comments: &Comments, declaration: &str) -> Vec<String> {
    let mut lines: Vec<_> = comments.lines().iter().map(|line| escape(line)).collect();
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.push(format!("``{}``", escape(declaration)));
    lines
}

/// Escapes a line for a docstring.
pub(super) fn escape(line: &str) -> String {
    harmless(line).replace('\\', "\\\\").replace('"', "\\\"")
}

/// Returns a text as a literal.
pub(super) fn text_literal(text: &str) -> String {
    let mut literal = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => literal.extend(['\\', character]),
            '\n' => literal += "\\n",
            _ if u32::from(character) > 0xffff => literal += &format!("\\U{:08x}", u32::from(character)),
            _ if character.is_control() || !character.is_ascii() => {
                literal += &format!("\\u{:04x}", u32::from(character))
            }
            _ => literal.push(character),
        }
    }
    literal + "\""
}

/// Returns a text of several lines as a literal.
pub(super) fn long_text(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let literal = text_literal(line);
        // Only the quotes at the ends go.
        literal[1..literal.len() - 1].to_owned()
    });
    format!("\"\"\"\\\n{}\n\"\"\"", lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_literal() {
        assert_eq!(text_literal("a\"b\\\n\u{7}é😀"), r#""a\"b\\\n\u0007\u00e9\U0001f600""#);
        assert_eq!(long_text("a\"\"\"b\\\nc"), "\"\"\"\\\na\\\"\\\"\\\"b\\\\\nc\n\"\"\"");
        assert_eq!(escape("\"\"\" \\"), "\\\"\\\"\\\" \\\\");
    }
}
