//! Values one after another, in either encoding.

use oncilla::xdr::{DecodeError, EncodeError, Fault};
use oncilla::{Reader, Writer, Xdr};

#[test]
fn values_follow_each_other() {
    let mut room = [0xee; 20];
    let mut writer = Writer::new(&mut room);
    writer.put::<Xdr, _>(&7u32).unwrap();
    writer.put::<Xdr, _>("ab").unwrap();
    assert_eq!(writer.length(), 12);
    assert_eq!(room, *b"\0\0\0\x07\0\0\0\x02ab\0\0\xee\xee\xee\xee\xee\xee\xee\xee");

    let mut reader = Reader::new(&room[..12]);
    assert_eq!(reader.take::<Xdr, u32>(), Ok(7));
    assert_eq!(reader.take::<Xdr, &str>(), Ok("ab"));
    assert_eq!(reader.finish(), Ok(()));
}

/// Arguments are no tuple: two bytes are two words.
#[test]
fn values_are_not_packed_together() {
    let mut room = [0xee; 8];
    let mut writer = Writer::new(&mut room);
    writer.put::<Xdr, _>(&1u8).unwrap();
    writer.put::<Xdr, _>(&2u8).unwrap();
    assert_eq!(room, [0, 0, 0, 1, 0, 0, 0, 2]);
    let mut reader = Reader::new(&room);
    assert_eq!((reader.take::<Xdr, u8>(), reader.take::<Xdr, u8>()), (Ok(1), Ok(2)));
}

#[test]
fn offsets_count_from_the_first_value() {
    let mut reader = Reader::new(&[0, 0, 0, 7, 0, 0, 0, 2, 0, 0, 0, 9]);
    assert_eq!(reader.take::<Xdr, u32>(), Ok(7));
    assert_eq!(reader.take::<Xdr, bool>(), Err(DecodeError { fault: Fault::Bool, offset: 4, value: Some(2) }));

    let mut reader = Reader::new(&[0, 0, 0, 7, 0]);
    assert_eq!(reader.take::<Xdr, u32>(), Ok(7));
    assert_eq!(reader.take::<Xdr, u32>(), Err(DecodeError { fault: Fault::End, offset: 4, value: None }));
    assert_eq!(reader.finish(), Err(DecodeError { fault: Fault::LeftOver, offset: 4, value: None }));
}

#[test]
fn what_does_not_fit_is_told() {
    let mut room = [0; 6];
    let mut writer = Writer::new(&mut room);
    writer.put::<Xdr, _>(&7u32).unwrap();
    assert_eq!(writer.put::<Xdr, _>(&7u32), Err(EncodeError::NoRoom { needed: 4, available: 2 }));
    assert_eq!(writer.put::<Xdr, _>(&'x'), Err(EncodeError::Refused(Fault::Unsupported)));
    assert_eq!(writer.length(), 4);
    assert_eq!(Xdr::max_size(12), 12);
}

#[cfg(feature = "postcard")]
mod postcard {
    use oncilla::{Codec, Postcard};

    use super::*;
    use crate::types::{Color, Outcome, Packet};

    fn encoded<T: serde::Serialize>(value: &T) -> Vec<u8> {
        let mut room = [0; 64];
        let length = Postcard::encode(value, &mut room).unwrap();
        room[..length].to_vec()
    }

    fn refused<'de, T: serde::Deserialize<'de>>(mut bytes: &'de [u8]) -> Option<Fault> {
        Postcard::decode::<T>(&mut bytes).map_err(|error| error.fault).err()
    }

    #[test]
    fn bytes_of_postcard() {
        assert_eq!(encoded(&300u32), [0xac, 0x02]);
        assert_eq!(encoded(&-1i64), [1]);
        assert_eq!(encoded(&"ab"), *b"\x02ab");
        assert_eq!(encoded(&[1u8, 2].as_slice()), [2, 1, 2]);
        assert_eq!(encoded(&Some(7u8)), [1, 7]);
        assert_eq!(encoded(&Color::Blue), [10]);
        assert_eq!(encoded(&Outcome::Busy), [31]);
        assert_eq!(encoded(&Packet::Blob(&[9])), [14, 1, 9]);
    }

    #[test]
    fn values_follow_each_other() {
        let mut room = [0xee; 8];
        let mut writer = Writer::new(&mut room);
        writer.put::<Postcard, _>(&300u32).unwrap();
        writer.put::<Postcard, _>("ab").unwrap();
        assert_eq!(writer.length(), 5);
        let mut reader = Reader::new(&room[..5]);
        assert_eq!(reader.take::<Postcard, u32>(), Ok(300));
        assert_eq!(reader.take::<Postcard, &str>(), Ok("ab"));
        assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn what_does_not_fit_is_told() {
        for available in 0..7 {
            let no_room = Err(EncodeError::NoRoom { needed: 7, available });
            assert_eq!(Postcard::encode(&("abc", 300u32, true), &mut [0; 7][..available]), no_room);
        }
    }

    #[test]
    fn faults() {
        assert_eq!(refused::<u32>(&[]), Some(Fault::End));
        assert_eq!(refused::<u32>(&[0x80]), Some(Fault::End));
        assert_eq!(refused::<&str>(&[5, b'a']), Some(Fault::End));
        assert_eq!(refused::<u16>(&[0xff, 0xff, 0x7f]), Some(Fault::Range));
        assert_eq!(refused::<bool>(&[2]), Some(Fault::Bool));
        assert_eq!(refused::<Option<u8>>(&[2]), Some(Fault::Bool));
        assert_eq!(refused::<&str>(&[1, 0xff]), Some(Fault::Text));
        assert_eq!(refused::<Color>(&[2]), Some(Fault::Value));
        assert_eq!(refused::<heapless::Vec<u8, 2>>(&[3, 1, 2, 3]), Some(Fault::Value));
        // More than a list of nothing can hold, and than memory could.
        assert_eq!(refused::<heapless::Vec<(), 2>>(&[0xff, 0xff, 0xff, 0xff, 0x0f]), Some(Fault::Value));
    }

    #[test]
    fn what_is_behind_a_value_is_left() {
        let mut bytes = &[1, 2, 3][..];
        assert_eq!(Postcard::decode::<u8>(&mut bytes), Ok(1));
        assert_eq!(bytes, [2, 3]);
    }
}
