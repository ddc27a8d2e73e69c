//! Recursive types in boxes and vectors, and the limit of their depth.

use oncilla::xdr::{Deep, Fault, MaxSize, decode};

use crate::on_heap::{Branch, Term, Tree, leaf};
use crate::{encoded, refused};

#[test]
fn branches_travel_in_boxes() {
    let branch = Branch { right: Some(Box::new(leaf(3))), ..leaf(1) };
    let bytes = encoded(&branch);
    assert_eq!(bytes, b"\0\0\0\x01\0\0\0\0\0\0\0\x01\0\0\0\x03\0\0\0\0\0\0\0\0");
    assert_eq!(decode::<Branch>(&bytes), Ok(branch));
    assert_eq!(Branch::MAX_SIZE, usize::MAX);
}

#[test]
fn trees_travel_in_vectors() {
    let tree = |name: &str, children| Tree { name: name.into(), children };
    let tree = tree("a", vec![tree("b", vec![]), tree("c", vec![tree("d", vec![])])]);
    let bytes = encoded(&tree);
    assert_eq!(decode::<Tree>(&bytes), Ok(tree));
    assert_eq!(bytes.len(), 4 * 12);
    refused::<Tree>(&[b"\0\0\0\0\0\0\0\x04".as_slice(), &[0; 32]].concat(), Fault::Bound, 4);
}

#[test]
fn terms_travel_in_unions() {
    let term = Term::Sum(vec![Term::Number(7), Term::Not(Box::new(Term::Sum(vec![])))]);
    let bytes = encoded(&term);
    assert_eq!(bytes, b"\0\0\0\x01\0\0\0\x02\0\0\0\0\0\0\0\x07\0\0\0\x02\0\0\0\x01\0\0\0\0");
    assert_eq!(decode::<Term>(&bytes), Ok(term));
}

#[test]
fn depth_is_limited() {
    let chain =
        |levels| (1..levels).fold(leaf(0), |below, value| Branch { left: Some(Box::new(below)), ..leaf(value) });
    // Each box is one level; the limit counts those below the first branch.
    let most = encoded(&chain(33));
    assert_eq!(decode::<Branch>(&most), Ok(chain(33)));
    let more = encoded(&chain(34));
    refused::<Branch>(&more, Fault::Depth, 32 * 8 + 4);
    assert_eq!(decode::<Deep<Branch, 33>>(&more), Ok(Deep(chain(34))));
    let hostile = [0_u8, 0, 0, 1].repeat(100_000);
    refused::<Branch>(&hostile, Fault::Depth, 32 * 8 + 4);
}
