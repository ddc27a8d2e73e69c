//! What is right, to begin with: the frozen vectors.

use crate::frames::{Found, receive, seal};
use crate::vectors::Vectors;
use oncilla::framing::{Cobs, Serial};

fn all(text: &str) -> Vec<Vec<u8>> {
    Vectors::parse(text).into_all().map(|(_, bytes)| bytes.to_vec()).collect()
}

/// The same behind bytes that choose something.
fn behind(choices: &[&[u8]], vectors: &[Vec<u8>]) -> Vec<Vec<u8>> {
    choices.iter().flat_map(|choice| vectors.iter().map(|vector| [choice, &vector[..]].concat())).collect()
}

/// Streams of records, in small and large buffers.
pub fn records() -> Vec<Vec<u8>> {
    behind(&[&[0, 0], &[64, 3], &[255, 96]], &all(include_str!("../../vectors/record.txt")))
}

/// Streams of frames, alone and several.
pub fn frames() -> Vec<Vec<u8>> {
    let mut vectors = all(include_str!("../../vectors/cobs.txt"));
    vectors.extend(all(include_str!("../../vectors/short.txt")));
    vectors.push(vectors.concat());
    vectors.push([seal::<Cobs>(b"one"), b"garbage".to_vec(), seal::<Cobs>(b"two")].concat());
    behind(&[&[20, 0], &[255, 96]], &vectors)
}

/// Messages in the short form, and calls in it of every procedure.
pub fn short() -> Vec<Vec<u8>> {
    let mut messages = Vec::new();
    for frame in all(include_str!("../../vectors/short.txt")) {
        for found in receive::<Serial>(64, [&frame[..]]) {
            let Found::Short(message) = found else { panic!("{found:02x?} is in the full form") };
            messages.push(message);
        }
    }
    let values = values();
    for procedure in 0..24 {
        // Programs 0x20000100 and 0x20000101.
        messages.extend(behind(&[&[procedure, 0, 7, 0x82, 0], &[procedure, 0, 7, 0x82, 1]], &values));
    }
    messages
}

/// The same as a line brings them: behind a hello, twice, and as they are in the vectors.
pub fn links() -> Vec<Vec<u8>> {
    let measured = |message: &[u8]| [&[message.len() as u8], message].concat();
    let hello = |boot: u8| measured(&[0x82, 0, 0, 0, boot, 0, 0, 0, 7, 0, 0, 4, 0]);
    let mut seeds = Vec::new();
    for message in short() {
        let message = measured(&message);
        // From one that stays, and from one that restarts.
        for boot in [9, 10] {
            seeds.push([&[64], &hello(9)[..], &message, &hello(boot), &message].concat());
        }
    }
    let mut vectors = all(include_str!("../../vectors/short.txt"));
    vectors.extend(all(include_str!("../../vectors/hello.txt")));
    seeds.extend(behind(&[&[255], &[3]], &[vectors.concat()]));
    seeds.extend(behind(&[&[255]], &vectors));
    seeds
}

/// Headers of calls, also with bodies of authentication that are too long.
pub fn calls() -> Vec<Vec<u8>> {
    let authentication = |length: u32| [0, length].map(u32::to_be_bytes).concat();
    let long = |credential: u32, verifier: u32| {
        let mut call = [7, 0, 2, 0x2000_0100, 1, 1].map(u32::to_be_bytes).concat();
        for length in [credential, verifier] {
            call.extend(authentication(length));
            call.extend(vec![0; length.next_multiple_of(4) as usize]);
        }
        call
    };
    let mut calls = all(include_str!("../../vectors/calls.txt"));
    calls.extend([long(401, 0), long(0, 404), long(404, 404), long(1000, 0)]);
    calls
}

/// Bodies of AUTH_SYS.
pub fn credentials() -> Vec<Vec<u8>> {
    let call = Vectors::parse(include_str!("../../vectors/calls.txt")).take("auth_sys");
    let user = call[32..68].to_vec();
    let machine = |length: u32| {
        let name = vec![b'm'; length.next_multiple_of(4) as usize];
        [&[0; 4], &length.to_be_bytes(), &name[..], &[0; 12]].concat()
    };
    vec![user, machine(0), machine(4), machine(252)]
}

/// Arguments behind the procedure they are for, whole messages, and values for every procedure.
pub fn arguments() -> Vec<Vec<u8>> {
    let mut seeds = behind(&[&[255]], &calls());
    let values = values();
    for procedure in 0..24 {
        seeds.extend(behind(&[&[procedure], &[procedure + 96]], &values));
    }
    seeds
}

/// Replies behind the framing, the procedure and the pieces they are for.
pub fn replies() -> Vec<Vec<u8>> {
    let vectors = all(include_str!("../../vectors/replies.txt"));
    let mut seeds = behind(&[&[0, 1, 255], &[1, 5, 7], &[2, 9, 1], &[3, 11, 255], &[0, 130, 255]], &vectors);
    let streams = [all(include_str!("../../vectors/record.txt")), all(include_str!("../../vectors/cobs.txt"))].concat();
    seeds.extend(behind(&[&[128, 1, 3], &[129, 1, 255], &[130, 1, 9]], &streams));
    // A success with every value, for every procedure.
    let header = [7, 1, 0, 0, 0, 0u32].map(u32::to_be_bytes).concat();
    for procedure in 0..24 {
        let choice = [&[3, procedure, 255], &header[..]].concat();
        seeds.extend(behind(&[&choice], &values()));
    }
    seeds
}

/// Values of all types.
pub fn values() -> Vec<Vec<u8>> {
    all(include_str!("../../vectors/xdr.txt"))
}
