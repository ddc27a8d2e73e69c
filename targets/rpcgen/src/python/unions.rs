//! Generates unions: dataclasses with the case and its value, and a property for each arm.

use super::{Generator, docs, words};
use crate::tree::{Basic, Comments, Declaration, Type, UnionBody, Value};

/// The case of the default arm at run time.
const DEFAULT: &str = "default";

/// An arm with a value.
struct Arm<'t> {
    declaration: &'t Declaration,
    comments: &'t Comments,
    /// The cases as in the file.
    shown: String,
    /// The cases by the names that they have at run time.
    cases: Vec<String>,
}

impl Generator<'_, '_> {
    pub(super) fn union(&mut self, class: &str, body: &UnionBody, lines: &[String]) {
        self.bodies(std::iter::once(&body.discriminant).chain(body.bodies()));
        let arms = self.arms(body);
        let names = self.attributes(arms.iter().map(|arm| arm.declaration.name.text.as_str()), &words::OF_UNIONS);
        self.dataclass(class, "Union", lines);
        let case = self.annotation(&body.discriminant.type_, &names);
        // The default arm also has numbers that are no members.
        let is_open = body.default.is_some() && self.interface.enum_(&body.discriminant.type_).is_some();
        let int = if names.iter().any(|name| name == "int") { "builtins.int" } else { "int" };
        let case = if is_open { format!("Union[{case}, {int}]") } else { case };
        self.line(1, &format!("case: {case}"));
        self.docstring(1, &[format!("``{}``", docs::escape(&body.discriminant.to_string()))]);
        let mut types = Vec::new();
        for arm in &arms {
            let type_ = self.annotation(&arm.declaration.type_, &names);
            if !types.contains(&type_) {
                types.push(type_);
            }
        }
        let value = match types.as_slice() {
            [] => "None".to_owned(),
            [one] => format!("Optional[{one}]"),
            several => format!("Union[{}, None]", several.join(", ")),
        };
        self.line(1, &format!("value: {value} = None"));
        self.docstring(1, &["The value of the case, or ``None``.".to_owned()]);
        // An arm `value` is the attribute of every union.
        let named = |name: &String| name != "value";
        let listed = names.iter().zip(&arms).filter(|(name, _)| named(name));
        let listed: Vec<_> = listed.map(|(name, arm)| format!("\"{name}\": [{}],", arm.cases.join(", "))).collect();
        let default = names.iter().zip(&arms).find(|(name, arm)| named(name) && arm.shown == "default:");
        let default = default.map(|(name, _)| name.clone());
        // Without a default arm, a case that is not listed is void.
        let void = if default.is_some() { self.void(body) } else { Vec::new() };
        if !listed.is_empty() || default.is_some() {
            self.line(0, "");
        }
        if !listed.is_empty() {
            self.line(1, "_arms = {");
            listed.iter().for_each(|line| self.line(2, line));
            self.line(1, "}");
        }
        if let Some(name) = &default {
            self.line(1, &format!("_others = \"{name}\""));
        }
        if !void.is_empty() {
            self.line(1, &format!("_void = [{}]", void.join(", ")));
        }
        for (name, arm) in names.iter().zip(&arms).filter(|(name, _)| named(name)) {
            let type_ = self.annotation(&arm.declaration.type_, &names);
            self.line(0, "");
            self.line(1, "@property");
            self.line(1, &format!("def {name}(self) -> {type_}:"));
            self.docs(2, arm.comments, &format!("{} {}", arm.shown, arm.declaration));
            self.line(2, &format!("value: {type_} = self._get(\"{name}\")"));
            self.line(2, "return value");
        }
    }

    /// Returns the cases without values.
    fn void(&self, body: &UnionBody) -> Vec<String> {
        let arms = body.arms.iter().filter(|arm| arm.body.is_none());
        let cases = arms.flat_map(|arm| &arm.cases);
        cases.map(|case| docs::text_literal(&self.case_name(case, &body.discriminant.type_))).collect()
    }

    /// Returns the arms with values.
    fn arms<'t>(&self, body: &'t UnionBody) -> Vec<Arm<'t>> {
        let mut arms = Vec::new();
        for arm in &body.arms {
            let Some(declaration) = &arm.body else { continue };
            let shown: Vec<_> = arm.cases.iter().map(|case| format!("case {case}:")).collect();
            let cases =
                arm.cases.iter().map(|case| docs::text_literal(&self.case_name(case, &body.discriminant.type_)));
            arms.push(Arm { declaration, comments: &arm.comments, shown: shown.join(" "), cases: cases.collect() });
        }
        if let Some((default, declaration)) = body.default.as_ref().and_then(|arm| Some((arm, arm.body.as_ref()?))) {
            let (shown, cases) = ("default:".to_owned(), vec![docs::text_literal(DEFAULT)]);
            arms.push(Arm { declaration, comments: &default.comments, shown, cases });
        }
        arms
    }

    /// Returns the name of a case at run time: that of a member, a number, or `true`.
    fn case_name(&self, case: &Value, discriminant: &Type) -> String {
        let number = self.interface.value(case).unwrap_or_default();
        if self.interface.basic(discriminant) == Some(Basic::Bool) {
            return (if number == 0 { "false" } else { "true" }).to_owned();
        }
        let members = self.interface.enum_(discriminant).into_iter().flat_map(|body| &body.members);
        // Of several members with one number, the first names it.
        let mut members = members.filter(|member| self.interface.member(&member.name.text) == number as i32);
        members.next().map_or_else(|| number.to_string(), |member| words::member(&member.name.text))
    }
}
