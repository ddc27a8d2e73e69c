//! `xdr_struct!`: fields, lifetimes and bounds.

use oncilla::xdr::{EncodeError, Fault, MaxSize};

use crate::types::*;
use crate::{both, encoded, not_encoded, refused};

oncilla::xdr_struct! {
    #[derive(Debug, PartialEq)]
    struct Bounded<'a> {
        text: &'a str [..5],
        data: &'a [u8] [..3],
        words: u32,
    }
}

fn bounded<'a>(text: &'a str, data: &'a [u8]) -> Bounded<'a> {
    Bounded { text, data, words: 9 }
}

#[test]
fn fields_follow_each_other() {
    let bytes = [0, 0, 0, 1, 2, 3, 4, 0, 0xff, 0xff, 0xff, 0x80, 0, 0, 0xff, 0xff];
    both(Sample { small: 1, packed: [2, 3, 4], signed: -128, half: 65_535 }, &bytes);
    both(Empty {}, &[]);
    both([Empty {}, Empty {}], &[]);
    both((Empty {}, 7u32), &[0, 0, 0, 7]);
}

#[test]
fn borrowed_fields_keep_their_bounds() {
    both(bounded("", &[]), &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]);
    both(bounded("abcde", b"xyz"), b"\0\0\0\x05abcde\0\0\0\0\0\0\x03xyz\0\0\0\0\x09");

    not_encoded(&bounded("abcdef", &[]), Fault::Value);
    not_encoded(&bounded("", b"wxyz"), Fault::Value);
    refused::<Bounded<'_>>(b"\0\0\0\x06abcdef\0\0\0\0\0\0\0\0\0\x09", Fault::Bound, 0);
    refused::<Bounded<'_>>(b"\0\0\0\0\0\0\0\x04wxyz\0\0\0\x09", Fault::Bound, 4);
}

#[test]
fn bounds_of_text_count_bytes() {
    both(bounded("é€", &[]), b"\0\0\0\x05\xc3\xa9\xe2\x82\xac\0\0\0\0\0\0\0\0\0\0\x09");
    not_encoded(&bounded("€€", &[]), Fault::Value);
}

#[test]
fn sizes_count_every_field() {
    assert_eq!(Sample::MAX_SIZE, 4 + 4 + 4 + 4);
    assert_eq!(Empty::MAX_SIZE, 0);
    assert_eq!(Bounded::MAX_SIZE, (4 + 8) + (4 + 4) + 4);
    assert_eq!(encoded(&bounded("abcde", b"xyz")).unwrap().len(), Bounded::MAX_SIZE);
}

#[test]
fn the_file_of_rfc_4506() {
    assert_eq!(File::MAX_SIZE, (4 + 256) + (4 + 4 + 256) + (4 + 32) + (4 + 65_536));
    let (name, data) = ("n".repeat(255), vec![7; 65_535]);
    let largest = File { filename: &name, kind: FileType::Data(&name), owner: &name[..32], data: &data };
    let bytes = encoded(&largest).unwrap();
    assert_eq!(bytes.len(), File::MAX_SIZE);
    assert_eq!(oncilla::xdr::decode(&bytes), Ok(largest.clone()));
    let too_long = File { owner: &name[..33], ..largest };
    assert_eq!(encoded(&too_long), Err(EncodeError::Refused(Fault::Value)));
}

#[test]
fn a_list_of_structs() {
    type Samples = heapless::Vec<Sample, 3>;
    let sample = Sample { small: 1, packed: [0; 3], signed: 0, half: 0 };
    let list = Samples::from([sample.clone(), sample.clone(), sample]);
    assert_eq!(encoded(&list).unwrap().len(), Samples::MAX_SIZE);
    refused::<Samples>(&[&[0, 0, 0, 4][..], &[0; 64]].concat(), Fault::Bound, 0);
}
