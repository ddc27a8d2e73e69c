//! Splits a line into commands and their words.
//!
//! Words end at white space, commands at `;` or the end of a line, and `#` begins a comment. Quotes keep white space,
//! as in a shell. Within brackets all is kept as it is, so JSON needs no quotes. Pasted text may have several lines.

/// A word, and where it begins in the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    pub start: usize,
}

/// The words of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The commands, none of which is empty.
    pub commands: Vec<Vec<Word>>,
    /// A quote or a bracket without its end.
    pub open: Option<char>,
    /// Whether the line ends within the last word.
    pub in_word: bool,
    /// Whether a word after the end would be the first of a command.
    pub ended: bool,
}

/// Splits a line.
pub fn split(line: &str) -> Line {
    let mut split = Line { ended: true, ..Line::default() };
    let mut words = Vec::new();
    let mut rest = line.char_indices().peekable();
    while let Some(&(start, first)) = rest.peek() {
        match first {
            ';' | '\n' | '\r' => {
                rest.next();
                split.commands.extend(Some(std::mem::take(&mut words)).filter(|words: &Vec<Word>| !words.is_empty()));
            }
            _ if first.is_whitespace() => {
                rest.next();
            }
            '#' => while rest.next_if(|&(_, character)| character != '\n').is_some() {},
            _ => {
                let mut word = Reader { rest: &mut rest, text: String::new(), open: None };
                word.read();
                let Reader { text, open, .. } = word;
                split.open = open;
                split.in_word = rest.peek().is_none();
                words.push(Word { text, start });
            }
        }
    }
    split.ended = words.is_empty();
    split.commands.extend(Some(words).filter(|words| !words.is_empty()));
    split
}

/// Reads one word.
struct Reader<'r, 'l> {
    rest: &'r mut std::iter::Peekable<std::str::CharIndices<'l>>,
    text: String,
    open: Option<char>,
}

impl Reader<'_, '_> {
    fn read(&mut self) {
        while let Some((_, character)) = self.rest.next_if(|&(_, next)| !next.is_whitespace() && next != ';') {
            match character {
                '\'' => self.quoted('\'', false),
                '"' => self.quoted('"', false),
                '{' | '[' => self.brackets(character),
                _ => self.text.push(character),
            }
        }
    }

    /// Reads up to the end of a quote. A backslash escapes `"` and `\`.
    ///
    /// With `whole`, quotes and backslashes are kept.
    fn quoted(&mut self, quote: char, whole: bool) {
        if whole {
            self.text.push(quote);
        }
        while let Some((_, character)) = self.rest.next() {
            match character {
                _ if character == quote => {
                    if whole {
                        self.text.push(quote);
                    }
                    return;
                }
                '\\' if quote == '"' => {
                    let escaped = self.rest.next_if(|&(_, next)| whole || matches!(next, '"' | '\\'));
                    if whole || escaped.is_none() {
                        self.text.push('\\');
                    }
                    self.text.extend(escaped.map(|(_, character)| character));
                }
                _ => self.text.push(character),
            }
        }
        self.open = Some(quote);
    }

    /// Reads up to the end of the bracket, with those within it.
    fn brackets(&mut self, first: char) {
        let mut open = vec![first];
        self.text.push(first);
        while let (Some(&bracket), Some((_, character))) = (open.last(), self.rest.next()) {
            match character {
                '"' => {
                    self.quoted('"', true);
                    continue;
                }
                '{' | '[' => open.push(character),
                '}' | ']' if bracket == if character == '}' { '{' } else { '[' } => {
                    open.pop();
                }
                _ => {}
            }
            self.text.push(character);
            if open.is_empty() {
                return;
            }
        }
        self.open = self.open.or(open.last().copied());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<Vec<String>> {
        split(line).commands.into_iter().map(|words| words.into_iter().map(|word| word.text).collect()).collect()
    }

    #[test]
    fn words_are_split_as_people_expect() {
        for (line, expected) in [
            ("", vec![]),
            (" ; ;; # nothing", vec![]),
            ("a.read 0", vec![vec!["a.read", "0"]]),
            ("a;b  c ;d", vec![vec!["a"], vec!["b", "c"], vec!["d"]]),
            ("a 'x; y' \"p q\"", vec![vec!["a", "x; y", "p q"]]),
            (r#"a name="the \"hall\" \n""#, vec![vec!["a", r#"name=the "hall" \n"#]]),
            (r#"a {"n": "x; }", "p": [1, {"q": 2}]} z"#, vec![vec!["a", r#"{"n": "x; }", "p": [1, {"q": 2}]}"#, "z"]]),
            (r#"a path[0]=7 v={"s": "a\"b"}"#, vec![vec!["a", "path[0]=7", r#"v={"s": "a\"b"}"#]]),
            ("a b#c # d", vec![vec!["a", "b#c"]]),
            ("a ''", vec![vec!["a", ""]]),
            ("é 'ü;'", vec![vec!["é", "ü;"]]),
            ("a ] }", vec![vec!["a", "]", "}"]]),
            ("a b\r\nc # d\ne", vec![vec!["a", "b"], vec!["c"], vec!["e"]]),
            ("a {\n\"b\": 1}\nc 'd\ne'", vec![vec!["a", "{\n\"b\": 1}"], vec!["c", "d\ne"]]),
        ] {
            assert_eq!(texts(line), expected, "{line}");
            assert_eq!(split(line).open, None, "{line}");
        }
    }

    #[test]
    fn what_is_open_is_known() {
        for (line, open) in [("a 'b", '\''), ("a \"b", '"'), ("a {\"b\": [1", '['), ("a {", '{'), ("a {\"b", '"')] {
            assert_eq!(split(line).open, Some(open), "{line}");
        }
        let line = split("a.read ch");
        assert!(line.in_word && !line.ended);
        assert_eq!(line.commands[0][1], Word { text: "ch".into(), start: 7 });
        assert!(!split("a.read ").in_word);
        assert!(split("a.read 0; ").ended);
    }
}
