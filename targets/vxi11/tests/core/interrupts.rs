//! Service requests and their channels (section B.3).

use std::net::Ipv4Addr;

use oncilla::message::Call;
use oncilla_vxi11::interface::*;

use crate::bench::{Bench, decode};

/// The channel that the client of connection 0 asks for.
fn channel() -> DeviceRemoteFunc {
    DeviceRemoteFunc {
        host_addr: u32::from(Ipv4Addr::new(192, 0, 2, 1)),
        host_port: 50_000,
        prog_num: 0x0607B1,
        prog_vers: 1,
        prog_family: 0,
    }
}

/// Makes a channel that the carrier establishes at once.
fn establish(bench: &mut Bench, channel: &DeviceRemoteFunc) {
    let call = bench.begin(25, channel);
    assert!(bench.ask::<DeviceError>(0, &call).is_none());
    let wanted = bench.server.interrupt_channel(0).unwrap();
    bench.server.interrupt_established(0, wanted, true);
    assert_eq!(bench.ask::<DeviceError>(0, &call).unwrap().error, 0);
}

/// The handles of all service requests that are due on connection 0.
fn requests(bench: &mut Bench) -> Vec<Vec<u8>> {
    let mut handles = Vec::new();
    let mut message = [0; 88];
    while let Some(length) = bench.server.service_request(0, &mut message) {
        let call = Call::parse(&message[..length]).unwrap();
        assert_eq!((call.id().program, call.id().version, call.id().procedure), (0x0607B1, 1, 30));
        handles.push(decode::<DeviceSrqParms<'_>>(call.arguments()).handle.to_vec());
    }
    handles
}

fn enable(bench: &mut Bench, lid: i32, enable: bool, handle: &[u8]) -> i32 {
    bench.call::<_, DeviceError>(0, 20, &DeviceEnableSrqParms { lid, enable, handle }).error
}

#[test]
fn each_link_that_wants_it_gets_a_request_once_until_the_status_is_read() {
    let mut bench = Bench::new();
    let [first, second, third] = [bench.open(0), bench.open(0), bench.open(0)];
    establish(&mut bench, &channel());
    let handle = [7; 40];
    assert_eq!((enable(&mut bench, first, true, &handle), enable(&mut bench, second, true, b"two")), (0, 0));
    assert_eq!((enable(&mut bench, third, true, b"three"), enable(&mut bench, third, false, b"")), (0, 0));
    assert_eq!(requests(&mut bench), Vec::<Vec<u8>>::new());

    bench.server.instrument().service = true;
    bench.server.tick(bench.now);
    assert_eq!(requests(&mut bench), [handle.to_vec(), b"two".to_vec()]);
    bench.server.tick(bench.now);
    assert_eq!(requests(&mut bench), Vec::<Vec<u8>>::new());

    let poll = DeviceGenericParms { lid: first, flags: 0, lock_timeout: 0, io_timeout: 0 };
    assert_eq!(bench.call::<_, DeviceReadStbResp>(0, 13, &poll).stb, 0x40);
    bench.server.instrument().service = true;
    bench.server.tick(bench.now);
    assert_eq!(requests(&mut bench).len(), 2);
}

#[test]
fn a_client_that_asks_while_the_instrument_requests_service_is_called_once() {
    let mut bench = Bench::new();
    let lid = bench.open(0);
    establish(&mut bench, &channel());
    bench.server.instrument().service = true;
    bench.server.tick(bench.now);
    assert_eq!(requests(&mut bench), Vec::<Vec<u8>>::new());
    for handle in [&b"one"[..], b"two"] {
        assert_eq!(enable(&mut bench, lid, true, handle), 0);
        bench.server.tick(bench.now);
        assert_eq!(requests(&mut bench), if handle == b"one" { vec![handle.to_vec()] } else { vec![] });
    }
    assert_eq!(enable(&mut bench, lid, false, b""), 0);
    assert_eq!(enable(&mut bench, lid, true, b"three"), 0);
    assert_eq!(requests(&mut bench), [b"three".to_vec()]);
}

#[test]
fn the_channel_is_never_to_another_machine() {
    let mut bench = Bench::new();
    let refused = [
        (DeviceRemoteFunc { host_addr: u32::from(Ipv4Addr::new(192, 0, 2, 2)), ..channel() }, 6),
        (DeviceRemoteFunc { host_addr: u32::from(Ipv4Addr::LOCALHOST), ..channel() }, 6),
        (DeviceRemoteFunc { host_port: 0, ..channel() }, 6),
        (DeviceRemoteFunc { prog_num: 100_000, ..channel() }, 8),
        (DeviceRemoteFunc { prog_vers: 2, ..channel() }, 8),
        (DeviceRemoteFunc { prog_family: 2, ..channel() }, 8),
    ];
    for (channel, error) in refused {
        assert_eq!(bench.call::<_, DeviceError>(0, 25, &channel).error, error, "{channel:?}");
        assert_eq!(bench.server.interrupt_channel(0), None);
    }
    bench.server.opened(0, None);
    assert_eq!(bench.call::<_, DeviceError>(0, 25, &channel()).error, 6);
}

#[test]
fn there_is_one_channel_for_a_connection() {
    let mut bench = Bench::new();
    assert_eq!(bench.call::<_, DeviceError>(0, 26, &()).error, 6);
    establish(&mut bench, &DeviceRemoteFunc { prog_family: 1, ..channel() });
    assert!(bench.server.interrupt_channel(0).unwrap().datagrams);
    assert_eq!(bench.call::<_, DeviceError>(0, 25, &channel()).error, 29);
    assert_eq!(bench.call::<_, DeviceError>(0, 26, &()).error, 0);
    assert_eq!(bench.server.interrupt_channel(0), None);
    establish(&mut bench, &channel());
    bench.server.closed(0);
    assert_eq!(bench.server.interrupt_channel(0), None);
}

#[test]
fn a_channel_that_cannot_be_established_is_error_6() {
    let mut bench = Bench::new();
    let call = bench.begin(25, &channel());
    assert!(bench.ask::<DeviceError>(0, &call).is_none());
    let wanted = bench.server.interrupt_channel(0).unwrap();
    bench.server.interrupt_established(0, wanted, false);
    assert_eq!(bench.ask::<DeviceError>(0, &call).unwrap().error, 6);

    let call = bench.begin(25, &channel());
    assert!(bench.ask::<DeviceError>(0, &call).is_none());
    // What happens to the first channel does not matter to the second.
    bench.server.interrupt_established(0, wanted, true);
    assert!(bench.ask::<DeviceError>(0, &call).is_none());
    bench.pass(3000);
    assert_eq!(bench.ask::<DeviceError>(0, &call).unwrap().error, 6);
    assert_eq!(bench.server.interrupt_channel(0), None);
}

#[test]
fn a_channel_that_was_lost_can_be_created_again() {
    let mut bench = Bench::new();
    let lid = bench.open(0);
    establish(&mut bench, &channel());
    assert_eq!(enable(&mut bench, lid, true, b"mine"), 0);
    let lost = bench.server.interrupt_channel(0).unwrap();
    bench.server.interrupt_established(0, lost, false);
    bench.server.instrument().service = true;
    bench.server.tick(bench.now);
    assert_eq!(requests(&mut bench), Vec::<Vec<u8>>::new());
    // The request is sent when there is a channel again.
    establish(&mut bench, &channel());
    assert_eq!(requests(&mut bench), [b"mine".to_vec()]);
}
