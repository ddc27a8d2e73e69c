//! The messages and the headers of chunks: the bytes of protobuf's libraries, and nothing cut, changed or invented.

use oncilla::Refusal;
use oncilla::message::AuthStatus;
use oncilla_drpc::{Assembly, CHUNK_HEADER, Call, ChunkFault, ChunkHeader, HEADER_MAX, Malformed, Response, Status};
use proptest::prelude::*;
use prost::Message;

/// The call, by prost.
#[derive(Clone, PartialEq, prost::Message)]
struct TheirCall {
    #[prost(int32, tag = "1")]
    module: i32,
    #[prost(int32, tag = "2")]
    method: i32,
    #[prost(int64, tag = "3")]
    sequence: i64,
    #[prost(bytes = "vec", tag = "4")]
    body: Vec<u8>,
}

/// The response, by prost.
#[derive(Clone, PartialEq, prost::Message)]
struct TheirResponse {
    #[prost(int64, tag = "1")]
    sequence: i64,
    #[prost(int32, tag = "2")]
    status: i32,
    #[prost(bytes = "vec", tag = "3")]
    body: Vec<u8>,
}

fn written(size: usize, write: impl Fn(&mut [u8]) -> Option<usize>) -> Vec<u8> {
    let mut message = vec![0xc5; size + 3];
    assert_eq!(write(&mut message), Some(size));
    assert_eq!(message.split_off(size), [0xc5; 3], "bytes behind the message changed");
    for less in 0..size {
        assert_eq!(write(&mut vec![0; less]), None, "in {less} of {size} bytes");
    }
    message
}

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), -2_i64..300, Just(i64::MAX), Just(i64::MIN), Just(1 << 56)]
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        (126_usize..130, any::<u8>()).prop_map(|(length, byte)| vec![byte; length]),
        (16_383_usize..16_386, any::<u8>()).prop_map(|(length, byte)| vec![byte; length]),
    ]
}

/// Fields that neither message has.
fn unknown() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(vec![]),
        // Field 5 of each wire type, and the largest number of a field.
        Just(vec![0x28, 0xff, 0x7f]),
        Just(vec![0x29, 1, 2, 3, 4, 5, 6, 7, 8]),
        Just(vec![0x2a, 2, 0x08, 0x09]),
        Just(vec![0x2d, 1, 2, 3, 4]),
        Just(vec![0xf8, 0xff, 0xff, 0xff, 0x0f, 1]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 512 }))]

    #[test]
    fn calls_are_those_of_prost(module in number(), method in number(), sequence in number(), body in bytes()) {
        let (module, method) = (module as i32, method as i32);
        let ours = Call { module, method, sequence, body: &body };
        let message = written(ours.size(), |room| ours.write(room));
        prop_assert!(message.len() <= HEADER_MAX + body.len());
        prop_assert_eq!(Call::parse(&message), Ok(ours));
        let theirs = TheirCall { module, method, sequence, body: body.clone() };
        prop_assert_eq!(&theirs.encode_to_vec(), &message);
    }

    #[test]
    fn responses_are_those_of_prost(sequence in number(), status in number(), body in bytes()) {
        let status = status as i32;
        let ours = Response { sequence, status: Status(status), body: &body };
        let message = written(ours.size(), |room| ours.write(room));
        prop_assert_eq!(Response::parse(&message), Ok(ours));
        let theirs = TheirResponse { sequence, status, body: body.clone() };
        prop_assert_eq!(TheirResponse::decode(&message[..]), Ok(theirs.clone()));
        if message != [8, 0] {
            prop_assert_eq!(&theirs.encode_to_vec(), &message);
        }
    }

    #[test]
    fn fields_come_in_any_order_with_unknown_ones_and_the_last_counts(
        parts in prop::collection::vec(prop_oneof![
            (number(), number(), number(), bytes()).prop_map(|(module, method, sequence, body)| {
                TheirCall { module: module as i32, method: method as i32, sequence, body }.encode_to_vec()
            }),
            unknown(),
        ], 0..6),
    ) {
        let message = parts.concat();
        let theirs = TheirCall::decode(&message[..]).unwrap();
        let ours = Call::parse(&message).unwrap();
        prop_assert_eq!((ours.module, ours.method, ours.sequence), (theirs.module, theirs.method, theirs.sequence));
        prop_assert_eq!(ours.body, &theirs.body[..]);
    }

    #[test]
    fn any_bytes_are_refused_or_read_as_prost_does(message in prop::collection::vec(any::<u8>(), 0..24)) {
        // prost refuses a known field of another wire type, and skips groups. Google's libraries skip the one too.
        if let Ok(theirs) = TheirCall::decode(&message[..]) && let Ok(ours) = Call::parse(&message) {
            prop_assert_eq!((ours.module, ours.method, ours.sequence), (theirs.module, theirs.method, theirs.sequence));
            prop_assert_eq!(ours.body, &theirs.body[..]);
        }
    }
}

