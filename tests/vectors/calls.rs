//! The headers of calls, written and parsed.

use oncilla::ProcedureId;
use oncilla::message::{AuthSys, CALL_HEADER, CREDENTIALS_MAX, Call, CallHeader, OpaqueAuth, SysCredential};

use crate::vectors::Vectors;

/// Checks that `bytes` are parsed as `header` and `arguments`, and that `header` is written as their beginning.
fn both(header: CallHeader<'_>, arguments: &[u8], bytes: &[u8]) {
    let call = Call::parse(bytes).unwrap();
    assert_eq!(call.header(), header);
    assert_eq!(call.arguments(), arguments);
    let length = bytes.len() - arguments.len();
    let mut room = vec![0xee; length];
    assert_eq!(header.write(&mut room), Some(length));
    assert_eq!(room, bytes[..length]);
    for less in 0..length {
        assert_eq!(header.write(&mut room[..less]), None, "in {less} bytes");
    }
}

#[test]
fn calls() {
    let mut v = Vectors::parse(include_str!("calls.txt"));
    let none = OpaqueAuth::NONE;
    let id = |procedure| ProcedureId { program: 0x2000_0042, version: 1, procedure };

    let bytes = v.take("null");
    assert_eq!(bytes.len(), CALL_HEADER);
    both(CallHeader { xid: 7, id: id(0), credential: none, verifier: none }, &[], bytes);

    let header = CallHeader { xid: u32::MAX, id: id(5), credential: none, verifier: none };
    both(header, &[0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfd], v.take("add"));

    let bytes = v.take("auth_sys");
    let credential = OpaqueAuth { flavor: 1, body: &bytes[32..68] };
    assert_eq!(credential.size(), 44);
    assert_eq!(SysCredential::new(0x5f00_0001, "onze12", 1000, 100, &[4, 24]).unwrap().as_auth(), credential);
    let user = AuthSys::parse(credential.body).unwrap();
    assert_eq!((user.stamp, user.machine, user.uid, user.gid), (0x5f00_0001, &b"onze12"[..], 1000, 100));
    assert_eq!(user.groups().collect::<Vec<_>>(), [4, 24]);
    let port_mapper = ProcedureId { program: 100_000, version: 2, procedure: 4 };
    both(CallHeader { xid: 8, id: port_mapper, credential, verifier: none }, &[], bytes);

    let bytes = v.take("largest credential and verifier");
    assert_eq!(bytes.len(), CALL_HEADER + CREDENTIALS_MAX + 4);
    let credential = OpaqueAuth { flavor: 1, body: &[0x5a; 400] };
    let verifier = OpaqueAuth { flavor: 2, body: &[0xa5; 400] };
    both(CallHeader { xid: 9, id: id(1), credential, verifier }, &[0, 0, 0, 3], bytes);

    let credential = OpaqueAuth { flavor: 6, body: &[1, 2, 3, 4, 5] };
    assert_eq!(credential.size(), 16);
    both(CallHeader { xid: 10, id: id(0), credential, verifier: none }, &[], v.take("odd credential"));

    let nfs = ProcedureId { program: 100_003, version: 4, procedure: 0 };
    let credential = OpaqueAuth { flavor: 7, body: &[] };
    both(CallHeader { xid: 9, id: nfs, credential, verifier: none }, &[], v.take("probe for TLS"));
    v.finish();
}

#[test]
fn auth_sys_credentials_keep_the_limits_of_the_standard() {
    let groups: Vec<u32> = (0..17).collect();
    let machine = "m".repeat(256);
    for (name, count) in [(0, 0), (1, 1), (254, 15), (255, 16)] {
        let written = SysCredential::new(1, &machine[..name], 2, 3, &groups[..count]).unwrap();
        let user = AuthSys::parse(written.as_auth().body).unwrap();
        assert_eq!((user.machine.len(), user.uid, user.gid), (name, 2, 3));
        assert_eq!(user.groups().collect::<Vec<_>>(), groups[..count]);
    }
    assert!(SysCredential::new(1, &machine, 2, 3, &[]).is_none());
    assert!(SysCredential::new(1, "m", 2, 3, &groups).is_none());
}

#[test]
fn a_body_of_more_than_400_bytes_is_not_written() {
    let body = &[0; 401];
    let id = ProcedureId { program: 1, version: 1, procedure: 1 };
    let (long, none) = (OpaqueAuth { flavor: 1, body }, OpaqueAuth::NONE);
    let mut room = [0; 1000];
    let credential = CallHeader { xid: 1, id, credential: long, verifier: none };
    assert_eq!(credential.write(&mut room), None);
    let verifier = CallHeader { xid: 1, id, credential: none, verifier: long };
    assert_eq!(verifier.write(&mut room), None);
}
