//! Every kind of argument and result there and back.

use oncilla::framing::{Cobs, Datagram, Framing, Record, RecordAhead};
use oncilla::xdr::Array;

use crate::everything::{Echo, TABLE, everything};
use crate::loopback::client;
use crate::types::*;

/// The same for the interface in either encoding.
macro_rules! all_procedures {
    ($name:ident, $module:ident) => {
        fn $name<F: Framing>() {
            let mut client = client::<F, _>(&TABLE, Echo::default());
            let mut echo = $module::Client::new(&mut client);
            assert_eq!(echo.null(), Ok(()));
            assert_eq!(echo.nothing(), Ok(()));
            assert_eq!(echo.flag(true), Ok(true));
            for byte in [0, 1, 255] {
                assert_eq!(echo.byte(byte), Ok(byte));
            }
            for (a, b, c, d) in [(0, 0, 0, 0), (i8::MIN, 255, i16::MIN, u16::MAX), (i8::MAX, 1, i16::MAX, 256)] {
                assert_eq!(echo.small(a, b, c, d), Ok((a, b != 0, c, d)));
            }
            for (a, b, c, d) in [(0, 0, 0, 0), (i32::MIN, u32::MAX, i64::MIN, u64::MAX), (-1, 1, -1, 1 << 63)] {
                assert_eq!(echo.numbers(a, b, c, d), Ok((a, b, c, d)));
            }
            assert_eq!(echo.floats(f32::MIN_POSITIVE, -f64::INFINITY), Ok((f32::MIN_POSITIVE, -f64::INFINITY)));
            let (a, b) = echo.floats(f32::from_bits(0x7fc0_1234), f64::from_bits(0xfff8_0000_0000_abcd)).unwrap();
            assert_eq!((a.to_bits(), b.to_bits()), (0x7fc0_1234, 0xfff8_0000_0000_abcd));
            assert_eq!(echo.fixed([0, 1, 2, 0, 255]), Ok([0, 1, 2, 0, 255]));
            assert_eq!(echo.long(Array([7; 33])), Ok(Array([7; 33])));
            for length in 0..=61 {
                let data: Vec<u8> = (0..length).collect();
                assert_eq!(echo.opaque(&data), Ok(&data[..]));
            }
            assert_eq!(echo.bytes(heapless::Vec::new()), Ok(heapless::Vec::new()));
            assert_eq!(echo.bytes([9; 9].into()), Ok([9; 9].into()));
            for text in ["", "a", "é€🐈", "thirty bytes of text, exactly."] {
                assert_eq!(echo.text(text), Ok(text));
            }
            assert_eq!(echo.string("nine char".try_into().unwrap()).as_deref(), Ok("nine char"));
            assert_eq!(echo.list([1, -1, i32::MIN, 0].into()), Ok([1, -1, i32::MIN, 0].into()));
            let lists = heapless::Vec::from([[1, 2].into(), heapless::Vec::new(), [u16::MAX, 0].into()]);
            assert_eq!(echo.lists(lists.clone()), Ok(lists));
            assert_eq!(echo.maybe(None), Ok(None));
            assert_eq!(echo.maybe(Some(u64::MAX)), Ok(Some(u64::MAX)));
            assert_eq!(echo.result(Ok(-7)), Ok(Ok(-7)));
            assert_eq!(echo.result(Err(Color::Blue)), Ok(Err(Color::Blue)));
            for level in [Level::Lowest, Level::Minus, Level::Zero, Level::Highest] {
                assert_eq!(echo.level(level), Ok(level));
            }
            for shape in [
                Shape::Nothing,
                Shape::Byte(255),
                Shape::Point(i32::MIN, 1),
                Shape::Rectangle { width: u16::MAX, height: 0 },
            ] {
                assert_eq!(echo.shape(shape.clone()), Ok(shape));
            }
            for outcome in [Outcome::Value(u64::MAX), Outcome::Busy, Outcome::Failed(i32::MIN)] {
                assert_eq!(echo.outcome(outcome.clone()), Ok(outcome));
            }
            assert_eq!(echo.chain(Chain::of(9)), Ok(Chain::of(9)));
            assert_eq!(echo.octets([Octet(1), Octet(2)].into()), Ok([Octet(1), Octet(2)].into()));
            let sample = Sample { small: 255, packed: [1, 2, 3], signed: -128, half: 65_535 };
            assert_eq!(echo.sample(sample.clone()), Ok(sample));
            assert_eq!(echo.packet(Packet::Ping), Ok(0));
            assert_eq!(echo.packet(Packet::Blob(&[1, 2, 3])), Ok(6));
            assert_eq!(echo.packet(Packet::Other(-1, [u16::MAX, 1].into())), Ok(65_536));
            assert!(client.link().transport().state.runs > 100);
        }
    };
}

all_procedures!(in_xdr, everything);

#[test]
fn in_xdr_through_every_framing() {
    in_xdr::<Record>();
    in_xdr::<RecordAhead>();
    in_xdr::<Cobs>();
    in_xdr::<Datagram>();
}

#[cfg(feature = "postcard")]
mod postcard {
    use super::*;
    use crate::everything::compact;

    all_procedures!(in_postcard, compact);

    #[test]
    fn in_postcard_through_every_framing() {
        in_postcard::<Record>();
        in_postcard::<RecordAhead>();
        in_postcard::<Cobs>();
        in_postcard::<Datagram>();
    }

    #[test]
    fn sizes_leave_room_for_varints() {
        assert_eq!(compact::CALL_MAX - 40, oncilla::Postcard::max_size(everything::CALL_MAX - 40));
        assert_eq!(compact::REPLY_MAX - 24, oncilla::Postcard::max_size(everything::REPLY_MAX - 24));
    }
}
