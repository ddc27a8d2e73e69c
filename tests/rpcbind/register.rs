//! Servers that register themselves with the system's rpcbind, and remove the registration.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use oncilla::rpcbind::{Binding, PORT, PortMapper, RpcBind};
use oncilla_host::{Error, RegisterError, Registration, Server};

use crate::daemon::{Daemon, SOCKET, alone};
use crate::served::{Adder, Served, TABLE};
use crate::{PROGRAM, universal_of};

/// How long another thread or process may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Returns rpcbind's bindings of the test's program, as `version netid address`.
pub fn registered() -> Vec<String> {
    let mut client = oncilla_host::unix(SOCKET).unwrap();
    let mut found = Vec::new();
    let each = |binding: Binding<'_>| {
        if binding.program == PROGRAM {
            let Binding { version, netid, address, owner, .. } = binding;
            assert_eq!(owner, "superuser");
            found.push(format!("{version} {netid} {address}"));
        }
    };
    RpcBind::version_4(&mut client).dump(each).unwrap();
    found.sort();
    found
}

/// Returns the bindings that both versions of the program must have.
pub fn both(places: &[(&str, SocketAddr)]) -> Vec<String> {
    let entry =
        |version| move |(netid, address): &(&str, SocketAddr)| format!("{version} {netid} {}", universal_of(*address));
    let mut entries: Vec<_> = places.iter().map(entry(2)).chain(places.iter().map(entry(3))).collect();
    entries.sort();
    entries
}

pub fn wait_until(what: &str, done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < PATIENCE, "{what}: not after {PATIENCE:?}");
        thread::sleep(Duration::from_millis(5));
    }
}

pub fn unregistered() -> Server {
    Server::new().unwrap().tcp("127.0.0.1:0").unwrap().udp("127.0.0.1:0").unwrap()
}

pub fn server() -> Server {
    unregistered().register(&TABLE).unwrap()
}

#[test]
fn a_server_is_registered_at_once_and_until_its_stop() {
    alone("register::a_server_is_registered_at_once_and_until_its_stop", || {
        let _daemon = Daemon::start(&[]);
        let server = server();
        let expected = both(&[("tcp", server.tcp_addresses()[0]), ("udp", server.udp_addresses()[0])]);
        assert_eq!(registered(), expected);
        let served = Served::on(server);
        let mut client = oncilla_host::udp(("127.0.0.1", PORT)).unwrap();
        let port = PortMapper::new(&mut client).get_port(PROGRAM, 3, 6).unwrap();
        assert_eq!(port, Some(served.tcp.port()));
        drop(served);
        assert_eq!(registered(), <[String; 0]>::default());
    });
}

#[test]
fn a_server_that_never_serves_is_unregistered_when_it_is_dropped() {
    alone("register::a_server_that_never_serves_is_unregistered_when_it_is_dropped", || {
        let _daemon = Daemon::start(&[]);
        let server = server();
        assert_eq!(registered().len(), 4);
        drop(server);
        assert_eq!(registered(), <[String; 0]>::default());
    });
}

#[test]
fn a_program_that_another_server_serves_is_an_error_at_once() {
    alone("register::a_program_that_another_server_serves_is_an_error_at_once", || {
        let _daemon = Daemon::start(&[]);
        let served = Served::on(server());
        let error = unregistered().register(&TABLE).unwrap_err();
        assert!(matches!(error, Error::Register(RegisterError::Taken { .. })), "{error:?}");
        // The registration of the other server stays.
        assert_eq!(registered(), both(&[("tcp", served.tcp), ("udp", served.udp)]));
    });
}

#[test]
fn registering_without_an_address_is_an_error() {
    assert!(matches!(Server::new().unwrap().register(&TABLE), Err(Error::Nowhere)));
}

#[test]
fn a_server_that_serves_again_is_registered_again() {
    alone("register::a_server_that_serves_again_is_registered_again", || {
        let _daemon = Daemon::start(&[]);
        let (mut server, table) = (server(), &TABLE);
        let expected = both(&[("tcp", server.tcp_addresses()[0]), ("udp", server.udp_addresses()[0])]);
        for _ in 0..2 {
            let stopper = server.stopper();
            thread::scope(|scope| {
                scope.spawn(|| server.serve(table, &mut Adder).unwrap());
                wait_until("registering", || registered() == expected);
                stopper.stop();
            });
            assert_eq!(registered(), <[String; 0]>::default());
        }
    });
}

