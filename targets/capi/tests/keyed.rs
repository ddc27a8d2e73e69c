//! C programs with keys, with each other and with Rust peers.

mod support;

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Output, Stdio};
use std::time::Duration;

use oncilla::framing::{Cobs, Record};
use oncilla::keys::{Accepts, Both, Key, KeyId, Opens, Side};
use oncilla::message::{AuthStatus, Call};
use oncilla::{
    CallError, Caller, Client, Endpoint, Link, LinkError, Refusal, ReplayCache, Retry, Served, Table, Time, Transport,
};
use oncilla_host::Socket;
use support::{WAYS, Way, command, compile};

oncilla::program! {
    /// The interface that `adder.h` declares in C.
    mod adder = 0x2000_0055, version 1 {
        fn add(a: i32, b: i32) -> i32 = 1;
    }
}

/// The keys of `keyed.c`.
static KEYS: [Key; 2] = [Key::new(KeyId(1), *b"sixteen bytes !!"), Key::new(KeyId(2), *b"and sixteen more")];
static WRONG: Key = Key::new(KeyId(1), *b"sixteen bytes !?");

/// valgrind is slow.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Adder {
    additions: u32,
    /// The key of the last call.
    key: Option<KeyId>,
}

impl adder::Service for Adder {
    fn add(&mut self, a: i32, b: i32) -> i32 {
        self.additions += 1;
        a.wrapping_add(b)
    }
}

fn note_key(adder: &mut Adder, call: &Call<'_>) -> Result<(), AuthStatus> {
    adder.key = call.key();
    Ok(())
}

static TABLE: Table<Adder> = oncilla::table![adder::program()].authorize(note_key);

fn program(way: Way) -> PathBuf {
    compile("keyed", &["capi/c/keyed.c", "capi/c/oncilla_fd.c"], way)
}

/// Starts the program with a socket as its standard input and output.
fn start(way: Way, socket: impl Into<OwnedFd>, arguments: &[&str]) -> Child {
    let socket = socket.into();
    let mut command = command(&program(way), way);
    command.args(arguments).stdin(socket.try_clone().unwrap()).stdout(socket).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Returns the exit code and what was printed, when the program has ended.
fn ended(child: Child) -> Ended {
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

fn connection() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (ours, listener.accept().unwrap().0)
}

/// Creates the end that calls. Its start and boot number depend on `number`.
fn opens(side: Side, key: &'static Key, number: u32) -> Opens<&'static Key> {
    let mut start = [side as u8; 16];
    start[..4].copy_from_slice(&number.to_be_bytes());
    Opens::new(side, key, start, number)
}

fn accepts(number: u32) -> Accepts<&'static [Key; 2], 2> {
    Accepts::new(Side::Host, &KEYS, [number as u8; 16], number)
}

fn client<T: Transport<Error = std::io::Error>>(
    transport: T,
    key: &'static Key,
) -> Client<oncilla::Keyed<T, Opens<&'static Key>>, Vec<u8>> {
    let link = Link::with_keys(transport, vec![0; 512], vec![0; 512], opens(Side::Host, key, 7));
    let mut client = Client::new(link, 1);
    client.set_timeout(PATIENCE);
    client
}

fn add(caller: &mut impl Caller<Error = std::io::Error>, a: i32, b: i32) -> Result<i32, CallError<std::io::Error>> {
    adder::Client::new(caller).add(a, b)
}

#[test]
fn a_rust_client_with_a_key_calls_the_c_server() {
    for way in WAYS {
        let (ours, theirs) = connection();
        let server = start(way, theirs, &["server"]);
        let mut client = client(Socket::<Record>::from(ours), &KEYS[0]);
        assert_eq!(add(&mut client, 2, 3).unwrap(), 5);
        assert_eq!(add(&mut client, i32::MAX, 1).unwrap(), i32::MIN);
        drop(client);
        assert_eq!(ended(server), (Some(0), "2 additions: success\n".into()));
    }
}

#[test]
fn the_authorize_function_of_c_sees_the_key() {
    let (ours, theirs) = connection();
    let server = start(Way::Plain, theirs, &["server"]);
    let mut client = client(Socket::<Record>::from(ours), &KEYS[1]);
    adder::Client::new(&mut client).null().unwrap();
    let refused = add(&mut client, 2, 3);
    let refused = matches!(refused, Err(CallError::Refused(Refusal::Authentication(AuthStatus::TOO_WEAK))));
    assert!(refused, "the second key may not add");
    drop(client);
    assert_eq!(ended(server), (Some(0), "0 additions: success\n".into()));
}

