//! Any calls of any clients, in any order: what must hold in any case.

use oncilla::Time;
use oncilla_vxi11::interface::*;
use oncilla_vxi11::{Answer, Server, Settings};
use proptest::prelude::*;

use crate::bench::{Bench, Echo, message, peer};

/// What happens next.
#[derive(Clone, Debug)]
enum Event {
    /// A call: its connection, procedure, link (of those that were opened), flags and a number.
    Call(usize, u32, usize, i32, u8),
    /// The present call of a connection is asked for again.
    Again(usize),
    Abort(usize, usize),
    Close(usize),
    Pass(u16),
    /// What the instrument takes and returns from now on.
    Room(u8),
}

fn event() -> impl Strategy<Value = Event> {
    let procedure = prop_oneof![Just(10), Just(11), Just(12), 10_u32..27];
    let flags = prop_oneof![Just(0), Just(1), Just(8), Just(9), Just(0x81), any::<i32>()];
    prop_oneof![
        8 => (0..3_usize, procedure, 0..12_usize, flags, any::<u8>())
            .prop_map(|(connection, procedure, link, flags, number)| Event::Call(connection, procedure, link, flags, number)),
        4 => (0..3_usize).prop_map(Event::Again),
        1 => (0..3_usize, 0..12_usize).prop_map(|(connection, link)| Event::Abort(connection, link)),
        1 => (0..3_usize).prop_map(Event::Close),
        2 => any::<u16>().prop_map(Event::Pass),
        2 => any::<u8>().prop_map(Event::Room),
    ]
}

/// Returns the bytes of a call with arguments that make sense.
fn call(xid: u32, procedure: u32, lid: i32, flags: i32, number: u8) -> Vec<u8> {
    let id = (0x0607AF, 1, procedure);
    let (io_timeout, lock_timeout) = (u32::from(number & 15) * 10, u32::from(number >> 4) * 10);
    let data = [number; 80];
    let data = &data[..usize::from(number % 80)];
    match procedure {
        10 => {
            let open =
                CreateLinkParms { client_id: 0, lock_device: number.is_multiple_of(3), lock_timeout, device: "inst0" };
            message(xid, id, &open)
        }
        11 => message(xid, id, &DeviceWriteParms { lid, io_timeout, lock_timeout, flags, data }),
        12 => {
            let (request_size, term_char) = (u32::from(number), number.into());
            message(xid, id, &DeviceReadParms { lid, request_size, io_timeout, lock_timeout, flags, term_char })
        }
        13..=17 => message(xid, id, &DeviceGenericParms { lid, flags, lock_timeout, io_timeout }),
        18 => message(xid, id, &DeviceLockParms { lid, flags, lock_timeout }),
        20 => {
            message(xid, id, &DeviceEnableSrqParms { lid, enable: flags & 1 != 0, handle: &data[..data.len().min(40)] })
        }
        25 => {
            let host_addr = u32::from_be_bytes([192, 0, 2, number % 4]);
            let [prog_num, prog_vers, prog_family] = [0x0607B1, 1, u32::from(number & 1)];
            let prog_family = prog_family as i32;
            message(xid, id, &DeviceRemoteFunc { host_addr, host_port: 9, prog_num, prog_vers, prog_family })
        }
        26 => message(xid, id, &()),
        _ => message(xid, id, &lid),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_left_behind_and_no_call_waits_beyond_its_time(events in prop::collection::vec(event(), 1..120)) {
        let mut bench = Bench::new();
        bench.server.instrument().end = true;
        let mut links = vec![0];
        // The call of each connection that waits, and since when.
        let mut waiting: [Option<(Vec<u8>, Time)>; 3] = Default::default();
        let mut replies = [[0; 128]; 3];
        for (xid, event) in events.into_iter().enumerate() {
            let asked = match event {
                // A carrier passes the next call of a connection when the last one is answered.
                Event::Call(connection, ..) if waiting[connection].is_some() => Some(connection),
                Event::Call(connection, procedure, link, flags, number) => {
                    let lid = links[link % links.len()];
                    waiting[connection] = Some((call(xid as u32, procedure, lid, flags, number), bench.now));
                    Some(connection)
                }
                Event::Again(connection) => Some(connection),
                Event::Abort(connection, link) => {
                    bench.abort(connection, links[link % links.len()]);
                    None
                }
                Event::Close(connection) => {
                    waiting[connection] = None;
                    bench.server.closed(connection);
                    bench.server.opened(connection, Some(peer(connection)));
                    None
                }
                Event::Pass(milliseconds) => {
                    bench.pass(u64::from(milliseconds) % 200);
                    None
                }
                Event::Room(room) => {
                    bench.server.instrument().readable = usize::from(room % 16) * 8;
                    bench.server.instrument().writable = usize::from(room / 16) * 8;
                    bench.server.instrument().service = room.is_multiple_of(5);
                    None
                }
            };
            let Some((connection, (call, since))) = asked.and_then(|connection| Some((connection, waiting[connection].clone()?)))
            else {
                continue;
            };
            match bench.server.call(bench.now, connection, &call, &mut replies[connection]) {
                Answer::Reply(length) => {
                    waiting[connection] = None;
                    prop_assert!(length <= 128 && length % 4 == 0);
                    let created = call[20..24] == 10_u32.to_be_bytes() && replies[connection][24..28] == [0; 4];
                    if created {
                        links.push(i32::from_be_bytes(replies[connection][28..32].try_into().unwrap()));
                    }
                }
                Answer::Later(until) => {
                    prop_assert!(until > bench.now);
                    // No call waits longer than for the lock, the instrument and an interrupt channel together.
                    prop_assert!(bench.now.since(since).as_millis() < 3300, "{since:?} {:?}", bench.now);
                }
                Answer::Silent => prop_assert!(false, "a call has no reply"),
            }
        }
        // When all clients are gone, the next one has all links and may have the lock.
        for connection in 0..3 {
            bench.server.closed(connection);
            prop_assert_eq!(bench.server.interrupt_channel(connection), None);
        }
        prop_assert_eq!(bench.server.open_links(), 0);
        bench.server.opened(0, Some(peer(0)));
        let lids = [bench.open(0), bench.open(0), bench.open(0)];
        let lock: DeviceError = bench.call(0, 18, &DeviceLockParms { lid: lids[2], flags: 0, lock_timeout: 0 });
        prop_assert_eq!(lock.error, 0);
    }

    #[test]
    fn any_bytes_are_survived(
        start in prop::sample::select(vec![0x0607AF_u32, 0x0607B0, 7]),
        procedure in 0..30_u32,
        bytes in prop::collection::vec(any::<u8>(), 0..120),
        room in 0..200_usize,
    ) {
        let mut server = Server::<_, 2, 1>::new(Echo::default(), Settings::new(1, 64));
        server.opened(0, Some(peer(0)));
        let mut reply = vec![0; room];
        let mut call = message(1, (start, 1, procedure), &());
        call.extend_from_slice(&bytes);
        for call in [&call[..], &bytes] {
            server.call(Time::ZERO, 0, call, &mut reply);
            server.abort(Time::ZERO, None, call, &mut reply);
        }
        server.closed(0);
        prop_assert_eq!(server.open_links(), 0);
    }
}
