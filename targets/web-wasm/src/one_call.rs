//! One call of a function, first recorded, then answered.

use std::convert::Infallible;

use oncilla::xdr::{DecodeError, EncodeError};
use oncilla::{CallError, Caller, ProcedureId, Writer};

use crate::flight::Failed;

/// The room for arguments: those of the procedures with which a device describes itself.
const ROOM: usize = 64;

/// Stands for a device in a function that makes one call.
pub enum OneCall {
    /// What was called: the procedure and its encoded arguments. `None` until the function calls.
    Recorded(Option<(ProcedureId, Vec<u8>)>),
    /// The outcome of the call. `None` when it was taken.
    Answer(Option<Result<Vec<u8>, Failed>>),
    /// The results, while the function decodes them.
    Taken(Vec<u8>),
}

impl Caller for OneCall {
    type Error = Infallible;

    fn call<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, Failed> {
        match self {
            OneCall::Recorded(call) => {
                let mut room = [0; ROOM];
                let mut writer = Writer::new(&mut room);
                arguments(&mut writer).map_err(CallError::Arguments)?;
                let length = writer.length();
                *call = Some((id, room[..length].to_vec()));
                Err(CallError::Closed)
            }
            OneCall::Answer(outcome) => {
                let bytes = outcome.take().unwrap_or(Err(CallError::Closed))?;
                *self = OneCall::Taken(bytes);
                let OneCall::Taken(bytes) = &*self else { return Err(CallError::Closed) };
                results(bytes).map_err(CallError::Results)
            }
            OneCall::Taken(_) => Err(CallError::Closed),
        }
    }

    fn cast(&mut self, _: ProcedureId, _: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>) -> Result<(), Failed> {
        Err(CallError::Closed)
    }
}