#[test]
fn a_wrong_key_and_none_end_the_connection_of_the_c_server() {
    let said = "0 additions: a message does not verify under the key; check that both peers have the same key, and different sides\n";
    let (ours, theirs) = connection();
    let server = start(Way::Sanitized, theirs, &["server"]);
    let mut wrong = client(Socket::<Record>::from(ours), &WRONG);
    assert!(matches!(add(&mut wrong, 2, 3), Err(CallError::Closed | CallError::Link(_))));
    assert_eq!(ended(server), (Some(1), said.into()));

    let (ours, theirs) = connection();
    let server = start(Way::Sanitized, theirs, &["server"]);
    let mut plain = Client::new(Link::new(Socket::<Record>::from(ours), vec![0; 512], vec![0; 512]), 1);
    plain.set_timeout(PATIENCE);
    assert!(matches!(add(&mut plain, 2, 3), Err(CallError::Closed | CallError::Link(_))));
    assert_eq!(ended(server), (Some(1), said.into()));
}

/// The exit code of a program and what it printed.
type Ended = (Option<i32>, String);

/// Runs the C client against a Rust server; returns its end, and the server's end and state.
fn by_c_client(way: Way, key: &str) -> (Ended, Result<(), LinkError<ErrorKind>>, Adder) {
    let (ours, theirs) = connection();
    let client = start(way, theirs, &["client", key, "-7", "49"]);
    let mut link = Link::with_keys(Socket::<Record>::from(ours), vec![0; 512], vec![0; 512], device());
    let mut state = Adder::default();
    let served = link.serve(&TABLE, &mut state).map_err(|error| match error {
        LinkError::Unverified => LinkError::Unverified,
        error => panic!("the server has failed: {error}"),
    });
    drop(link);
    (ended(client), served, state)
}

/// The end of a device, which the C client calls.
fn device() -> Accepts<&'static [Key; 2], 2> {
    Accepts::new(Side::Device, &KEYS, [9; 16], 9)
}

#[test]
fn the_c_client_calls_a_rust_server() {
    for way in WAYS {
        let (client, served, state) = by_c_client(way, "1");
        assert_eq!((client, served), ((Some(0), "42\n".into()), Ok(())));
        assert_eq!((state.additions, state.key), (1, Some(KeyId(1))));
    }
    let (client, served, state) = by_c_client(Way::Plain, "2");
    assert_eq!((client, served), ((Some(0), "42\n".into()), Ok(())));
    assert_eq!((state.additions, state.key), (1, Some(KeyId(2))));
}

#[test]
fn the_c_client_with_a_wrong_key_is_not_served() {
    let (client, served, state) = by_c_client(Way::Sanitized, "0");
    assert_eq!((client, served), ((Some(1), "ONCILLA_CLOSED\n".into()), Err(LinkError::Unverified)));
    assert_eq!(state.additions, 0);
}

#[test]
fn the_c_client_calls_the_c_server_under_a_key() {
    let (ours, theirs) = connection();
    let server = start(Way::Sanitized, theirs, &["server"]);
    assert_eq!(ended(start(Way::Sanitized, ours, &["client", "1", "-7", "49"])), (Some(0), "42\n".into()));
    assert_eq!(ended(server), (Some(0), "1 additions: success\n".into()));

    let (ours, theirs) = connection();
    let server = start(Way::Sanitized, theirs, &["server"]);
    assert_eq!(ended(start(Way::Sanitized, ours, &["client", "2", "1", "1"])), (Some(1), "refused: 5\n".into()));
    assert_eq!(ended(server), (Some(0), "0 additions: success\n".into()));
}

#[test]
fn a_c_endpoint_and_a_rust_endpoint_call_each_other_under_a_key() {
    for way in WAYS {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let device = start(way, theirs, &["endpoint"]);
        let ends = Both::new(opens(Side::Host, &KEYS[0], 7), accepts(8));
        let link = Link::with_keys(Socket::<Cobs>::from(ours), vec![0; 2048], vec![0; 2048], ends);
        let replay = ReplayCache::<4, { TABLE.reply_max() }>::new();
        let mut host = Endpoint::new(link, &TABLE, Adder::default(), 1).with_replay(replay);
        host.set_timeout(PATIENCE);
        host.set_retry(Retry::DEFAULT);
        for sum in 1..=5 {
            assert_eq!(add(&mut host, sum - 1, 1).unwrap(), sum);
        }
        while host.state().additions < 3 {
            assert_ne!(host.serve_next(Time::NEVER).unwrap(), Served::End);
        }
        assert_eq!(add(&mut host, 1, 1).unwrap(), 2);
        assert_eq!(host.state().key, Some(KeyId(1)));
        drop(host);
        assert_eq!(ended(device), (Some(0), "the sum is 3, 6 additions: ONCILLA_CLOSED\n".into()));
    }
}
