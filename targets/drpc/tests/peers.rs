//! Clients and servers whose messages are those of Python's protobuf library.
//!
//! `cargo xtask test --only drpc` runs it, with an environment of Python that it makes.
#![cfg(target_os = "linux")]

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use oncilla::{Failure, NO_REPLY, Procedure, Program, Table, table};
use oncilla_drpc::{Call, Client, Error, Module, Modules, Packets, Response, Server, Status, modules};
use prost::Message;

/// More than anything takes here.
const PATIENCE: Duration = Duration::from_secs(60);

/// The Python interpreter that has protobuf.
const PYTHON: &str = "ONCILLA_DRPC_PYTHON";

/// The largest message in several packets.
const LARGE: usize = 2 << 20;

#[derive(Clone, PartialEq, prost::Message)]
struct Hello {
    #[prost(string, tag = "1")]
    name: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Greeting {
    #[prost(string, tag = "1")]
    text: String,
}

fn greet(_: &mut (), call: &oncilla::message::Call<'_>, mut room: &mut [u8]) -> Result<usize, Failure> {
    let hello = Hello::decode(call.arguments()).map_err(|_| Failure::GarbageArguments)?;
    let greeting = Greeting { text: format!("Hello {}", hello.name) };
    greeting.encode(&mut room).map_err(|_| Failure::SystemError)?;
    Ok(greeting.encoded_len())
}

fn echo(_: &mut (), call: &oncilla::message::Call<'_>, room: &mut [u8]) -> Result<usize, Failure> {
    let body = call.arguments();
    room.get_mut(..body.len()).ok_or(Failure::SystemError)?.copy_from_slice(body);
    Ok(body.len())
}

static TABLE: Table<()> = table![
    Program::new(0x2000_0000, 1, const { &[Procedure::new(1, 300, greet)] }),
    Program::new(
        0x2000_0007,
        1,
        const {
            &[
                Procedure::new(701, 130_000, echo),
                Procedure::new(702, 0, |(), _, _| Err(Failure::SystemError)),
                Procedure::new(703, 0, |(), _, _| Ok(NO_REPLY)),
                Procedure::new(704, LARGE - 100, echo),
            ]
        }
    ),
];
static MODULES: Modules = modules![Module::new(0, 0x2000_0000, 1).method_zero(1), Module::new(7, 0x2000_0007, 1)];

/// Returns the command that runs a peer.
fn peer(arguments: &[&str]) -> Command {
    let python = env::var_os(PYTHON);
    let python = python.unwrap_or_else(|| panic!("{PYTHON} is not set; run cargo xtask test --only drpc"));
    let mut command = Command::new(python);
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peer.py")).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// A folder for one test, removed at its end.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn socket(&self) -> PathBuf {
        self.0.path().join("s")
    }
}

/// A server in Python.
struct Served {
    process: Child,
    folder: Folder,
}

