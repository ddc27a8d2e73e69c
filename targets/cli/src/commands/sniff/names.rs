//! The names of procedures, and their values.

use std::collections::HashMap;

use oncilla::ProcedureId;
use oncilla_dynamic::{Interface, Procedure};
use oncilla_rpcgen::DESCRIPTION_X;
use serde_json::Value;

use crate::failure::Done;
use crate::programs::shown;

/// The port mapper and rpcbind, which most captures have.
const RPCBIND_X: &str = include_str!("rpcbind.x");

/// The interfaces by which calls are shown.
pub struct Names {
    interfaces: Vec<Interface>,
    /// The interface of each procedure, and its name there.
    procedures: HashMap<ProcedureId, (usize, String)>,
    /// The names of programs.
    programs: HashMap<u32, String>,
}

impl Names {
    /// Adds the interface of the user to rpcbind and self-description.
    pub fn new(interface: Option<Interface>) -> Done<Self> {
        let mut interfaces = vec![Interface::parse(RPCBIND_X)?, Interface::parse(DESCRIPTION_X)?];
        // Of two interfaces with the same procedure, the last one is used.
        interfaces.extend(interface);
        let mut procedures = HashMap::new();
        let mut programs = HashMap::new();
        for (index, interface) in interfaces.iter().enumerate() {
            for procedure in interface.procedures() {
                let name = procedure.short_name();
                procedures.insert(procedure.id(), (index, name.to_owned()));
                programs.insert(procedure.id().program, name.split('.').next().unwrap_or(name).to_owned());
            }
        }
        Ok(Self { interfaces, procedures, programs })
    }

    /// Returns the name of a procedure, or `None` if no interface has it.
    ///
    /// Procedure 0 is `null`.
    pub fn name(&self, id: ProcedureId) -> Option<String> {
        let known = self.procedures.get(&id).map(|(_, name)| name.clone());
        known.or_else(|| (id.procedure == 0).then(|| format!("{}.null", self.program(id.program))))
    }

    /// Returns the name or the number of a program.
    pub fn program(&self, program: u32) -> String {
        self.programs.get(&program).cloned().unwrap_or_else(|| shown(program))
    }

    /// Decodes arguments or results. Returns `None` for an unknown procedure.
    ///
    /// The inner error states why the bytes do not decode.
    pub fn value(&self, id: ProcedureId, what: What, bytes: &[u8]) -> Option<Result<Value, String>> {
        if let Some((index, _)) = self.procedures.get(&id) {
            let procedure = self.find(*index, id)?;
            let value = match what {
                What::Arguments => procedure.decode_arguments(bytes),
                What::Results => procedure.decode_results(bytes),
            };
            return Some(value.map_err(|error| error.to_string()));
        }
        let is_null = id.procedure == 0 && bytes.is_empty();
        let nothing = if what == What::Arguments { Value::Object(serde_json::Map::new()) } else { Value::Null };
        is_null.then_some(Ok(nothing))
    }

    fn find(&self, index: usize, id: ProcedureId) -> Option<Procedure<'_>> {
        self.interfaces.get(index)?.procedures().find(|procedure| procedure.id() == id)
    }

    /// Returns all names, for suggestions.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.procedures.values().map(|(_, name)| name.as_str()).chain(self.programs.values().map(String::as_str))
    }
}

/// The two kinds of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Arguments,
    Results,
}
