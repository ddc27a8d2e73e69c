//! Wireshark's dissector understands what we send: calls right and wrong are captured on the loopback interface, and
//! every message decodes as what it is.

mod capture;
mod dissect;
mod exports;
#[path = "../support/namespace.rs"]
mod namespace;
#[path = "../support/sockets.rs"]
mod sockets;

use std::io::Write;
use std::net::{SocketAddr, UdpSocket};

use capture::Capture;
use dissect::{Message, dissect};
use exports::{Mounted, mount};
use namespace::alone;
use oncilla::message::{CallHeader, OpaqueAuth, SysCredential};
use oncilla::{Caller, Retry};
use oncilla_host::{Connector, Server};
use sockets::{PATIENCE, Served, call, fragment, probe, procedure, read_record, record};

/// A call with another credential than none.
fn authenticated(xid: u32, flavor: u32, body: &[u8]) -> Vec<u8> {
    let credential = OpaqueAuth { flavor, body };
    let header = CallHeader { xid, id: procedure(0), credential, verifier: OpaqueAuth::NONE };
    let mut message = vec![0; 40 + body.len()];
    assert_eq!(header.write(&mut message), Some(message.len()));
    message
}

/// The body of an AUTH_SYS credential of the user 1000 with two groups more.
const USER: [u8; 36] = *b"\0\0\0\x09\0\0\0\x07machine\0\0\0\x03\xe8\0\0\0\x64\0\0\0\x02\0\0\0\x04\0\0\0\x18";

/// Calls and what must be seen of each and of its reply.
struct Script {
    calls: Vec<Vec<u8>>,
    words: Vec<String>,
}

/// Every outcome that a server decides upon, save RPC_MISMATCH: calls of another version than 2 are nothing to the
/// dissector, and so is the reply.
fn script() -> Script {
    let mut script = Script { calls: Vec::new(), words: Vec::new() };
    let mut add = |message: Vec<u8>, call: &str, outcome: &str| {
        script.calls.push(message);
        script.words.push(format!("call {call}"));
        let (id, _) = call.split_once(',').unwrap();
        script.words.push(format!("reply to {id}: {outcome}"));
    };
    let id = procedure;
    let other = |program: u32, version| oncilla::ProcedureId { program: 0x2000_0099 + program, version, procedure: 0 };
    add(call(1, id(0), &[]), "536871065.3.0, flavor 0", "accepted, 0");
    add(call(2, id(2), &[0, 0, 0, 2, 0, 0, 0, 3]), "536871065.3.2, flavor 0", "accepted, 0");
    add(call(3, id(3), &[0; 8]), "536871065.3.3, flavor 0", "accepted, 0");
    add(call(4, other(1, 3), &[]), "536871066.3.0, flavor 0", "accepted, 1");
    add(call(5, other(0, 2), &[]), "536871065.2.0, flavor 0", "accepted, 2, 3 to 3");
    add(call(6, id(99), &[]), "536871065.3.99, flavor 0", "accepted, 3");
    add(call(7, id(2), &[0; 7]), "536871065.3.2, flavor 0", "accepted, 4");
    add(authenticated(8, 1, &USER), "536871065.3.0, flavor 1", "accepted, 0");
    add(authenticated(9, 77, &[]), "536871065.3.0, flavor 77", "denied, authentication 2");
    script
}

