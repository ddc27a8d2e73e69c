//! C programs with the library: checks of the header's promises, and the examples with each other and with other peers.

mod support;

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use oncilla::Caller;
use oncilla::message::{ProcedureId, SysCredential};
use support::{STRICT, WAYS, Way, command, compile, ports, run};

const PROGRAM: u32 = 0x2000_0055;

#[test]
fn the_header_is_good_c_and_good_cxx() {
    for (compiler, language, standard) in
        [("gcc", "c", "c99"), ("gcc", "c", "c11"), ("g++", "c++", "c++11"), ("g++", "c++", "c++17")]
    {
        let mut command = Command::new(compiler);
        command.args(["-x", language]).args(STRICT).arg(format!("-std={standard}"));
        run(command.args(["-fsyntax-only", "capi/include/oncilla.h"]).current_dir(ports()), compiler);
    }
}

#[test]
fn the_promises_of_the_header_hold() {
    for way in WAYS {
        let sources = ["main", "xdr", "tables", "links", "lines", "flight", "memory", "busy", "nested"];
        let sources = sources.map(|name| format!("capi/tests/checks/{name}.c"));
        let program = compile("checks", &sources.each_ref().map(String::as_str), way);
        let under = if way == Way::Valgrind { "valgrind" } else { "" };
        run(command(&program, way).arg(under), "valgrind");
    }
}

#[test]
fn two_endpoints_call_each_other() {
    for way in WAYS {
        let program = compile("endpoint", &["capi/c/endpoint.c", "capi/c/oncilla_fd.c"], way);
        let output = run(&mut command(&program, way), "valgrind");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("host: the sum is 3, the clock was called 1 times"), "{said}");
        assert!(said.contains("device: 3 additions, the time is 1750000000"), "{said}");
    }
}

#[test]
fn procedures_call_back_over_a_lossy_line() {
    for way in WAYS {
        let program = compile("nested", &["capi/c/nested.c", "capi/c/oncilla_fd.c"], way);
        let output = run(&mut command(&program, way), "valgrind");
        let said = String::from_utf8_lossy(&output.stdout);
        for who in ["buyer", "seller"] {
            let line = format!("{who}: paid 300, sold 30, 0 wrong: success");
            assert!(said.contains(&line), "{said}");
        }
    }
}

/// Runs a C program with a connection for its standard input and output, as inetd does, while `test` runs.
fn on_connection<R>(name: &str, way: Way, arguments: &[&str], test: impl FnOnce(SocketAddr) -> R) -> (R, String) {
    let program = compile(name, &[&format!("capi/c/{name}.c"), "capi/c/oncilla_fd.c"], way);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let mut command = command(&program, way);
    command.args(arguments);
    let serving = thread::spawn(move || {
        let (connection, _) = listener.accept().unwrap();
        let descriptor = || OwnedFd::from(connection.try_clone().unwrap());
        run(command.stdin(descriptor()).stdout(descriptor()).stderr(Stdio::piped()), "valgrind")
    });
    let result = test(address);
    (result, String::from_utf8(serving.join().unwrap().stderr).unwrap())
}

fn add(caller: &mut impl Caller<Error: std::fmt::Debug>, a: i32, b: i32) -> i32 {
    use oncilla::{Reader, Xdr};
    let id = ProcedureId { program: PROGRAM, version: 1, procedure: 1 };
    let arguments = |writer: &mut oncilla::Writer<'_>| {
        writer.put::<Xdr, _>(&a)?;
        writer.put::<Xdr, _>(&b)
    };
    caller.call(id, arguments, |results| Reader::new(results).take::<Xdr, i32>()).unwrap()
}

/// A call of `add` in one record.
fn record() -> Vec<u8> {
    let words = [7, 0, 2, PROGRAM, 1, 1, 0, 0, 0, 0, 2, 3];
    [0x8000_0000 | 48].into_iter().chain(words).flat_map(u32::to_be_bytes).collect()
}

/// Runs a program whose peer has left; returns its exit code and error output.
fn left_alone(command: &mut Command, to: impl Into<Stdio>, from: impl Into<Stdio>) -> (Option<i32>, String) {
    let ended = command.stdin(to).stdout(from).stderr(Stdio::piped()).output().unwrap();
    (ended.status.code(), String::from_utf8(ended.stderr).unwrap())
}

