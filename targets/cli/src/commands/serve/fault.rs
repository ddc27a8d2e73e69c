//! Faults: refusals by their names, and silence.

use oncilla::Refusal;

use crate::refusal::STATUSES;

/// A reply without results, or none at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Refused(Refusal),
    /// PROG_MISMATCH with the versions that are served.
    Mismatch,
    /// No reply, as if the call or the reply were lost.
    Silence,
}

/// The refusals without numbers of their own.
const REFUSALS: [(&str, Refusal); 5] = [
    ("SYSTEM_ERR", Refusal::SystemError),
    ("GARBAGE_ARGS", Refusal::GarbageArguments),
    ("PROC_UNAVAIL", Refusal::ProcedureUnavailable),
    ("PROG_UNAVAIL", Refusal::ProgramUnavailable),
    ("RPC_MISMATCH", Refusal::RpcMismatch { low: 2, high: 2 }),
];

const SILENCE: &str = "silence";
const MISMATCH: &str = "PROG_MISMATCH";

impl Fault {
    /// Returns all names of faults.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let refusals = REFUSALS.iter().map(|(name, _)| *name);
        refusals.chain([MISMATCH]).chain(STATUSES.iter().map(|(name, _)| *name)).chain([SILENCE])
    }

    /// Returns the fault of a name, in capitals or small letters.
    pub fn parse(name: &str) -> Option<Self> {
        let is = |other: &str| other.eq_ignore_ascii_case(name);
        if is(SILENCE) {
            return Some(Self::Silence);
        }
        if is(MISMATCH) {
            return Some(Self::Mismatch);
        }
        let refusal = REFUSALS.iter().find(|(name, _)| is(name)).map(|(_, refusal)| *refusal);
        let status = || STATUSES.iter().find(|(name, _)| is(name)).map(|(_, status)| Refusal::Authentication(*status));
        refusal.or_else(status).map(Self::Refused)
    }

    /// Returns the name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Silence => SILENCE,
            Self::Mismatch => MISMATCH,
            Self::Refused(refusal) => crate::refusal::name(refusal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_and_written() {
        for name in Fault::names() {
            assert_eq!(Fault::parse(name).unwrap().name(), name);
            assert_eq!(Fault::parse(&name.to_lowercase()).unwrap().name(), name);
        }
        assert_eq!(Fault::parse("SYSTEM_ERROR"), None);
    }
}