#[test]
fn a_cut_message_is_refused_or_has_whole_fields() {
    let call = Call { module: 2, method: 207, sequence: 300, body: b"some bytes" };
    let message = written(call.size(), |room| call.write(room));
    let whole = [0, 2, 5, 8, message.len()];
    for cut in 0..=message.len() {
        assert_eq!(Call::parse(&message[..cut]).is_ok(), whole.contains(&cut), "{cut} bytes");
    }
}

#[test]
fn malformed_messages_are_refused() {
    for message in [
        // A field number of 0, and one of 30 bits.
        &[0x00, 1][..],
        &[0x80, 0x80, 0x80, 0x80, 0x10, 1],
        // A number of 11 bytes, one of 65 bits, one that does not end.
        &[0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
        &[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02],
        &[0x08, 0x80],
        // Lengths over what follows: by one, and the largest of 64 bits.
        &[0x22, 3, 1, 2],
        &[0x22, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        // 8 and 4 bytes that are cut.
        &[0x29, 1, 2, 3, 4, 5, 6, 7],
        &[0x2d, 1, 2, 3],
        // A group, its end, and wire types that do not exist.
        &[0x2b, 0x2c],
        &[0x2c],
        &[0x2e],
        &[0x2f],
    ] {
        assert_eq!(Call::parse(message), Err(Malformed), "{message:02x?}");
        assert_eq!(Response::parse(message), Err(Malformed), "{message:02x?}");
    }
}

#[test]
fn numbers_of_32_bits_are_cut_and_known_fields_of_another_type_skipped() {
    // As Google's libraries do.
    let call = Call::parse(&[0x08, 0x81, 0x80, 0x80, 0x80, 0x10, 0x0a, 1, b'x', 0x20, 7, 0x25, 1, 2, 3, 4]);
    assert_eq!(call, Ok(Call { module: 1, ..Call::default() }));
}

#[test]
fn a_response_is_never_empty() {
    let response = Response::default();
    assert_eq!(written(response.size(), |room| response.write(room)), [8, 0]);
    assert_eq!(Response::parse(&[8, 0]), Ok(response));
    assert_eq!(Response::parse(&[]), Ok(response));
}

#[test]
fn each_refusal_has_a_status_and_each_status_a_refusal() {
    for (refusal, status, back) in [
        (Refusal::ProgramUnavailable, 3, Refusal::ProgramUnavailable),
        (Refusal::ProgramMismatch { low: 1, high: 2 }, 3, Refusal::ProgramUnavailable),
        (Refusal::ProcedureUnavailable, 4, Refusal::ProcedureUnavailable),
        (Refusal::GarbageArguments, 6, Refusal::GarbageArguments),
        (Refusal::SystemError, 2, Refusal::SystemError),
        (Refusal::RpcMismatch { low: 2, high: 2 }, 2, Refusal::SystemError),
        (Refusal::Authentication(AuthStatus::TOO_WEAK), 2, Refusal::SystemError),
    ] {
        assert_eq!(Status::from(refusal), Status(status));
        assert_eq!(Status(status).refusal(), Some(back));
    }
    assert_eq!(Status::CALL_NOT_UNDERSTOOD.refusal(), Some(Refusal::GarbageArguments));
    assert_eq!(Status::RESULTS_NOT_ENCODED.refusal(), Some(Refusal::SystemError));
    assert_eq!([Status::SUCCESS.refusal(), Status::SUBMITTED.refusal()], [None, None]);
    let names: Vec<_> = (0..9).map(|status| Status(status).to_string()).collect();
    assert_eq!(names[3..6], ["UNKNOWN_MODULE", "UNKNOWN_METHOD", "FAILED_UNMARSHAL_CALL"]);
    assert_eq!(names[8], "status 8");
}

/// The packets of a message in parts of `part` bytes.
fn packets(message: &[u8], part: usize) -> Vec<Vec<u8>> {
    (0..)
        .map_while(|index| ChunkHeader::of(message.len(), part, index))
        .zip(message.chunks(part).chain([&[][..]]))
        .map(|(header, part)| [&header.to_bytes()[..], part].concat())
        .collect()
}

#[test]
fn a_chunk_header_has_the_order_of_the_machine() {
    let header = ChunkHeader { total: 0x0102_0304_0506_0708, size: 2, index: 3, count: 4 };
    let bytes = [
        &0x0102_0304_0506_0708_u64.to_ne_bytes()[..],
        &2_u64.to_ne_bytes(),
        &3_u32.to_ne_bytes(),
        &4_u32.to_ne_bytes(),
        b"ab",
    ]
    .concat();
    assert_eq!(header.to_bytes()[..], bytes[..CHUNK_HEADER]);
    assert_eq!(ChunkHeader::parse(&bytes), Some((header, &b"ab"[..])));
    assert_eq!(ChunkHeader::parse(&bytes[..23]), None);
}

#[test]
fn packets_of_a_message_are_put_together() {
    let message: Vec<u8> = (0..=255).collect();
    let mut assembly = Assembly::new();
    for length in [0, 1, 9, 10, 11, 20, 255, 256] {
        let packets = packets(&message[..length], 10);
        assert_eq!(packets.len(), length.div_ceil(10).max(1));
        let mut all = Vec::new();
        for (index, packet) in packets.iter().enumerate() {
            assert_eq!(assembly.has_begun(), index > 0);
            let part = assembly.accept(packet).unwrap();
            all.extend_from_slice(part.bytes);
            assert_eq!(part.total, length as u64);
            assert_eq!(part.is_last, index + 1 == packets.len());
        }
        assert_eq!(all, message[..length]);
    }
    assert_eq!(ChunkHeader::of(usize::MAX, 1, 0), None, "more than 2^32 packets");
    assert_eq!(ChunkHeader::of(5, 0, 4).map(|header| header.size), Some(1), "a part of 0 counts as 1");
}

#[test]
fn packets_that_do_not_follow_each_other_are_refused() {
    fn fault(packets: &[&[u8]]) -> Option<ChunkFault> {
        let mut assembly = Assembly::new();
        packets.iter().find_map(|packet| assembly.accept(packet).err())
    }
    fn packet(total: u64, size: u64, index: u32, count: u32) -> Vec<u8> {
        let part = vec![0; usize::try_from(size).unwrap().min(9)];
        [&ChunkHeader { total, size, index, count }.to_bytes()[..], &part].concat()
    }
    let first = packet(6, 2, 0, 3);
    let good = [&first[..], &packet(6, 2, 1, 3), &packet(6, 2, 2, 3)];
    assert_eq!(fault(&good), None);
    assert_eq!(fault(&[&packet(u64::MAX, 2, 0, 3), &packet(u64::MAX, 2, 1, 3)]), None);
    assert_eq!(fault(&[&first[..23]]), Some(ChunkFault::Size));
    assert_eq!(fault(&[&first[..25]]), Some(ChunkFault::Size));
    assert_eq!(fault(&[&[&first[..], b"x"].concat()]), Some(ChunkFault::Size));
    assert_eq!(fault(&[&packet(6, 10, 0, 3)]), Some(ChunkFault::Size));
    assert_eq!(fault(&[&packet(6, 2, 1, 3)]), Some(ChunkFault::Index));
    assert_eq!(fault(&[&packet(0, 0, 0, 0)]), Some(ChunkFault::Index));
    assert_eq!(fault(&[&first, &first]), Some(ChunkFault::Index));
    assert_eq!(fault(&[&first, &packet(6, 2, 2, 3)]), Some(ChunkFault::Index));
    assert_eq!(fault(&[&first, &packet(7, 2, 1, 3)]), Some(ChunkFault::Changed));
    assert_eq!(fault(&[&first, &packet(6, 2, 1, 4)]), Some(ChunkFault::Changed));
    // All bytes before the last packet, none in one, too few and too many at the end.
    assert_eq!(fault(&[&first, &packet(6, 4, 1, 3)]), Some(ChunkFault::Total));
    assert_eq!(fault(&[&first, &packet(6, 0, 1, 3)]), Some(ChunkFault::Total));
    assert_eq!(fault(&[&packet(6, 5, 0, 1)]), Some(ChunkFault::Total));
    assert_eq!(fault(&[&packet(6, 7, 0, 1)]), Some(ChunkFault::Total));
}
