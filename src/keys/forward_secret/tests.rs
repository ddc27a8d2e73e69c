//! How many operations on the curve a message costs.

use std::cell::Cell;
use std::vec;
use std::vec::Vec;

use super::{ForwardSecret, ForwardSecretKeys, SecretStart};
use crate::keys::{About, Agreed, Carrier, Direction, Key, KeyId, Label, Seat, Side, Suite};

std::thread_local!(static OPERATIONS: Cell<usize> = const { Cell::new(0) });

/// Counts an operation of this thread.
pub(super) fn count() {
    OPERATIONS.set(OPERATIONS.get() + 1);
}

/// Returns what `work` returns, and the number of operations that it cost.
fn cost<R>(work: impl FnOnce() -> R) -> (R, usize) {
    let before = OPERATIONS.get();
    (work(), OPERATIONS.get() - before)
}

static LABEL: Label = Label::new(ForwardSecret::ID, Carrier::Serial, Side::Host);
static KEY: Key = Key::new(KeyId(1), *b"sixteen bytes !!");
static WRONG: Key = Key::new(KeyId(1), *b"sixteen bytes !?");
const AGREED: Agreed<'_> = Agreed { label: &LABEL, key: &KEY };
const SEAT: Seat = Seat { place: 0, accepted: 0, about: About { boot: 1, largest: 100 } };

fn hello(agreed: Agreed<'_>, start: &SecretStart, n: u32) -> Vec<u8> {
    let mut hello = vec![0; ForwardSecret::HELLO];
    ForwardSecret::hello(agreed, start, n, About::default(), &mut hello).unwrap();
    hello
}

fn challenge(agreed: Agreed<'_>, start: &mut SecretStart, hello: &[u8]) -> Option<Vec<u8>> {
    let mut challenge = vec![0; ForwardSecret::CHALLENGE];
    ForwardSecret::challenge(agreed, start, SEAT, hello, &mut challenge).map(|()| challenge)
}

#[test]
fn only_fresh_messages_of_the_holder_of_the_key_cost_operations_on_the_curve() {
    let (opener, mut acceptor) = (SecretStart::new([1; 32]), SecretStart::new([2; 32]));
    let wrong = Agreed { key: &WRONG, ..AGREED };

    let (strange, operations) = cost(|| challenge(AGREED, &mut acceptor, &hello(wrong, &opener, 0)));
    assert_eq!((strange, operations), (None, 0), "a HELLO with another key");
    let recorded = hello(AGREED, &opener, 0);
    let (first, operations) = cost(|| challenge(AGREED, &mut acceptor, &recorded).unwrap());
    assert_eq!(operations, 1, "the public key of the acceptor");
    for n in 0..10 {
        assert_eq!(cost(|| challenge(AGREED, &mut acceptor, &hello(AGREED, &opener, n)).is_some()), (true, 0));
    }

    let accept =
        |agreed, challenge: &[u8]| cost(|| ForwardSecret::accept(agreed, &opener, 0, About::default(), challenge));
    assert!(matches!(accept(wrong, &first), (None, 0)), "a CHALLENGE with another key");
    let mut forged = first.clone();
    forged[1] ^= 1;
    assert!(matches!(accept(AGREED, &forged), (None, 0)), "another public key");
    let (accepted, operations) = accept(AGREED, &first);
    let accepted = accepted.unwrap();
    assert_eq!(operations, 2);

    let mut open = vec![0; ForwardSecret::OPEN + 4 + 16];
    let data = &mut open[ForwardSecret::OPEN..];
    ForwardSecret::seal(&accepted.keys, Direction::FromOpener, 0, data, 4).unwrap();
    ForwardSecret::complete(&accepted.opening, &mut open).unwrap();
    let admit = |agreed, acceptor: &mut SecretStart, open: &[u8]| {
        cost(|| {
            ForwardSecret::admit(agreed, acceptor, SEAT, open, &mut [], &mut ForwardSecretKeys::default()).is_some()
        })
    };
    assert_eq!(admit(wrong, &mut acceptor, &open), (false, 0), "an OPEN with another key");
    for at in 1..open.len() {
        open[at] ^= 1;
        assert_eq!(admit(AGREED, &mut acceptor, &open), (false, 0), "an OPEN with another byte {at}");
        open[at] ^= 1;
    }
    assert_eq!(admit(AGREED, &mut acceptor, &open), (true, 1));

    // The session was accepted.
    ForwardSecret::forget(&mut acceptor);
    assert_eq!(admit(AGREED, &mut acceptor, &open), (false, 0), "a recorded OPEN");
    let mut again = || cost(|| challenge(AGREED, &mut acceptor, &recorded).is_some());
    assert_eq!(again(), (true, 1), "a recorded HELLO has the next public key made");
    assert_eq!((again(), again()), ((true, 0), (true, 0)));
    assert_eq!(admit(AGREED, &mut acceptor, &open), (false, 0));
}
