//! At most once on UDP: which replies a server on a host remembers, and for which clients.

use std::net::UdpSocket;
use std::sync::mpsc;
use std::thread::{JoinHandle, sleep, spawn};
use std::time::Duration;

use oncilla::message::{CallHeader, OpaqueAuth};
use oncilla::{ProcedureId, Retry, Table};
use oncilla_host::{Server, Stopper};

/// A limit against hanging.
const PATIENCE: Duration = Duration::from_secs(30);

/// The duration of the slow procedures: many times the pause of a client's retransmissions.
const SLOW: Duration = Duration::from_millis(300);

const OFTEN: Duration = Duration::from_millis(5);

oncilla::program! {
    /// Procedures that must not run twice, and some that may.
    mod till = 0x2000_0098, version 1 {
        fn pay(amount: u32) -> u32 = 1;
        fn pay_slowly(amount: u32) -> u32 = 2;
        fn look_slowly() -> u32 = 3, idempotent;
        fn total() -> u32 = 4, idempotent;
    }
}

#[derive(Default)]
struct Till {
    total: u32,
    payments: u32,
    looks: u32,
    /// Keeps the slow look at work until the test lets it end.
    gate: Option<mpsc::Receiver<()>>,
}

impl till::Service for Till {
    fn pay(&mut self, amount: u32) -> u32 {
        self.payments += 1;
        self.total += amount;
        self.total
    }

    fn pay_slowly(&mut self, amount: u32) -> u32 {
        sleep(SLOW);
        self.pay(amount)
    }

    fn look_slowly(&mut self) -> u32 {
        if let Some(gate) = &self.gate {
            // A test that has gone lets it end, too.
            let _ = gate.recv_timeout(PATIENCE);
        }
        sleep(SLOW);
        self.looks += 1;
        self.total
    }

    fn total(&mut self) -> u32 {
        self.total
    }
}

static TABLE: Table<Till> = oncilla::table![till::program()];

/// A server in a thread of its own.
struct Serving {
    port: u16,
    stopper: Stopper,
    thread: JoinHandle<(Server, Till)>,
}

impl Serving {
    fn new(settings: impl FnOnce(Server) -> Server) -> Self {
        Self::on(settings(Server::new().unwrap()).udp("127.0.0.1:0").unwrap(), Till::default())
    }

    fn on(mut server: Server, mut till: Till) -> Self {
        let (port, stopper) = (server.udp_addresses()[0].port(), server.stopper());
        let thread = spawn(move || {
            server.serve(&TABLE, &mut till).unwrap();
            (server, till)
        });
        Self { port, stopper, thread }
    }

    fn stop(self) -> (Server, Till) {
        self.stopper.stop();
        self.thread.join().unwrap()
    }

    fn client(&self) -> till::Client<oncilla_host::Client<oncilla::framing::Datagram>> {
        let mut client = oncilla_host::udp(("127.0.0.1", self.port)).unwrap();
        client.set_timeout(PATIENCE);
        client.set_retry(Retry::every(OFTEN));
        till::Client::new(client)
    }

    /// A socket on which the test makes calls by hand.
    fn socket(&self, ip: &str) -> UdpSocket {
        let socket = UdpSocket::bind((ip, 0)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.connect(("127.0.0.1", self.port)).unwrap();
        socket
    }
}

/// Returns the message of a call.
fn call(xid: u32, procedure: u32, arguments: &[u8]) -> Vec<u8> {
    let id = ProcedureId { program: till::PROGRAM, version: till::VERSION, procedure };
    let header = CallHeader { xid, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
    let mut message = vec![0; header.size()];
    header.write(&mut message).unwrap();
    message.extend(arguments);
    message
}

/// Pays one in a call with this xid; returns the reply.
fn pay(socket: &UdpSocket, xid: u32) -> Vec<u8> {
    socket.send(&call(xid, 1, &1u32.to_be_bytes())).unwrap();
    receive(socket)
}

fn receive(socket: &UdpSocket) -> Vec<u8> {
    let mut reply = vec![0; 64];
    let length = socket.recv(&mut reply).unwrap();
    reply.truncate(length);
    reply
}

#[test]
fn a_procedure_slower_than_the_clients_pause_runs_once() {
    let serving = Serving::new(|server| server);
    let mut client = serving.client();
    assert_eq!(client.pay_slowly(5).unwrap(), 5);
    assert_eq!(client.pay(1).unwrap(), 6);
    let (_, till) = serving.stop();
    assert_eq!((till.payments, till.total), (2, 6));
}

#[test]
fn without_a_replay_cache_a_retransmission_is_executed() {
    let serving = Serving::new(Server::without_replay_memory);
    let mut client = serving.client();
    assert_eq!(client.pay_slowly(5).unwrap(), 5);
    // After the retransmissions that arrived meanwhile.
    client.total().unwrap();
    let (_, till) = serving.stop();
    assert!(till.payments > 1, "{} payments", till.payments);
}

#[test]
fn an_idempotent_procedure_runs_once_for_calls_that_arrive_while_it_runs() {
    let (open, gate) = mpsc::channel();
    let till = Till { gate: Some(gate), ..Till::default() };
    let serving = Serving::on(Server::new().unwrap().udp("127.0.0.1:0").unwrap(), till);
    let socket = serving.socket("127.0.0.1");
    for xid in 1..=2 {
        // All copies are there before the procedure ends: a later one would be a call of its own.
        let look = call(xid, 3, &[]);
        for _ in 0..20 {
            socket.send(&look).unwrap();
        }
        open.send(()).unwrap();
        assert_eq!(receive(&socket)[..4], xid.to_be_bytes());
    }
    drop(open);
    // Answered after the copies.
    assert_eq!(serving.client().total().unwrap(), 0);
    let (_, till) = serving.stop();
    assert_eq!(till.looks, 2);
}

#[test]
fn slow_payments_of_several_clients_run_once_each() {
    let serving = Serving::new(|server| server);
    let (sender, receiver) = mpsc::channel();
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let (mut client, sender) = (serving.client(), sender.clone());
            spawn(move || sender.send((client.look_slowly().unwrap(), client.pay_slowly(1).unwrap())).unwrap())
        })
        .collect();
    for _ in 0..3 {
        receiver.recv_timeout(PATIENCE).unwrap();
    }
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let (_, till) = serving.stop();
    // A look that is sent again after it has ended, before its reply has arrived, is executed again: nothing remembers it.
    assert!(till.payments == 3 && till.looks >= 3, "{} payments, {} looks", till.payments, till.looks);
}

#[test]
fn one_client_cannot_displace_the_replies_to_another() {
    let serving = Serving::new(|server| server.replay_memory(4));
    let (known, stranger) = (serving.socket("127.0.0.1"), serving.socket("127.0.0.2"));
    let replies = [pay(&known, 1), pay(&known, 2)];
    for xid in 0..50 {
        pay(&stranger, xid);
    }
    assert_eq!([pay(&known, 1), pay(&known, 2)], replies);
    let (_, till) = serving.stop();
    assert_eq!(till.payments, 52);
}

#[test]
fn replies_are_remembered_between_two_serves() {
    let serving = Serving::new(|server| server);
    let socket = serving.socket("127.0.0.1");
    let reply = pay(&socket, 1);
    let (server, till) = serving.stop();
    let serving = Serving::on(server, till);
    assert_eq!(pay(&socket, 1), reply);
    let (_, till) = serving.stop();
    assert_eq!(till.payments, 1);
}
