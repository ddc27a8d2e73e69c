//! Prints a tree as a `.x` file, which parses to the same tree.

mod line;

use std::fmt::{self, Display, Formatter, Write as _};

use crate::tree::{
    Argument, Comment, Comments, Declaration, Definition, EnumBody, Item, Procedure, Program, Shape, Specification,
    Specifier, StructBody, Type, UnionBody, Version,
};
use line::word;

impl Display for Specification {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let mut printer = Printer { out: formatter, indent: 0 };
        let (mut last, mut space): (Option<&Item>, &str) = (None, "");
        for item in &self.items {
            // A line for C is in no namespace, and stays where it is.
            let within = item.definition.name().map_or(space, |name| name.split().0);
            if within != space && !space.is_empty() {
                printer.out.write_str("\n}\n")?;
            }
            if last.is_some_and(|last| !stand_together(last, item)) || within != space && last.is_some() {
                printer.out.write_char('\n')?;
            }
            if within != space && !within.is_empty() {
                write!(printer.out, "namespace {within} {{\n\n")?;
            }
            space = within;
            printer.item(item)?;
            last = Some(item);
        }
        if !space.is_empty() {
            printer.out.write_str("\n}\n")?;
        }
        if !self.comments.is_empty() && last.is_some() {
            printer.out.write_char('\n')?;
        }
        printer.before(&self.comments)
    }
}

/// Returns whether no empty line separates two items: constants without comments above them, and lines for C.
fn stand_together(last: &Item, item: &Item) -> bool {
    let kind = |item: &Item| match item.definition {
        Definition::Constant(_) => 1,
        Definition::Passed(_) => 2,
        _ => 0,
    };
    kind(item) != 0 && kind(last) == kind(item) && item.comments.before.is_empty()
}

struct Printer<'a, 'f> {
    out: &'a mut Formatter<'f>,
    indent: usize,
}

impl Printer<'_, '_> {
    fn start(&mut self) -> fmt::Result {
        (0..self.indent).try_for_each(|_| self.out.write_str("    "))
    }

    fn before(&mut self, comments: &[Comment]) -> fmt::Result {
        for comment in comments {
            self.start()?;
            writeln!(self.out, "/*{}*/{}", comment.text, if comment.apart { "\n" } else { "" })?;
        }
        Ok(())
    }

    fn behind(&mut self, comments: &Comments) -> fmt::Result {
        match &comments.behind {
            Some(comment) => writeln!(self.out, " /*{}*/", comment.text),
            None => writeln!(self.out),
        }
    }

    /// Prints the `{` of a body, and the comment of its item.
    fn open(&mut self, comments: &Comments) -> fmt::Result {
        self.out.write_str(" {")?;
        self.behind(comments)?;
        self.indent += 1;
        Ok(())
    }

    fn close(&mut self) -> fmt::Result {
        self.indent -= 1;
        self.start()?;
        self.out.write_char('}')
    }

    fn item(&mut self, item: &Item) -> fmt::Result {
        let comments = &item.comments;
        self.before(&comments.before)?;
        match &item.definition {
            Definition::Passed(line) => return writeln!(self.out, "%{}", line.text()),
            Definition::Constant(constant) => {
                write!(self.out, "{constant};")?;
                return self.behind(comments);
            }
            Definition::Typedef(declaration) => {
                self.out.write_str("typedef ")?;
                self.declaration(declaration)?;
                self.out.write_char(';')?;
                return self.behind(comments);
            }
            Definition::Enum(name, body) => {
                write!(self.out, "enum {}", name.split().1)?;
                self.enum_body(body, comments)?;
            }
            Definition::Struct(name, body) => {
                write!(self.out, "struct {}", name.split().1)?;
                self.struct_body(body, comments)?;
            }
            Definition::Union(name, body) => {
                write!(self.out, "union {}", name.split().1)?;
                self.union_body(body, comments)?;
            }
            Definition::Program(program) => self.program(program, comments)?,
        }
        self.out.write_str(";\n")
    }

    fn enum_body(&mut self, body: &EnumBody, comments: &Comments) -> fmt::Result {
        self.open(comments)?;
        for (number, member) in body.members.iter().enumerate() {
            self.before(&member.comments.before)?;
            self.start()?;
            self.out.write_str(member.name.split().1)?;
            if let Some(value) = &member.value {
                write!(self.out, " = {value}")?;
            }
            if number + 1 < body.members.len() {
                self.out.write_char(',')?;
            }
            self.behind(&member.comments)?;
        }
        self.close()
    }