/// The messages of a capture, of which there must be those of `words`, and nothing to complain of.
fn check(capture: Capture, words: &[impl AsRef<str>], more: &[&'static str]) -> Vec<Message> {
    let (messages, strangers) = dissect(&capture.finish(), more);
    let complaints: Vec<_> = messages.iter().filter_map(Message::complaint).collect();
    assert_eq!(complaints, <[String; 0]>::default());
    assert_eq!(
        messages.iter().map(Message::words).collect::<Vec<_>>(),
        words.iter().map(AsRef::as_ref).collect::<Vec<_>>()
    );
    assert_eq!(strangers, <[String; 0]>::default(), "frames that belong to no message");
    messages
}

fn served() -> (Served, SocketAddr) {
    let server = Server::new().unwrap().call_max(probe::CALL_MAX).tcp("127.0.0.1:0").unwrap();
    let server = server.udp("127.0.0.1:0").unwrap();
    let udp = server.udp_addresses()[0];
    (Served::on(server), udp)
}

#[test]
fn calls_right_and_wrong_on_tcp() {
    alone("calls_right_and_wrong_on_tcp", || {
        let (served, _) = served();
        let capture = Capture::start("tcp");
        let mut stream = served.raw();
        let script = script();
        for call in &script.calls {
            stream.write_all(&record(call)).unwrap();
            read_record(&mut stream).unwrap();
        }
        check(capture, &script.words, &[]);
    });
}

#[test]
fn calls_right_and_wrong_on_udp() {
    alone("calls_right_and_wrong_on_udp", || {
        let (_served, udp) = served();
        let capture = Capture::start("udp");
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let script = script();
        for call in &script.calls {
            socket.send_to(call, udp).unwrap();
            socket.recv(&mut [0; 1024]).unwrap();
        }
        check(capture, &script.words, &[]);
    });
}

#[test]
fn calls_in_fragments() {
    alone("calls_in_fragments", || {
        let (served, _) = served();
        let capture = Capture::start("fragments");
        let mut stream = served.raw();
        let null = call(1, procedure(0), &[]);
        let echo = call(2, procedure(1), &[&[0, 0, 0, 100], [7; 100].as_slice()].concat());
        // The dissector knows a connection by the first message, if that is whole, and a message by its first
        // fragment, if the header is in it.
        let fragments = [fragment(&echo[..50], false), fragment(&echo[50..51], false), fragment(&echo[51..], true)];
        for part in [record(&null), fragments.concat()] {
            stream.write_all(&part).unwrap();
            read_record(&mut stream).unwrap();
        }
        check(capture, &seen("536871065.3", 0, [0, 1]), &[]);
    });
}

/// What must be seen when these procedures of a version of a program are called rightly by a caller of some flavor.
fn seen(version: &str, flavor: u32, procedures: impl IntoIterator<Item = u32>) -> Vec<String> {
    let words = |number| {
        let id = format!("{version}.{number}");
        [format!("call {id}, flavor {flavor}"), format!("reply to {id}: accepted, 0")]
    };
    procedures.into_iter().flat_map(words).collect()
}

/// A call that is sent again because the machine is busy would be seen twice.
const NEVER: Retry = Retry::every(PATIENCE);

/// Calls with our client, on any transport, and returns what must be seen of it.
fn call_all<C: Caller>(caller: C, sizes: &[usize]) -> Vec<String>
where
    C::Error: std::fmt::Debug,
{
    let mut client = probe::Client::new(caller);
    client.null().unwrap();
    assert_eq!(client.add(2, 3).unwrap(), 5);
    assert_eq!(client.divide(1, 0).unwrap(), Err(33));
    for size in sizes {
        assert_eq!(client.echo(&vec![7; *size]).unwrap().len(), *size);
    }
    seen("536871065.3", 0, [0, 2, 3].into_iter().chain(sizes.iter().map(|_| 1)))
}

#[test]
fn our_client_on_tcp() {
    alone("our_client_on_tcp", || {
        let (served, _) = served();
        let capture = Capture::start("client-tcp");
        let words = call_all(&mut served.client(), &[0, 1, 2, 3, 4, 5000, 70_000, 300_000]);
        check(capture, &words, &[]);
    });
}

#[test]
fn our_client_on_udp() {
    alone("our_client_on_udp", || {
        let (_served, udp) = served();
        let capture = Capture::start("client-udp");
        let mut client = Connector::new().udp(udp).unwrap();
        client.set_retry(NEVER);
        let words = call_all(&mut client, &[]);
        check(capture, &words, &[]);
    });
}

/// Wireshark knows this program's arguments and results, down to the last node of a list.
#[test]
fn arguments_and_results() {
    alone("arguments_and_results", || {
        let server = Server::new().unwrap().udp("127.0.0.1:0").unwrap();
        let (udp, stopper) = (server.udp_addresses()[0], server.stopper());
        let capture = Capture::start("mount");
        std::thread::scope(|scope| {
            let mut server = server;
            scope.spawn(move || server.serve(&exports::TABLE, &mut exports::Service).unwrap());
            let user = SysCredential::new(9, "machine", 1000, 100, &[4, 24]).unwrap();
            let mut caller = oncilla_host::udp(udp).unwrap().with_credential(user);
            caller.set_retry(NEVER);
            let mut client = mount::Client::new(&mut caller);
            client.null().unwrap();
            assert!(matches!(client.mnt("/some/where").unwrap(), Mounted::Granted(_)));
            assert!(matches!(client.mnt("/none").unwrap(), Mounted::Refused(2)));
            assert_eq!(client.dump().unwrap().0.len(), 2);
            client.umnt("/odd").unwrap();
            assert_eq!(client.export().unwrap().0.len(), 2);
            stopper.stop();
        });
        let known = [
            ("rpc.auth.machinename", "machine"),
            ("rpc.auth.uid", "1000"),
            ("rpc.auth.gid", "100,4,24"),
            ("mount.path", "/some/where /none /odd"),
            ("mount.status", "0 2"),
            ("nfs.fh.length", "11"),
            ("mount.flavor", "1,0"),
            ("mount.dump.hostname", "ann,bob"),
            ("mount.dump.directory", "/home,/srv/data"),
            ("mount.export.directory", "/all,/some"),
            ("mount.export.group", "staff,guests"),
        ];
        let messages = check(capture, &seen("100005.3", 1, [0, 1, 1, 2, 3, 5]), &known.map(|(field, _)| field));
        for (field, values) in known {
            let mut found: Vec<_> = messages.iter().map(|message| message.field(field)).collect();
            found.retain(|value| !value.is_empty());
            found.dedup();
            assert_eq!(found.join(" "), values, "{field}");
        }
    });
}
