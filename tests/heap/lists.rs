//! Linked lists: vectors in memory, of any length.

use oncilla::xdr::{Fault, List, MaxSize, VecList, decode};

use crate::{encoded, refused, same};

oncilla::xdr_struct! {
    #[derive(Clone, Debug, PartialEq)]
    pub struct Nodes { pub nodes: VecList<i32> [..100_000] }
}
oncilla::xdr_struct! {
    #[derive(Clone, Debug, PartialEq)]
    pub struct Few { pub nodes: VecList<i32> [..2] }
}
oncilla::xdr_struct! {
    #[derive(Clone, Debug, PartialEq)]
    pub struct ByValue { pub nodes: List<i32, 2> }
}
oncilla::xdr_struct! {
    #[derive(Clone, Debug, PartialEq)]
    pub struct Names { pub names: VecList<String> [..] [..4] }
}

#[test]
fn a_list_has_the_bytes_of_a_list_by_value() {
    for length in 0..=2 {
        let numbers = || 0..length;
        same(&Few { nodes: numbers().collect() }, &ByValue { nodes: numbers().collect() }, &mut Vec::new());
    }
    assert_eq!(Few::MAX_SIZE, ByValue::MAX_SIZE);
    let three = encoded(&Nodes { nodes: (0..3).collect() });
    refused::<Few>(&three, Fault::Bound, 16);
    refused::<ByValue>(&three, Fault::Bound, 16);
}

#[test]
fn a_hundred_thousand_nodes_are_decoded_compared_cloned_and_dropped_on_a_small_stack() {
    let small = std::thread::Builder::new().stack_size(64 * 1024);
    let work = || {
        let list = Nodes { nodes: (0..100_000).collect() };
        let bytes = encoded(&list);
        assert_eq!(bytes.len(), 100_000 * 8 + 4);
        let decoded = decode::<Nodes>(&bytes).unwrap();
        assert!(decoded == list && decoded.clone() == list);
    };
    small.spawn(work).unwrap().join().unwrap();
}

#[test]
fn elements_have_bounds_of_their_own() {
    let names = Names { names: ["a".to_owned(), "four".to_owned()].into_iter().collect() };
    let bytes = encoded(&names);
    assert_eq!(bytes, b"\0\0\0\x01\0\0\0\x01a\0\0\0\0\0\0\x01\0\0\0\x04four\0\0\0\0");
    assert_eq!(decode::<Names>(&bytes), Ok(names));
    refused::<Names>(b"\0\0\0\x01\0\0\0\x05fives\0\0\0\0\0\0\0", Fault::Bound, 4);
}
