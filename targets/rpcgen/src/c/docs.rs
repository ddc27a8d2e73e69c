//! Comments and texts of C.

use crate::harmless::harmless;
use crate::tree::Comments;

/// Returns the comments of an item as lines of a comment of C.
pub(super) fn lines(comments: &Comments) -> Vec<String> {
    comments.lines().iter().map(|line| escape(line)).collect()
}

/// Makes a line harmless within a comment: nothing in it begins or ends one, or continues the line.
pub(super) fn escape(line: &str) -> String {
    let mut line = harmless(line).replace("*/", "* /").replace("/*", "/ *").replace("??/", "? ?/");
    while line.ends_with('\\') {
        line.pop();
    }
    // Doxygen's commands begin with these.
    line.replace('@', "@@").replace('\\', "\\\\")
}

/// Returns a comment for documentation, with an empty line before each paragraph that has one.
pub(super) fn comment(indent: &str, lines: &[String]) -> String {
    match lines {
        [] => String::new(),
        [line] => format!("{indent}/** {line} */\n"),
        lines => {
            let mut text = format!("{indent}/**\n");
            for line in lines {
                text += format!("{indent} * {line}").trim_end();
                text.push('\n');
            }
            text + &format!("{indent} */\n")
        }
    }
}

/// Returns a text as a literal.
pub(super) fn text_literal(text: &str) -> String {
    let mut literal = String::from('"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' | b'?' => literal.extend(['\\', char::from(byte)]),
            b' '..=b'~' => literal.push(char::from(byte)),
            _ => literal += &format!("\\{byte:03o}"),
        }
    }
    literal + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_ends_its_comment() {
        assert_eq!(escape("a */ b /* c ??/ d \\"), "a * / b / * c ? ?/ d ");
        assert_eq!(escape("\\x @param"), "\\\\x @@param");
        assert_eq!(text_literal("a\"\\?\n"), "\"a\\\"\\\\\\?\\012\"");
        assert_eq!(comment("  ", &["a".into(), String::new(), "b".into()]), "  /**\n   * a\n   *\n   * b\n   */\n");
    }
}
