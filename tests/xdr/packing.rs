//! A `u8` is one byte as an element of a sequence or tuple, and a word elsewhere.

use oncilla::xdr::Array;

use crate::types::*;
use crate::{both, encodes};

type List<T, const N: usize> = heapless::Vec<T, N>;

#[test]
fn outside_sequences_a_byte_is_a_word() {
    both(7u8, &[0, 0, 0, 7]);
    both(Octet(7), &[0, 0, 0, 7]);
    both(Some(7u8), &[0, 0, 0, 1, 0, 0, 0, 7]);
    both(Some(Octet(7)), &[0, 0, 0, 1, 0, 0, 0, 7]);
    both(Ok::<u8, u8>(7), &[0, 0, 0, 0, 0, 0, 0, 7]);
    both(Err::<u8, u8>(7), &[0, 0, 0, 1, 0, 0, 0, 7]);
    both(Shape::Byte(7), &[0, 0, 0, 1, 0, 0, 0, 7]);
    both(Pair(7, 8), &[0, 0, 0, 7, 0, 0, 0, 8]);
}

#[test]
fn as_an_element_a_byte_is_packed() {
    both([7u8], &[7, 0, 0, 0]);
    both((7u8,), &[7, 0, 0, 0]);
    both((7u8, 8u8), &[7, 8, 0, 0]);
    both(([7u8, 8], [9u8]), &[7, 8, 0, 0, 9, 0, 0, 0]);
    both(List::<u8, 1>::from([7]), &[0, 0, 0, 1, 7, 0, 0, 0]);
    both::<&[u8]>(&[7], &[0, 0, 0, 1, 7, 0, 0, 0]);
    encodes(&vec![7u8], &[0, 0, 0, 1, 7, 0, 0, 0]);
    encodes::<[u8]>(&[7], &[0, 0, 0, 1, 7, 0, 0, 0]);
}

#[test]
fn newtypes_of_a_byte_are_packed_too() {
    both([Octet(7), Octet(8)], &[7, 8, 0, 0]);
    both((Octet(7), 8u8), &[7, 8, 0, 0]);
    both(
        List::<Octet, 5>::from([Octet(1), Octet(2), Octet(3), Octet(4), Octet(5)]),
        b"\0\0\0\x05\x01\x02\x03\x04\x05\0\0\0",
    );
    encodes::<[Octet]>(&[Octet(7)], &[0, 0, 0, 1, 7, 0, 0, 0]);
    encodes(&[&7u8, &8], &[7, 8, 0, 0]);
}

#[test]
fn within_an_element_a_byte_is_a_word() {
    both([Some(7u8)], &[0, 0, 0, 1, 0, 0, 0, 7]);
    both(List::<Option<u8>, 2>::from([None, Some(7)]), &[0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 7]);
    both([Pair(7, 8)], &[0, 0, 0, 7, 0, 0, 0, 8]);
    both([Shape::Byte(7)], &[0, 0, 0, 1, 0, 0, 0, 7]);
}

#[test]
fn every_sequence_of_bytes_is_padded_by_itself() {
    both([[1u8, 2, 3], [4, 5, 6]], &[1, 2, 3, 0, 4, 5, 6, 0]);
    both([[[1u8], [2]], [[3], [4]]], &[1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0]);
    both(([1u8], 2u16, [3u8; 5]), &[1, 0, 0, 0, 0, 0, 0, 2, 3, 3, 3, 3, 3, 0, 0, 0]);
    both(List::<[u8; 1], 3>::from([[1], [2]]), &[0, 0, 0, 2, 1, 0, 0, 0, 2, 0, 0, 0]);
    both(List::<List<u8, 2>, 2>::from([List::new(), List::from([9, 9])]), b"\0\0\0\x02\0\0\0\0\0\0\0\x02\x09\x09\0\0");
}

#[test]
fn other_small_numbers_are_words_everywhere() {
    both([7i8, -1], &[0, 0, 0, 7, 0xff, 0xff, 0xff, 0xff]);
    both([true, false], &[0, 0, 0, 1, 0, 0, 0, 0]);
    both(List::<u16, 1>::from([7]), &[0, 0, 0, 1, 0, 0, 0, 7]);
}

#[test]
fn every_length_is_padded_to_units() {
    for length in 0..=40u8 {
        let data: Vec<u8> = (1..=length).collect();
        let zeros = [0; 3][..usize::from(length).next_multiple_of(4) - usize::from(length)].to_vec();
        let body = [data.clone(), zeros].concat();
        let counted = [vec![0, 0, 0, length], body.clone()].concat();
        both::<&[u8]>(&data, &counted);
        both(List::<u8, 40>::from_slice(&data).unwrap(), &counted);
        let text: String = data.iter().map(|byte| char::from(b'a' + byte % 26)).collect();
        assert_eq!(crate::encoded(text.as_str()).unwrap().len(), counted.len());
        assert_eq!(oncilla::xdr::decode::<String>(&crate::encoded(&text).unwrap()), Ok(text));
    }
}

#[test]
fn arrays_of_more_than_32_elements() {
    both(Array([9u8; 33]), &[&[9; 33][..], &[0; 3]].concat());
    both(Array([9u8; 32]), &[9; 32]);
    both(Array::<u8, 0>([]), &[]);
    both(Array([9u16; 100]), &[0, 0, 0, 9].repeat(100));
    both(Array([Octet(9); 34]), &[&[9; 34][..], &[0; 2]].concat());
    both([Array([1u8; 33]); 2], &[&[1; 33][..], &[0; 3]].concat().repeat(2));
    // The encoding is that of an array that serde supports.
    assert_eq!(crate::encoded(&Array([9u8; 31])), crate::encoded(&[9u8; 31]));
    crate::refused::<Array<u8, 33>>(&[9; 32], oncilla::xdr::Fault::End, 32);
}
