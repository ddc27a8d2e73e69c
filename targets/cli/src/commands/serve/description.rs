//! Self-description: callers can read the interface from the stand-in.

use oncilla::{ProcedureId, Refusal};
use oncilla_dynamic::Interface;
use oncilla_rpcgen::DESCRIPTION_X;
use serde_json::json;

use crate::failure::Done;

/// The largest piece of the text in bytes, which the interface states.
const PIECE: usize = 1024;

/// The program that returns the text of the interface.
pub struct Description {
    interface: Interface,
    text: String,
}

impl Description {
    pub fn new(text: String) -> Done<Self> {
        Ok(Self { interface: Interface::parse(DESCRIPTION_X)?, text })
    }

    /// Returns the number and version of the program.
    pub fn program(&self) -> Option<(u32, u32)> {
        self.interface.procedures().next().map(|procedure| (procedure.id().program, procedure.id().version))
    }

    /// Answers a call of the program.
    pub fn answer(&self, id: ProcedureId, arguments: &[u8]) -> Result<Vec<u8>, Refusal> {
        let procedure = self.interface.procedures().find(|procedure| procedure.id() == id);
        let procedure = procedure.ok_or(Refusal::ProcedureUnavailable)?;
        let arguments = procedure.decode_arguments(arguments).map_err(|_| Refusal::GarbageArguments)?;
        let results = match arguments.get("offset").and_then(serde_json::Value::as_u64) {
            None => json!({"size": self.text.len(), "packed_size": self.text.len(), "packing": "PLAIN"}),
            Some(offset) => {
                let offset = usize::try_from(offset).unwrap_or(usize::MAX);
                let rest = self.text.as_bytes().get(offset..).unwrap_or_default();
                let piece = rest.get(..PIECE).unwrap_or(rest);
                piece.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
            }
        };
        procedure.encode_results(&results).map_err(|_| Refusal::SystemError)
    }
}
