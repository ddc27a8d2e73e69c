//! The description of an interface for the page: programs, procedures and types, as one JSON document.

use std::collections::HashMap;
use std::fmt;

use oncilla_dynamic::{Case, Field, Interface, Procedure, Shape, Type};
use serde_json::{Value, json};

use crate::panels::Panels;

/// The most types of an interface.
const TYPES_MAX: usize = 10_000;

/// The most procedures of an interface.
const PROCEDURES_MAX: usize = 10_000;

/// The most bytes of one comment.
const COMMENT_MAX: usize = 4096;

/// The most bytes of all comments. Those after them are left out.
const COMMENTS_MAX: usize = 1 << 20;

/// An interface is too large for the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge {
    what: &'static str,
    most: usize,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, most } = self;
        write!(formatter, "the interface has more than {most} {what}, which the page does not show")
    }
}

impl std::error::Error for TooLarge {}

/// Describes an interface for the page.
///
/// Types are in a list, and refer to each other by their place in it, so recursive types are possible. The bounds of
/// integers are texts, since JavaScript's numbers do not have all of them.
///
/// ```
/// use oncilla_dynamic::Interface;
/// use serde_json::json;
///
/// let text = "program P { version V { bool P_SET(unsigned int level) = 1; } = 1; } = 0x20000042;";
/// let description = oncilla_web::description::describe(&Interface::parse(text)?)?;
/// let set = &description["programs"][0]["versions"][0]["procedures"][0];
/// assert_eq!((&set["name"], &set["number"], &set["result"]), (&json!("p.set"), &json!(1), &json!(1)));
/// assert_eq!(set["arguments"][0]["type"], 0);
/// let level = &description["types"][0];
/// assert_eq!((&level["kind"], &level["low"], &level["high"]), (&json!("integer"), &json!("0"), &json!("4294967295")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The interface has more types or procedures than a page can show. Comments that are too long are cut.
pub fn describe(interface: &Interface) -> Result<Value, TooLarge> {
    if interface.procedures().nth(PROCEDURES_MAX).is_some() {
        return Err(TooLarge { what: "procedures", most: PROCEDURES_MAX });
    }
    let mut writer = Writer { places: HashMap::new(), types: Vec::new(), comments: COMMENTS_MAX };
    let mut programs = Vec::new();
    for program in interface.programs() {
        let mut versions = Vec::new();
        for version in program.versions() {
            let procedures: Vec<_> = version.procedures().map(|procedure| writer.procedure(&procedure)).collect();
            versions.push(json!({
                "name": version.name(),
                "number": version.number(),
                "comment": writer.comment(version.documentation()),
                "procedures": procedures,
            }));
        }
        programs.push(json!({
            "name": program.name(),
            "number": program.number(),
            "comment": writer.comment(program.documentation()),
            "versions": versions,
        }));
    }
    let types = writer.all()?;
    Ok(json!({ "programs": programs, "types": types }))
}

/// Describes an interface, with panels for it: `panels`, or `panelsError` if they do not fit.
///
/// # Errors
/// As [`describe`].
pub fn with_panels(interface: &Interface, panels: Option<&Panels>) -> Result<Value, TooLarge> {
    let mut described = describe(interface)?;
    match panels.map(|panels| panels.resolve(interface)) {
        Some(Ok(panels)) => described["panels"] = panels,
        Some(Err(error)) => described["panelsError"] = error.to_string().into(),
        None => {}
    }
    Ok(described)
}

/// Writes types, and records those that they refer to.
struct Writer<'i> {
    places: HashMap<Type<'i>, usize>,
    /// In the order of their places.
    types: Vec<Type<'i>>,
    /// The bytes that comments may still have.
    comments: usize,
}

impl<'i> Writer<'i> {
    /// Returns the place of a type in the list.
    fn place(&mut self, type_: Type<'i>) -> usize {
        *self.places.entry(type_).or_insert_with(|| {
            self.types.push(type_);
            self.types.len() - 1
        })
    }

    /// Writes all types that have a place. They may refer to more.
    fn all(mut self) -> Result<Vec<Value>, TooLarge> {
        let mut written = Vec::new();
        while let Some(&next) = self.types.get(written.len()) {
            if written.len() == TYPES_MAX {
                return Err(TooLarge { what: "types", most: TYPES_MAX });
            }
            let mut type_ = self.shape(next.shape());
            type_["name"] = next.name().into();
            type_["syntax"] = cut(&next.to_string()).into();
            type_["comment"] = self.comment(next.documentation());
            written.push(type_);
        }
        Ok(written)
    }