#[test]
fn a_peer_that_leaves_does_not_end_a_program_by_a_signal() {
    let server = compile("adder_server", &["capi/c/adder_server.c", "capi/c/oncilla_fd.c"], Way::Plain);
    let client = compile("adder_client", &["capi/c/adder_client.c", "capi/c/oncilla_fd.c"], Way::Plain);

    // Sockets: two calls whose client does not wait for the replies.
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    ours.write_all(&[record(), record()].concat()).unwrap();
    drop(ours);
    let (code, said) =
        left_alone(&mut Command::new(&server), OwnedFd::from(theirs.try_clone().unwrap()), OwnedFd::from(theirs));
    assert_eq!(
        (code, said.as_str()),
        (
            Some(1),
            "1 additions: the transport failed; the details have its error number, or errno if the link could not be opened\n"
        )
    );
    let (ours, theirs) = UnixStream::pair().unwrap();
    drop(ours);
    let (code, said) = left_alone(
        Command::new(&client).args(["1", "2"]),
        OwnedFd::from(theirs.try_clone().unwrap()),
        OwnedFd::from(theirs),
    );
    assert_eq!(code, Some(1), "{said}");

    // Pipes.
    let ((calls, mut ours), (theirs, replies)) = (io::pipe().unwrap(), io::pipe().unwrap());
    ours.write_all(&record()).unwrap();
    drop(theirs);
    let (code, said) = left_alone(&mut Command::new(&server), calls, replies);
    assert_eq!(code, Some(1), "{said}");
    let ((replies, _ours), (theirs, calls)) = (io::pipe().unwrap(), io::pipe().unwrap());
    drop(theirs);
    let (code, said) = left_alone(Command::new(&client).args(["1", "2"]), replies, calls);
    assert_eq!(code, Some(1), "{said}");
}

#[test]
fn a_rust_client_calls_the_c_server() {
    for way in WAYS {
        let ((), said) = on_connection("adder_server", way, &[], |address| {
            let user = SysCredential::new(1, "tester", 1000, 100, &[7, 8]).unwrap();
            let mut client = oncilla_host::tcp(address).unwrap().with_credential(user);
            // valgrind is slow.
            client.set_timeout(Duration::from_secs(60));
            assert_eq!(add(&mut client, 2, 3), 5);
            assert_eq!(add(&mut client, i32::MAX, 1), i32::MIN);
        });
        assert_eq!(said, "2 additions: success\n");
    }
}

#[test]
fn a_client_that_leaves_ends_the_c_server_in_order() {
    let call: Vec<u8> =
        [0x8000_0030, 1, 0, 2, PROGRAM, 1, 1, 0, 0, 0, 0, 1, 2].into_iter().flat_map(u32::to_be_bytes).collect();
    for way in WAYS {
        let program = compile("adder_server", &["capi/c/adder_server.c", "capi/c/oncilla_fd.c"], way);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let connection = OwnedFd::from(listener.accept().unwrap().0);
        let mut command = command(&program, way);
        command.stdin(connection.try_clone().unwrap()).stdout(connection).stderr(Stdio::piped());
        let serving = command.spawn().unwrap();
        // The command holds the connection open.
        drop(command);
        client.write_all(&call.repeat(2000)).unwrap();
        // Unread replies make this a reset: the server's next reply has no reader.
        drop(client);
        let output = serving.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code().is_some_and(|code| code < 2), "{}: {said}", output.status);
        assert!(said.contains(" additions: "), "{said}");
    }
}

/// Where rpcinfo may be if it is not on the user's path.
const RPCINFO: [&str; 2] = ["/usr/sbin/rpcinfo", "/sbin/rpcinfo"];

#[test]
fn rpcinfo_finds_the_c_server() {
    let rpcinfo = RPCINFO.into_iter().find(|path| Path::new(path).exists()).unwrap_or("rpcinfo");
    let (said, _) = on_connection("adder_server", Way::Plain, &[], |address| {
        let [high, low] = address.port().to_be_bytes();
        let address = format!("127.0.0.1.{high}.{low}");
        let arguments = ["-a", &address, "-T", "tcp", &PROGRAM.to_string(), "1"];
        run(Command::new(rpcinfo).args(arguments), "rpcbind").stdout
    });
    assert_eq!(String::from_utf8_lossy(&said).trim(), format!("program {PROGRAM} version 1 ready and waiting"));
}

#[test]
fn the_c_client_calls_the_c_server() {
    for way in WAYS {
        let (said_by_client, said) = on_connection("adder_server", way, &[], |address| {
            let program = compile("adder_client", &["capi/c/adder_client.c", "capi/c/oncilla_fd.c"], way);
            let connection = TcpStream::connect(address).unwrap();
            let descriptor = || OwnedFd::from(connection.try_clone().unwrap());
            let mut command = command(&program, way);
            command.args(["-7", "49"]).stdin(descriptor()).stdout(descriptor()).stderr(Stdio::piped());
            run(&mut command, "valgrind").stderr
        });
        assert_eq!(String::from_utf8_lossy(&said_by_client), "42\n");
        assert_eq!(said, "1 additions: success\n");
    }
}
