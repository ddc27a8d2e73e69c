//! Refusals, as either side tells them.

use std::fmt::Debug;

use oncilla::{CallError, Caller, ProcedureId, Reader, Refusal};

use crate::c_calls_ours::serving;
use crate::constructs::constructs::{self, PROGRAM, VERSION};
use crate::peer;

/// What libtirpc's client makes of our refusals.
const TOLD: [&str; 10] = [
    "RPC: Success",
    "RPC: Program unavailable",
    "RPC: Program/version mismatch 1 1",
    "RPC: Procedure unavailable",
    "RPC: Server can't decode arguments",
    "RPC: Procedure unavailable",
    "RPC: Procedure unavailable",
    "RPC: Procedure unavailable",
    "unwanted: RPC: Authentication error; why = Client credential too weak",
    "RPC: Success",
];

#[test]
fn ours_are_understood_by_c() {
    serving(|tcp, udp| {
        assert_eq!(peer::client("refused", "tcp", tcp), TOLD);
        assert_eq!(peer::client("refused", "udp", udp), TOLD);
    });
}

/// Calls what libtirpc's server refuses, and something good after each.
fn are_understood<C: Caller>(mut caller: C, reliable: bool)
where
    C::Error: Debug,
{
    let mut refusal = |program, version, procedure| {
        let id = ProcedureId { program, version, procedure };
        let refused = match caller.call(id, |_| Ok(()), |results| Reader::new(results).finish()) {
            Err(CallError::Refused(refusal)) => refusal,
            other => panic!("{id:?}: {other:?}"),
        };
        constructs::Client::new(&mut caller).echo_nothing().unwrap();
        refused
    };
    assert_eq!(refusal(PROGRAM + 1, VERSION, 0), Refusal::ProgramUnavailable);
    assert_eq!(refusal(PROGRAM, VERSION + 1, 0), Refusal::ProgramMismatch { low: 1, high: 1 });
    assert_eq!(refusal(PROGRAM, VERSION, 16), Refusal::ProcedureUnavailable);
    if reliable {
        // Over UDP it takes for arguments what the datagram before has left in its buffer.
        assert_eq!(refusal(PROGRAM, VERSION, 2), Refusal::GarbageArguments);
    }
}

#[test]
fn those_of_c_are_understood() {
    let server = peer::Server::start();
    are_understood(&mut oncilla_host::tcp(server.tcp).unwrap(), true);
    are_understood(&mut oncilla_host::udp(server.udp).unwrap(), false);
}
