//! Unions.

use serde_json::Value;

use super::{Encoder, Result, SHOWN_MAX, cut};
use crate::path::Step;
use crate::schema::{Id, Kind, Union};
use crate::similar::similar;

impl<'v> Encoder<'v> {
    pub(super) fn union(&mut self, union: &'v Union, value: &'v Value) -> Result<()> {
        // A void arm may be its name alone.
        let (case, value) = match value {
            Value::Object(object) if object.len() == 1 => object.iter().next(),
            Value::String(case) => Some((case, &Value::Null)),
            _ => None,
        }
        .ok_or_else(|| self.mismatch(format!("an object with {} as its only name", union.description()), value))?;
        let (number, arm) = self.arm(union, case)?;
        match self.schema.kind(union.discriminant) {
            Kind::Integer(integer) => self.put.integer(integer.widened(), number),
            // A bool or a member, which is an `int`.
            _ => self.put.member(number as i32),
        }
        match arm {
            Some(id) => self.part(Step::Field(case.into()), id, value),
            None if value.is_null() => Ok(()),
            None => {
                self.path.push(Step::Field(case.into()));
                Err(self.mismatch("null, since the arm is void", value))
            }
        }
    }

    /// Returns the number of a case and its arm.
    fn arm(&self, union: &Union, case: &str) -> Result<(i128, Option<Id>)> {
        let number = union.number(self.schema, case);
        number.and_then(|number| Some((number, union.arm(number)?))).ok_or_else(|| {
            let mut error = self.error(union.description(), format!("`{}`", cut(case, SHOWN_MAX)));
            if let Kind::Enum(members) = self.schema.kind(union.discriminant) {
                let has_arm =
                    |member: &&str| members.number(member).is_some_and(|number| union.arm(number.into()).is_some());
                error.similar = similar(case, members.names().filter(has_arm));
            }
            error
        })
    }
}