impl Served {
    fn start(packets: &str) -> Self {
        let folder = Folder::new();
        let mut process = peer(&["server", text(&folder.socket()), packets]).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "listening\n");
        Self { process, folder }
    }

    fn client(&self) -> Client {
        Client::connect(self.folder.socket(), MODULES).unwrap().timeout(PATIENCE)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Serves a client in Python, which ends well if all is as it should be.
fn serve(packets: Packets, name: &str) {
    let folder = Folder::new();
    let mut server = Server::bind(folder.socket()).unwrap().packets(packets).message_max(LARGE);
    let stopper = server.stopper();
    thread::scope(|scope| {
        let serving = scope.spawn(move || server.serve(&MODULES, &TABLE, &mut ()));
        let mut client = peer(&["client", text(&folder.socket()), name]).spawn().unwrap();
        let mut said = String::new();
        let read = client.stdout.take().unwrap().read_to_string(&mut said);
        let status = client.wait();
        stopper.stop();
        serving.join().unwrap().unwrap();
        read.unwrap();
        assert!(status.unwrap().success() && said == "all is as it should be\n", "{said}");
    });
}

#[test]
fn a_client_in_python_is_served() {
    serve(Packets::Whole, "whole");
}

#[test]
fn a_client_in_python_is_served_in_chunks() {
    serve(Packets::Chunked, "chunked");
}

/// Checks what both kinds of packets have in common.
fn call(client: &mut Client) {
    let hello = Hello { name: "Ada".into() }.encode_to_vec();
    let response = client.call_method(0, 0, &hello).unwrap();
    assert_eq!(response.status, Status::SUCCESS);
    assert_eq!(Greeting::decode(response.body).unwrap().text, "Hello Ada");
    for length in [0, 1, 127, 128, 1 << 16, 130_000] {
        let body: Vec<u8> = (0..length).map(|index| index as u8).collect();
        let response = client.call_method(7, 701, &body).unwrap();
        assert!(response.status == Status::SUCCESS && response.body == body, "{length} bytes");
    }
    for status in 0..8 {
        assert_eq!(client.call_method(7, 710, &[status]).unwrap().status, Status(status.into()));
    }
    for (module, method, body, status) in [
        (9, 901, &[][..], Status::UNKNOWN_MODULE),
        (7, 799, &[], Status::UNKNOWN_METHOD),
        (0, 0, &hello[..2], Status::BODY_NOT_UNDERSTOOD),
    ] {
        assert_eq!(client.call_method(module, method, body).unwrap().status, status);
    }
}

#[test]
fn a_server_in_python_is_called() {
    let served = Served::start("whole");
    call(&mut served.client());
    let error = served.client().call_method(7, 701, &[0; 1 << 17]).unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    let error = served.client().call_method(7, 711, &[]).unwrap_err();
    assert!(matches!(error, Error::Sequence { expected: 1, received: 2 }), "{error}");
    let error = served.client().call_method(7, 712, &[]).unwrap_err();
    assert!(matches!(error, Error::Malformed), "{error}");
}

#[test]
fn a_server_in_python_is_called_in_chunks() {
    let served = Served::start("chunked");
    let mut client = served.client().packets(Packets::Chunked, LARGE);
    call(&mut client);
    let body: Vec<u8> = (0..1 << 20).map(|index| (index / 3) as u8).collect();
    let response = client.call_method(7, 704, &body).unwrap();
    assert!(response.status == Status::SUCCESS && response.body == body);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn messages_have_the_bytes_of_python() {
    let numbers = [0, 1, -1, 127, 128, 300, i64::from(i32::MAX), i64::from(i32::MIN), i64::MAX, i64::MIN];
    let bodies = [vec![], vec![0], vec![7; 127], vec![7; 128], vec![0xff; 20_000]];
    let (mut lines, mut expected) = (String::new(), Vec::new());
    for &number in &numbers {
        for body in &bodies {
            let call = Call { module: number as i32, method: -(number as i8 as i32), sequence: number, body };
            let response = Response { sequence: number, status: Status((number & 7) as i32), body };
            let (mut first, mut second) = (vec![0; call.size()], vec![0; response.size()]);
            call.write(&mut first).unwrap();
            response.write(&mut second).unwrap();
            let (body, first, second) = (hex(body), hex(&first), hex(&second));
            lines += &format!("call {} {} {} {body} {first}\n", call.module, call.method, call.sequence);
            lines += &format!("response {} {} {body} {second}\n", response.sequence, response.status.0);
            // The one difference: a response is never empty.
            expected.extend([first, if second == "0800" { String::new() } else { second }]);
        }
    }
    let mut process = peer(&["messages"]).spawn().unwrap();
    let mut input = process.stdin.take().unwrap();
    let mut written = String::new();
    thread::scope(|scope| {
        scope.spawn(move || input.write_all(lines.as_bytes()).unwrap());
        process.stdout.take().unwrap().read_to_string(&mut written).unwrap();
    });
    assert!(process.wait().unwrap().success());
    assert!(written.lines().eq(&expected), "{written}");
}
