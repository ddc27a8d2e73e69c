//! Unions.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{Decoder, ENTRY, Result};
use crate::path::Step;
use crate::schema::{Kind, Union};

impl<'s> Decoder<'s, '_> {
    pub(super) fn union(&mut self, union: &'s Union) -> Result<Value> {
        let start = self.take.offset();
        let number = self.case(union)?;
        let name: Cow<'s, str> = union.case_name(&self.interface.schema, number);
        let arm = union.arm(number).ok_or_else(|| self.error_at(start, union.description(), &*name))?;
        self.take_memory(ENTRY + name.len())?;
        let value = match arm {
            None => Value::Null,
            Some(id) => self.part(Step::Field(name.clone()), id)?,
        };
        Ok(Value::Object(Map::from_iter([(name.into_owned(), value)])))
    }

    /// Decodes the number that selects the arm of a union.
    fn case(&mut self, union: &'s Union) -> Result<i128> {
        let start = self.take.offset();
        let number = match self.interface.schema.kind(union.discriminant) {
            Kind::Integer(integer) => self.take.discriminant(*integer).map_err(|fault| self.located(fault))?,
            kind => {
                let number = self.take.member().map_err(|fault| self.located(fault))?;
                if matches!(kind, Kind::Bool) && !(0..=1).contains(&number) {
                    return Err(self.error_at(start, "a bool, 0 or 1", number.to_string()));
                }
                number.into()
            }
        };
        Ok(number)
    }
}
