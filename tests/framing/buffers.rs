//! Buffer sizes: the size that a framing returns is enough, and a smaller one is an error.

use oncilla::framing::{Cobs, Datagram, Framing, Progress, Record, RecordAhead, Serial};

use crate::frames::{Found, Receiver, Sized, messages, receive, seal};
use crate::models::KEPT;

/// Checks that a buffer of `F::buffer(length)` seals a message of that length, and receives two of them in a row.
fn enough<F: Sized>(length: usize) {
    for byte in [0, 1, 0xff] {
        let message = vec![byte; length];
        let stream = seal::<F>(&message).repeat(2);
        let found = receive::<F>(F::buffer(length), [&stream[..]]);
        assert_eq!(found, messages([&message, &message]), "{length} times {byte}");
    }
}

fn enough_for_every_length<F: Sized>() {
    (0..=2000).for_each(enough::<F>);
    [4095, 4096, 4097, 8192, 16_383, 65_000].into_iter().for_each(enough::<F>);
}

#[test]
fn record() {
    enough_for_every_length::<Record>();
}

#[test]
fn record_ahead() {
    enough_for_every_length::<RecordAhead>();
}

#[test]
fn cobs() {
    enough_for_every_length::<Cobs>();
}

#[test]
fn serial() {
    enough_for_every_length::<Serial>();
}

#[test]
fn datagram() {
    for length in 0..=2000 {
        let mut buffer = vec![7; Datagram::buffer(length)];
        assert_eq!(Datagram::room(&mut buffer).len(), length);
        assert_eq!(Datagram::seal(&mut buffer, length), Some(&vec![7; length][..]));
    }
}

#[test]
fn buffer_sizes_are_as_documented() {
    for message in [0, 1, 40, 1000] {
        assert_eq!(Record::buffer(message), message + 4);
        assert_eq!(RecordAhead::buffer(message), message + 8);
        assert_eq!(Datagram::buffer(message), message);
    }
    for (message, more) in [(0, 7), (246, 7), (247, 8), (500, 9), (1000, 10)] {
        assert_eq!(Cobs::buffer(message), message + more);
        assert_eq!(Serial::buffer(message), message + more);
    }
}

/// Checks that a message longer than the room is not sealed, in buffers of every size.
fn no_longer_than_the_room<F: Sized>() {
    for capacity in 0..600 {
        let mut buffer = vec![1; capacity];
        let room = F::room(&mut buffer).len();
        assert!(room <= capacity);
        if capacity >= F::buffer(0) {
            assert!(F::seal(&mut buffer, room).is_some(), "{room} bytes in a buffer of {capacity}");
        }
        for length in [room + 1, room + 2, room + 300, capacity, usize::MAX - 3, usize::MAX] {
            buffer.fill(0);
            let sealed = F::seal(&mut buffer, length).map(<[u8]>::len);
            assert!(length <= room || sealed.is_none(), "{length} bytes in a room of {room}: {sealed:?}");
        }
    }
}

#[test]
fn messages_longer_than_the_room_are_not_sealed() {
    no_longer_than_the_room::<Record>();
    no_longer_than_the_room::<RecordAhead>();
    no_longer_than_the_room::<Cobs>();
    no_longer_than_the_room::<Serial>();
    no_longer_than_the_room::<Datagram>();
}

/// Feeds a stream while there is a window. A link reports an error when there is none.
///
/// Returns what was found, and whether the whole stream was accepted.
fn feed_while_there_is_a_window<F: Framing>(capacity: usize, stream: &[u8]) -> (Vec<Found>, bool) {
    let mut receiver = Receiver::<F>::new(capacity);
    let mut found = Vec::new();
    for byte in stream {
        receiver.find(&mut found);
        let Some(place) = receiver.framing.window(&mut receiver.buffer).first_mut() else {
            return (found, false);
        };
        *place = *byte;
        receiver.framing.filled(1);
    }
    receiver.find(&mut found);
    (found, true)
}

/// Checks that a buffer too small for a stream does not hang, panic or return a wrong message.
fn too_small<F: Sized>() {
    let stream = [seal::<F>(&[1; 30]), seal::<F>(&[2; 5]), seal::<F>(&[])].concat();
    for capacity in 0..80 {
        let (found, taken) = feed_while_there_is_a_window::<F>(capacity, &stream);
        assert!(taken || capacity < F::BUFFER_MIN, "no window in {capacity} bytes");
        for found in found {
            let good = match &found {
                Found::Message(message) => *message == [1; 30] || *message == [2; 5] || message.is_empty(),
                Found::Oversize(start, size) => match size {
                    30 => *start == [1; KEPT],
                    5 => start.len() <= 5 && start.iter().all(|&byte| byte == 2),
                    _ => false,
                },
                _ => false,
            };
            assert!(good, "{found:?} in {capacity} bytes");
        }
    }
}

#[test]
fn too_small_buffers_return_no_wrong_message() {
    too_small::<Record>();
    too_small::<RecordAhead>();
    too_small::<Cobs>();
    too_small::<Serial>();
}

#[test]
fn an_empty_buffer_has_no_window() {
    fn check<F: Framing>() {
        let mut framing = F::default();
        assert_eq!(framing.next(&mut []), Progress::More);
        assert!(framing.window(&mut []).is_empty());
        assert!(F::room(&mut []).is_empty());
        assert_eq!(F::seal(&mut [], 1), None);
    }
    check::<Record>();
    check::<RecordAhead>();
    check::<Cobs>();
    check::<Serial>();
    check::<Datagram>();
}

#[test]
fn a_record_buffer_holds_a_message_of_its_size_and_no_larger_one() {
    let stream = [seal::<Record>(&[7; 41]), seal::<Record>(&[8; 40])].concat();
    let expected = vec![Found::Oversize(vec![7; KEPT], 41), Found::Message(vec![8; 40])];
    assert_eq!(receive::<Record>(Record::buffer(40), [&stream[..]]), expected);
}
