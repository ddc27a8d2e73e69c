//! Calls to a server.

use oncilla::message::{AuthSys, Call, CallFault, Reply, SysCredential};
use oncilla::{Refusal, answer as answered};

use crate::alike::alike;
use crate::everything::{Echo, TABLE, compact, everything};

/// The header of a call: what is accepted is what would have been written.
pub fn call(data: &[u8]) {
    match Call::parse(data) {
        Ok(call) => {
            let length = data.len() - call.arguments().len();
            let mut header = vec![0xee; length];
            assert_eq!(call.header().write(&mut header), Some(length));
            assert_eq!(header, data[..length]);
            assert_eq!(call.arguments(), &data[length..]);
            let _ = call.check_credential();
        }
        Err(CallFault::Refused { xid, refusal }) => {
            assert_eq!(xid.to_be_bytes(), data[..4]);
            let by_header = matches!(
                refusal,
                Refusal::RpcMismatch { low: 2, high: 2 } | Refusal::Authentication(_) | Refusal::GarbageArguments
            );
            assert!(by_header, "{refusal:?}");
        }
        Err(CallFault::NotACall) => {}
    }
}

/// The body of an AUTH_SYS credential: what is accepted is what would have been written.
pub fn credentials(data: &[u8]) {
    let Some(user) = AuthSys::parse(data) else { return };
    let groups: Vec<u32> = user.groups().collect();
    assert!(groups.len() <= 16 && user.machine.len() <= 255);
    if let Ok(machine) = core::str::from_utf8(user.machine) {
        let written = SysCredential::new(user.stamp, machine, user.uid, user.gid, &groups).expect("within its limits");
        assert_eq!(written.as_auth().body, data);
    }
}

/// A whole message to a server, most of the time with a good header: then the first byte is the
/// procedure.
pub fn answer(data: &[u8]) {
    let Some((&first, rest)) = data.split_first() else { return };
    let program = match first {
        0..96 => everything::PROGRAM,
        96..192 => compact::PROGRAM,
        _ => {
            check(rest);
            return;
        }
    };
    let procedure = u32::from(first % 32);
    let header = [7, 0, 2, program, 1, procedure, 0, 0, 0, 0].map(u32::to_be_bytes).concat();
    let reply = check(&[&header, rest].concat());
    // XDR has one form for a value, narrow numbers aside, and these procedures send back what they are sent.
    let same = (1..=22).contains(&procedure) && procedure != 4;
    if let Some(reply) = reply.filter(|reply| same && program == everything::PROGRAM && reply[20..24] == [0; 4]) {
        assert!(alike(&reply[24..], rest), "{:?} for {rest:?}", &reply[24..]);
    }
}

/// Checks what holds for any message: the reply is one, to that message, and has nothing in it of what
/// was in the buffer before; a procedure ran if and only if that is told.
fn check(message: &[u8]) -> Option<Vec<u8>> {
    let ask = |canary: u8, room: usize| {
        let mut state = Echo::default();
        let mut reply = vec![canary; room];
        let length = answered(&TABLE, &mut state, message, &mut reply);
        (length.map(|length| reply[..length].to_vec()), state.runs)
    };
    let most = TABLE.reply_max();
    let (reply, runs) = ask(0xc5, most);
    assert_eq!(ask(0x3a, most), (reply.clone(), runs), "the reply depends on what was in the buffer");
    for room in [0, 24, 28, 31, 32, 40, most - 1] {
        let (reply, runs) = ask(0xc5, room);
        assert!(reply.is_some() || runs == 0, "a procedure ran without a reply in {room} bytes");
    }
    let Some(bytes) = &reply else {
        assert_eq!(runs, 0, "a procedure ran without a reply");
        return None;
    };
    assert_eq!(bytes[..4], message[..4], "the xid is another");
    let parsed = Reply::parse(bytes).expect("what a server sends is a reply");
    let null = message[20..24] == [0; 4];
    assert_eq!(parsed.outcome.is_ok() && !null, runs == 1);
    reply
}
