//! This library's clients ask its own table, over TCP and UDP.

use std::fmt::Debug;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use oncilla::rpcbind::{Binding, Mapping, PortMapper, RpcBind, Service, Transport};
use oncilla::{CallError, Caller, ProcedureId, Refusal};
use oncilla_host::{Server, Stopper};

use crate::machine::{Machine, TABLE};
use crate::{PROGRAM, service};

const SERVICES: [Service; 4] = [
    service(PROGRAM, 2, Transport::Tcp, 20_049),
    service(PROGRAM, 2, Transport::Udp, 20_050),
    service(PROGRAM, 5, Transport::Tcp, 20_051),
    service(PROGRAM, 5, Transport::Tcp6, 20_052),
];

/// Stops a server at the end of the test, also after a failure.
pub struct Stop(pub Stopper);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// Serves the table on TCP and UDP while `test` runs.
fn serving(test: impl FnOnce(SocketAddr, SocketAddr)) {
    let mut server = Server::new().unwrap().tcp("127.0.0.1:0").unwrap().udp("127.0.0.1:0").unwrap();
    let (tcp, udp, stop) = (server.tcp_addresses()[0], server.udp_addresses()[0], Stop(server.stopper()));
    let mut machine = Machine { time: 1_700_000_000, ..Machine::new(SERVICES) };
    thread::scope(|scope| {
        scope.spawn(move || server.serve(&TABLE, &mut machine).unwrap());
        test(tcp, udp);
        drop(stop);
    });
}

const fn wanted(version: u32, netid: &str) -> Binding<'_> {
    Binding { program: PROGRAM, version, netid, address: "", owner: "" }
}

fn ask_port_mapper<C: Caller>(caller: C)
where
    C::Error: Debug,
{
    let mut mapper = PortMapper::new(caller);
    assert_eq!(mapper.get_port(PROGRAM, 2, 6).unwrap(), Some(20_049));
    assert_eq!(mapper.get_port(PROGRAM, 2, 17).unwrap(), Some(20_050));
    assert_eq!(mapper.get_port(PROGRAM + 1, 2, 17).unwrap(), None);
    assert!(!mapper.set(&Mapping { program: PROGRAM, version: 7, protocol: 6, port: 7 }).unwrap());
    assert!(!mapper.unset(PROGRAM, 2).unwrap());
    let mut found = Vec::new();
    mapper.dump(|mapping| found.push((mapping.version, mapping.protocol, mapping.port))).unwrap();
    assert_eq!(found, [(2, 6, 20_049), (2, 17, 20_050), (5, 6, 20_051)]);
    let null = ProcedureId { program: PROGRAM, version: 2, procedure: 0 };
    assert_eq!(mapper.call_it(null, &[]).unwrap(), (20_050, &[][..]));
}

fn ask_rpcbind<C: Caller>(mut rpcbind: RpcBind<C>)
where
    C::Error: Debug,
{
    for (version, netid, address) in [
        (2, "tcp", "192.0.2.7.78.81"),
        (2, "udp", "192.0.2.7.78.82"),
        (5, "tcp", "192.0.2.7.78.83"),
        (5, "tcp6", "0:0:0:0:0:0:0:1.78.84"),
        (2, "local", ""),
    ] {
        assert_eq!(rpcbind.get_address(&wanted(version, netid)).unwrap(), address);
        let socket_address = oncilla::rpcbind::parse_universal(address);
        assert_eq!(rpcbind.get_socket_address(&wanted(version, netid)).unwrap(), socket_address);
    }
    assert!(!rpcbind.set(&Binding { address: "127.0.0.1.0.9", owner: "me", ..wanted(9, "tcp") }).unwrap());
    assert!(!rpcbind.unset(&wanted(2, "")).unwrap());
    let mut found = Vec::new();
    rpcbind.dump(|binding| found.push(format!("{} {} {}", binding.version, binding.netid, binding.address))).unwrap();
    assert_eq!(
        found,
        ["2 tcp 192.0.2.7.78.81", "2 udp 192.0.2.7.78.82", "5 tcp 192.0.2.7.78.83", "5 tcp6 0:0:0:0:0:0:0:1.78.84"]
    );
    assert_eq!(rpcbind.time().unwrap(), 1_700_000_000);
    let null = ProcedureId { program: PROGRAM, version: 2, procedure: 0 };
    assert_eq!(rpcbind.indirect(null, &[]).unwrap(), ("192.0.2.7.78.82", &[][..]));
}

fn ask<C: Caller>(mut caller: C)
where
    C::Error: Debug,
{
    ask_port_mapper(&mut caller);
    ask_rpcbind(RpcBind::version_3(&mut caller));
    ask_rpcbind(RpcBind::version_4(&mut caller));
}

#[test]
fn on_tcp() {
    serving(|tcp, _| ask(&mut oncilla_host::tcp(tcp).unwrap()));
}

#[test]
fn on_udp() {
    serving(|_, udp| ask(&mut oncilla_host::udp(udp).unwrap()));
}

#[test]
fn an_indirect_call_without_a_reply_times_out_and_the_next_call_works() {
    serving(|_, udp| {
        let mut client = oncilla_host::udp(udp).unwrap();
        client.set_timeout(Duration::from_millis(50));
        let other = ProcedureId { program: PROGRAM + 1, version: 2, procedure: 0 };
        let silent = PortMapper::new(&mut client).call_it(other, &[]).map(drop);
        assert!(matches!(silent, Err(CallError::TimedOut { .. })), "{silent:?}");
        let silent = RpcBind::version_3(&mut client).indirect(other, &[]).map(drop);
        assert!(matches!(silent, Err(CallError::TimedOut { .. })), "{silent:?}");
        client.set_timeout(Duration::from_secs(60));
        // Version 4 reports the failure.
        let refused = RpcBind::version_4(&mut client).indirect(other, &[]).map(drop);
        assert!(matches!(refused, Err(CallError::Refused(Refusal::SystemError))), "{refused:?}");
        assert_eq!(RpcBind::version_4(&mut client).time().unwrap(), 1_700_000_000);
    });
}
