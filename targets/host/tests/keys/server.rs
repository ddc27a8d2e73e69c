//! Servers whose clients have keys.

use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use oncilla::{CallError, ProcedureId, Refusal, message::AuthStatus};
use oncilla_host::keys::{KeyClient, KeyServer, KeySuite, NewKey, Side};
use oncilla_host::{Access, Connector, Error, Event, Server, Stopper};

use crate::*;

const NULL: ProcedureId = ProcedureId { program: ledger::PROGRAM, version: ledger::VERSION, procedure: 0 };

fn key(id: u16) -> KeyClient {
    KeyClient::of(&keys(KEYS), KeyId(id)).unwrap()
}

fn device() -> KeyServer {
    KeyServer::new(&keys(KEYS)).unwrap().side(Side::Device)
}

/// A server that is stopped when this value is dropped.
struct Serving {
    tcp: SocketAddr,
    udp: SocketAddr,
    stopper: Stopper,
    thread: Option<thread::JoinHandle<()>>,
}

impl Serving {
    fn new(server: Server) -> Self {
        Self::with(server, |mut server| server.serve(&TABLE, &mut Ledger::default()))
    }

    fn with(server: Server, serve: impl FnOnce(Server) -> Result<(), Error> + Send + 'static) -> Self {
        let server = server.tcp("127.0.0.1:0").unwrap().udp("127.0.0.1:0").unwrap();
        let (tcp, udp, stopper) = (server.tcp_addresses()[0], server.udp_addresses()[0], server.stopper());
        let thread = Some(thread::spawn(move || serve(server).unwrap()));
        Self { tcp, udp, stopper, thread }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.stopper.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

fn server() -> Server {
    Server::new().unwrap()
}

/// Calls every procedure, also with large messages.
fn call_all<C: oncilla::Caller>(client: &mut C, id: u32) -> u32
where
    C::Error: std::fmt::Debug,
{
    let mut ledger = ledger::Client::new(client);
    assert_eq!(ledger.who().unwrap(), id);
    for length in [0, 1, 100, 2000] {
        let data = vec![7; length];
        assert_eq!(ledger.echo(&data).unwrap(), data);
    }
    ledger.null().unwrap();
    ledger.add(1).unwrap()
}

#[test]
fn clients_on_tcp_and_udp_in_both_suites() {
    for suite in [KeySuite::Light, KeySuite::ForwardSecret] {
        let serving = Serving::new(server().keys(device().suite(suite)));
        let connector = Connector::new().buffer(4096);
        let mut tcp = connector.keyed_tcp(serving.tcp, &key(11).suite(suite)).unwrap();
        let mut udp = connector.keyed_udp(serving.udp, &key(12).suite(suite)).unwrap();
        let mut other = connector.keyed_udp(serving.udp, &key(11).suite(suite)).unwrap();
        for round in 0..10 {
            assert_eq!(call_all(&mut tcp, 11), 3 * round + 1);
            assert_eq!(call_all(&mut udp, 12), 3 * round + 2);
            assert_eq!(call_all(&mut other, 11), 3 * round + 3);
        }
        // The client starts again.
        let mut again = connector.keyed_udp(serving.udp, &key(12).suite(suite)).unwrap();
        assert_eq!(call_all(&mut again, 12), 31);
    }
}

#[cfg(unix)]
#[test]
fn clients_on_unix_sockets_and_workers() {
    let folder = Folder::new();
    let path = folder.file("socket");
    let server = server().keys(device()).unix(&path).unwrap();
    let serving = Serving::with(server, |mut server| server.serve_with_workers(3, &TABLE, Ledger::default()));
    thread::scope(|scope| {
        for id in [11, 12, 11, 12] {
            let path = &path;
            scope.spawn(move || {
                let mut client = Connector::new().keyed_unix(path, &key(id)).unwrap();
                for _ in 0..20 {
                    call_all(&mut client, id.into());
                }
            });
        }
        for id in [11, 12] {
            let udp = serving.udp;
            scope.spawn(move || {
                let mut client = Connector::new().keyed_udp(udp, &key(id)).unwrap();
                for _ in 0..20 {
                    call_all(&mut client, id.into());
                }
            });
        }
    });
}

#[test]
fn strangers_get_silence() {
    let (sender, lines) = mpsc::channel();
    let server = server().keys(device()).observe(move |event: &Event<'_>| sender.send(event.to_string()).unwrap());
    let serving = Serving::new(server);
    let wrong = KeyClient::new(&keys(WRONG)).unwrap();
    let short = Duration::from_millis(300);
    for stranger in [wrong, key(11).suite(KeySuite::ForwardSecret), key(11).side(Side::Device)] {
        let mut tcp = Connector::new().keyed_tcp(serving.tcp, &stranger).unwrap();
        let error = ledger::Client::new(&mut tcp).add(1).unwrap_err();
        assert!(matches!(error, CallError::Closed | CallError::Link(_)), "{error}");
        let mut udp = Connector::new().keyed_udp(serving.udp, &stranger).unwrap();
        udp.set_timeout(short);
        let error = ledger::Client::new(&mut udp).add(1).unwrap_err();
        assert!(matches!(error, CallError::TimedOut { .. }), "{error}");
    }
    let mut tcp = oncilla_host::tcp(serving.tcp).unwrap();
    let error = ledger::Client::new(&mut tcp).null().unwrap_err();
    assert!(matches!(error, CallError::Closed | CallError::Link(_)), "{error}");
    let mut udp = oncilla_host::udp(serving.udp).unwrap();
    udp.set_timeout(short);
    let error = ledger::Client::new(&mut udp).null().unwrap_err();
    assert!(matches!(error, CallError::TimedOut { .. }), "{error}");
    let mut good = Connector::new().keyed_tcp(serving.tcp, &key(11)).unwrap();
    assert_eq!(call_all(&mut good, 11), 1);
    drop(serving);
    let lines: Vec<_> = lines.iter().collect();
    let count = |part: &str| lines.iter().filter(|line| line.contains(part)).count();
    assert_eq!(count("closed: a message did not verify under a key"), 4, "{lines:#?}");
    assert!(count("dropped: the message did not verify under a key") >= 4, "{lines:#?}");
    assert!(count("under key 11") >= 6, "{lines:#?}");
}

#[test]
fn only_the_allowed_procedures_are_served_in_the_clear() {
    let serving = Serving::new(server().keys(device().allow_plain(&[NULL])));
    let mut tcp = oncilla_host::tcp(serving.tcp).unwrap();
    let mut udp = oncilla_host::udp(serving.udp).unwrap();
    udp.set_timeout(Duration::from_millis(300));
    for _ in 0..3 {
        ledger::Client::new(&mut tcp).null().unwrap();
        ledger::Client::new(&mut udp).null().unwrap();
    }
    let error = ledger::Client::new(&mut udp).who().unwrap_err();
    assert!(matches!(error, CallError::TimedOut { .. }), "{error}");
    let error = ledger::Client::new(&mut tcp).who().unwrap_err();
    assert!(matches!(error, CallError::Closed | CallError::Link(_)), "{error}");
    let mut keyed = Connector::new().keyed_tcp(serving.tcp, &key(12)).unwrap();
    assert_eq!(call_all(&mut keyed, 12), 1);
}

#[test]
fn access_by_key() {
    let rules = [Access::key(KeyId(11)), Access::key(KeyId(12)).procedures(ledger::PROGRAM, ledger::VERSION, &[3])];
    let server = rules.into_iter().fold(server().keys(device().allow_plain(&[NULL])), Server::allow);
    let serving = Serving::new(server);
    let mut all = Connector::new().keyed_udp(serving.udp, &key(11)).unwrap();
    assert_eq!(call_all(&mut all, 11), 1);
    let mut some = Connector::new().keyed_tcp(serving.tcp, &key(12)).unwrap();
    let mut some = ledger::Client::new(&mut some);
    assert_eq!(some.who().unwrap(), 12);
    some.null().unwrap();
    let refused = |error: CallError<std::io::Error>| match error {
        CallError::Refused(Refusal::Authentication(status)) => status,
        error => panic!("{error}"),
    };
    assert_eq!(refused(some.add(1).unwrap_err()), AuthStatus::REJECTED_CREDENTIAL);
    // A client without a key has no rights, though its call is served in the clear.
    let mut plain = oncilla_host::tcp(serving.tcp).unwrap();
    assert_eq!(refused(ledger::Client::new(&mut plain).null().unwrap_err()), AuthStatus::TOO_WEAK);
}

#[test]
fn strangers_lose_their_slots_first() {
    let serving = Serving::new(server().connections(2).keys(device()));
    let connect = || Connector::new().keyed_tcp(serving.tcp, &key(11)).unwrap();
    let mut good = connect();
    assert_eq!(call_all(&mut good, 11), 1);
    for sum in 2..6 {
        // It has been idle for a shorter time than the good client.
        let mut stranger = std::net::TcpStream::connect(serving.tcp).unwrap();
        // A part of a message is no call in progress.
        std::io::Write::write_all(&mut stranger, &[0x80, 0, 1, 0, 0xaa][..sum as usize - 1]).unwrap();
        let mut other = connect();
        assert_eq!(ledger::Client::new(&mut other).add(0).unwrap(), sum - 1);
        // This one opened a session, so it stays until it closes.
        drop(other);
        drop(stranger);
        assert_eq!(ledger::Client::new(&mut good).add(1).unwrap(), sum);
    }
}

#[test]
fn a_stranger_that_sends_nothing_useful_exceeds_the_idle_time_out() {
    use std::io::Read;

    let serving = Serving::new(server().idle_timeout(Some(Duration::from_millis(200))).keys(device()));
    let mut stranger = std::net::TcpStream::connect(serving.tcp).unwrap();
    stranger.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    assert_eq!(stranger.read(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn a_reply_that_the_client_cannot_receive_is_not_computed() {
    let serving = Serving::new(server().keys(device()));
    let mut small = Connector::new().buffer(256).keyed_tcp(serving.tcp, &key(11)).unwrap();
    let mut ledger = ledger::Client::new(&mut small);
    assert_eq!(ledger.add(1).unwrap(), 1);
    let error = ledger.echo(&[7; 10]).unwrap_err();
    assert!(matches!(error, CallError::Refused(Refusal::SystemError)), "{error}");
    assert_eq!(ledger.add(1).unwrap(), 2);
}

#[test]
fn a_udp_address_serves_32_keys() {
    let folder = Folder::new();
    let mut text = String::new();
    for id in 0..33 {
        let path = folder.file(&id.to_string());
        NewKey::random(KeyId(id), "").unwrap().write(&path).unwrap();
        text.push_str(&fs::read_to_string(&path).unwrap());
    }
    let keys = KeyServer::new(&keys(&text)).unwrap();
    let mut server = server().keys(keys).udp("127.0.0.1:0").unwrap();
    let error = server.serve(&TABLE, &mut Ledger::default()).unwrap_err().to_string();
    assert!(error.contains("33 keys are too many"), "{error}");
}
