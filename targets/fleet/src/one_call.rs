//! One call of a closure, first recorded, then answered: for calls with several replies, or with a late one.

use oncilla::xdr::{DecodeError, EncodeError};
use oncilla::{CallError, Caller, ProcedureId, Writer};

use crate::calls::{decoded, encode, transport};
use crate::error::Error;

/// Stands for a device in a closure that makes one call. It is a [`Caller`], so generated clients work on it.
///
/// The closure runs once to find out what it calls, and once for each reply. So it must make exactly one call, and the
/// same each time, and have no other effects.
pub struct OneCall {
    state: State,
}

enum State {
    /// Nothing was called yet.
    Empty,
    /// The call, with its encoded arguments after a header.
    Recorded { id: ProcedureId, message: Vec<u8>, one_way: bool },
    /// The results of the call that was recorded.
    Answer { id: ProcedureId, results: Vec<u8> },
    /// More than one call.
    Many,
}

/// A call that a closure made.
pub struct Recorded {
    pub id: ProcedureId,
    /// The call in the full form, with xid 0.
    pub message: Vec<u8>,
    pub one_way: bool,
}

impl OneCall {
    /// Runs a closure to find out what it calls.
    pub(crate) fn record<R>(
        make: &impl Fn(&mut Self) -> Result<R, CallError<Error>>,
    ) -> Result<Recorded, CallError<Error>> {
        let mut recorder = Self { state: State::Empty };
        let made = make(&mut recorder).map(drop);
        match recorder.state {
            State::Recorded { id, message, one_way } => Ok(Recorded { id, message, one_way }),
            // What happened before a call could be made, such as arguments that are over their bound.
            State::Empty => Err(made.err().unwrap_or_else(|| transport(Error::NotOneCall))),
            State::Many | State::Answer { .. } => Err(transport(Error::NotOneCall)),
        }
    }

    /// Runs a closure with the results of its call.
    pub(crate) fn answer<R>(
        make: &impl Fn(&mut Self) -> Result<R, CallError<Error>>,
        id: ProcedureId,
        results: &[u8],
    ) -> Result<R, CallError<Error>> {
        make(&mut Self { state: State::Answer { id, results: results.to_vec() } })
    }

    fn take(
        &mut self,
        id: ProcedureId,
        one_way: bool,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<&[u8], CallError<Error>> {
        if matches!(self.state, State::Empty) {
            let message = encode(0, id, arguments)?;
            self.state = State::Recorded { id, message, one_way };
            return Err(transport(Error::NotOneCall));
        }
        if matches!(self.state, State::Recorded { .. }) {
            self.state = State::Many;
        }
        match &self.state {
            State::Answer { id: recorded, results } if *recorded == id => Ok(results),
            _ => Err(transport(Error::NotOneCall)),
        }
    }
}

impl Caller for OneCall {
    type Error = Error;

    fn call<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<Error>> {
        decoded(results, self.take(id, false, arguments)?)
    }

    fn cast(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<Error>> {
        self.take(id, true, arguments).map(drop)
    }
}

impl std::fmt::Debug for OneCall {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("OneCall")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: ProcedureId = ProcedureId { program: 0x2000_0042, version: 1, procedure: 1 };

    fn echo(caller: &mut OneCall) -> Result<Vec<u8>, CallError<Error>> {
        caller.call(ID, |writer| writer.append(b"abcd"), |results| Ok(results.to_vec()))
    }

    #[test]
    fn a_closure_is_recorded_and_answered() {
        let recorded = OneCall::record(&echo).unwrap();
        assert_eq!((recorded.id, recorded.message.len(), recorded.one_way), (ID, 44, false));
        assert_eq!(OneCall::answer(&echo, ID, b"efgh").unwrap(), b"efgh");
    }

    #[test]
    fn no_call_two_calls_and_another_call_are_errors() {
        let wrong = |error: CallError<Error>| error == transport(Error::NotOneCall);
        assert!(wrong(OneCall::record(&|_: &mut OneCall| Ok(())).err().unwrap()));
        let twice = |caller: &mut OneCall| echo(caller).or_else(|_| echo(caller));
        assert!(wrong(OneCall::record(&twice).err().unwrap()));
        let other = ProcedureId { procedure: 2, ..ID };
        assert!(wrong(OneCall::answer(&echo, other, b"").unwrap_err()));
        // An error of the arguments is reported as it is.
        let large = |caller: &mut OneCall| caller.call(ID, |writer| writer.append(&vec![0; 2 << 20]), |_| Ok(()));
        assert!(matches!(OneCall::record(&large), Err(CallError::CallTooLarge { .. })));
    }
}
