//! This library's table in memory: every procedure of every version, byte for byte.

use std::net::{IpAddr, Ipv6Addr};

use oncilla::message::Reply;
use oncilla::rpcbind::{self, DUMP_MAX, Service, Transport};
use oncilla::{Refusal, Table};

use crate::machine::{Machine, TABLE};
use crate::{PROGRAM, opaque, service, text, words};

const SET: u32 = 1;
const UNSET: u32 = 2;
const GETADDR: u32 = 3;
const DUMP: u32 = 4;
const GETTIME: u32 = 6;
const GETVERSADDR: u32 = 9;

const TCP: u32 = 6;
const UDP: u32 = 17;

/// A machine with version 2 on TCP and UDP, version 5 on TCP alone, and another program on IPv6 alone.
pub fn machine() -> Machine {
    Machine::new([
        service(PROGRAM, 2, Transport::Tcp, 20_049),
        service(PROGRAM, 2, Transport::Udp, 20_050),
        service(PROGRAM, 5, Transport::Tcp, 20_051),
        service(PROGRAM + 1, 1, Transport::Udp6, 20_052),
    ])
}

/// `mapping` of the port mapper.
fn mapping(program: u32, version: u32, protocol: u32, port: u32) -> Vec<u8> {
    words(&[program, version, protocol, port])
}

/// `rpcb` of rpcbind.
fn binding(program: u32, version: u32, netid: &str, address: &str) -> Vec<u8> {
    [words(&[program, version]), text(netid), text(address), text("")].concat()
}

#[test]
fn the_largest_replies_have_the_documented_sizes() {
    const fn largest(version: Result<Table<Machine>, oncilla::TableError>) -> usize {
        match version {
            Ok(table) => table.reply_max(),
            Err(_) => 0,
        }
    }
    assert_eq!(largest(Table::new(const { &[rpcbind::version_2()] })), 348);
    assert_eq!(largest(Table::new(const { &[rpcbind::version_3()] })), 1_244);
    assert_eq!(largest(Table::new(const { &[rpcbind::version_4()] })), 1_244);
    assert_eq!(TABLE.reply_max(), 1_244);
}

/// RFC 1833 §2.2.1, and what rpcbind does: see `system::an_address_is_the_one_on_the_transport_of_the_call`.
#[test]
fn if_the_transport_is_known_the_address_is_the_one_on_it() {
    for (over, address) in
        [(Transport::Tcp, "192.0.2.7.78.81"), (Transport::Udp, "192.0.2.7.78.82"), (Transport::Tcp6, "")]
    {
        let mut machine = machine();
        machine.asked_over = Some(over);
        for netid in ["tcp", "udp", "tcp6", "", "nonsense"] {
            for (version, procedure) in [(3, GETADDR), (4, GETADDR), (4, GETVERSADDR)] {
                let results = machine.results(version, procedure, &binding(PROGRAM, 2, netid, ""));
                assert_eq!(results, text(address), "over {over:?} for {netid:?}");
            }
        }
    }
}

/// The only test that also checks the header.
#[test]
fn a_whole_reply_is_as_the_standard_requires() {
    let call = [words(&[9, 0, 2, 100_000, 2, 3, 0, 0, 0, 0]), mapping(PROGRAM, 2, UDP, 0)].concat();
    let mut reply = vec![0xc5; TABLE.reply_max()];
    let length = oncilla::answer(&TABLE, &mut machine(), &call, &mut reply).unwrap();
    assert_eq!(reply[..length], words(&[9, 1, 0, 0, 0, 0, 20_050]));
    assert_eq!(Reply::parse(&reply[..length]).unwrap().outcome, Ok(&20_050u32.to_be_bytes()[..]));
}

#[test]
fn null_answers_in_every_version() {
    for version in 2..=4 {
        assert_eq!(machine().results(version, 0, &[]), []);
    }
    for version in [0, 1, 5] {
        let mismatch = Refusal::ProgramMismatch { low: 2, high: 4 };
        assert_eq!(machine().ask(version, 0, &[]), Some(Err(mismatch)));
    }
}

#[test]
fn nothing_can_be_set_or_unset() {
    for procedure in [SET, UNSET] {
        for (version, arguments) in [
            (2, mapping(PROGRAM, 9, TCP, 1000)),
            (2, mapping(PROGRAM, 2, 0, 0)),
            (3, binding(PROGRAM, 9, "tcp", "192.0.2.7.3.232")),
            (4, binding(PROGRAM, 2, "", "")),
        ] {
            let mut machine = machine();
            assert_eq!(machine.results(version, procedure, &arguments), words(&[0]));
            assert_eq!(machine.services, self::machine().services);
        }
    }
}

