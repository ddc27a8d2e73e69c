//! Data on the heap, in step with the same types by value.

use oncilla::xdr::{self, VecList};
use oncilla::{Codec, Postcard};
use serde::{Deserialize, Serialize};

use crate::alike::alike;
use crate::on_heap::{Branch, ByValue, Heap, Term, Tree, by_value, heap as value, leaf};

/// The encoding of a value, which has at most `most` bytes.
fn encoded<T: Serialize>(value: &T, most: usize) -> Vec<u8> {
    let mut room = vec![0xee; most];
    let length = xdr::encode(value, &mut room).expect("a value that was decoded");
    room.truncate(length);
    room
}

/// Both accept the same bytes, as equal values. Recursive types encode to the bytes that they were decoded from.
pub fn heap(data: &[u8]) {
    let heap = xdr::decode::<Heap>(data).ok().map(|value| encoded(&value, data.len()));
    let by_value = xdr::decode::<ByValue>(data).ok().map(|value| encoded(&value, data.len()));
    assert_eq!(heap, by_value);
    canonical::<Branch>(data);
    canonical::<Tree>(data);
    canonical::<Term>(data);
    canonical::<VecList<Tree>>(data);
    in_postcard(data);
}

fn canonical<'b, T: Serialize + Deserialize<'b>>(bytes: &'b [u8]) {
    if let Ok(value) = xdr::decode::<T>(bytes) {
        assert!(alike(&encoded(&value, bytes.len()), bytes));
    }
}

/// Room for the largest value whose types have bounds.
const ROOM: usize = 1000;

/// Both decode equal values, or neither does.
fn in_postcard(data: &[u8]) {
    let (mut rest, mut other) = (data, data);
    let heap = Postcard::decode::<Heap>(&mut rest).ok().map(|value| (encoded(&value, ROOM), rest.len()));
    let by_value = Postcard::decode::<ByValue>(&mut other).ok().map(|value| (encoded(&value, ROOM), other.len()));
    assert_eq!(heap, by_value);
    // Nothing but the depth limits these.
    let _ = Postcard::decode::<Branch>(&mut &*data);
    let _ = Postcard::decode::<Tree>(&mut &*data);
    let _ = Postcard::decode::<Term>(&mut &*data);
}

pub fn seeds() -> Vec<Vec<u8>> {
    let branch = Branch { left: Some(Box::new(leaf(2))), right: Some(Box::new(leaf(3))), value: 1 };
    let tree = Tree { name: "a".to_owned(), children: vec![Tree { name: "b".to_owned(), children: vec![] }] };
    let term = Term::Sum(vec![Term::Number(7), Term::Not(Box::new(Term::Sum(vec![])))]);
    let mut room = vec![0; ROOM];
    let used = Postcard::encode(&value(), &mut room).expect("a value");
    room.truncate(used);
    vec![
        encoded(&value(), ROOM),
        encoded(&by_value(), ROOM),
        encoded(&branch, ROOM),
        encoded(&tree, ROOM),
        encoded(&term, ROOM),
        encoded(&VecList(vec![tree.clone(), tree]), ROOM),
        room,
    ]
}
