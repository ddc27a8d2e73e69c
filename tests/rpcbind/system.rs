//! This library's clients ask the system's rpcbind.

use std::fmt::Debug;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use oncilla::rpcbind::{Binding, Mapping, PORT, PortMapper, RpcBind};
use oncilla::{CallError, Caller, ProcedureId, Refusal};

use crate::daemon::{Daemon, SOCKET, alone, network};
use oncilla_host::Connector;

use crate::served::{Served, adder};
use crate::{PROGRAM, words};

const HERE: (&str, u16) = ("127.0.0.1", PORT);

const fn binding<'a>(netid: &'a str, address: &'a str) -> Binding<'a> {
    Binding { program: PROGRAM, version: 3, netid, address, owner: "somebody" }
}

/// Returns the registrations of the test's program: version, netid, address and owner.
fn registered<C: Caller>(rpcbind: &mut RpcBind<C>) -> Vec<String>
where
    C::Error: Debug,
{
    let mut found = Vec::new();
    let each = |binding: Binding<'_>| {
        if binding.program == PROGRAM {
            let Binding { version, netid, address, owner, .. } = binding;
            found.push(format!("{version} {netid} {address} {owner}"));
        }
    };
    rpcbind.dump(each).unwrap();
    found.sort();
    found
}

fn set_and_unset<C: Caller>(mut rpcbind: RpcBind<C>, owner: &str)
where
    C::Error: Debug,
{
    let (tcp, udp6) = (binding("tcp", "127.0.0.1.78.81"), binding("udp6", "::1.78.82"));
    assert_eq!(rpcbind.get_address(&binding("tcp", "")).unwrap(), "");
    assert_eq!(registered(&mut rpcbind), <[String; 0]>::default());
    assert!(rpcbind.unset(&tcp).unwrap(), "there is nothing, which is as it should be");
    assert!(rpcbind.set(&tcp).unwrap());
    assert!(rpcbind.set(&udp6).unwrap());
    assert!(rpcbind.set(&tcp).unwrap(), "the same again changes nothing");
    assert!(!rpcbind.set(&binding("tcp", "127.0.0.1.78.99")).unwrap(), "another binding is registered");
    assert_eq!(
        registered(&mut rpcbind),
        [format!("3 tcp 127.0.0.1.78.81 {owner}"), format!("3 udp6 ::1.78.82 {owner}")]
    );
    assert!(rpcbind.unset(&binding("tcp", "")).unwrap());
    assert_eq!(registered(&mut rpcbind), [format!("3 udp6 ::1.78.82 {owner}")]);
    // On every netid.
    assert!(rpcbind.set(&tcp).unwrap());
    assert!(rpcbind.unset(&binding("", "")).unwrap());
    assert_eq!(registered(&mut rpcbind), <[String; 0]>::default());
}

#[test]
fn rpcbind_is_asked_over_its_own_socket() {
    alone("system::rpcbind_is_asked_over_its_own_socket", || {
        let _daemon = Daemon::start(&[]);
        let mut client = oncilla_host::unix(SOCKET).unwrap();
        set_and_unset(RpcBind::version_3(&mut client), "superuser");
        set_and_unset(RpcBind::version_4(&mut client), "superuser");
    });
}

#[test]
fn rpcbind_is_asked_over_tcp_and_udp() {
    alone("system::rpcbind_is_asked_over_tcp_and_udp", || {
        let _daemon = Daemon::start(&["-i"]);
        let mut client = oncilla_host::tcp(HERE).unwrap();
        set_and_unset(RpcBind::version_3(&mut client), "unknown");
        set_and_unset(RpcBind::version_4(&mut client), "unknown");
        let mut client = oncilla_host::udp(HERE).unwrap();
        set_and_unset(RpcBind::version_3(&mut client), "unknown");
        set_and_unset(RpcBind::version_4(&mut client), "unknown");
        let mut client = oncilla_host::tcp(("::1", PORT)).unwrap();
        set_and_unset(RpcBind::version_4(&mut client), "unknown");
    });
}

fn set_and_unset_ports<C: Caller>(caller: C)
where
    C::Error: Debug,
{
    let mut mapper = PortMapper::new(caller);
    let mapping = |protocol, port| Mapping { program: PROGRAM, version: 3, protocol, port };
    assert_eq!(mapper.get_port(PROGRAM, 3, 6).unwrap(), None);
    assert!(mapper.set(&mapping(6, 20_049)).unwrap());
    assert!(mapper.set(&mapping(17, 65_535)).unwrap());
    assert!(!mapper.set(&mapping(6, 20_050)).unwrap(), "another binding is registered");
    assert_eq!(mapper.get_port(PROGRAM, 3, 6).unwrap(), Some(20_049));
    assert_eq!(mapper.get_port(PROGRAM, 3, 17).unwrap(), Some(65_535));
    let mut found = Vec::new();
    mapper.dump(|mapping| found.push(mapping)).unwrap();
    assert!(found.contains(&mapping(6, 20_049)) && found.contains(&mapping(17, 65_535)), "{found:?}");
    assert!(found.contains(&Mapping { program: 100_000, version: 2, protocol: 17, port: 111 }), "{found:?}");
    assert!(mapper.unset(PROGRAM, 3).unwrap(), "on all protocols");
    assert_eq!(mapper.get_port(PROGRAM, 3, 6).unwrap(), None);
    assert_eq!(mapper.get_port(PROGRAM, 3, 17).unwrap(), None);
}