#[test]
fn the_port_mapper_returns_ports() {
    for (program, version, protocol, port) in [
        (PROGRAM, 2, TCP, 20_049),
        (PROGRAM, 2, UDP, 20_050),
        (PROGRAM, 5, TCP, 20_051),
        (PROGRAM, 2, 0, 0),
        (PROGRAM, 2, 132, 0),
        (PROGRAM + 2, 2, TCP, 0),
        // The port mapper does not support IPv6.
        (PROGRAM + 1, 1, UDP, 0),
    ] {
        // The port in the arguments is ignored.
        for sent in [0, 7, u32::MAX] {
            let results = machine().results(2, GETADDR, &mapping(program, version, protocol, sent));
            assert_eq!(results, words(&[port]), "{program} {version} {protocol}");
        }
    }
}

/// As rpcbind does: a caller of a missing version is refused with the existing versions, and only then knows them.
#[test]
fn the_address_of_another_version_is_returned_if_the_requested_one_is_missing() {
    for (version, protocol, port) in [(1, TCP, 20_049), (0, UDP, 20_050), (5, UDP, 20_050), (9, UDP, 20_050)] {
        let results = machine().results(2, GETADDR, &mapping(PROGRAM, version, protocol, 0));
        assert_eq!(results, words(&[port]), "version {version} on {protocol}");
    }
    for version in [3, 4] {
        for (wanted, netid, address) in
            [(1, "tcp", "192.0.2.7.78.81"), (0, "udp", "192.0.2.7.78.82"), (5, "udp", "192.0.2.7.78.82")]
        {
            let results = machine().results(version, GETADDR, &binding(PROGRAM, wanted, netid, ""));
            assert_eq!(results, text(address), "version {wanted} on {netid}");
        }
    }
}

#[test]
fn rpcbind_returns_universal_addresses() {
    for version in [3, 4] {
        for (program, wanted, netid, address) in [
            (PROGRAM, 2, "tcp", "192.0.2.7.78.81"),
            (PROGRAM, 2, "udp", "192.0.2.7.78.82"),
            (PROGRAM, 5, "tcp", "192.0.2.7.78.83"),
            // Without a netid the first is returned.
            (PROGRAM, 2, "", "192.0.2.7.78.81"),
            (PROGRAM, 2, "tcp6", ""),
            (PROGRAM + 1, 1, "udp6", "0:0:0:0:0:0:0:1.78.84"),
            (PROGRAM, 2, "local", ""),
            (PROGRAM, 2, "TCP", ""),
            (PROGRAM + 2, 2, "tcp", ""),
        ] {
            let results = machine().results(version, GETADDR, &binding(program, wanted, netid, "192.0.2.7.0.0"));
            assert_eq!(results, text(address), "{program} {wanted} {netid}");
        }
    }
}

#[test]
fn getversaddr_returns_only_the_requested_version() {
    for (wanted, netid, address) in
        [(2, "tcp", "192.0.2.7.78.81"), (5, "tcp", "192.0.2.7.78.83"), (5, "udp", ""), (1, "tcp", ""), (9, "", "")]
    {
        let results = machine().results(4, GETVERSADDR, &binding(PROGRAM, wanted, netid, ""));
        assert_eq!(results, text(address), "version {wanted} on {netid}");
    }
    let missing = machine().ask(3, GETVERSADDR, &binding(PROGRAM, 2, "tcp", ""));
    assert_eq!(missing, Some(Err(Refusal::ProcedureUnavailable)));
}

/// rpcinfo first asks for the address of rpcbind itself.
#[test]
fn rpcbind_returns_its_own_address() {
    for protocol in [TCP, UDP] {
        assert_eq!(machine().results(2, GETADDR, &mapping(100_000, 2, protocol, 0)), words(&[111]));
    }
    assert_eq!(machine().results(2, GETADDR, &mapping(100_000, 2, 0, 0)), words(&[0]));
    for version in [3, 4] {
        for (netid, address) in [("tcp", "192.0.2.7.0.111"), ("udp6", "0:0:0:0:0:0:0:1.0.111"), ("local", "")] {
            let results = machine().results(version, GETADDR, &binding(100_000, version, netid, ""));
            assert_eq!(results, text(address), "{netid}");
        }
    }
    // If it is listed with another address, that is returned.
    let mut elsewhere = Machine::new([service(100_000, 2, Transport::Tcp, 1111)]);
    assert_eq!(elsewhere.results(2, GETADDR, &mapping(100_000, 2, TCP, 0)), words(&[1111]));
}

