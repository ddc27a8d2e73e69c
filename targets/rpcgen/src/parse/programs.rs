//! Parses programs, versions and procedures (RFC 5531 §12).

use super::cursor::{Cursor, Parse};
use crate::diagnostic::Diagnostic;
use crate::tree::{Argument, Comment, Comments, Procedure, Program, Shape, Specifier, Type, Version};

impl Cursor {
    pub fn program(&mut self, opening: &mut Option<Comment>) -> Parse<Program> {
        self.next();
        let name = self.name("the name of the program")?;
        self.open(opening)?;
        let mut versions = Vec::new();
        while !self.peek().is('}') {
            versions.push(self.version()?);
        }
        let end = self.next().place;
        if versions.is_empty() {
            return self.wrong(Diagnostic::error(end, "a program without versions").label("expected `version`"));
        }
        self.sign('=')?;
        let number = self.value("the number of the program")?;
        Ok(Program { name, versions, number })
    }

    fn version(&mut self) -> Parse<Version> {
        let before = self.take_before();
        if !self.take_word("version") {
            return self.expected("`version` or `}`");
        }
        let name = self.name("the name of the version")?;
        let mut opening = None;
        self.open(&mut opening)?;
        let (mut procedures, mut wrong) = (Vec::new(), false);
        while !self.peek().is('}') {
            match self.procedure() {
                Ok(procedure) => procedures.push(procedure),
                Err(_) => {
                    wrong = true;
                    self.skip_in_body()?;
                }
            }
        }
        let end = self.next().place;
        if procedures.is_empty() && !wrong {
            return self.wrong(Diagnostic::error(end, "a version without procedures").label("expected a procedure"));
        }
        self.sign('=')?;
        let number = self.value("the number of the version")?;
        self.semicolon()?;
        let behind = opening.or_else(|| self.take_behind());
        Ok(Version { comments: Comments { before, behind }, name, procedures, number })
    }

    fn procedure(&mut self) -> Parse<Procedure> {
        let before = self.take_before();
        let result = self.result()?;
        let name = self.name("the name of the procedure")?;
        let arguments = self.arguments()?;
        self.sign('=')?;
        let number = self.value("the number of the procedure")?;
        self.semicolon()?;
        let behind = self.take_behind();
        Ok(Procedure { comments: Comments { before, behind }, name, result, arguments, number })
    }

    fn result(&mut self) -> Parse<Option<Type>> {
        if self.take_word("void") {
            return Ok(None);
        }
        let result = self.unnamed()?.type_;
        if result.shape == Shape::Optional {
            let error = Diagnostic::error(result.place, "a pointer as a result");
            return self.wrong(error.help("define a type for it with `typedef`"));
        }
        Ok(Some(result))
    }

    fn arguments(&mut self) -> Parse<Vec<Argument>> {
        self.sign('(')?;
        let mut arguments = Vec::new();
        if self.take(')') {
            return Ok(arguments);
        }
        if self.peek().is_word("void") && self.peek_second().is(')') {
            self.next();
            self.next();
            return Ok(arguments);
        }
        loop {
            let place = self.peek().place;
            if self.peek().is_word("void") {
                let error = Diagnostic::error(place, "`void` among arguments");
                return self.wrong(error.label("expected a type").help("use `void` alone, for no arguments"));
            }
            let mut argument = self.unnamed()?;
            if argument.name.is_none() && self.is_name() {
                argument.name = Some(self.name("the name of the argument")?);
            }
            arguments.push(argument);
            if !self.take(',') {
                break;
            }
        }
        if self.take(')') { Ok(arguments) } else { self.expected("`,` or `)`") }
    }

    /// Parses a type that needs no name. In the RFC it has no shape; rpcgen also accepts `string`, `string<8>` and
    /// `type *`.
    fn unnamed(&mut self) -> Parse<Argument> {
        let start = self.peek().place;
        let specifier = self.specifier()?;
        let mut name = None;
        let shape = match specifier {
            Specifier::Opaque => {
                let error = Diagnostic::error(start, "`opaque` without brackets").label("the length is missing");
                return self.wrong(error.help("define a type for it with `typedef`"));
            }
            Specifier::String => {
                // In rpcgen's syntax, the name of a string is before its bound.
                if self.is_name()
                    && (self.peek_second().is('<') || self.peek_second().is(',') || self.peek_second().is(')'))
                {
                    name = Some(self.name("the name of the argument")?);
                }
                if self.take('<') { self.bound()? } else { Shape::Variable(None) }
            }
            _ if self.take('*') => Shape::Optional,
            _ => Shape::One,
        };
        Ok(Argument { name, type_: Type { specifier, shape, place: start.to(self.last_place()) } })
    }
}
