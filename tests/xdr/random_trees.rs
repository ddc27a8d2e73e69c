//! Round trips of random trees, and a comparison with trees on the heap, whose serde traits are derived.

use core::fmt::Debug;

use oncilla::xdr::{Fixed, Link, Links, MaxSize, Maybe, Nodes, Several, Tree, TreeError, decode};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use crate::encoded;
use crate::types::*;

/// A binary tree on the heap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Heap {
    key: i32,
    name: String,
    left: Option<Box<Heap>>,
    right: Option<Box<Heap>>,
}

fn heap() -> impl Strategy<Value = Heap> {
    let leaf = (any::<i32>(), "[a-z]{0,8}").prop_map(|(key, name)| Heap { key, name, left: None, right: None });
    leaf.prop_recursive(6, 16, 2, |inner| {
        let child = proptest::option::of(inner.prop_map(Box::new));
        let parts = (any::<i32>(), "[a-z]{0,8}", child.clone(), child);
        parts.prop_map(|(key, name, left, right)| Heap { key, name, left, right })
    })
}

impl Heap {
    /// Returns the number of nodes and levels below this node.
    fn size(&self) -> (usize, usize) {
        let children = [&self.left, &self.right].into_iter().flatten().map(|child| child.size());
        children.fold((0, 0), |(nodes, levels), (more, deep)| (nodes + 1 + more, levels.max(deep + 1)))
    }

    fn node<'h>(&'h self, nodes: &mut Nodes<Binary<'h>, 12>) -> Result<Binary<'h>, TreeError> {
        let mut link = |child: &'h Option<Box<Heap>>| match child {
            Some(child) => child.node(nodes).and_then(|node| nodes.add(node)),
            None => Ok(Link::NONE),
        };
        Ok(Binary { key: self.key, name: &self.name, left: link(&self.left)?, right: link(&self.right)? })
    }

    fn tree(&self) -> Result<BinaryTree<'_>, TreeError> {
        let mut nodes = Nodes::new();
        let root = self.node(&mut nodes)?;
        BinaryTree::new(root, nodes)
    }
}

proptest! {
    #[test]
    fn a_tree_in_an_arena_encodes_like_a_tree_on_the_heap(heap in heap()) {
        let bytes = encoded(&heap).unwrap();
        let within = matches!(heap.size(), (0..=12, 0..=5));
        match heap.tree() {
            Ok(tree) => {
                prop_assert!(within, "{:?}", heap.size());
                prop_assert_eq!(&encoded(&tree).unwrap(), &bytes);
                prop_assert_eq!(decode::<BinaryTree<'_>>(&bytes), Ok(tree));
            }
            Err(error) => {
                prop_assert!(!within, "{:?}: {error}", heap.size());
                prop_assert!(decode::<BinaryTree<'_>>(&bytes).is_err());
            }
        }
    }
}

/// Checks that a tree decodes from its encoding, in XDR and postcard, and does not exceed `MAX_SIZE`.
fn round_trip<T>(tree: Result<T, TreeError>) -> Result<(), TestCaseError>
where
    T: Serialize + for<'de> Deserialize<'de> + MaxSize + PartialEq + Debug,
{
    // A tree with too many levels cannot be built.
    let Ok(tree) = tree else { return Ok(()) };
    let bytes = encoded(&tree).unwrap();
    prop_assert!(bytes.len() <= T::MAX_SIZE);
    prop_assert_eq!(&decode::<T>(&bytes).unwrap(), &tree);
    #[cfg(feature = "postcard")]
    {
        use oncilla::{Codec, Postcard};
        let mut room = vec![0; Postcard::max_size(T::MAX_SIZE)];
        let used = Postcard::encode(&tree, &mut room).unwrap();
        prop_assert_eq!(&Postcard::decode::<T>(&mut &room[..used]).unwrap(), &tree);
    }
    Ok(())
}

/// The links to nodes that have no parent yet.
struct Pool<T> {
    links: Vec<Link<T>>,
}

impl<T> Pool<T> {
    fn take(&mut self, wanted: bool) -> Link<T> {
        if wanted { self.links.pop().unwrap_or_default() } else { Link::NONE }
    }

    fn several<const N: usize>(&mut self, count: u8) -> Links<T, N> {
        let mut links = Links::new();
        for _ in 0..usize::from(count).min(N) {
            links.push(self.take(true)).unwrap();
        }
        links
    }
}

/// Builds a tree with a node for each number, until the arena is full. The first number makes the root.
fn grown<T, const NODES: usize, const DEPTH: usize>(
    numbers: &[u8],
    node: fn(&mut Pool<T>, u8) -> T,
) -> Result<Tree<T, NODES, DEPTH>, TreeError>
where
    T: oncilla::xdr::Part<T>,
{
    let (mut nodes, mut pool) = (Nodes::new(), Pool { links: Vec::new() });
    for &number in numbers.iter().skip(1).take(NODES) {
        let node = node(&mut pool, number);
        let link = nodes.add(node)?;
        pool.links.push(link);
    }
    Tree::new(node(&mut pool, numbers[0]), nodes)
}

fn expression(pool: &mut Pool<Expression>, number: u8) -> Expression {
    match number % 4 {
        0 => Expression::Number(number.into()),
        1 => Expression::Negated(pool.take(true)),
        2 => Expression::Sum(pool.several(number / 4 % 5)),
        _ => Expression::Unknown(number.into(), pool.take(number > 99)),
    }
}

fn rare(pool: &mut Pool<Rare>, number: u8) -> Rare {
    let bit = |bit: u8| number >> bit & 1 == 1;
    Rare {
        fixed: Fixed([pool.take(bit(0)), pool.take(bit(1))]),
        several: Several((0..number % 4).map(|_| pool.take(bit(2))).collect()),
        maybe: Maybe(bit(3).then(|| pool.several(number / 16 % 3))),
        byte: number,
    }
}

fn folders(numbers: &[u8]) -> Result<FolderTree, TreeError> {
    let mut nodes = Nodes::<Entry, 10>::new();
    let (mut folders, mut documents) = (Pool { links: Vec::new() }, Pool { links: Vec::new() });
    let name = heapless::String::try_from("name").unwrap();
    for &number in numbers.iter().skip(1).take(10) {
        if number % 2 == 0 {
            let next = folders.take(number > 99);
            let folder = Folder { name: name.clone(), files: documents.several(number / 2 % 4), next };
            folders.links.push(nodes.add(folder)?);
        } else {
            let unpacked = folders.take(number > 99);
            let content = if unpacked.is_none() { Content::Nothing } else { Content::Unpacked(unpacked) };
            documents.links.push(nodes.add(Document { blocks: [number; 3], content })?);
        }
    }
    FolderTree::new(Folder { name, files: documents.several(3), next: folders.take(true) }, nodes)
}

proptest! {
    #[test]
    fn trees_round_trip(numbers in vec(any::<u8>(), 1..25)) {
        round_trip(grown::<_, 20, 6>(&numbers, expression))?;
        round_trip(grown::<_, 8, 4>(&numbers, rare))?;
        round_trip(items(&numbers))?;
        round_trip(folders(&numbers))?;
    }
}
