//! Recursive values.

use oncilla::xdr::{Part, Tree, decode, encode};
use serde::{Deserialize, Serialize};

use crate::alike::alike;
use crate::types::*;

/// Trees of every shape: what is accepted is within the bounds, is walked to its end, and is sent as it came.
pub fn tree(data: &[u8]) {
    let Some((which, bytes)) = data.split_first() else { return };
    match which % 6 {
        0 => taken::<Binary<'_>, Binary<'_>, 12, 5>(bytes),
        1 => taken::<Expression, Expression, 20, 6>(bytes),
        2 => taken::<Item, Item, 9, 9>(bytes),
        3 => taken::<Folder, Entry, 10, 4>(bytes),
        4 => taken::<Rare, Rare, 8, 4>(bytes),
        // More levels than other values can have.
        _ => taken::<Expression, Expression, 300, 250>(bytes),
    }
}

fn taken<'de, R, T, const NODES: usize, const DEPTH: usize>(bytes: &'de [u8])
where
    R: Part<T> + PartialEq + core::fmt::Debug,
    T: Part<T> + PartialEq + core::fmt::Debug,
    Tree<R, NODES, DEPTH, T>: Serialize + Deserialize<'de>,
{
    let tree = match decode::<Tree<R, NODES, DEPTH, T>>(bytes) {
        Ok(tree) => tree,
        Err(error) => return assert!(error.offset <= bytes.len(), "{error:?}"),
    };
    assert!(tree.nodes().len() <= NODES);
    assert_eq!(tree.walk().count(), tree.nodes().len(), "all nodes are below the root, each once");
    assert!(tree.walk().all(|(level, _)| (1..=DEPTH).contains(&level)));
    let mut room = vec![0xee; bytes.len()];
    assert_eq!(encode(&tree, &mut room), Ok(bytes.len()));
    assert!(alike(&room, bytes), "{room:?} for {bytes:?}");
    // It passes the check of one's own trees.
    let (root, nodes) = tree.into_parts();
    Tree::<R, NODES, DEPTH, T>::new(root, nodes).expect("a tree that came");
}

/// A tree of each shape, and chains of every kind of link, with and without an end.
pub fn seeds() -> Vec<Vec<u8>> {
    let seed = |which: u8, value: &dyn Fn(&mut [u8]) -> Result<usize, oncilla::xdr::EncodeError>| {
        let mut bytes = vec![which; 1 + 4096];
        let used = value(&mut bytes[1..]).expect("there is room");
        bytes.truncate(1 + used);
        bytes
    };
    let mut seeds = vec![
        seed(0, &|room| encode(&binary(), room)),
        seed(1, &|room| encode(&expression(), room)),
        seed(2, &|room| encode(&items(&[1, 2, 3]).expect("a list"), room)),
        seed(3, &|room| encode(&folder(), room)),
        seed(4, &|room| encode(&rare(), room)),
    ];
    for (which, unit) in [(0, &[1, 0, 1][..]), (1, &[1, 1]), (1, &[2, 1]), (2, &[1]), (3, &[0, 1, 0, 1]), (5, &[2, 1])]
    {
        for length in [3, 250, 300] {
            let words = unit.iter().copied().cycle().take(unit.len() * length).chain([0, 0]);
            seeds.push([&[which], &words.flat_map(u32::to_be_bytes).collect::<Vec<_>>()[..]].concat());
        }
    }
    seeds
}