    fn procedure(&mut self, procedure: &Procedure<'i>) -> Value {
        json!({
            "name": procedure.short_name(),
            "number": procedure.id().procedure,
            "declaration": cut(procedure.declaration()),
            "comment": self.comment(procedure.documentation()),
            "arguments": procedure.argument_fields().map(|field| self.field(&field)).collect::<Vec<_>>(),
            "result": procedure.result().map(|type_| self.place(type_)),
        })
    }

    fn field(&mut self, field: &Field<'i>) -> Value {
        json!({
            "name": field.name,
            "type": self.place(field.type_),
            "optional": field.optional,
            "comment": self.comment(field.documentation),
        })
    }

    fn case(&mut self, case: &Case<'i>) -> Value {
        json!({
            "name": case.name,
            "type": case.body.map(|body| self.place(body)),
            "field": case.field,
            "comment": self.comment(case.documentation),
        })
    }

    fn shape(&mut self, shape: Shape<'i>) -> Value {
        match shape {
            Shape::Bool => json!({"kind": "bool"}),
            Shape::Integer { low, high, .. } => {
                json!({"kind": "integer", "low": low.to_string(), "high": high.to_string()})
            }
            Shape::Float => json!({"kind": "float"}),
            Shape::Double => json!({"kind": "double"}),
            Shape::Text { max } => json!({"kind": "text", "max": max}),
            Shape::Opaque { min, max } => json!({"kind": "opaque", "min": min, "max": max}),
            Shape::Array { element, min, max } => {
                json!({"kind": "array", "element": self.place(element), "min": min, "max": max})
            }
            Shape::Optional(inner) => {
                // A pointer to a pointer is an array of one value or none, since `null` would mean two things.
                let is_array = matches!(inner.shape(), Shape::Optional(_));
                json!({"kind": if is_array { "array" } else { "optional" }, "element": self.place(inner), "min": 0, "max": 1})
            }
            Shape::Enum(members) => {
                let members = members.iter().map(|member| {
                    let comment = self.comment(member.documentation);
                    json!({"name": member.name, "number": member.number, "comment": comment})
                });
                json!({"kind": "enum", "members": members.collect::<Vec<_>>()})
            }
            Shape::Struct(fields) => {
                json!({"kind": "struct", "fields": fields.iter().map(|field| self.field(field)).collect::<Vec<_>>()})
            }
            Shape::List { node, min } => {
                json!({"kind": "array", "element": self.place(node), "min": min, "max": null})
            }
            Shape::Union { discriminant, cases, default } => json!({
                "kind": "union",
                "discriminant": self.place(discriminant),
                "cases": cases.iter().map(|case| self.case(case)).collect::<Vec<_>>(),
                "default": default.as_ref().map(|case| self.case(case)),
            }),
        }
    }

    /// Returns a comment, or the part of it for which there is room.
    fn comment(&mut self, text: &str) -> Value {
        if text.len() > self.comments {
            return "".into();
        }
        self.comments -= text.len().min(COMMENT_MAX);
        cut(text).into()
    }
}

/// Returns a text, or its beginning.
fn cut(text: &str) -> String {
    if text.len() <= COMMENT_MAX {
        return text.to_owned();
    }
    let end = (0..=COMMENT_MAX).rev().find(|&end| text.is_char_boundary(end)).unwrap_or_default();
    format!("{}…", text.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(text: &str) -> Value {
        describe(&Interface::parse(text).unwrap()).unwrap()
    }

    #[test]
    fn recursive_types_refer_to_themselves() {
        let all = described(
            "struct tree { int value; tree *left; tree *right; };
             program P { version V { tree P_GET(void) = 1; } = 1; } = 0x20000042;",
        );
        let tree = &all["types"][0];
        let left = &all["types"][tree["fields"][1]["type"].as_u64().unwrap() as usize];
        assert_eq!((&left["kind"], &left["element"]), (&json!("optional"), &json!(0)));
    }

    #[test]
    fn long_comments_are_cut() {
        let comment = "é".repeat(4096);
        let all = described(&format!(
            "/* {comment} */ program P {{ version V {{ void P_GET(void) = 1; }} = 1; }} = 0x20000042;"
        ));
        let comment = all["programs"][0]["comment"].as_str().unwrap();
        assert!(comment.len() <= COMMENT_MAX + 3 && comment.ends_with("é…"), "{}", comment.len());
    }

    #[test]
    fn very_many_types_are_refused() {
        let types: String = (0..=TYPES_MAX).map(|number| format!("struct s{number} {{ int a; }};\n")).collect();
        let fields: String = (0..=TYPES_MAX).map(|number| format!("s{number} f{number};\n")).collect();
        let text = format!(
            "{types} struct all {{ {fields} }}; program P {{ version V {{ all P_GET(void) = 1; }} = 1; }} = 0x20000042;"
        );
        let error = describe(&Interface::parse(&text).unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "the interface has more than 10000 types, which the page does not show");
    }
}
