//! Removes comments from trees.

use super::{Comments, Definition, EnumBody, Item, Procedure, Specifier, StructBody, UnionBody};

impl Item {
    /// Removes the comments of the item and of everything in it.
    pub(crate) fn strip_comments(&mut self) {
        self.comments = Comments::default();
        match &mut self.definition {
            Definition::Typedef(declaration) => bare_type(&mut declaration.type_.specifier),
            Definition::Enum(_, body) => bare_enum(body),
            Definition::Struct(_, body) => bare_struct(body),
            Definition::Union(_, body) => bare_union(body),
            Definition::Program(program) => {
                for version in &mut program.versions {
                    version.comments = Comments::default();
                    let clear = |procedure: &mut Procedure| procedure.comments = Comments::default();
                    version.procedures.iter_mut().for_each(clear);
                }
            }
            Definition::Constant(_) | Definition::Passed(_) => {}
        }
    }
}

fn bare_type(specifier: &mut Specifier) {
    match specifier {
        Specifier::Enum(body) => bare_enum(body),
        Specifier::Struct(body) => bare_struct(body),
        Specifier::Union(body) => bare_union(body),
        _ => {}
    }
}

fn bare_enum(body: &mut EnumBody) {
    body.members.iter_mut().for_each(|member| member.comments = Comments::default());
}

fn bare_struct(body: &mut StructBody) {
    for field in &mut body.fields {
        field.comments = Comments::default();
        bare_type(&mut field.declaration.type_.specifier);
    }
}

fn bare_union(body: &mut UnionBody) {
    bare_type(&mut body.discriminant.type_.specifier);
    for arm in &mut body.arms {
        arm.comments = Comments::default();
        arm.body.iter_mut().for_each(|body| bare_type(&mut body.type_.specifier));
    }
    if let Some(default) = &mut body.default {
        default.comments = Comments::default();
        default.body.iter_mut().for_each(|body| bare_type(&mut body.type_.specifier));
    }
}
