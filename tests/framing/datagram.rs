//! Datagrams: each receive operation returns one message.

use oncilla::framing::{Datagram, Framing, Progress};

use crate::cases;
use crate::frames::{Receiver, messages, receive, seal};

#[test]
fn each_datagram_is_one_message() {
    let mut receiver = Receiver::<Datagram>::new(1000);
    let mut found = Vec::new();
    let all: Vec<_> = cases().into_iter().map(|(_, message)| message).filter(|message| !message.is_empty()).collect();
    for message in &all {
        assert_eq!(seal::<Datagram>(message), *message);
        receiver.feed(message, &mut found);
        assert!(!receiver.framing.is_amid());
    }
    assert_eq!(found, messages(&all));
}

#[test]
fn a_datagram_is_found_once() {
    let mut receiver = Receiver::<Datagram>::new(8);
    receiver.framing.filled(3);
    assert_eq!(receiver.framing.next(&mut receiver.buffer), Progress::Message { start: 0, length: 3 });
    assert_eq!(receiver.framing.next(&mut receiver.buffer), Progress::More);
    assert_eq!(receiver.framing.window(&mut receiver.buffer).len(), 8);
}

#[test]
fn an_empty_datagram_is_no_message() {
    assert_eq!(receive::<Datagram>(8, [&[][..], b"next"]), messages([b"next"]));
}
