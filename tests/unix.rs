//! Clients and servers on Unix sockets.

#[path = "support/sockets.rs"]
mod sockets;

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Barrier;
use std::thread;

use oncilla::framing::Cobs;
use oncilla::{Link, Retry};
use oncilla_host::{Client, Connector, Error, Server, Socket};
use sockets::*;

/// A free path in a directory that is removed after the test.
struct Place {
    directory: PathBuf,
    path: PathBuf,
}

impl Place {
    fn new(test: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("oncilla-{}-{test}", std::process::id()));
        fs::create_dir(&directory).unwrap();
        let path = directory.join("rpc");
        Self { directory, path }
    }

    fn server(&self) -> Result<Server, Error> {
        Server::new().unwrap().unix(&self.path)
    }

    fn mode(&self) -> u32 {
        fs::metadata(&self.path).unwrap().permissions().mode() & 0o7777
    }

    fn check_alive(&self) {
        let mut client = oncilla_host::unix(&self.path).unwrap();
        client.set_timeout(PATIENCE);
        assert_eq!(probe::Client::new(&mut client).add(2, 3).unwrap(), 5);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.directory).unwrap();
    }
}

fn listen_error(result: Result<Server, Error>) -> (String, ErrorKind) {
    match result {
        Err(error @ Error::Listen { .. }) => {
            let text = error.to_string();
            let Error::Listen { source, .. } = error else { unreachable!() };
            (text, source.kind())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn calls_of_every_size_return_their_results() {
    let place = Place::new("calls");
    let server = place.server().unwrap().call_max(probe::CALL_MAX);
    let _served = Served::on(server);
    let mut client = Connector::new().buffer(DATA_MAX + 1024).unix(&place.path).unwrap();
    client.set_timeout(PATIENCE);
    let mut probe = probe::Client::new(&mut client);
    for length in [0, 1, 1_000, DATA_MAX] {
        assert_eq!(probe.echo(&vec![5; length]).unwrap().len(), length);
    }
}

#[test]
fn the_socket_file_is_private_by_default() {
    let place = Place::new("mode");
    let server = place.server().unwrap();
    assert_eq!(place.mode(), 0o600);
    drop(server);
    // More permissions than a usual mask leaves.
    let _server = Server::new().unwrap().unix_with_mode(&place.path, 0o666).unwrap();
    assert_eq!(place.mode(), 0o666);
}

#[test]
fn the_socket_file_is_removed_with_the_server() {
    let place = Place::new("gone");
    let served = Served::on(place.server().unwrap());
    place.check_alive();
    drop(served);
    assert!(!place.path.exists());
}

#[test]
fn the_socket_file_of_a_dead_server_is_replaced() {
    let place = Place::new("stale");
    // std does not remove the file, just as a killed process does not.
    drop(UnixListener::bind(&place.path).unwrap());
    assert!(fs::metadata(&place.path).unwrap().file_type().is_socket());
    let _served = Served::on(place.server().unwrap());
    place.check_alive();
}

#[test]
fn the_socket_file_of_a_live_server_stays() {
    let place = Place::new("live");
    let _served = Served::on(place.server().unwrap());
    let (text, kind) = listen_error(place.server());
    assert_eq!(kind, ErrorKind::AddrInUse, "{text}");
    assert!(text.contains(place.path.to_str().unwrap()), "{text}");
    place.check_alive();
}

#[test]
fn the_socket_file_of_a_server_with_a_full_queue_stays() {
    let place = Place::new("busy");
    let _busy = UnixListener::bind(&place.path).unwrap();
    // Until its queue is full.
    let mut waiting = Vec::new();
    loop {
        let socket = socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None).unwrap();
        socket.set_nonblocking(true).unwrap();
        if socket.connect(&socket2::SockAddr::unix(&place.path).unwrap()).is_err() {
            break;
        }
        waiting.push(socket);
    }
    assert_eq!(listen_error(place.server()).1, ErrorKind::AddrInUse);
}

#[test]
fn a_file_that_is_no_socket_stays() {
    let place = Place::new("file");
    fs::write(&place.path, "precious").unwrap();
    assert_eq!(listen_error(place.server()).1, ErrorKind::AlreadyExists);
    assert_eq!(fs::read(&place.path).unwrap(), b"precious");
}

#[test]
fn the_socket_file_of_a_successor_stays() {
    let place = Place::new("successor");
    let first = place.server().unwrap();
    fs::remove_file(&place.path).unwrap();
    let _second = Served::on(place.server().unwrap());
    drop(first);
    place.check_alive();
}

/// Starts several servers, each in its thread, on one path with the file of a dead server.
fn at_once(place: &Place) -> Vec<Server> {
    fs::remove_file(&place.path).ok();
    drop(UnixListener::bind(&place.path).unwrap());
    let start = Barrier::new(3);
    let servers = thread::scope(|scope| {
        let begin = || {
            start.wait();
            place.server()
        };
        let threads = [scope.spawn(begin), scope.spawn(begin), scope.spawn(begin)];
        threads.map(|thread| thread.join().unwrap())
    });
    servers.into_iter().filter_map(|server| server.map_err(|error| listen_error(Err(error))).ok()).collect()
}

#[test]
fn of_servers_that_start_at_once_exactly_one_gets_the_path() {
    let place = Place::new("at-once");
    for round in 0..300 {
        let servers = at_once(&place);
        assert_eq!(servers.len(), 1, "in round {round}");
        drop(UnixStream::connect(&place.path).unwrap());
    }
    // Neither a lock nor a temporary file stays.
    let left: Vec<_> = fs::read_dir(&place.directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn the_socket_file_never_has_another_mode_or_no_server() {
    let place = Place::new("seen");
    thread::scope(|scope| {
        let serving = scope.spawn(|| {
            for _ in 0..200 {
                let server = Server::new().unwrap().unix_with_mode(&place.path, 0o640).unwrap();
                // First, so that it is not checked while the server ends.
                fs::remove_file(&place.path).unwrap();
                drop(server);
            }
        });
        while !serving.is_finished() {
            if let Ok(metadata) = fs::metadata(&place.path) {
                assert_eq!(metadata.permissions().mode() & 0o7777, 0o640);
            }
            let refused =
                matches!(UnixStream::connect(&place.path), Err(error) if error.kind() == ErrorKind::ConnectionRefused);
            assert!(!refused, "the file is there and nobody listens");
        }
    });
}

#[test]
fn the_error_names_what_holds_the_lock() {
    let place = Place::new("locked");
    let lock = fs::File::create(place.directory.join("rpc.lock")).unwrap();
    let lock = nix::fcntl::Flock::lock(lock, nix::fcntl::FlockArg::LockExclusive).unwrap();
    let (text, kind) = listen_error(place.server());
    assert_eq!(kind, ErrorKind::AddrInUse);
    assert!(text.contains("rpc.lock"), "{text}");
    drop(lock);
    // The lock of a killed process is not held.
    let _served = Served::on(place.server().unwrap());
    place.check_alive();
}

#[test]
fn a_path_too_long_for_a_socket_is_an_error() {
    let place = Place::new("long");
    let path = place.directory.join("x".repeat(200));
    let (text, _) = listen_error(Server::new().unwrap().unix(&path));
    assert!(text.contains(path.to_str().unwrap()), "{text}");
    assert!(matches!(oncilla_host::unix(&path), Err(Error::Connect { .. })));
}

#[test]
fn an_error_of_connecting_names_the_path() {
    let place = Place::new("nobody");
    let Err(error) = oncilla_host::unix(&place.path) else { panic!("something answers") };
    assert!(matches!(&error, Error::Connect { source, .. } if source.kind() == ErrorKind::NotFound));
    assert!(error.to_string().contains(place.path.to_str().unwrap()), "{error}");
}

#[test]
fn a_serial_line_behind_a_socket_uses_cobs() {
    let place = Place::new("cobs");
    let listener = UnixListener::bind(&place.path).unwrap();
    thread::scope(|scope| {
        scope.spawn(move || {
            let (stream, _): (UnixStream, _) = listener.accept().unwrap();
            let buffer = || vec![0; Cobs::buffer(probe::CALL_MAX)];
            let mut link = Link::new(Socket::<Cobs>::from(stream), buffer(), buffer());
            // On a busy machine an unoptimised client decodes a mebibyte slowly.
            link.set_reply_timeout(PATIENCE);
            link.serve(&TABLE, &mut Service::default()).unwrap();
        });
        let connector = Connector::new().framing::<Cobs>().buffer(Cobs::buffer(probe::CALL_MAX));
        let mut client: Client<Cobs> = connector.unix(&place.path).unwrap();
        client.set_timeout(PATIENCE);
        // The socket loses nothing. On a busy machine a call of a mebibyte would be sent again while its reply comes, and
        // neither end reads while it sends.
        client.set_retry(Retry::NEVER);
        let mut probe = probe::Client::new(&mut client);
        for length in [0, 1, 1_000, DATA_MAX] {
            assert_eq!(probe.echo(&vec![0; length]).unwrap(), vec![0; length]);
        }
    });
}
