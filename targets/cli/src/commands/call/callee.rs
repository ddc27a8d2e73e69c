//! The procedure to call: one of an interface, or numbers.

use oncilla::ProcedureId;
use oncilla_dynamic::{Interface, Procedure, ValueError};
use serde_json::Value;

use super::Input;
use crate::bytes;
use crate::failure::{Done, Exit, Failure};
use crate::programs::shown;
use crate::remote::Remote;

/// The procedure to call.
pub enum Callee<'i> {
    Named(Procedure<'i>),
    /// Without an interface. Arguments and results are bytes.
    Numbered(ProcedureId),
}

/// Returns the interface that a call needs. Numbers with bytes need none.
pub fn interface(remote: &mut Remote<'_>, name: &str, input: &Input) -> Done<Option<Interface>> {
    let needs_none = numbers(name).is_some() && input.is_bytes();
    if needs_none { remote.interface_of_file() } else { remote.interface().map(Some) }
}

/// Parses `PROGRAM.VERSION.PROCEDURE` in numbers.
pub fn numbers(name: &str) -> Option<ProcedureId> {
    let number = |text: &str| match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    };
    let mut parts = name.split('.').map(number);
    let id = ProcedureId { program: parts.next()??, version: parts.next()??, procedure: parts.next()?? };
    parts.next().is_none().then_some(id)
}

impl<'i> Callee<'i> {
    /// Finds a procedure by its name or its numbers.
    pub fn find(name: &str, interface: Option<&'i Interface>) -> Done<Self> {
        let Some(id) = numbers(name) else {
            let interface = interface.ok_or_else(|| {
                Failure::usage(format_args!("{name:?} needs an interface"))
                    .help("give the interface with `--interface FILE.x`, or call numbers: PROGRAM.VERSION.PROCEDURE")
            })?;
            return Ok(Self::Named(interface.procedure(name)?));
        };
        let mut procedures = interface.into_iter().flat_map(Interface::procedures);
        Ok(procedures.find(|procedure| procedure.id() == id).map_or(Self::Numbered(id), Self::Named))
    }

    pub fn id(&self) -> ProcedureId {
        match self {
            Self::Named(procedure) => procedure.id(),
            Self::Numbered(id) => *id,
        }
    }

    /// Returns the name for people.
    pub fn name(&self) -> String {
        match self {
            Self::Named(procedure) => procedure.short_name().to_owned(),
            Self::Numbered(ProcedureId { program, version, procedure }) => {
                format!("{}.{version}.{procedure}", shown(*program))
            }
        }
    }

    /// Encodes arguments. Those of numbers are hexadecimal digits.
    pub fn encode(&self, arguments: &Value) -> Done<Vec<u8>> {
        match (self, arguments) {
            (Self::Named(procedure), _) => Ok(encode(*procedure, arguments)?),
            (Self::Numbered(_), Value::Null) => Ok(Vec::new()),
            (Self::Numbered(_), Value::String(hex)) => bytes::parse_hex(hex),
            (Self::Numbered(_), _) => Err(Failure::usage(format_args!(
                "the interface has no procedure {}: its arguments are hexadecimal digits",
                self.name()
            ))),
        }
    }

    /// Decodes results. Those of numbers are hexadecimal digits.
    pub fn decode(&self, results: &[u8]) -> Done<Value> {
        match self {
            Self::Named(procedure) => procedure.decode_results(results).map_err(|error| {
                let failure = Failure::from(oncilla_dynamic::CallError::<std::io::Error>::Results(error));
                failure.help("`--raw` writes the bytes as they are")
            }),
            Self::Numbered(_) => Ok(bytes::hex(results).into()),
        }
    }
}

/// Encodes the arguments of a procedure.
pub fn encode(procedure: Procedure<'_>, arguments: &Value) -> Result<Vec<u8>, ValueError> {
    if is_alone(procedure, arguments) {
        return procedure.encode_arguments(&Value::Array(vec![arguments.clone()]));
    }
    procedure.encode_arguments(arguments)
}

/// Returns whether a value is the only argument itself, not a list of arguments.
pub fn is_alone(procedure: Procedure<'_>, value: &Value) -> bool {
    let mut names = procedure.arguments();
    let (Some(name), None) = (names.next(), names.next()) else { return false };
    match value {
        Value::Array(_) => false,
        Value::Object(object) => !object.is_empty() && !object.contains_key(name),
        _ => true,
    }
}

/// Returns the failure of a call, named.
pub fn failed(callee: &Callee<'_>, failure: Failure) -> Failure {
    if failure.exit() == Exit::Failed { failure.of(callee.name()) } else { failure }
}
