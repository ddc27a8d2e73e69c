//! Servers of interfaces that are known at run time: which procedure is called, and self-description.

use oncilla::{ProcedureId, Refusal};
use oncilla_dynamic::{Interface, Procedure};
use oncilla_rpcgen::DESCRIPTION_X;
use serde_json::json;

use crate::failure::Done;

/// The largest piece of the text in bytes, which the interface states.
const PIECE: usize = 1024;

/// What a call is for.
#[derive(Debug)]
pub enum Called<'i> {
    /// A procedure of the interface.
    Procedure(Procedure<'i>),
    /// Procedure 0, which every server answers.
    Null,
    /// A procedure of the program that returns the text of the interface.
    Description,
}

/// The programs of a server: those of an interface, and the one that returns its text.
#[derive(Debug)]
pub struct Dispatch {
    /// The interface.
    pub interface: Interface,
    description: Description,
}

impl Dispatch {
    /// Returns the programs of an interface. `text` is the text that callers read.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub fn new(interface: Interface, text: String) -> Done<Self> {
        Ok(Self { interface, description: Description::new(text)? })
    }

    /// Returns what a call is for.
    ///
    /// # Errors
    /// No program, version or procedure has the number.
    pub fn find(&self, id: ProcedureId) -> Result<Called<'_>, Refusal> {
        if let Some(procedure) = self.interface.procedures().find(|procedure| procedure.id() == id) {
            return Ok(Called::Procedure(procedure));
        }
        let programs = self.programs();
        let describes = self.description.program() == Some((id.program, id.version));
        match programs.contains(&(id.program, id.version)) {
            true if id.procedure == 0 => Ok(Called::Null),
            true if describes => Ok(Called::Description),
            true => Err(Refusal::ProcedureUnavailable),
            false if programs.iter().any(|(program, _)| *program == id.program) => Err(self.mismatch(id.program)),
            false => Err(Refusal::ProgramUnavailable),
        }
    }

    /// Answers a call of the program that returns the text of the interface.
    ///
    /// # Errors
    /// The program has no such procedure, or the arguments do not fit.
    pub fn describe(&self, id: ProcedureId, arguments: &[u8]) -> Result<Vec<u8>, Refusal> {
        self.description.answer(id, arguments)
    }

    /// Returns the programs and versions that are served.
    #[must_use]
    pub fn programs(&self) -> Vec<(u32, u32)> {
        let of_interface = self.interface.programs().flat_map(|program| {
            program.versions().map(move |version| (program.number(), version.number())).collect::<Vec<_>>()
        });
        let mut programs: Vec<_> = of_interface.chain(self.description.program()).collect();
        programs.sort_unstable();
        programs.dedup();
        programs
    }

    /// Returns the refusal that states the versions of a program.
    #[must_use]
    pub fn mismatch(&self, program: u32) -> Refusal {
        let versions = || self.programs().into_iter().filter(|(number, _)| *number == program).map(|(_, one)| one);
        let (low, high) = (versions().min().unwrap_or_default(), versions().max().unwrap_or_default());
        Refusal::ProgramMismatch { low, high }
    }
}

/// The program that returns the text of the interface.
#[derive(Debug)]
struct Description {
    interface: Interface,
    text: String,
}

impl Description {
    fn new(text: String) -> Done<Self> {
        Ok(Self { interface: Interface::parse(DESCRIPTION_X)?, text })
    }

    /// Returns the number and version of the program.
    fn program(&self) -> Option<(u32, u32)> {
        self.interface.procedures().next().map(|procedure| (procedure.id().program, procedure.id().version))
    }

    /// Answers a call of the program.
    fn answer(&self, id: ProcedureId, arguments: &[u8]) -> Result<Vec<u8>, Refusal> {
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