    fn struct_body(&mut self, body: &StructBody, comments: &Comments) -> fmt::Result {
        self.open(comments)?;
        for field in &body.fields {
            self.before(&field.comments.before)?;
            self.start()?;
            self.declaration(&field.declaration)?;
            self.out.write_char(';')?;
            self.behind(&field.comments)?;
        }
        self.close()
    }

    fn union_body(&mut self, body: &UnionBody, comments: &Comments) -> fmt::Result {
        self.out.write_str(" switch (")?;
        self.declaration(&body.discriminant)?;
        self.out.write_char(')')?;
        self.open(comments)?;
        for arm in &body.arms {
            self.before(&arm.comments.before)?;
            for case in &arm.cases {
                self.start()?;
                writeln!(self.out, "case {case}:")?;
            }
            self.arm_body(arm.body.as_ref(), &arm.comments)?;
        }
        if let Some(default) = &body.default {
            self.before(&default.comments.before)?;
            self.start()?;
            self.out.write_str("default:\n")?;
            self.arm_body(default.body.as_ref(), &default.comments)?;
        }
        self.close()
    }

    fn arm_body(&mut self, body: Option<&Declaration>, comments: &Comments) -> fmt::Result {
        self.indent += 1;
        self.start()?;
        match body {
            Some(declaration) => self.declaration(declaration)?,
            None => self.out.write_str("void")?,
        }
        self.out.write_char(';')?;
        self.indent -= 1;
        self.behind(comments)
    }

    fn program(&mut self, program: &Program, comments: &Comments) -> fmt::Result {
        write!(self.out, "program {}", program.name.split().1)?;
        self.open(comments)?;
        for version in &program.versions {
            self.version(version)?;
        }
        self.close()?;
        write!(self.out, " = {}", program.number)
    }

    fn version(&mut self, version: &Version) -> fmt::Result {
        self.before(&version.comments.before)?;
        self.start()?;
        write!(self.out, "version {}", version.name.text)?;
        self.open(&version.comments)?;
        for procedure in &version.procedures {
            self.procedure(procedure)?;
        }
        self.close()?;
        writeln!(self.out, " = {};", version.number)
    }

    fn procedure(&mut self, procedure: &Procedure) -> fmt::Result {
        self.before(&procedure.comments.before)?;
        self.start()?;
        match &procedure.result {
            Some(result) => self.type_(result, None)?,
            None => self.out.write_str("void")?,
        }
        write!(self.out, " {}(", procedure.name.text)?;
        if procedure.arguments.is_empty() {
            self.out.write_str("void")?;
        }
        for (number, Argument { name, type_ }) in procedure.arguments.iter().enumerate() {
            self.out.write_str(if number > 0 { ", " } else { "" })?;
            self.type_(type_, name.as_ref().map(|name| name.text.as_str()))?;
        }
        write!(self.out, ") = {};", procedure.number)?;
        self.behind(&procedure.comments)
    }

    fn declaration(&mut self, declaration: &Declaration) -> fmt::Result {
        self.type_(&declaration.type_, Some(declaration.name.split().1))
    }

    fn type_(&mut self, type_: &Type, name: Option<&str>) -> fmt::Result {
        let none = Comments::default();
        match &type_.specifier {
            Specifier::Enum(body) => {
                self.out.write_str("enum")?;
                self.enum_body(body, &none)?;
            }
            Specifier::Struct(body) => {
                self.out.write_str("struct")?;
                self.struct_body(body, &none)?;
            }
            Specifier::Union(body) => {
                self.out.write_str("union")?;
                self.union_body(body, &none)?;
            }
            simple => self.out.write_str(word(simple))?,
        }
        if let Some(name) = name {
            write!(self.out, " {}{name}", if type_.shape == Shape::Optional { "*" } else { "" })?;
        } else if type_.shape == Shape::Optional {
            self.out.write_str(" *")?;
        }
        match &type_.shape {
            Shape::One | Shape::Optional => Ok(()),
            // Without a name there are no brackets.
            Shape::Variable(None) if name.is_none() => Ok(()),
            Shape::Fixed(size) => write!(self.out, "[{size}]"),
            Shape::Variable(None) => self.out.write_str("<>"),
            Shape::Variable(Some(bound)) => write!(self.out, "<{bound}>"),
        }
    }
}
