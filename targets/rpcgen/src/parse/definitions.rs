//! Parses the top level of a file.

use super::cursor::{Cursor, Parse};
use super::namespaces;
use crate::diagnostic::Diagnostic;
use crate::lex::Kind;
use crate::source::Place;
use crate::tree::{Comments, Constant, ConstantValue, Definition, Item, Passed, Specification};

/// The largest depth of namespaces.
const DEPTH_MAX: usize = 32;
/// The largest length of a namespace's full name, in characters.
const SCOPE_MAX: usize = 255;

/// An open namespace.
struct Scope {
    /// The full name.
    name: String,
    place: Place,
}

impl Cursor {
    /// Parses the whole file. After an error, continues with the next definition.
    pub fn specification(&mut self) -> Specification {
        let (mut items, mut scopes, mut open) = (Vec::new(), Vec::new(), Vec::new());
        // Comments at the edge of a namespace belong to what follows.
        let mut before = Vec::new();
        loop {
            before.append(&mut self.take_before());
            match self.namespace(&mut open) {
                Ok(true) => continue,
                Ok(false) => {}
                Err(_) => self.skip(),
            }
            if self.peek().kind == Kind::End {
                if let Some(Scope { place, .. }) = open.last() {
                    self.report(Diagnostic::error(*place, "a namespace does not end").label("begins here"));
                }
                namespaces::resolve(&mut items, &scopes);
                return Specification { items, comments: before };
            }
            let before = std::mem::take(&mut before);
            let (start, depth) = (self.peek().place, self.depth);
            match self.definition() {
                Ok((definition, opening)) => {
                    let behind = opening.or_else(|| self.take_behind());
                    let comments = Comments { before, behind };
                    items.push(Item { comments, definition, place: start.to(self.last_place()) });
                    scopes.push(open.last().map(|scope| scope.name.clone()).unwrap_or_default());
                }
                Err(_) => {
                    self.depth = depth;
                    self.skip();
                }
            }
        }
    }

    /// Parses the beginning or the end of a namespace. Returns whether there was one.
    fn namespace(&mut self, open: &mut Vec<Scope>) -> Parse<bool> {
        if !open.is_empty() && self.peek().is('}') {
            open.pop();
            self.next();
            self.take(';');
            return Ok(true);
        }
        if !self.begins_namespace() {
            return Ok(false);
        }
        let place = self.next().place;
        let name = self.reference("the name of the namespace")?.text;
        let outer = open.last().map(|scope: &Scope| format!("{}::", scope.name)).unwrap_or_default();
        self.sign('{')?;
        if open.len() == DEPTH_MAX {
            return self.wrong(Diagnostic::error(place, format!("more than {DEPTH_MAX} nested namespaces")));
        }
        let name = outer + &name;
        // It is part of the name of every item in it.
        if name.len() > SCOPE_MAX {
            let message = format!("the full name of a namespace has {} characters", name.len());
            return self.wrong(Diagnostic::error(place, message).label(format!("at most {SCOPE_MAX} characters")));
        }
        open.push(Scope { name, place });
        Ok(true)
    }

    fn begins_namespace(&self) -> bool {
        let third = self.peek_at(2);
        self.peek().is_word("namespace") && self.peek_second().kind == Kind::Word && (third.is('{') || third.is(':'))
    }

    /// Parses a definition, and the comment after its `{`.
    fn definition(&mut self) -> Parse<(Definition, Option<crate::tree::Comment>)> {
        let token = self.peek().clone();
        if token.kind == Kind::Passed {
            return Ok((self.passed(), None));
        }
        let mut opening = None;
        let definition = match &*token.text {
            "const" => Definition::Constant(self.constant()?),
            "typedef" => {
                self.next();
                Definition::Typedef(self.declaration("the name of the type")?)
            }
            "enum" => {
                self.next();
                let name = self.name("the name of the enum")?;
                Definition::Enum(name, self.enum_body(&mut opening)?)
            }
            "struct" => {
                self.next();
                let name = self.name("the name of the struct")?;
                Definition::Struct(name, self.struct_body(&mut opening)?)
            }
            "union" => {
                self.next();
                let name = self.name("the name of the union")?;
                Definition::Union(name, self.union_body(&mut opening)?.into())
            }
            "program" => Definition::Program(self.program(&mut opening)?),
            _ => return self.expected("`const`, `typedef`, `enum`, `struct`, `union` or `program`"),
        };
        self.semicolon()?;
        Ok((definition, opening))
    }

    /// Skips lines for C. One note reports all lines that follow each other.
    fn passed(&mut self) -> Definition {
        let token = self.next();
        let follows = |cursor: &Self| {
            let next = cursor.peek();
            next.kind == Kind::Passed && next.lines.0 == token.lines.1 + 1 && next.place.file == token.place.file
        };
        // The note of the first line covers the others.
        let first = !self.passing;
        self.passing = follows(self);
        if first {
            self.report(Diagnostic::note(token.place, "a line for the C compiler is skipped").label(if self.passing {
                "this line and those below it"
            } else {
                ""
            }));
        }
        let line = token.text.strip_prefix('%').unwrap_or_default().replace("\r\n", "\n");
        // After a backslash there is another line, unless the file ends there.
        Definition::Passed(Passed::new(line.trim_end_matches(['\r', '\\']), token.place))
    }

    fn constant(&mut self) -> Parse<Constant> {
        self.next();
        let name = self.name("the name of the constant")?;
        self.sign('=')?;
        let token = self.peek().clone();
        let value = if token.kind == Kind::Text {
            self.next();
            ConstantValue::Text(token.text.trim_matches('"').to_owned())
        } else {
            ConstantValue::Value(self.value("a number, a text or the name of a constant")?)
        };
        Ok(Constant { name, value })
    }

    /// Skips to the probable next definition: after a `;` outside of all brackets, or where a definition begins.
    fn skip(&mut self) {
        let mut depth = 0usize;
        while !(depth == 0 && self.begins_definition()) {
            match self.peek().kind {
                Kind::End => return,
                Kind::Sign('{') => depth += 1,
                Kind::Sign('}') => depth = depth.saturating_sub(1),
                // A body that contains this `;` ends with a `}`.
                Kind::Sign(';') if depth == 0 && !self.peek_second().is('}') => {
                    self.next();
                    return;
                }
                _ => {}
            }
            self.next();
        }
    }

    /// Returns whether a definition begins here. One word is not enough: `struct node next;` is a field.
    pub fn begins_definition(&self) -> bool {
        let token = self.peek();
        let (second, third) = (self.peek_second().kind, self.peek_at(2));
        let body = || second == Kind::Word && (third.is('{') || third.is_word("switch"));
        match &*token.text {
            "const" => second == Kind::Word && third.is('='),
            "typedef" => token.kind == Kind::Word,
            "enum" | "struct" | "union" | "program" => body(),
            "namespace" => self.begins_namespace(),
            _ => token.kind == Kind::Passed,
        }
    }
}