#[test]
fn the_port_mapper_is_asked() {
    alone("system::the_port_mapper_is_asked", || {
        let _daemon = Daemon::start(&["-i"]);
        set_and_unset_ports(&mut oncilla_host::tcp(HERE).unwrap());
        set_and_unset_ports(&mut oncilla_host::udp(HERE).unwrap());
    });
}

#[test]
fn only_this_machine_may_register_by_default() {
    alone("system::only_this_machine_may_register_by_default", || {
        // A call to this address also comes from this address, which is a remote one for rpcbind.
        network(&["address", "add", "192.0.2.7/32", "dev", "lo"]);
        let _daemon = Daemon::start(&[]);
        let mut client = oncilla_host::udp(("192.0.2.7", PORT)).unwrap();
        let refused = RpcBind::version_4(&mut client).set(&binding("tcp", "127.0.0.1.78.81"));
        // Debian's rpcbind refuses; the standard requires the answer that nothing was changed.
        let is_refused = matches!(refused, Ok(false) | Err(CallError::Refused(Refusal::Authentication(_))));
        assert!(is_refused, "{refused:?}");
        assert_eq!(registered(&mut RpcBind::version_4(&mut client)), <[String; 0]>::default());
    });
}

/// RFC 1833 §2.2.1: the netid in the arguments is ignored.
#[test]
fn an_address_is_the_one_on_the_transport_of_the_call() {
    alone("system::an_address_is_the_one_on_the_transport_of_the_call", || {
        let _daemon = Daemon::start(&["-i"]);
        let (tcp, udp) = ("127.0.0.1.0.5", "127.0.0.1.0.6");
        let mut local = oncilla_host::unix(SOCKET).unwrap();
        for (netid, address) in [("tcp", tcp), ("udp", udp)] {
            assert!(RpcBind::version_4(&mut local).set(&binding(netid, address)).unwrap());
        }
        for netid in ["tcp", "udp", "tcp6", ""] {
            let asked = binding(netid, "");
            let mut client = oncilla_host::tcp(HERE).unwrap();
            assert_eq!(RpcBind::version_3(&mut client).get_address(&asked).unwrap(), tcp, "{netid}");
            assert_eq!(RpcBind::version_4(&mut client).get_address(&asked).unwrap(), tcp, "{netid}");
            let mut client = oncilla_host::udp(HERE).unwrap();
            assert_eq!(RpcBind::version_4(&mut client).get_address(&asked).unwrap(), udp, "{netid}");
            assert_eq!(RpcBind::version_4(&mut local).get_address(&asked).unwrap(), "", "{netid}");
        }
    });
}

#[test]
fn the_time_is_returned() {
    alone("system::the_time_is_returned", || {
        let _daemon = Daemon::start(&[]);
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as u32;
        let mut client = oncilla_host::tcp(HERE).unwrap();
        let before = now();
        for time in [RpcBind::version_3(&mut client).time(), RpcBind::version_4(&mut client).time()] {
            let time = time.unwrap();
            assert!((before..=now()).contains(&time), "{time}");
        }
    });
}

#[test]
fn procedures_are_called_indirectly() {
    alone("system::procedures_are_called_indirectly", || {
        let _daemon = Daemon::start(&["-i", "-r"]);
        let served = Served::start();
        let id = |procedure| ProcedureId { program: PROGRAM, version: adder::VERSION, procedure };
        let [high, low] = served.udp.port().to_be_bytes();
        let address = format!("127.0.0.1.{high}.{low}");
        // It replies from another port than 111.
        let mut client = Connector::new().udp_any_port(HERE).unwrap();
        let local = Binding { version: adder::VERSION, ..binding("udp", &address) };
        assert!(RpcBind::version_4(&mut client).set(&local).unwrap());

        let sum = words(&[5]);
        let port = served.udp.port().into();
        assert_eq!(PortMapper::new(&mut client).call_it(id(0), &[]).unwrap(), (port, &[][..]));
        assert_eq!(PortMapper::new(&mut client).call_it(id(1), &words(&[2, 3])).unwrap(), (port, &sum[..]));
        for version in [3, 4] {
            let mut call = |id, arguments: &[u8]| {
                let caller = &mut client;
                let mut rpcbind = if version == 3 { RpcBind::version_3(caller) } else { RpcBind::version_4(caller) };
                let (address, results) = rpcbind.indirect(id, arguments).unwrap();
                (address.to_owned(), results.to_owned())
            };
            assert_eq!(call(id(0), &[]), (address.clone(), vec![]));
            assert_eq!(call(id(1), &words(&[2, 3])), (address.clone(), sum.clone()));
        }

        // A missing program: no reply, or in version 4 the reason.
        let other = ProcedureId { program: PROGRAM + 1, ..id(0) };
        let refused = RpcBind::version_4(&mut client).indirect(other, &[]).map(drop);
        assert!(matches!(refused, Err(CallError::Refused(Refusal::ProgramUnavailable))), "{refused:?}");
        client.set_timeout(Duration::from_millis(300));
        let silent = PortMapper::new(&mut client).call_it(other, &[]).map(drop);
        assert!(matches!(silent, Err(CallError::TimedOut { .. })), "{silent:?}");
    });
}
