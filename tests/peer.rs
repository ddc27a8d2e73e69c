//! A table's `authorize` gets the address of the caller.

use std::net::{Ipv4Addr, SocketAddr};
use std::thread;

use oncilla::message::{AuthStatus, Call};
use oncilla::{CallError, Refusal, Table};
use oncilla_host::Server;

oncilla::program! {
    mod door = 0x2000_0077, version 1 {
        /// Returns the caller's port; 0 if it has none.
        fn knock() -> u32 = 1;
    }
}

#[derive(Default)]
struct Porter {
    caller: Option<SocketAddr>,
    closed: bool,
}

impl door::Service for Porter {
    fn knock(&mut self) -> u32 {
        self.caller.map_or(0, |caller| caller.port().into())
    }
}

static TABLE: Table<Porter> = oncilla::table![door::program()].authorize(local_only);

/// Accepts callers from this machine, on every carrier.
fn local_only(porter: &mut Porter, call: &Call<'_>) -> Result<(), AuthStatus> {
    porter.caller = call.peer().copied();
    let local = porter.caller.is_none_or(|caller| caller.ip() == Ipv4Addr::LOCALHOST);
    if local && !porter.closed { Ok(()) } else { Err(AuthStatus::TOO_WEAK) }
}

/// Serves on every carrier while `test` runs.
fn serving(mut porter: Porter, test: impl FnOnce(SocketAddr, SocketAddr, &std::path::Path)) {
    let path = std::env::temp_dir().join(format!("oncilla-peer-{}-{}", std::process::id(), porter.closed));
    // An IPv6 socket accepts both kinds of addresses.
    let mut server = Server::new().unwrap().tcp("[::]:0").unwrap().udp("[::]:0").unwrap().unix(&path).unwrap();
    let local = |address: SocketAddr| SocketAddr::from((Ipv4Addr::LOCALHOST, address.port()));
    let (tcp, udp) = (local(server.tcp_addresses()[0]), local(server.udp_addresses()[0]));
    let stopper = server.stopper();
    thread::scope(|scope| {
        let serving = scope.spawn(move || server.serve(&TABLE, &mut porter));
        test(tcp, udp, &path);
        stopper.stop();
        serving.join().unwrap().unwrap();
    });
}

#[test]
fn the_callers_address_is_known_on_every_carrier_with_addresses() {
    serving(Porter::default(), |tcp, udp, path| {
        let mut client = oncilla_host::tcp(tcp).unwrap();
        let own = client.link().transport().socket().local_addr().unwrap().as_socket().unwrap();
        assert_eq!(door::Client::new(&mut client).knock().unwrap(), u32::from(own.port()));

        let mut client = oncilla_host::udp(udp).unwrap();
        let own = client.link().transport().socket().local_addr().unwrap().as_socket().unwrap();
        assert_eq!(door::Client::new(&mut client).knock().unwrap(), u32::from(own.port()));

        let mut client = oncilla_host::unix(path).unwrap();
        assert_eq!(door::Client::new(&mut client).knock().unwrap(), 0);
    });
}

#[test]
fn a_refused_caller_gets_the_reason() {
    serving(Porter { closed: true, ..Porter::default() }, |tcp, _, _| {
        let mut client = oncilla_host::tcp(tcp).unwrap();
        let refused = door::Client::new(&mut client).knock();
        let Err(CallError::Refused(Refusal::Authentication(AuthStatus::TOO_WEAK))) = refused else {
            panic!("{refused:?}");
        };
    });
}

#[test]
fn a_link_on_datagrams_knows_the_callers_address() {
    let socket = oncilla_host::Datagrams::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = socket.address();
    thread::scope(|scope| {
        let serving = scope.spawn(move || {
            let mut link = oncilla::Link::new(socket, [0; 100], [0; 100]);
            link.serve_next(&TABLE, &mut Porter::default(), oncilla::Time::NEVER).unwrap()
        });
        let mut client = oncilla_host::udp(address).unwrap();
        let own = client.link().transport().socket().local_addr().unwrap().as_socket().unwrap();
        assert_eq!(door::Client::new(&mut client).knock().unwrap(), u32::from(own.port()));
        assert_eq!(serving.join().unwrap(), oncilla::Served::Message);
    });
}
