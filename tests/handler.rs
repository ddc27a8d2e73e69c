//! Servers without a table: what a handler decides, and what replay caches make of it.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use oncilla::framing::Serial;
use oncilla::message::{Call, CallHeader, OpaqueAuth, Reply};
use oncilla::{
    CallError, Caller, Client, Handled, Handler, Link, Needs, Outcome, ProcedureId, Refusal, ReplayCache, Served,
    SharedReplayCache, Time, answer_by,
};

const PROGRAM: u32 = 0x2000_0099;

/// Counts its calls. The number of the procedure decides how a call ends.
#[derive(Default)]
struct Counting(u32);

impl Handler for Counting {
    fn reply_max(&self) -> usize {
        128
    }

    fn needs(&self, id: ProcedureId) -> Needs {
        Needs { results_max: if id.procedure == 6 { 1000 } else { 4 }, idempotent: id.procedure == 5 }
    }

    fn handle(&mut self, call: &Call<'_>, results: &mut [u8]) -> Handled {
        self.0 += 1;
        match call.id().procedure {
            0 => Handled::Results(0),
            1 | 5 | 6 => {
                results[..4].copy_from_slice(&self.0.to_be_bytes());
                Handled::Results(4)
            }
            2 => Handled::Silent,
            3 => Handled::Dropped,
            4 => Handled::Refused(Refusal::SystemError),
            7 => Handled::Results(results.len() + 1),
            _ => Handled::Refused(Refusal::ProgramMismatch { low: 2, high: 3 }),
        }
    }
}

fn id(procedure: u32) -> ProcedureId {
    ProcedureId { program: PROGRAM, version: 1, procedure }
}

fn message(procedure: u32) -> Vec<u8> {
    let header = CallHeader { xid: 7, id: id(procedure), credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
    let mut message = vec![0; 40];
    header.write(&mut message).unwrap();
    message
}

/// Sends a call twice. Returns the outcomes, whether both have a reply, and the number of executions.
fn twice(procedure: u32) -> (Outcome, Outcome, bool, u32) {
    let mut cache = SharedReplayCache::<4, 64>::new([1; 16]);
    let (peer, mut handler, mut reply): (SocketAddr, _, _) =
        ("127.0.0.1:5".parse().unwrap(), Counting::default(), [0; 128]);
    let mut send = || answer_by(&mut cache, Some(&peer), &mut handler, &message(procedure), &mut reply);
    let ((first, one), (second, two)) = (send(), send());
    assert_eq!(first, second);
    (one, two, first.is_some(), handler.0)
}

#[test]
fn a_repeated_call_is_handled_again_only_if_it_was_not_executed() {
    let refused = Outcome::Refused(Refusal::ProgramMismatch { low: 2, high: 3 });
    assert_eq!(twice(1), (Outcome::Executed, Outcome::Repeated, true, 1));
    assert_eq!(twice(2), (Outcome::Executed, Outcome::Repeated, false, 1));
    assert_eq!(twice(3), (Outcome::Dropped, Outcome::Dropped, false, 2));
    assert_eq!(twice(4), (Outcome::Failed, Outcome::Repeated, true, 1));
    assert_eq!(twice(5), (Outcome::Executed, Outcome::Executed, true, 2));
    assert_eq!(twice(8), (refused, refused, true, 2));
}

#[test]
fn a_call_without_room_for_its_results_is_not_handled() {
    let failed = Outcome::Refused(Refusal::SystemError);
    assert_eq!(twice(6), (failed, failed, true, 0));
    // A handler that claims more results than its room.
    assert_eq!(twice(7), (Outcome::Failed, Outcome::Repeated, true, 1));
    for length in 0..64 {
        let mut handler = Counting::default();
        let (replied, _) = answer_by(&mut (), None, &mut handler, &message(1), &mut vec![0; length]);
        assert_eq!((replied.is_some(), handler.0), (length >= 32, u32::from(length >= 32)), "{length} bytes");
    }
}

#[test]
fn malformed_messages_are_refused_or_dropped_without_the_handler() {
    let mut handler = Counting::default();
    let mut reply = [0; 128];
    let mut other_rpc = message(1);
    other_rpc[11] = 3;
    let (length, outcome) = answer_by(&mut (), None, &mut handler, &other_rpc, &mut reply);
    let refusal = Refusal::RpcMismatch { low: 2, high: 2 };
    assert_eq!(outcome, Outcome::Refused(refusal));
    assert_eq!(Reply::parse(&reply[..length.unwrap()]).unwrap().outcome, Err(refusal));
    for short in 0..8 {
        let answered = answer_by(&mut (), None, &mut handler, &message(1)[..short], &mut reply);
        assert_eq!(answered, (None, Outcome::NotACall));
    }
    assert_eq!(handler.0, 0);
}

#[test]
fn a_link_serves_a_handler_in_both_forms() {
    let (device, host) = oncilla_host::pipe::<Serial>();
    let serving = thread::spawn(move || {
        let mut link = Link::with_boot_number(device, [0; 512], [0; 512], 3);
        let (mut cache, mut handler) = (ReplayCache::<4, 128>::new(), Counting::default());
        while link.serve_next_by(&mut cache, &mut handler, Time::NEVER).unwrap() != Served::End {}
        handler.0
    });
    let mut client = Client::new(oncilla_host::Connector::new().link(host), 1);
    client.set_timeout(Duration::from_secs(60));
    client.call(id(0), |_| Ok(()), |_| Ok(())).unwrap();
    assert!(client.link().peer().is_some(), "the short form needs a session");
    let count = |client: &mut Client<_, _>| {
        client.call(id(1), |_| Ok(()), |bytes| Ok(u32::from_be_bytes(bytes.try_into().unwrap())))
    };
    assert_eq!(count(&mut client), Ok(2));
    assert_eq!(count(&mut client), Ok(3));
    let refused = client.call(id(9), |_| Ok(()), |_| Ok(()));
    assert_eq!(refused, Err(CallError::Refused(Refusal::ProgramMismatch { low: 2, high: 3 })));
    drop(client);
    assert_eq!(serving.join().unwrap(), 4);
}
