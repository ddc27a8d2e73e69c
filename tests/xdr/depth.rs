//! The limit of nesting, without which a peer could exhaust the stack by a recursive type.

use core::fmt::Debug;

use oncilla::xdr::{DecodeError, Decoder, Deep, Fault, MAX_DEPTH, decode};
use serde::{Deserialize, Serialize};

use crate::encoded;
use crate::types::*;

const DEEPEST: usize = MAX_DEPTH as usize;

/// Checks that values nested [`DEEPEST`] levels decode, and deeper values do not.
///
/// `value` creates a value of a number of levels. `unit`, repeated, is the encoding of an endless value.
fn bounded<T>(value: impl Fn(usize) -> T, unit: &[u8])
where
    T: Serialize + for<'de> Deserialize<'de> + PartialEq + Debug,
{
    let deepest = value(DEEPEST);
    assert_eq!(decode::<T>(&encoded(&deepest).unwrap()), Ok(deepest));
    let too_deep = encoded(&value(DEEPEST + 1)).unwrap();
    assert_eq!(decode::<T>(&too_deep).map_err(|error| error.fault), Err(Fault::Depth));
    let endless = unit.repeat(100_000);
    assert_eq!(decode::<T>(&endless).map_err(|error| error.fault), Err(Fault::Depth));
}

#[test]
fn lists_of_optional_data() {
    bounded(Node::list, &[0, 0, 0, 1, 0, 0, 0, 0]);
}

#[test]
fn trees_of_sequences() {
    bounded(Tree::stem, &[0, 0, 0, 1]);
}

#[test]
fn derived_enums() {
    // The innermost variant, which has no value, is a level too.
    bounded(|depth| Derived::of(depth - 1), &[0, 0, 0, 1]);
}

#[test]
fn unions_with_their_own_numbers() {
    bounded(|depth| Chain::of(depth - 1), &[0, 0, 0, 1]);
}

#[test]
fn the_caller_sets_the_limit() {
    for limit in [0, 1, 5, 200] {
        let list = |length| encoded(&Node::list(length)).unwrap();
        let most = list(usize::from(limit));
        assert!(Decoder::with_depth(&most, limit).value::<Option<Box<Node>>>().is_ok());
        let more = list(usize::from(limit) + 1);
        let refused = Decoder::with_depth(&more, limit).value::<Option<Box<Node>>>();
        // The fault is at the bool before the value that is too deep.
        let offset = 8 * usize::from(limit);
        assert_eq!(refused.map(|_| ()), Err(DecodeError { fault: Fault::Depth, offset, value: None }));
    }
}

#[test]
fn values_side_by_side_are_not_nested() {
    let wide: Vec<Option<u8>> = vec![Some(1); 1000];
    assert_eq!(decode::<Vec<Option<u8>>>(&encoded(&wide).unwrap()), Ok(wide));
    let mut decoder = Decoder::with_depth(&[0, 0, 0, 1], 0);
    assert_eq!(decoder.value::<u32>(), Ok(1));
}

#[test]
fn a_type_can_have_its_own_limit() {
    let list = |length| Deep::<Option<Box<Node>>, 200>(Node::list(length));
    for length in [0, 31, 200] {
        assert_eq!(decode(&encoded(&list(length)).unwrap()), Ok(list(length)));
    }
    let too_deep = encoded(&list(201)).unwrap();
    let refused = decode::<Deep<Option<Box<Node>>, 200>>(&too_deep);
    assert_eq!(refused, Err(DecodeError { fault: Fault::Depth, offset: 8 * 200, value: None }));
    // The encoding does not change, and the limit may also be below the default.
    assert_eq!(encoded(&list(9)), encoded(&Node::list(9)));
    assert!(decode::<Deep<Option<Box<Node>>, 9>>(&encoded(&list(9)).unwrap()).is_ok());
    assert!(decode::<Deep<Option<Box<Node>>, 8>>(&encoded(&list(9)).unwrap()).is_err());
}

#[test]
fn the_limit_of_a_type_does_not_affect_other_values() {
    type Mixed = (Deep<Option<Box<Node>>, 200>, Option<Box<Node>>);
    // The tuple is a level, too.
    let mixed = |first, second| encoded(&(Node::list(first), Node::list(second))).unwrap();
    assert!(decode::<Mixed>(&mixed(200, DEEPEST - 1)).is_ok());
    assert_eq!(decode::<Mixed>(&mixed(0, DEEPEST)).map_err(|error| error.fault), Err(Fault::Depth));
    assert_eq!(decode::<Mixed>(&mixed(201, 0)).map_err(|error| error.fault), Err(Fault::Depth));
}
