//! Generated code and this crate accept the same messages, and encode them to the same bytes.

use oncilla::xdr;
use oncilla_dynamic::Interface;
use oncilla_generated::{dialect, owned};
use oncilla_suite as suite;
use serde::{Deserialize, Serialize};

use crate::sample::{Random, sample};
use crate::types::file;

/// The number of right messages for each type, and of damaged ones of each.
const SAMPLES: usize = 30;
const DAMAGED: usize = 20;

/// Compares the results of a procedure with a type that is generated. Its bounds are those of the file.
fn agree<T: for<'de> Deserialize<'de> + Serialize>(interface: &Interface, name: &str) {
    agree_with(interface, name, |bytes| xdr::decode::<T>(bytes).ok().map(|value| encode(&value)));
}

fn encode(value: &impl Serialize) -> Vec<u8> {
    let mut room = vec![0; 400_000];
    let used = xdr::encode(value, &mut room).unwrap();
    room.truncate(used);
    room
}

fn agree_with(interface: &Interface, name: &str, recode: impl Fn(&[u8]) -> Option<Vec<u8>>) {
    let procedure = interface.procedure(name).unwrap();
    let (mut random, mut found, mut refused) = (Random(7), 0, 0);
    for _ in 0..SAMPLES {
        let Some((message, value)) = sample(&mut random, |bytes| procedure.decode_results(bytes)) else { continue };
        assert_eq!(recode(&message), procedure.encode_results(&value).ok(), "{name}: {message:02x?}");
        found += 1;
        for _ in 0..DAMAGED {
            let mut message = message.clone();
            match random.below(4) {
                0 => message.truncate(random.below(message.len() as u64 + 1) as usize),
                1 => message.extend([0; 4]),
                _ if message.is_empty() => {}
                _ => {
                    let place = random.below(message.len() as u64) as usize;
                    message[place] ^= 1 << random.below(8);
                }
            }
            let value = procedure.decode_results(&message);
            refused += usize::from(value.is_err());
            let recoded = value.as_ref().ok().map(|value| procedure.encode_results(value).unwrap());
            assert_eq!(recoded, recode(&message), "{name}: {value:?} of {message:02x?}");
        }
    }
    assert!(found > SAMPLES / 2 && refused > 0, "{name}: {found} messages, {refused} damaged ones refused");
}

/// As [`agree`], for types that borrow.
macro_rules! agree_borrowed {
    ($interface:expr, $name:literal, $type:ty) => {
        agree_with($interface, $name, |bytes| xdr::decode::<$type>(bytes).ok().map(|value| encode(&value)))
    };
}

#[test]
fn the_types_of_the_suite() {
    let interface = &file("tests/suite/suite.x");
    agree::<suite::Notes>(interface, "suite.notes");
    agree_borrowed!(interface, "suite.echo", suite::Data<'_>);
    agree_borrowed!(interface, "suite.name", suite::Name<'_>);
    agree::<bool>(interface, "suite_types.negate");
    agree::<suite::Integers>(interface, "suite_types.invert");
    agree::<suite::Reals>(interface, "suite_types.opposite");
    agree::<suite::Packed>(interface, "suite_types.turn_packed");
    agree::<suite::Octets>(interface, "suite_types.turn_octets");
    agree::<suite::Triple>(interface, "suite_types.rotate");
    agree::<suite::Wides>(interface, "suite_types.turn_wides");
    agree::<suite::Maybe>(interface, "suite_types.next");
    agree::<suite::Shape>(interface, "suite_types.other_shape");
    agree_borrowed!(interface, "suite_types.make_record", suite::Record<'_>);
    agree::<u64>(interface, "suite_types.many");
    agree::<suite::Errands>(interface, "suite_callbacks.errands");
}

#[test]
fn every_construct() {
    let interface = &file("tests/interop/constructs.x");
    agree::<owned::Numbers>(interface, "constructs.echo_numbers");
    agree::<owned::Arrays>(interface, "constructs.echo_arrays");
    agree::<owned::Shape>(interface, "constructs.echo_shape");
    agree::<owned::Maybe>(interface, "constructs.echo_maybe");
    agree::<owned::Unions>(interface, "constructs.echo_unions");
    agree::<owned::Word>(interface, "constructs.echo_word");
}

#[test]
fn what_rpcgen_takes_beside_the_rfc() {
    let interface = &file("tests/generated/dialect.x");
    agree::<dialect::Address>(interface, "dialect.echo_address");
    agree::<dialect::Spelt>(interface, "dialect.echo_spelt");
    agree::<dialect::Both>(interface, "dialect.echo_both");
    agree::<dialect::Counted>(interface, "dialect.echo_counted");
}