#[test]
fn a_server_is_registered_once_for_each_transport() {
    alone("register::a_server_is_registered_once_for_each_transport", || {
        let _daemon = Daemon::start(&[]);
        let address = |text: &str| text.parse::<SocketAddr>().unwrap();
        for (tcp, udp, places) in [
            (vec!["0.0.0.0:5000"], vec![], vec![("tcp", "0.0.0.0:5000")]),
            (vec![], vec!["[::1]:5000"], vec![("udp6", "[::1]:5000")]),
            // It includes IPv4, but the address on IPv4 comes first.
            (vec!["[::]:5000"], vec![], vec![("tcp", "0.0.0.0:5000"), ("tcp6", "[::]:5000")]),
            (vec!["[::]:5000", "127.0.0.1:6000"], vec![], vec![("tcp", "127.0.0.1:6000"), ("tcp6", "[::]:5000")]),
            (vec!["127.0.0.1:5000", "127.0.0.2:6000"], vec![], vec![("tcp", "127.0.0.1:5000")]),
            (vec![], vec![], vec![]),
        ] {
            let addresses = |texts: Vec<&str>| texts.into_iter().map(address).collect::<Vec<_>>();
            let registration = Registration::new(TABLE.programs(), &addresses(tcp), &addresses(udp)).unwrap();
            let places: Vec<_> = places.into_iter().map(|(netid, text)| (netid, address(text))).collect();
            assert_eq!(registered(), both(&places));
            drop(registration);
            assert_eq!(registered(), <[String; 0]>::default());
        }
    });
}

oncilla::program! {
    mod fragile = crate::PROGRAM, version 2 { fn panic() = 1; }
}

struct Fragile;

impl fragile::Service for Fragile {
    fn panic(&mut self) {
        panic!("the procedure panics, as it should")
    }
}

static FRAGILE: oncilla::Table<Fragile> = oncilla::table![fragile::program()];

#[test]
fn the_registration_is_removed_when_a_procedure_panics() {
    alone("register::the_registration_is_removed_when_a_procedure_panics", || {
        let _daemon = Daemon::start(&[]);
        let mut server = server();
        let tcp = server.tcp_addresses()[0];
        thread::scope(|scope| {
            let serving = scope.spawn(|| catch_unwind(AssertUnwindSafe(|| server.serve(&FRAGILE, &mut Fragile))));
            let mut client = oncilla_host::tcp(tcp).unwrap();
            fragile::Client::new(&mut client).panic().unwrap_err();
            assert!(serving.join().unwrap().is_err(), "it panicked");
        });
        assert_eq!(registered(), <[String; 0]>::default());
    });
}

/// The server of the next test, in a process of its own.
#[test]
fn serve_until_a_signal() {
    if std::env::var_os(SERVE).is_none() {
        // Run as an ordinary test, it has nothing to do.
        return;
    }
    let server = unregistered().stop_on_signals().unwrap();
    server.register(&TABLE).unwrap().serve(&TABLE, &mut Adder).unwrap();
}

const SERVE: &str = "TEST_SERVES_UNTIL_A_SIGNAL";

/// Ends the process at the end of the test, also after a failure.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Serves in another process, sends a signal after it has registered, and waits for its end.
pub fn ended_by(signal: &str) {
    let mut process = Process(
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "register::serve_until_a_signal"])
            .env(SERVE, "1")
            .stdout(Stdio::null())
            .spawn()
            .unwrap(),
    );
    wait_until("registering", || registered().len() == 4);
    let kill = format!("kill {signal} {}", process.0.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success(), "{kill}");
    process.0.wait().unwrap();
}

#[test]
fn the_registration_is_removed_at_a_signal() {
    alone("register::the_registration_is_removed_at_a_signal", || {
        let _daemon = Daemon::start(&[]);
        for signal in ["-TERM", "-INT"] {
            ended_by(signal);
            assert_eq!(registered(), <[String; 0]>::default());
        }
    });
}

#[test]
fn without_its_socket_rpcbind_is_called_over_tcp() {
    alone("register::without_its_socket_rpcbind_is_called_over_tcp", || {
        let _daemon = Daemon::start(&["-i"]);
        std::fs::rename(SOCKET, "/run/elsewhere").unwrap();
        let address: SocketAddr = "127.0.0.1:5000".parse().unwrap();
        let registration = Registration::new([(PROGRAM, 3)], &[address], &[address]).unwrap();
        let mut client = oncilla_host::tcp(("127.0.0.1", PORT)).unwrap();
        assert_eq!(PortMapper::new(&mut client).get_port(PROGRAM, 3, 17).unwrap(), Some(5000));
        drop(registration);
        assert_eq!(PortMapper::new(&mut client).get_port(PROGRAM, 3, 17).unwrap(), None);
    });
}

#[test]
fn without_rpcbind_registering_is_an_error() {
    alone("register::without_rpcbind_registering_is_an_error", || {
        let error = unregistered().register(&TABLE).unwrap_err();
        assert!(matches!(error, Error::Register(RegisterError::NotThere(_))), "{error:?}");
        let text = error.to_string();
        assert!(text.contains("127.0.0.1:111") && text.contains("start rpcbind"), "{text}");
    });
}

/// The end of the server must not hang.
#[test]
fn an_rpcbind_that_ended_before_the_server_is_no_error() {
    alone("register::an_rpcbind_that_ended_before_the_server_is_no_error", || {
        let daemon = Daemon::start(&[]);
        let served = Served::on(server());
        wait_until("registering", || registered().len() == 4);
        drop(daemon);
        drop(served);
    });
}