/// A list of so many services on TCP, in the order in which they must be returned.
fn many(count: usize) -> Vec<Service> {
    (0..count as u32).map(|number| service(PROGRAM, number, Transport::Tcp, 5000 + number as u16)).collect()
}

#[test]
fn dump_lists_what_is_served() {
    for count in [0, 1, 2, DUMP_MAX - 1, DUMP_MAX, DUMP_MAX + 1, 1000] {
        let mut machine = Machine::new(many(count));
        let listed = machine.services.iter().take(DUMP_MAX).cloned().collect::<Vec<_>>();
        let node = |service: &Service| {
            [words(&[1]), mapping(service.program, service.version, TCP, service.port.into())].concat()
        };
        let list: Vec<u8> = listed.iter().flat_map(node).chain(words(&[0])).collect();
        assert_eq!(machine.results(2, DUMP, &[]), list, "{count} services");
        let node = |service: &Service| {
            let [high, low] = service.port.to_be_bytes();
            let address = format!("192.0.2.7.{high}.{low}");
            [words(&[1]), binding(service.program, service.version, "tcp", &address)].concat()
        };
        let list: Vec<u8> = listed.iter().flat_map(node).chain(words(&[0])).collect();
        for version in [3, 4] {
            assert_eq!(machine.results(version, DUMP, &[]), list, "{count} services");
        }
    }
}

/// Every entry of the list has its largest size: the reserved room is used up and sufficient.
#[test]
fn the_longest_list_fits() {
    let services = (0..DUMP_MAX as u32).map(|number| service(number, 1, Transport::Tcp6, u16::MAX));
    let mut machine = Machine::new(services);
    machine.address_6 = IpAddr::V6(Ipv6Addr::from([0xffff; 8]));
    assert_eq!(machine.results(4, DUMP, &[]).len(), 1_244 - 24);
    // The port mapper does not support IPv6.
    assert_eq!(machine.results(2, DUMP, &[]), words(&[0]));
}

#[test]
fn services_on_ipv6_take_no_place_in_the_port_mappers_list() {
    let ipv6 = (0..DUMP_MAX as u32).map(|number| service(number, 1, Transport::Tcp6, 1));
    let mut machine = Machine::new(ipv6.chain([service(PROGRAM, 1, Transport::Udp, 2)]));
    let list = [words(&[1]), mapping(PROGRAM, 1, UDP, 2), words(&[0])].concat();
    assert_eq!(machine.results(2, DUMP, &[]), list);
}

#[test]
fn the_time_is_that_of_the_machine() {
    for version in [3, 4] {
        assert_eq!(machine().results(version, GETTIME, &[]), words(&[0]));
        let mut machine = machine();
        machine.time = u32::MAX;
        assert_eq!(machine.results(version, GETTIME, &[]), words(&[u32::MAX]));
    }
    assert_eq!(machine().ask(2, GETTIME, &[]), Some(Err(Refusal::ProcedureUnavailable)));
}

#[test]
fn garbage_is_refused() {
    let good = [
        (2, SET, mapping(PROGRAM, 2, TCP, 1)),
        (2, UNSET, mapping(PROGRAM, 2, TCP, 1)),
        (2, GETADDR, mapping(PROGRAM, 2, TCP, 1)),
        (2, DUMP, vec![]),
        (3, SET, binding(PROGRAM, 2, "tcp", "address")),
        (3, UNSET, binding(PROGRAM, 2, "tcp", "address")),
        (3, GETADDR, binding(PROGRAM, 2, "tcp", "address")),
        (3, DUMP, vec![]),
        (3, GETTIME, vec![]),
        (4, GETVERSADDR, binding(PROGRAM, 2, "tcp", "address")),
    ];
    for (version, procedure, arguments) in good {
        assert!(matches!(machine().ask(version, procedure, &arguments), Some(Ok(_))));
        let cut = (0..arguments.len()).map(|length| arguments[..length].to_vec());
        for garbage in cut.chain([[arguments.clone(), vec![0; 4]].concat()]) {
            let answer = machine().ask(version, procedure, &garbage);
            assert_eq!(answer, Some(Err(Refusal::GarbageArguments)), "{version} {procedure} {garbage:?}");
        }
    }
    // Texts over the bound, and one that is not UTF-8.
    for netid in ["x".repeat(129), "x".repeat(10_000)] {
        let answer = machine().ask(4, GETADDR, &binding(PROGRAM, 2, &netid, ""));
        assert_eq!(answer, Some(Err(Refusal::GarbageArguments)));
    }
    let no_text = [words(&[PROGRAM, 2]), opaque(b"\xff"), text(""), text("")].concat();
    assert_eq!(machine().ask(4, GETADDR, &no_text), Some(Err(Refusal::GarbageArguments)));
}
