//! Round trips of random values, in XDR and in postcard.

use core::fmt::Debug;

use oncilla::xdr::{Array, MaxSize, decode, encode};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use crate::types::*;

/// The size of the buffers, larger than any value here.
const ROOM: usize = 2000;

/// Checks that a value decodes from its encoding, and does not exceed `MAX_SIZE`.
fn round_trip<'b, T>(value: &T, xdr: &'b mut [u8; ROOM], postcard: &'b mut [u8; ROOM])
where
    T: Serialize + Deserialize<'b> + MaxSize + PartialEq + Debug,
{
    let length = encode(value, xdr).unwrap();
    assert_eq!(length % 4, 0);
    assert!(length <= T::MAX_SIZE, "{length} bytes, {} at most", T::MAX_SIZE);
    assert_eq!(decode::<T>(&xdr[..length]).as_ref(), Ok(value));
    in_postcard(value, postcard);
}

#[cfg(feature = "postcard")]
fn in_postcard<'b, T>(value: &T, room: &'b mut [u8; ROOM])
where
    T: Serialize + Deserialize<'b> + MaxSize + PartialEq + Debug,
{
    use oncilla::{Codec, Postcard};

    let length = Postcard::encode(value, room).unwrap();
    let most = Postcard::max_size(T::MAX_SIZE);
    assert!(length <= most, "{length} bytes of postcard, {most} at most");
    let mut bytes = &room[..length];
    assert_eq!(Postcard::decode::<T>(&mut bytes).as_ref(), Ok(value));
    assert!(bytes.is_empty());
}

#[cfg(not(feature = "postcard"))]
fn in_postcard<T>(_: &T, _: &mut [u8; ROOM]) {}

fn list<T: Debug, const N: usize>(element: impl Strategy<Value = T>) -> impl Strategy<Value = heapless::Vec<T, N>> {
    vec(element, 0..=N).prop_map(|elements| elements.into_iter().collect())
}

/// Generates at most `most` bytes of text, in characters of one to four bytes.
fn text(most: usize) -> impl Strategy<Value = String> {
    vec(prop_oneof![Just('a'), Just('é'), Just('€'), Just('🐈'), any::<char>()], 0..=most).prop_map(move |characters| {
        let mut text = String::new();
        for character in characters {
            if text.len() + character.len_utf8() <= most {
                text.push(character);
            }
        }
        text
    })
}

macro_rules! round_trips {
    ($($name:ident: $strategy:expr;)*) => {
        proptest! {$(
            #[test]
            fn $name(value in $strategy) {
                let (mut xdr, mut postcard) = ([0xee; ROOM], [0xee; ROOM]);
                round_trip(&value, &mut xdr, &mut postcard);
            }
        )*}
    };
}

/// Generates numbers, with a preference for the limits of the type.
macro_rules! edges {
    ($type:ty) => {
        prop_oneof![3 => any::<$type>(), 1 => Just(<$type>::MIN), 1 => Just(<$type>::MAX), 1 => Just(0)]
    };
}

round_trips! {
    small: (any::<bool>(), any::<i8>(), edges!(i16), edges!(u16));
    words: (edges!(i32), edges!(u32), edges!(i64), edges!(u64));
    // With infinite and subnormal numbers. NaN is not equal to itself; tests/vectors covers it.
    floats: (any::<f32>(), any::<f64>()).prop_filter("equal to itself", |(a, b)| !a.is_nan() && !b.is_nan());
    byte: any::<u8>();
    optional_byte: proptest::option::of(any::<u8>());
    optional_optional: proptest::option::of(proptest::option::of(edges!(u64)));
    fixed_bytes: any::<[u8; 7]>();
    fixed_numbers: any::<[u16; 5]>();
    long_bytes: vec(any::<u8>(), 45).prop_map(|bytes| Array::<u8, 45>(bytes.try_into().unwrap()));
    long_numbers: vec(edges!(u64), 40).prop_map(|numbers| Array::<u64, 40>(numbers.try_into().unwrap()));
    bytes: list::<u8, 300>(any::<u8>());
    numbers: list::<i32, 9>(edges!(i32));
    lists: list::<heapless::Vec<u8, 6>, 5>(list(any::<u8>()));
    options: list::<Option<u16>, 6>(proptest::option::of(edges!(u16)));
    strings: text(60).prop_map(|text| heapless::String::<60>::try_from(text.as_str()).unwrap());
    bytes_of_a_tuple: any::<(u8, u8, u8)>();
    results: any::<Result<u64, u8>>();
    enums: prop_oneof![Just(Color::Red), Just(Color::Yellow), Just(Color::Blue)];
    levels: prop_oneof![Just(Level::Lowest), Just(Level::Highest), Just(Level::Minus), Just(Level::Zero)];
    outcomes: prop_oneof![
        any::<u64>().prop_map(Outcome::Value),
        Just(Outcome::Busy),
        any::<i32>().prop_filter("listed", |number| ![0, -16].contains(number)).prop_map(Outcome::Failed)
    ];
    samples: list::<Sample, 4>(any::<(u8, [u8; 3], i8, u16)>()
        .prop_map(|(small, packed, signed, half)| Sample { small, packed, signed, half }));
}

proptest! {
    #[test]
    fn borrowed(bytes in vec(any::<u8>(), 0..=9), number in 8..i32::MAX, words in list(any::<u16>())) {
        for packet in [Packet::Ping, Packet::Blob(&bytes), Packet::Other(number, words)] {
            let (mut xdr, mut postcard) = ([0xee; ROOM], [0xee; ROOM]);
            round_trip(&packet, &mut xdr, &mut postcard);
        }
    }

    #[test]
    fn files(filename in text(255), kind in text(255), owner in text(32), data in vec(any::<u8>(), 0..500)) {
        for kind in [FileType::Text, FileType::Data(&kind), FileType::Exec(&kind)] {
            let file = File { filename: &filename, kind, owner: &owner, data: &data };
            let (mut xdr, mut postcard) = ([0xee; ROOM], [0xee; ROOM]);
            round_trip(&file, &mut xdr, &mut postcard);
        }
    }
}
