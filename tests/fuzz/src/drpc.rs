//! What a peer of dRPC could send: calls, responses, and packets of several to a message.

use oncilla::{Failure, Procedure, Program, Table, table};
use oncilla_drpc::{
    Assembly, CHUNK_HEADER, Call, ChunkHeader, Malformed, Module, Modules, Response, Status, answer, modules,
    response_max,
};

/// The largest body that the procedure returns.
const ECHO_MAX: usize = 200;

static TABLE: Table<u32> = table![Program::new(
    0x2000_0007,
    1,
    const {
        &[Procedure::new(701, ECHO_MAX, |runs, call, room| {
            *runs += 1;
            let body = call.arguments();
            room.get_mut(..body.len()).ok_or(Failure::SystemError)?.copy_from_slice(body);
            Ok(body.len())
        })]
    }
)];

static MODULES: Modules = modules![Module::new(7, 0x2000_0007, 1), Module::new(0, 0x2000_0007, 1).method_zero(701)];

/// Reads bytes as a call and answers it. What is read is written, and read again.
///
/// # Panics
/// When it is not so, or the response is not that of the call.
pub fn call(data: &[u8]) {
    let (mut runs, mut room) = (0, vec![0xa5; response_max(&TABLE)]);
    let length = answer(&MODULES, &TABLE, &mut runs, data, &mut room).expect("every message has a response");
    let response = Response::parse(&room[..length]).expect("it was written");
    assert_eq!(response.size(), length);
    let Ok(call) = Call::parse(data) else {
        assert_eq!(response, Response { sequence: -1, status: Status::CALL_NOT_UNDERSTOOD, body: &[] });
        return;
    };
    let mut again = vec![0; call.size()];
    assert_eq!(call.write(&mut again), Some(again.len()));
    assert_eq!(Call::parse(&again), Ok(call));
    let served = matches!((call.module, call.method), (7 | 0, 701) | (0, 0));
    let status = match call.module {
        0 | 7 if served && call.body.len() <= ECHO_MAX => Status::SUCCESS,
        0 | 7 if served => Status::FAILURE,
        7 if call.method == 0 && call.body.is_empty() => Status::SUCCESS,
        7 if call.method == 0 => Status::BODY_NOT_UNDERSTOOD,
        0 | 7 => Status::UNKNOWN_METHOD,
        _ => Status::UNKNOWN_MODULE,
    };
    assert_eq!((response.sequence, response.status, runs), (call.sequence, status, u32::from(served)));
    assert_eq!(response.body, if served && status == Status::SUCCESS { call.body } else { &[] });
}

/// Calls, whole and cut.
pub fn call_seeds() -> Vec<Vec<u8>> {
    let bodies: [&[u8]; 3] = [&[], b"\x0a\x03Ada", &[7; ECHO_MAX]];
    let mut seeds = Vec::new();
    for (module, method) in [(7, 701), (0, 0), (7, 0), (9, 901), (-1, -701)] {
        for (sequence, body) in (-1..).zip(bodies) {
            let call = Call { module, method, sequence, body };
            let mut message = vec![0; call.size()];
            call.write(&mut message).expect("room");
            seeds.push(message);
        }
    }
    // A field that is unknown, and one that comes twice.
    seeds.push(b"\x08\x07\x10\xbd\x05\x2a\x02\x08\x09\x39\x01\x02\x03\x04\x05\x06\x07\x08\x22\x01a\x22\x01b".to_vec());
    seeds
}

/// Reads bytes as a response. What is read is written, and read again.
///
/// # Panics
/// When it is not so.
pub fn response(data: &[u8]) {
    let response = match Response::parse(data) {
        Ok(response) => response,
        Err(Malformed) => return,
    };
    let mut again = vec![0; response.size()];
    assert_eq!(response.write(&mut again), Some(again.len()));
    assert!(again.len() >= 2 && again.len() <= data.len().max(2) + 9, "a number of 32 bits has 10 bytes");
    assert_eq!(Response::parse(&again), Ok(response));
}

/// Responses of each status.
pub fn response_seeds() -> Vec<Vec<u8>> {
    let statuses = (-1..9).map(|status| {
        let response = Response { sequence: i64::from(status) << 33, status: Status(status), body: b"body" };
        let mut message = vec![0; response.size()];
        response.write(&mut message).expect("room");
        message
    });
    statuses.collect()
}

/// Reads bytes as packets, each behind its size, and puts messages together. Beside it a plain list does the same.
///
/// # Panics
/// When the two differ, or a message has other bytes than it states.
pub fn chunks(data: &[u8]) {
    let (mut assembly, mut parts, mut rest) = (Assembly::new(), Vec::<(ChunkHeader, &[u8])>::new(), data);
    while let Some((&size, after)) = rest.split_first() {
        let (packet, after) = after.split_at(after.len().min(size.into()));
        rest = after;
        // Parsed and written, a header is what it was.
        if let Some((header, bytes)) = ChunkHeader::parse(packet) {
            assert_eq!((&header.to_bytes()[..], bytes), packet.split_at(CHUNK_HEADER));
            parts.push((header, bytes));
        }
        let Ok(part) = assembly.accept(packet) else { return };
        let (first, _) = parts[0];
        let same = parts.iter().enumerate().all(|(index, &(header, bytes))| {
            (header.total, header.count) == (first.total, first.count)
                && header.index as usize == index
                && header.size as usize == bytes.len()
        });
        assert!(same && part.total == first.total, "{parts:?}");
        assert_eq!(part.is_last, parts.len() == first.count as usize);
        let received: usize = parts.iter().map(|(_, bytes)| bytes.len()).sum();
        assert!(received as u64 <= part.total);
        assert_eq!(received as u64 == part.total, part.is_last);
        assert_eq!(assembly.has_begun(), !part.is_last);
        if part.is_last {
            parts.clear();
        }
    }
}

/// Messages in packets, some of them out of order.
pub fn chunk_seeds() -> Vec<Vec<u8>> {
    let message: Vec<u8> = (0..100).collect();
    let packets = |total: usize, part: usize| {
        let headers = (0..).map_while(move |index| ChunkHeader::of(total, part, index));
        headers.zip(message[..total].chunks(part).chain([&[][..]])).map(|(header, part)| {
            let packet = [&header.to_bytes()[..], part].concat();
            [&[packet.len() as u8][..], &packet].concat()
        })
    };
    let mut seeds = vec![
        packets(0, 9).collect::<Vec<_>>().concat(),
        packets(9, 9).collect::<Vec<_>>().concat(),
        packets(100, 40).collect::<Vec<_>>().concat(),
        packets(100, 40).chain(packets(10, 3)).collect::<Vec<_>>().concat(),
        packets(100, 40).skip(1).collect::<Vec<_>>().concat(),
    ];
    seeds.push(packets(100, 40).flat_map(|packet| [packet.clone(), packet]).collect::<Vec<_>>().concat());
    seeds
}
