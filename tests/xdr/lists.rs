//! Linked lists.

use oncilla::xdr::{Fault, List};

use crate::{both, refused};

#[test]
fn a_list_is_empty_at_first_whatever_it_holds() {
    // Of a type that has no default.
    #[derive(Debug)]
    struct Plain;
    const NOTHING: List<Plain, 2> = List::new();
    assert_eq!((NOTHING.len(), List::<Plain, 2>::default().len()), (0, 0));
}

#[test]
fn a_word_before_each_element_says_that_there_is_one() {
    both(List::<u32, 2>::new(), &[0; 4]);
    both(List::<u8, 2>::from_iter([7, 9]), b"\0\0\0\x01\0\0\0\x07\0\0\0\x01\0\0\0\x09\0\0\0\0");
    refused::<List<u8, 1>>(b"\0\0\0\x01\0\0\0\x07\0\0\0\x01\0\0\0\x09\0\0\0\0", Fault::Bound, 8);
}
