//! Files that are not captures, and wrong options.

use std::fs;

use crate::support::{oncilla, outcome, run};

#[test]
fn a_file_that_is_not_a_capture_is_an_error_with_a_next_step() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    fs::write(&path, "these are notes, and no capture at all").unwrap();
    let (code, out, err) = run(["sniff", path.to_str().unwrap()]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("notes.txt: this is not a capture") && err.contains("tcpdump -w FILE"), "{err}");
    let (code, _, err) = run(["sniff", "/dev/null/calls.pcap"]);
    assert_eq!(code, 2);
    assert!(err.contains("cannot read /dev/null/calls.pcap"), "{err}");
    let (code, _, err) = outcome(oncilla(["sniff", "-"]).write_stdin("").output().unwrap());
    assert_eq!(code, 2);
    assert!(err.contains("standard input: this is not a capture"), "{err}");
}

#[test]
fn a_capture_that_is_cut_shows_what_it_has() {
    // A pcap file of raw IP with one packet: a null call of rpcbind on UDP.
    let header = [&0xa1b2_c3d4_u32.to_le_bytes()[..], &[2, 0, 4, 0], &[0; 8], &[0, 0, 4, 0], &[101, 0, 0, 0]].concat();
    let words = [7_u32, 0, 2, 100_000, 2, 0, 0, 0, 0, 0];
    let call: Vec<u8> = words.into_iter().flat_map(u32::to_be_bytes).collect();
    let ip = [0x45, 0, 0, 68, 0, 0, 0, 0, 9, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2];
    let udp = [0x03, 0xe8, 0, 111, 0, 48, 0, 0];
    let packet = [&ip[..], &udp, &call].concat();
    let length = (packet.len() as u32).to_le_bytes();
    let packet = [&[1, 0, 0, 0, 2, 0, 0, 0], &length[..], &length, &packet].concat();
    let whole = [&*header, &packet].concat();
    let sniff = |bytes: &[u8]| outcome(oncilla(["sniff", "-"]).write_stdin(bytes).output().unwrap());
    let line = "00:00:01.000002 192.0.2.1:1000 > 192.0.2.2:111 udp rpcbind.null() no reply  v2, xid 0x00000007\n";
    assert_eq!(sniff(&whole), (0, line.to_owned(), String::new()));
    let (code, out, err) = sniff(&[&*whole, &packet[..50]].concat());
    assert_eq!((code, out.as_str()), (2, line));
    assert!(err.contains("the capture ends within a packet"), "{err}");
    let (code, out, err) = sniff(&header);
    assert_eq!((code, out.as_str(), err.as_str()), (0, "", "no call of ONC RPC was found\n"));
}

#[test]
fn filters_are_checked_before_anything_is_read() {
    let error = |filter: &str| {
        let (code, _, err) = run(["sniff", "/dev/null/calls", "--filter", filter]);
        assert_eq!(code, 2);
        err
    };
    assert!(error("rpcbind.getprot").contains("the most similar is `rpcbind.getport`"));
    assert!(error("program=rpcbnd").contains("the most similar is `rpcbind`"));
    assert!(error("size=7").contains("peer=ADDRESS:PORT"));
    assert!(error("xid=seven").contains("is not a filter"));
    for filter in ["errors", "rpcbind", "rpcbind.null", "program=100000", "procedure=0x3", "peer=:111", "xid=0x7"] {
        assert!(error(filter).contains("cannot read /dev/null/calls"), "{filter}");
    }
    let (code, _, err) = run(["sniff"]);
    assert_eq!(code, 2);
    assert!(err.contains("--tap <PORT_A> <PORT_B>"), "{err}");
    let (code, _, err) = run(["sniff", "--tap", "/dev/null/a", "/dev/null/b"]);
    assert_eq!(code, 3);
    assert!(err.contains("/dev/null/a"), "{err}");
}
