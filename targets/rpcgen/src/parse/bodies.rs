//! Parses the bodies of enums, structs and unions.

use super::cursor::{Cursor, Parse, Wrong};
use crate::diagnostic::Diagnostic;
use crate::lex::Kind;
use crate::tree::{Arm, Comment, Comments, Declaration, DefaultArm, EnumBody, Field, Member, StructBody, UnionBody};

impl Cursor {
    /// Parses the `{` of a body, and the comment after it.
    pub fn open(&mut self, opening: &mut Option<Comment>) -> Parse<()> {
        self.sign('{')?;
        *opening = self.take_behind();
        Ok(())
    }

    pub fn enum_body(&mut self, opening: &mut Option<Comment>) -> Parse<EnumBody> {
        self.open(opening)?;
        let mut members = Vec::new();
        loop {
            let before = self.take_before();
            let name = self.name("the name of a member")?;
            let value = if self.take('=') { Some(self.value("the number of the member")?) } else { None };
            let mut behind = self.take_behind();
            let more = self.take(',');
            if more {
                behind = behind.or_else(|| self.take_behind());
            }
            members.push(Member { comments: Comments { before, behind }, name, value });
            if !more {
                break;
            }
        }
        if self.peek().is('}') {
            self.next();
            Ok(EnumBody { members })
        } else {
            self.expected("`,` or `}`")
        }
    }

    pub fn struct_body(&mut self, opening: &mut Option<Comment>) -> Parse<StructBody> {
        self.open(opening)?;
        let (mut fields, mut wrong) = (Vec::new(), false);
        while !self.peek().is('}') {
            let before = self.take_before();
            let Ok(declaration) = self.field() else {
                wrong = true;
                self.skip_in_body()?;
                continue;
            };
            fields.push(Field { comments: Comments { before, behind: self.take_behind() }, declaration });
        }
        let end = self.next().place;
        if fields.is_empty() && !wrong {
            return self.wrong(Diagnostic::error(end, "a struct without fields").label("expected a field"));
        }
        Ok(StructBody { fields })
    }

    fn field(&mut self) -> Parse<Declaration> {
        let declaration = self.declaration("the name of the field")?;
        self.semicolon()?;
        Ok(declaration)
    }

    pub fn union_body(&mut self, opening: &mut Option<Comment>) -> Parse<UnionBody> {
        if !self.take_word("switch") {
            return self.expected("`switch`");
        }
        self.sign('(')?;
        let discriminant = self.declaration("the name of the discriminant")?;
        self.sign(')')?;
        self.open(opening)?;
        let (mut union, mut wrong) = (UnionBody { discriminant, arms: Vec::new(), default: None }, false);
        while !self.peek().is('}') {
            if self.arm(&mut union).is_err() {
                wrong = true;
                self.skip_in_body()?;
            }
        }
        let end = self.next().place;
        if union.arms.is_empty() && !wrong {
            return self.wrong(Diagnostic::error(end, "a union without cases").label("expected `case`"));
        }
        Ok(union)
    }

    fn arm(&mut self, union: &mut UnionBody) -> Parse<()> {
        let (before, place) = (self.take_before(), self.peek().place);
        if self.take_word("default") {
            self.sign(':')?;
            let (body, behind) = self.arm_body()?;
            if union.default.is_some() {
                return self.wrong(Diagnostic::error(place, "a second `default`").label("the union has one already"));
            }
            if union.arms.is_empty() {
                return self
                    .wrong(Diagnostic::error(place, "a `default` before the cases").help("put it after the cases"));
            }
            union.default = Some(DefaultArm { comments: Comments { before, behind }, body });
            return Ok(());
        }
        if !self.peek().is_word("case") {
            return self.expected("`case`, `default` or `}`");
        }
        let mut cases = Vec::new();
        while self.take_word("case") {
            cases.push(self.value("the number of the case")?);
            self.sign(':')?;
        }
        let (body, behind) = self.arm_body()?;
        if union.default.is_some() {
            return self.wrong(Diagnostic::error(place, "a `default` before the cases").label("this case is after it"));
        }
        union.arms.push(Arm { comments: Comments { before, behind }, cases, body });
        Ok(())
    }

    /// Parses the content of an arm, and its comment: after the colon, or at the end.
    fn arm_body(&mut self) -> Parse<(Option<Declaration>, Option<Comment>)> {
        let colon = self.take_behind();
        let body = if self.take_word("void") { None } else { Some(self.declaration("the name of the arm")?) };
        self.semicolon()?;
        Ok((body, colon.or_else(|| self.take_behind())))
    }

    /// After an error in a body, skips to after the next `;`, or to the `}`.
    pub fn skip_in_body(&mut self) -> Parse<()> {
        let mut depth = 0usize;
        // If a definition begins, the body has no end.
        while !self.begins_definition() {
            match self.peek().kind {
                Kind::End => break,
                Kind::Sign('{') => depth += 1,
                Kind::Sign('}') if depth == 0 => return Ok(()),
                Kind::Sign('}') => depth -= 1,
                Kind::Sign(';') if depth == 0 => {
                    self.next();
                    return Ok(());
                }
                _ => {}
            }
            self.next();
        }
        Err(Wrong)
    }
}
