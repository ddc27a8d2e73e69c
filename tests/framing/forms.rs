//! A few wrong bits never turn a message of one form into one of the other.

use std::collections::HashSet;

use oncilla::framing::{Serial, crc32};
use oncilla::message::Form;
use proptest::prelude::*;

use crate::frames::{Found, receive, seal_in};
use crate::models::SHORT_MARK;

const FORMS: [Form; 2] = [Form::Full, Form::Short];

fn in_form(form: Form, message: &[u8]) -> Found {
    match form {
        Form::Full => Found::Message(message.to_vec()),
        Form::Short => Found::Short(message.to_vec()),
    }
}

#[test]
fn each_form_is_recognized() {
    for (name, message) in crate::cases() {
        for form in FORMS {
            let frame = seal_in::<Serial>(form, &message);
            let found = receive::<Serial>(Serial::buffer(message.len()).max(40), [&frame[..]]);
            assert_eq!(found, [in_form(form, &message)], "{name}");
        }
    }
}

#[test]
fn the_check_values_differ_by_the_mark() {
    // The message is long enough to show the mark: these check values contain no zero.
    let check = |form| u32::from_le_bytes(seal_in::<Serial>(form, b"123456789")[11..15].try_into().unwrap());
    assert_eq!(check(Form::Full), crc32(b"123456789"));
    assert_eq!(check(Form::Full) ^ check(Form::Short), SHORT_MARK);
}

/// Returns the change of the CRC register by each single wrong bit.
fn changes(bytes: usize) -> Vec<u32> {
    let mut message = vec![0; bytes];
    let plain = crc32(&message);
    let mut changes: Vec<u32> = (0..32).map(|bit| 1 << bit).collect();
    for bit in 0..8 * bytes {
        message[bit / 8] ^= 1 << (bit % 8);
        changes.push(crc32(&message) ^ plain);
        message[bit / 8] ^= 1 << (bit % 8);
    }
    changes
}

/// The check value is linear. A wrong bit changes it in the same way in every message, and several bits change it by
/// the sum of their single changes. They turn one form into the other only if that sum is the mark.
#[test]
fn three_wrong_bits_in_500_bytes_never_make_the_mark() {
    // With 496 bytes before the check value. A shorter message has the same changes except for the first of these.
    let changes = changes(496);
    let single: HashSet<u32> = changes.iter().copied().collect();
    assert_eq!(single.len(), 4000);
    // The lower bits rule out most candidates, which is faster.
    let mut lower = vec![false; 1 << 20];
    changes.iter().for_each(|change| lower[*change as usize % (1 << 20)] = true);
    let is_single = |change: u32| lower[change as usize % (1 << 20)] && single.contains(&change);
    assert!(changes.iter().all(|&change| is_single(change)));
    assert!(!is_single(SHORT_MARK), "one bit");
    for (place, first) in changes.iter().enumerate() {
        assert!(!is_single(first ^ SHORT_MARK), "two bits");
        for second in &changes[..place] {
            assert!(!is_single(first ^ second ^ SHORT_MARK), "three bits");
        }
    }
}

/// Returns whether a message of the other form is found when these bits of a frame are wrong.
///
/// The bits include those of COBS codes, which change more than one bit of the message and its length.
fn is_mistaken_for_the_other_form(form: Form, frame: &[u8], bits: &[usize]) -> bool {
    let mut damaged = frame.to_vec();
    for bit in bits {
        damaged[bit / 8] ^= 1 << (bit % 8);
    }
    let other = |found: &Found| match found {
        // Four zeros are the check value of an empty message. Therefore a cut in a run of zeros may leave an empty
        // message. It does no harm: it is no call and no reply.
        Found::Message(message) if message.is_empty() => false,
        Found::Message(_) => form == Form::Short,
        Found::Short(_) => form == Form::Full,
        _ => false,
    };
    receive::<Serial>(damaged.len() + 1, [&damaged[..]]).iter().any(other)
}

#[test]
fn three_wrong_bits_in_a_short_frame_never_change_its_form() {
    // NULL in the short form, its reply, and a message of zeros, in which every byte is a code.
    for message in [&b"\0\0\x07\x42"[..], &[0x60, 0, 7], &[0; 6]] {
        for form in FORMS {
            let frame = seal_in::<Serial>(form, message);
            let bits = 8 * frame.len();
            for first in 0..bits {
                for second in first..bits {
                    // The same bit twice cancels out, so cases with fewer wrong bits are included.
                    for third in second..bits {
                        let wrong = [first, second, third];
                        assert!(!is_mistaken_for_the_other_form(form, &frame, &wrong), "{wrong:?} of {frame:02x?}");
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn three_wrong_bits_in_any_frame_never_change_its_form(
        message in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..490),
            proptest::collection::vec(0..2u8, 0..490),
            proptest::collection::vec(1..=255u8, 240..490),
        ],
        form in prop_oneof![Just(Form::Full), Just(Form::Short)],
        bits in proptest::collection::vec(any::<prop::sample::Index>(), 1..=3),
    ) {
        let frame = seal_in::<Serial>(form, &message);
        let bits: Vec<_> = bits.iter().map(|bit| bit.index(8 * frame.len())).collect();
        prop_assert!(!is_mistaken_for_the_other_form(form, &frame, &bits));
    }
}
