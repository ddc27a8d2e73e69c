//! A type or a procedure of an interface, by the name that a user gives.

use oncilla_dynamic::{Interface, NameError, Procedure, Type, ValueError};
use serde_json::Value;

use crate::failure::{Done, Failure};

/// A type or a procedure.
#[derive(Clone, Copy, Debug)]
pub enum Symbol<'i> {
    Type(Type<'i>),
    Procedure(Procedure<'i>),
}

/// The part of a procedure to encode or decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Arguments,
    Results,
}

impl<'i> Symbol<'i> {
    /// Finds a type or a procedure.
    ///
    /// `thermostat.read` is a procedure. A name without a dot is a type, if there is one of this name.
    pub fn find(interface: &'i Interface, name: &str) -> Done<Self> {
        if name.contains('.') {
            return Self::procedure(interface, name);
        }
        let unknown = match interface.type_(name) {
            Ok(type_) => return Ok(Self::Type(type_)),
            Err(error) => error,
        };
        match interface.procedure(name) {
            Ok(procedure) => Ok(Self::Procedure(procedure)),
            Err(error @ NameError::Ambiguous { .. }) => Err(error.into()),
            Err(NameError::Unknown { .. }) if has_similar(&unknown) => Err(unknown.into()),
            Err(NameError::Unknown { similar, .. }) => {
                let failure = Failure::usage(format_args!("the interface has no type or procedure `{name}`"));
                let help = "`oncilla describe` lists the procedures, `oncilla describe --types` the types";
                Err(match similar {
                    Some(similar) => failure.help(format_args!("the most similar is `{similar}`")).help(help),
                    None => failure.help(help),
                })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Finds a procedure.
    pub fn procedure(interface: &'i Interface, name: &str) -> Done<Self> {
        Ok(Self::Procedure(interface.procedure(name)?))
    }

    /// Encodes a value of the type, or the part of a procedure.
    pub fn encode(self, part: Part, value: &Value) -> Result<Vec<u8>, ValueError> {
        match (self, part) {
            (Self::Type(type_), _) => type_.encode(value),
            (Self::Procedure(procedure), Part::Arguments) => procedure.encode_arguments(value),
            (Self::Procedure(procedure), Part::Results) => procedure.encode_results(value),
        }
    }

    /// Decodes a value of the type, or the part of a procedure.
    pub fn decode(self, part: Part, bytes: &[u8]) -> Result<Value, ValueError> {
        match (self, part) {
            (Self::Type(type_), _) => type_.decode(bytes),
            (Self::Procedure(procedure), Part::Arguments) => procedure.decode_arguments(bytes),
            (Self::Procedure(procedure), Part::Results) => procedure.decode_results(bytes),
        }
    }
}

const fn has_similar(error: &NameError) -> bool {
    matches!(error, NameError::UnknownType { similar: Some(_), .. })
}
