//! Checks the cases of unions.

use std::collections::{HashMap, HashSet};

use super::numbers::Numbers;
use crate::diagnostic::Diagnostic;
use crate::tree::{Basic, EnumBody, UnionBody, Value};

/// Checks that the type of the discriminant is valid, and that each case is possible and occurs once.
pub(super) fn check(numbers: &mut Numbers<'_, '_>, body: &UnionBody) {
    let discriminant = &body.discriminant.type_;
    let interface = numbers.interface;
    let members = interface.enum_(discriminant).map(|body| members(numbers, body));
    let range = match interface.basic(discriminant) {
        _ if members.is_some() => Some(("a case", i32::MIN.into(), u32::MAX.into())),
        Some(Basic::Bool) => Some(("a case of a bool", 0, 1)),
        Some(Basic::UnsignedInt | Basic::UnsignedShort | Basic::UnsignedChar) => Some(("a case", 0, u32::MAX.into())),
        Some(Basic::Hyper) => Some(("a case", i64::MIN.into(), i64::MAX.into())),
        Some(Basic::UnsignedHyper) => Some(("a case", 0, u64::MAX.into())),
        Some(Basic::Int | Basic::Short | Basic::Char) => Some(("a case", i32::MIN.into(), i32::MAX.into())),
        _ => None,
    };
    let Some((what, low, high)) = range else {
        // An unknown type has been reported already.
        if !is_unknown(numbers, body) {
            let error = Diagnostic::error(discriminant.place, "a union cannot be switched on this type");
            numbers.diagnostics.push(error.label("expected an integer, `bool` or an enum"));
        }
        return;
    };
    let mut seen = HashMap::new();
    for case in body.arms.iter().flat_map(|arm| &arm.cases) {
        let Some(number) = numbers.check(case, what, low, high) else { continue };
        // From 0x80000000 on, a member of an enum is the `int` with the same bits.
        let number = if members.is_some() { i128::from(number as i32) } else { number };
        if let Some(first) = seen.insert(number, case.place()) {
            let error = Diagnostic::error(case.place(), format!("the case {number} is used twice"));
            numbers.diagnostics.push(error.label("used again").other(first, "used here first"));
        }
        if members.as_ref().is_some_and(|members| !members.contains(&number)) {
            let error = Diagnostic::error(case.place(), format!("{number} is not a member of the enum"));
            numbers
                .diagnostics
                .push(error.label("expected a member").other(discriminant.place, "the enum of this union"));
        }
    }
}

fn members(numbers: &Numbers<'_, '_>, body: &EnumBody) -> HashSet<i128> {
    let number = |name: &crate::tree::Name| numbers.interface.value(&Value::Name(name.clone())).ok();
    body.members.iter().filter_map(|member| number(&member.name)).map(|number| i128::from(number as i32)).collect()
}

fn is_unknown(numbers: &Numbers<'_, '_>, body: &UnionBody) -> bool {
    let name = numbers.interface.named_in_the_end(&body.discriminant.type_);
    name.is_some_and(|name| numbers.interface.meaning(name).is_none())
}
