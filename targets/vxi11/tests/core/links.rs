//! Links, and what their ends free.

use oncilla::message::Reply;
use oncilla_vxi11::Answer;
use oncilla_vxi11::interface::*;

use crate::bench::{Bench, message, open, peer, read};

#[test]
fn as_many_links_as_there_are_and_then_error_9() {
    let mut bench = Bench::new();
    let links = [bench.open(0), bench.open(0), bench.open(1)];
    assert!(links[0] != links[1] && links[1] != links[2] && links[0] != links[2]);
    let refused: CreateLinkResp = bench.call(2, 10, &open(false));
    assert_eq!((refused.error, refused.lid), (9, 0));
    assert_eq!(bench.simple(0, 23, links[0]), 0);
    let again = bench.open(2);
    // A number is not used again soon, so that a client with an old one is not mistaken for another.
    assert!(!links.contains(&again));
    assert_eq!(bench.simple(0, 23, links[0]), 4);
}

#[test]
fn the_device_must_be_known() {
    let mut bench = Bench::new();
    let created: CreateLinkResp = bench.call(0, 10, &CreateLinkParms { device: "gpib0,5", ..open(false) });
    assert_eq!(created.error, 3);
    let created: CreateLinkResp = bench.call(0, 10, &CreateLinkParms { device: "INST0", ..open(false) });
    assert_eq!(created.error, 0);
}

#[test]
fn a_link_of_another_connection_is_error_4_for_every_procedure() {
    let mut bench = Bench::new();
    let lid = bench.open(0);
    assert_eq!(bench.write(1, lid, b"text"), (4, 0));
    assert_eq!(bench.read(1, &read(lid, 9)), Some((4, 0, vec![])));
    for procedure in [14, 15, 16, 17] {
        assert_eq!(bench.generic(1, procedure, lid), 4, "{procedure}");
    }
    for procedure in [19, 23] {
        assert_eq!(bench.simple(1, procedure, lid), 4, "{procedure}");
    }
    let status: DeviceReadStbResp =
        bench.call(1, 13, &DeviceGenericParms { lid, flags: 0, lock_timeout: 0, io_timeout: 0 });
    assert_eq!((status.error, status.stb), (4, 0));
    let lock: DeviceError = bench.call(1, 18, &DeviceLockParms { lid, flags: 0, lock_timeout: 0 });
    assert_eq!(lock.error, 4);
    let srq: DeviceError = bench.call(1, 20, &DeviceEnableSrqParms { lid, enable: true, handle: b"" });
    assert_eq!(srq.error, 4);
    assert!(bench.server.instrument().content.is_empty());
}

#[test]
fn the_end_of_a_connection_frees_its_links_its_lock_and_its_call() {
    let mut bench = Bench::new();
    let [first, other] = [bench.open(0), bench.open(1)];
    assert_eq!(
        bench.call::<_, DeviceError>(0, 18, &DeviceLockParms { lid: first, flags: 0, lock_timeout: 0 }).error,
        0
    );
    assert_eq!(bench.read(0, &read(first, 10)), None);
    assert_eq!(bench.write(1, other, b"text"), (11, 0));
    bench.server.closed(0);
    assert_eq!(bench.server.open_links(), 1);
    assert_eq!(bench.write(1, other, b"text"), (0, 4));
    // The call that waited was given up before its link was closed.
    assert_eq!(bench.server.instrument().notes, ["opened 0", "opened 1", "0: 23", "closed 0"]);
    bench.server.opened(0, Some(peer(0)));
    assert_eq!(bench.simple(0, 23, first), 4);
}

#[test]
fn other_programs_versions_procedures_and_arguments_are_refused() {
    let mut bench = Bench::new();
    let mut refused = |id, arguments: &[u32]| {
        let call = match arguments {
            [] => message(7, id, &()),
            [one] => message(7, id, one),
            _ => unreachable!(),
        };
        let mut reply = [0; 64];
        let Answer::Reply(length) = bench.server.call(bench.now, 0, &call, &mut reply) else { panic!("no reply") };
        Reply::parse(&reply[..length]).unwrap().outcome.map(<[u8]>::len).map_err(|refusal| refusal.name())
    };
    assert_eq!(refused((0x0607AF, 1, 0), &[]), Ok(0));
    assert_eq!(refused((0x0607B0, 1, 1), &[1]), Err("PROG_UNAVAIL"));
    assert_eq!(refused((0x0607AF, 2, 10), &[]), Err("PROG_MISMATCH"));
    assert_eq!(refused((0x0607AF, 1, 21), &[]), Err("PROC_UNAVAIL"));
    assert_eq!(refused((0x0607AF, 1, 23), &[]), Err("GARBAGE_ARGS"));
    assert_eq!(refused((0x0607AF, 1, 26), &[1]), Err("GARBAGE_ARGS"));
}

#[test]
fn commands_for_a_bus_are_error_8() {
    let mut bench = Bench::new();
    let lid = bench.open(0);
    let command = DeviceDocmdParms {
        lid,
        flags: 0,
        io_timeout: 0,
        lock_timeout: 0,
        cmd: 0x02_0000,
        network_order: true,
        datasize: 1,
        data_in: b"x",
    };
    let call = bench.begin(22, &command);
    let mut reply = [0; 64];
    let Answer::Reply(length) = bench.server.call(bench.now, 0, &call, &mut reply) else { panic!("no reply") };
    assert_eq!(Reply::parse(&reply[..length]).unwrap().outcome, Ok(&[0, 0, 0, 8, 0, 0, 0, 0][..]));
}
