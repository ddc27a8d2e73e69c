//! Registrations of other servers: that of a live server stays, that of a dead one is replaced.

use std::net::{SocketAddr, TcpListener};
use std::thread;

use oncilla::rpcbind::{Binding, PORT, RpcBind};
use oncilla_host::{Error, RegisterError, Registration, Server};

use crate::clients::Stop;
use crate::daemon::{Daemon, SOCKET, alone};
use crate::machine::{self, Machine};
use crate::register::{both, ended_by, registered, server, unregistered, wait_until};
use crate::served::{Served, TABLE};
use crate::{PROGRAM, universal_of};

fn set(binding: &Binding<'_>) {
    let mut client = oncilla_host::unix(SOCKET).unwrap();
    assert!(RpcBind::version_4(&mut client).set(binding).unwrap());
}

#[test]
fn the_registration_of_a_killed_server_is_replaced() {
    alone("taken::the_registration_of_a_killed_server_is_replaced", || {
        let _daemon = Daemon::start(&[]);
        ended_by("-KILL");
        assert_eq!(registered().len(), 4, "the registration of the killed server is still there");
        let served = Served::on(server());
        let expected = both(&[("tcp", served.tcp), ("udp", served.udp)]);
        wait_until("replacing", || registered() == expected);
    });
}

#[test]
fn the_registration_of_a_live_server_stays() {
    alone("taken::the_registration_of_a_live_server_stays", || {
        let _daemon = Daemon::start(&[]);
        let first = Served::on(server());
        let expected = both(&[("tcp", first.tcp), ("udp", first.udp)]);
        wait_until("registering", || registered() == expected);
        let error = unregistered().register(&TABLE).unwrap_err();
        let Error::Register(RegisterError::Taken { program: PROGRAM, version: 2, netid: "tcp", address }) = &error
        else {
            panic!("{error:?}")
        };
        assert_eq!(*address, universal_of(first.tcp));
        assert!(error.to_string().contains(&format!("rpcinfo -d {PROGRAM} 2")), "{error}");
        assert_eq!(registered(), expected);
    });
}

/// The former server no longer has the port.
#[test]
fn another_address_with_the_servers_own_port_is_replaced() {
    alone("taken::another_address_with_the_servers_own_port_is_replaced", || {
        let _daemon = Daemon::start(&[]);
        let server = unregistered();
        let [high, low] = server.tcp_addresses()[0].port().to_be_bytes();
        let address = format!("0.0.0.0.{high}.{low}");
        set(&Binding { program: PROGRAM, version: 3, netid: "tcp", address: &address, owner: "" });
        let served = Served::on(server.register(&TABLE).unwrap());
        let expected = both(&[("tcp", served.tcp), ("udp", served.udp)]);
        wait_until("replacing", || registered() == expected);
    });
}

/// It may only be slow.
#[test]
fn the_registration_of_a_silent_server_stays() {
    alone("taken::the_registration_of_a_silent_server_stays", || {
        let _daemon = Daemon::start(&[]);
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = universal_of(silent.local_addr().unwrap());
        set(&Binding { program: PROGRAM, version: 3, netid: "tcp", address: &address, owner: "" });
        let error = unregistered().register(&TABLE).unwrap_err();
        assert!(matches!(error, Error::Register(RegisterError::Taken { version: 3, .. })), "{error:?}");
        // Version 2 had been registered by then.
        assert_eq!(registered(), [format!("3 tcp {address}")]);
    });
}

#[test]
fn the_registration_of_a_successor_stays() {
    alone("taken::the_registration_of_a_successor_stays", || {
        let _daemon = Daemon::start(&[]);
        let address: SocketAddr = "127.0.0.1:5000".parse().unwrap();
        let first = Registration::new([(PROGRAM, 3)], &[address], &[]).unwrap();
        let mut client = oncilla_host::unix(SOCKET).unwrap();
        let next = Binding { program: PROGRAM, version: 3, netid: "tcp", address: "127.0.0.1.0.9", owner: "" };
        assert!(RpcBind::version_4(&mut client).unset(&next).unwrap());
        assert!(RpcBind::version_4(&mut client).set(&next).unwrap());
        drop(first);
        assert_eq!(registered(), ["3 tcp 127.0.0.1.0.9"]);
    });
}

/// This library's table registers no programs.
#[test]
fn an_rpcbind_that_refuses_is_an_error_of_its_own() {
    alone("taken::an_rpcbind_that_refuses_is_an_error_of_its_own", || {
        let mut own = Server::new().unwrap().tcp(("127.0.0.1", PORT)).unwrap();
        let stopper = own.stopper();
        thread::scope(|scope| {
            scope.spawn(move || {
                own.serve(&machine::TABLE, &mut Machine::new([])).unwrap();
            });
            let _stop = Stop(stopper);
            let error = unregistered().register(&TABLE).unwrap_err();
            assert!(matches!(error, Error::Register(RegisterError::Refused { version: 2, netid: "tcp", .. })));
            assert!(error.to_string().contains("start it with -i"), "{error}");
        });
    });
}
