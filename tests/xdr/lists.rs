//! Linked lists.

use oncilla::xdr::{Fault, List};

use crate::{both, refused};

#[test]
fn a_new_list_is_empty() {
    // A type without `Default`.
    #[derive(Debug)]
    struct Plain;
    const NOTHING: List<Plain, 2> = List::new();
    assert_eq!((NOTHING.len(), List::<Plain, 2>::default().len()), (0, 0));
}

#[test]
fn a_bool_precedes_each_element() {
    both(List::<u32, 2>::new(), &[0; 4]);
    both(List::<u8, 2>::from_iter([7, 9]), b"\0\0\0\x01\0\0\0\x07\0\0\0\x01\0\0\0\x09\0\0\0\0");
    refused::<List<u8, 1>>(b"\0\0\0\x01\0\0\0\x07\0\0\0\x01\0\0\0\x09\0\0\0\0", Fault::Bound, 8);
}
