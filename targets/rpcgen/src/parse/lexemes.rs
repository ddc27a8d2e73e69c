//! Assigns comments to tokens.

use crate::lex::{Kind, Token};
use crate::source::{Place, Sources};
use crate::tree::Comment;

/// A token that is not a comment, with the comments around it.
pub(super) struct Lexeme {
    pub token: Token,
    pub before: Vec<Comment>,
    pub behind: Option<Comment>,
}

/// A definition that is not complete yet.
#[derive(Default)]
struct Definition {
    lexemes: Vec<Lexeme>,
    /// The number of open brackets.
    depth: usize,
}

impl Definition {
    /// Appends a token. If the definition has ended, moves it to `done`.
    fn push(&mut self, lexeme: Lexeme, done: &mut Vec<Lexeme>) {
        let kind = lexeme.token.kind;
        let in_namespace = self.lexemes.first().is_some_and(|first| first.token.is_word("namespace"));
        // The items in a namespace are not part of it.
        let edge =
            self.depth == 0 && matches!(kind, Kind::Sign('{' | '}')) && (in_namespace || kind == Kind::Sign('}'));
        match kind {
            _ if edge => {}
            Kind::Sign('{') => self.depth += 1,
            Kind::Sign('}') => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.lexemes.push(lexeme);
        if edge || self.depth == 0 && matches!(kind, Kind::Sign(';') | Kind::Passed) {
            done.append(&mut self.lexemes);
        }
    }
}

/// Puts comments beside the tokens that they belong to, and lines for C in a definition before it, as rpcgen does.
///
/// The last lexeme is always the end.
pub(super) fn lexemes(tokens: Vec<Token>, sources: &Sources) -> Vec<Lexeme> {
    let (mut lexemes, mut definition) = (Vec::new(), Definition::default());
    let mut before: Vec<(Comment, (u32, u32))> = Vec::new();
    // The line after a comment of `//`, on which its next line would be.
    let mut goes_on = None;
    for token in tokens {
        if token.kind == Kind::Comment {
            let is_line = token.text.starts_with("//");
            if let Some((last, lines)) =
                before.last_mut().filter(|_| is_line && goes_on == Some((token.place.file, token.lines.0)))
            {
                last.text.push('\n');
                last.text.push_str(&comment(&token).text);
                last.place = last.place.to(token.place);
                lines.1 = token.lines.1;
                goes_on = Some((token.place.file, token.lines.1 + 1));
                continue;
            }
            goes_on = is_line.then_some((token.place.file, token.lines.1 + 1));
            let last = definition.lexemes.last_mut().or_else(|| lexemes.last_mut());
            let last = last.filter(|last: &&mut Lexeme| before.is_empty() && same_line(&last.token, &token));
            match last {
                Some(last) => append(&mut last.behind, comment(&token)),
                None => before.push((comment(&token), token.lines)),
            }
            continue;
        }
        if token.kind == Kind::Passed && !definition.lexemes.is_empty() {
            lexemes.push(Lexeme { token, before: Vec::new(), behind: None });
            continue;
        }
        set_apart(&mut before, &token);
        let before = before.drain(..).map(|(comment, _)| comment).collect();
        definition.push(Lexeme { token, before, behind: None }, &mut lexemes);
    }
    lexemes.append(&mut definition.lexemes);
    let text = sources.all().first().map_or("", |source| source.text.trim_end());
    let last = text.char_indices().next_back().map_or(0, |(at, _)| at);
    let place = Place::new(0, last..text.len());
    let token = Token { kind: Kind::End, text: "".into(), place, lines: (u32::MAX, u32::MAX) };
    set_apart(&mut before, &token);
    // The last comment is not apart from anything.
    if let Some((last, _)) = before.last_mut() {
        last.apart = false;
    }
    let before = before.into_iter().map(|(comment, _)| comment).collect();
    lexemes.push(Lexeme { token, before, behind: None });
    lexemes
}

/// Marks comments that an empty line follows. A comment in another file is apart.
fn set_apart(comments: &mut [(Comment, (u32, u32))], next: &Token) {
    let mut below = (next.place.file, next.lines.0);
    for (comment, lines) in comments.iter_mut().rev() {
        let file = comment.place.file;
        comment.apart = file != below.0 || below.1 > lines.1.saturating_add(1);
        below = (file, lines.0);
    }
}

fn same_line(last: &Token, comment: &Token) -> bool {
    last.place.file == comment.place.file && last.lines.1 == comment.lines.0 && last.kind != Kind::Passed
}

fn comment(token: &Token) -> Comment {
    if let Some(text) = token.text.strip_prefix("//") {
        // It is written as `/* … */` again, so the text must not contain the end of a comment.
        let text = text.trim_start_matches('/').replace("*/", "* /");
        return Comment { text, apart: false, place: token.place };
    }
    let text = token.text.strip_prefix("/*").unwrap_or_default();
    let text = text.strip_suffix("*/").unwrap_or(text).to_owned();
    Comment { text, apart: false, place: token.place }
}

fn append(behind: &mut Option<Comment>, more: Comment) {
    match behind {
        Some(comment) => comment.text += &more.text,
        None => *behind = Some(more),
    }
}
