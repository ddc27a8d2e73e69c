//! What the server sees of a caller.

use oncilla::Anonymous;
use oncilla::message::SysCredential;

use crate::served::{Served, Who};

#[test]
fn nobody_in_particular() {
    for told in Served::start().ask(&Anonymous, false) {
        assert_eq!(told.who, Ok(Who { port: told.port, ..Who::default() }), "on {}", told.carrier);
    }
}

/// The smallest, a usual and the largest user, and one whose machine has a name of other letters.
#[test]
fn users() {
    let served = Served::start();
    let groups: Vec<u32> = (0..15).chain([u32::MAX]).collect();
    let long = "m".repeat(255);
    for (stamp, machine, uid, gid, groups) in [
        (0, "", 0, 0, &[][..]),
        (7, "onze12", 1000, 100, &[4, 24]),
        (u32::MAX, &long, u32::MAX, u32::MAX, &groups),
        (1, "m\u{fc}nchen", 1, 2, &[3]),
    ] {
        let user = SysCredential::new(stamp, machine, uid, gid, groups).unwrap();
        for told in served.ask(&user, false) {
            let machine = heapless::Vec::from_slice(machine.as_bytes()).unwrap();
            let groups = heapless::Vec::from_slice(groups).unwrap();
            let who = Who { flavor: 1, stamp, machine, uid, gid, groups, port: told.port };
            assert_eq!(told.who, Ok(who), "on {}", told.carrier);
        }
    }
}

#[test]
fn what_does_not_fit_a_credential_is_told_before_anything_is_sent() {
    assert!(SysCredential::new(0, &"m".repeat(256), 0, 0, &[]).is_none());
    assert!(SysCredential::new(0, "", 0, 0, &[0; 17]).is_none());
    assert!(SysCredential::new(0, &"m".repeat(255), 0, 0, &[0; 16]).is_some());
}
