//! A server without a table: limits, replay caches and observers hold as for a table.

use std::net::UdpSocket;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use oncilla::message::{Call, CallHeader, OpaqueAuth, Reply};
use oncilla::{CallError, Caller, Handled, Handler, Needs, ProcedureId, Refusal};
use oncilla_host::{Access, Event, Server};

const PATIENCE: Duration = Duration::from_secs(60);

/// Returns how many calls it has had.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicU32>);

impl Handler for Counting {
    fn reply_max(&self) -> usize {
        64
    }
    fn needs(&self, _: ProcedureId) -> Needs {
        Needs { results_max: 4, idempotent: false }
    }
    fn handle(&mut self, call: &Call<'_>, results: &mut [u8]) -> Handled {
        let count = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        if call.id().procedure > 1 {
            return Handled::Refused(Refusal::ProcedureUnavailable);
        }
        results[..4].copy_from_slice(&count.to_be_bytes());
        Handled::Results(4)
    }
}

fn id(procedure: u32) -> ProcedureId {
    ProcedureId { program: 0x2000_0099, version: 1, procedure }
}

#[test]
fn a_handler_serves_with_replay_cache_access_rules_and_observers() {
    let (sender, seen) = mpsc::channel();
    let mut server = Server::new()
        .unwrap()
        .tcp("127.0.0.1:0")
        .unwrap()
        .udp("127.0.0.1:0")
        .unwrap()
        .allow(Access::network("127.0.0.0/8").unwrap().procedures(0x2000_0099, 1, &[1, 2]))
        .observe(move |event| {
            if let Event::Call(call) = event {
                sender.send(call.outcome_name()).unwrap();
            }
        });
    let (tcp, udp, stopper) = (server.tcp_addresses()[0], server.udp_addresses()[0], server.stopper());
    let serving = thread::spawn(move || server.serve_by(2, Counting::default()));

    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let header = CallHeader { xid: 9, id: id(1), credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
    let mut message = [0; 40];
    header.write(&mut message).unwrap();
    for _ in 0..2 {
        socket.send_to(&message, udp).unwrap();
        let mut reply = [0; 64];
        let (length, _) = socket.recv_from(&mut reply).unwrap();
        assert_eq!(Reply::parse(&reply[..length]).unwrap().outcome, Ok(&[0, 0, 0, 1][..]));
    }
    let mut client = oncilla_host::tcp(tcp).unwrap();
    client.set_timeout(PATIENCE);
    let mut call = |procedure| client.call(id(procedure), |_| Ok(()), |bytes| Ok(bytes.to_vec()));
    assert_eq!(call(1).unwrap(), [0, 0, 0, 2]);
    assert!(matches!(call(2), Err(CallError::Refused(Refusal::ProcedureUnavailable))));
    assert!(matches!(call(3), Err(CallError::Refused(Refusal::Authentication(_)))));
    stopper.stop();
    serving.join().unwrap().unwrap();
    assert_eq!(seen.iter().collect::<Vec<_>>(), ["executed", "repeated", "executed", "PROC_UNAVAIL", "AUTH_ERROR"]);
}
