//! Unions.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::{Id, Kind, Schema};

/// A union.
#[derive(Clone, Debug)]
pub(crate) struct Union {
    /// The name; empty for a union without a name.
    pub name: String,
    /// A bool, an integer or an enum.
    pub discriminant: Id,
    /// The cases, in the order of the file.
    cases: Vec<Case>,
    /// The indices of cases by their numbers.
    by_number: HashMap<i128, usize>,
    /// The arm for all other numbers.
    pub default: Option<Arm>,
}

/// A case of a union.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub number: i128,
    pub arm: Arm,
}

/// An arm of a union, which several cases may share.
#[derive(Clone, Debug)]
pub(crate) struct Arm {
    /// `None` is void.
    pub body: Option<Id>,
    /// The name of the field. Empty if the arm is void.
    pub field: Arc<str>,
    pub documentation: Arc<str>,
}

impl Union {
    pub fn new(name: &str, discriminant: Id, cases: Vec<Case>, default: Option<Arm>) -> Self {
        let by_number = cases.iter().enumerate().map(|(index, case)| (case.number, index)).collect();
        Self { name: name.to_owned(), discriminant, cases, by_number, default }
    }

    /// Converts each number to the `int` with the same bits.
    ///
    /// Members of enums from 0x80000000 on are such numbers.
    pub(super) fn wrap(&mut self) {
        self.cases.iter_mut().for_each(|case| case.number = (case.number as i32).into());
        self.by_number = self.cases.iter().enumerate().map(|(index, case)| (case.number, index)).collect();
    }

    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// Returns whether a case has the number.
    pub fn lists(&self, number: i128) -> bool {
        self.by_number.contains_key(&number)
    }

    /// Returns the body of the arm for a number. The inner `None` is void.
    pub fn arm(&self, number: i128) -> Option<Option<Id>> {
        let case = self.by_number.get(&number).and_then(|&index| self.cases.get(index));
        case.map(|case| case.arm.body).or(self.default.as_ref().map(|arm| arm.body))
    }

    /// Returns the bodies of all arms. `None` is void.
    pub fn bodies(&self) -> impl Iterator<Item = Option<Id>> {
        self.cases.iter().map(|case| case.arm.body).chain(self.default.iter().map(|arm| arm.body))
    }

    /// Returns the name of a number, as it is in JSON.
    pub fn case_name<'s>(&self, schema: &'s Schema, number: i128) -> Cow<'s, str> {
        match schema.kind(self.discriminant) {
            Kind::Bool => (if number == 0 { "false" } else { "true" }).into(),
            Kind::Enum(members) => {
                let member = i32::try_from(number).ok().and_then(|number| members.member(number));
                member.map_or_else(|| number.to_string().into(), Cow::Borrowed)
            }
            _ => number.to_string().into(),
        }
    }

    /// Returns the number of a case, by its name in JSON.
    pub fn number(&self, schema: &Schema, case: &str) -> Option<i128> {
        match schema.kind(self.discriminant) {
            Kind::Bool => match case.to_ascii_lowercase().as_str() {
                "true" => Some(1),
                "false" => Some(0),
                _ => None,
            },
            Kind::Integer(integer) => number(case).filter(|number| (integer.low..=integer.high).contains(number)),
            Kind::Enum(members) => members.number(case).map_or_else(
                || number(case).filter(|number| (i32::MIN.into()..=i32::MAX.into()).contains(number)),
                |number| Some(number.into()),
            ),
            // An interface with such a union has errors.
            _ => None,
        }
    }

    /// Returns the union for a message.
    pub fn description(&self) -> String {
        if self.name.is_empty() { "a case of the union".to_owned() } else { format!("a case of `{}`", self.name) }
    }
}

/// Parses the number of a case in its decoded form, not `+7` or `07`.
fn number(case: &str) -> Option<i128> {
    case.parse::<i128>().ok().filter(|number| number.to_string() == case)
}
