//! A table's `authorize` sees where a call came from.

use std::net::{Ipv4Addr, SocketAddr};
use std::thread;

use oncilla::message::{AuthStatus, Call};
use oncilla::{CallError, Refusal, Table};
use oncilla_host::Server;

oncilla::program! {
    mod door = 0x2000_0077, version 1 {
        /// The caller's port; 0 when there is none.
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

/// Lets in callers from this machine, on whatever carrier.
fn local_only(porter: &mut Porter, call: &Call<'_>) -> Result<(), AuthStatus> {
    porter.caller = call.peer().copied();
    let local = porter.caller.is_none_or(|caller| caller.ip() == Ipv4Addr::LOCALHOST);
    if local && !porter.closed { Ok(()) } else { Err(AuthStatus::TOO_WEAK) }
}

/// Serves on every carrier while `test` runs.
fn serving(mut porter: Porter, test: impl FnOnce(SocketAddr, SocketAddr, &std::path::Path)) {
    let path = std::env::temp_dir().join(format!("oncilla-peer-{}-{}", std::process::id(), porter.closed));
    // Both kinds of address come to an IPv6 socket.
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
fn the_address_of_the_caller_is_seen_on_every_carrier_that_has_one() {
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
fn a_caller_that_is_not_let_in_is_told_why() {
    serving(Porter { closed: true, ..Porter::default() }, |tcp, _, _| {
        let mut client = oncilla_host::tcp(tcp).unwrap();
        let refused = door::Client::new(&mut client).knock();
        let Err(CallError::Refused(Refusal::Authentication(AuthStatus::TOO_WEAK))) = refused else {
            panic!("{refused:?}");
        };
    });
}

#[test]
fn a_link_on_datagrams_tells_it_too() {
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
