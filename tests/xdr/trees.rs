//! Recursive types: their encoding, their bounds, and the refusal of what exceeds them.

use oncilla::xdr::{DecodeError, EncodeError, Fault, Link, Links, MaxSize, Nodes, Tree, TreeError, decode, encode};

use crate::types::*;
use crate::{both, encoded, refused};

/// Returns the bytes of words.
fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

#[test]
fn a_link_encodes_as_its_node() {
    let two = u32::from_be_bytes(*b"two\0");
    let bytes = words(&[4, 0, 1, /* left: */ 2, 3, two, 1, 1, 0, 0, 0, 1, 3, 0, 0, 0, /* right: */ 0]);
    both(binary(), &bytes);
}

#[test]
fn an_array_of_links_encodes_as_its_length_and_nodes() {
    both(expression(), &words(&[2, 3, /* five: */ 0, 5, /* minus two: */ 1, 1, 0, 2, /* unknown: */ 7, 1, 2, 0]));
}

#[test]
fn a_field_after_a_link_follows_all_linked_nodes() {
    both(items(&[1, 2, 3]).unwrap(), &words(&[1, 1, 0, 3, 2, 1]));
}

#[test]
fn two_types_can_contain_each_other() {
    let text = |text: &[u8; 4]| u32::from_be_bytes(*text);
    let files = [text(b"\x01\x02\x03\0"), 0, text(b"\x04\x05\x06\0"), 1, 1, 2, text(b"in\0\0"), 0, 0];
    let bytes = words(&[&[0, 2], &files[..], &[1, 4, text(b"next"), 0, 0]].concat());
    both(folder(), &bytes);
    let file =
        Tree::<Document, 1, 1, Entry>::new(Document { blocks: [1, 2, 3], content: Content::Nothing }, Nodes::new());
    both(file.unwrap(), &words(&[text(b"\x01\x02\x03\0"), 0]));
}

#[test]
fn links_can_be_in_arrays_and_in_optional_data() {
    let leaf = |byte| [0, 0, 0, 0, byte];
    let bytes =
        [&[1][..], &leaf(1), &[0, /* several: */ 2, 0, 1], &leaf(2), &[/* maybe: */ 1, 2], &leaf(3), &leaf(4), &[9]];
    both(rare(), &words(&bytes.concat()));
}

#[test]
fn nodes_are_walked_in_the_order_of_the_encoding() {
    let tree = binary();
    let walked: Vec<_> = tree.walk().map(|(level, node)| (level, node.key)).collect();
    assert_eq!(walked, [(1, 2), (2, 1), (2, 3)]);
    let tree = expression();
    let children: Vec<_> = tree.children(tree.root()).collect();
    assert!(matches!(children[..], [Expression::Number(5), Expression::Negated(_), Expression::Unknown(7, _)]));
    assert_eq!(tree.walk().map(|(level, _)| level).collect::<Vec<_>>(), [1, 1, 2, 1, 2]);
    let levels: Vec<_> = rare().walk().map(|(level, node)| (level, node.byte)).collect();
    assert_eq!(levels, [(1, 1), (1, 2), (1, 3), (1, 4)]);
    let kinds = folder();
    let kinds: Vec<_> = kinds.walk().map(|(level, entry)| (level, matches!(entry, Entry::Document(_)))).collect();
    assert_eq!(kinds, [(1, true), (1, true), (2, false), (1, false)]);
}

#[test]
fn a_tree_can_be_changed() {
    let (mut root, mut nodes) = binary().into_parts();
    nodes.get_mut(root.left).unwrap().key = 20;
    root.right = nodes.add(Binary::leaf(40)).unwrap();
    let tree = BinaryTree::new(root, nodes).unwrap();
    let keys: Vec<_> = tree.walk().map(|(_, node)| node.key).collect();
    assert_eq!(keys, [20, 1, 3, 40]);
    assert_ne!(tree, binary());
}

#[test]
fn trees_are_equal_whatever_order_their_nodes_were_added_in() {
    let tree = |right_first: bool| {
        let mut nodes = Nodes::new();
        let first = nodes.add(Binary::leaf(if right_first { 3 } else { 1 })).unwrap();
        let second = nodes.add(Binary::leaf(if right_first { 1 } else { 3 })).unwrap();
        let (left, right) = if right_first { (second, first) } else { (first, second) };
        BinaryTree::new(Binary { left, right, ..Binary::leaf(2) }, nodes).unwrap()
    };
    assert_eq!(tree(true), tree(false));
    assert_eq!(encoded(&tree(true)), encoded(&tree(false)));
}

#[test]
fn trees_differ_by_a_value_a_link_or_a_level() {
    let tree = |build: fn(&mut Nodes<_, 12>) -> Binary<'static>| {
        let mut nodes = Nodes::new();
        let root = build(&mut nodes);
        BinaryTree::new(root, nodes).unwrap()
    };
    let trees = [
        tree(|_| Binary::leaf(2)),
        tree(|nodes| Binary { left: nodes.add(Binary::leaf(1)).unwrap(), ..Binary::leaf(2) }),
        tree(|nodes| Binary { right: nodes.add(Binary::leaf(1)).unwrap(), ..Binary::leaf(2) }),
        tree(|nodes| Binary { left: nodes.add(Binary::leaf(3)).unwrap(), ..Binary::leaf(2) }),
        tree(|nodes| {
            let left = nodes.add(Binary::leaf(1)).unwrap();
            let left = nodes.add(Binary { left, ..Binary::leaf(1) }).unwrap();
            Binary { left, ..Binary::leaf(2) }
        }),
    ];
    for (i, one) in trees.iter().enumerate() {
        for (j, other) in trees.iter().enumerate() {
            assert_eq!(one == other, i == j, "{one:?} and {other:?}");
        }
    }
}

#[test]
fn a_tree_over_its_bounds_cannot_be_built() {
    // The largest number of nodes, on the largest number of levels.
    assert!(items(&[0; 10]).is_ok());
    assert_eq!(items(&[0; 11]), Err(TreeError::Full { bound: 9 }));
    type Low = Tree<Item, 9, 2>;
    let (root, nodes) = items(&[0; 3]).unwrap().into_parts();
    assert!(Low::new(root, nodes).is_ok());
    let (root, nodes) = items(&[0; 4]).unwrap().into_parts();
    let error = Low::new(root, nodes).unwrap_err();
    assert_eq!(error, TreeError::Depth { bound: 2 });
    assert!(error.to_string().contains("more than 2 levels"), "{error}");
}

#[test]
fn a_node_below_itself_is_refused() {
    let (root, mut nodes) = items(&[0; 3]).unwrap().into_parts();
    nodes.get_mut(root.next).unwrap().next = root.next;
    assert_eq!(Items::new(root, nodes), Err(TreeError::Depth { bound: 9 }));
}

#[test]
fn a_shared_node_counts_for_each_link() {
    // Each further node doubles the nodes on its level.
    let shared = |levels| {
        let mut nodes = Nodes::<_, 12>::new();
        let below = (1..levels).fold(nodes.add(Binary::leaf(0)).unwrap(), |below, _| {
            nodes.add(Binary { left: below, right: below, ..Binary::leaf(0) }).unwrap()
        });
        Tree::<_, 12, 12>::new(Binary { left: below, right: Link::NONE, ..Binary::leaf(0) }, nodes)
    };
    let tree = shared(3).unwrap();
    assert_eq!(tree.walk().count(), 7);
    assert_eq!(decode(&encoded(&tree).unwrap()), Ok(tree));
    assert_eq!(shared(4), Err(TreeError::Shared { bound: 12 }));
    // The encoding would have 4095 nodes.
    assert_eq!(shared(12), Err(TreeError::Shared { bound: 12 }));
}

#[test]
fn links_of_another_tree_are_refused_where_they_match_no_node() {
    let mut others = Nodes::<Binary<'_>, 2>::new();
    others.add(Binary::leaf(0)).unwrap();
    let link = others.add(Binary::leaf(1)).unwrap();
    let tree = BinaryTree::new(Binary { left: link, ..Binary::leaf(0) }, Nodes::new());
    assert_eq!(tree, Err(TreeError::Stray { place: 1, nodes: 0 }));
    // The link matches a node of another type: `get` returns `None`, and encoding fails.
    let mut nodes = Nodes::<Entry, 10>::new();
    let name = heapless::String::new;
    nodes.add(Document { blocks: [0; 3], content: Content::Nothing }).unwrap();
    let mut others = Nodes::<Entry, 1>::new();
    let next = others.add(Folder { name: name(), files: Links::new(), next: Link::NONE }).unwrap();
    let tree = FolderTree::new(Folder { name: name(), files: Links::new(), next }, nodes).unwrap();
    assert_eq!(tree.get(next), None);
    assert_eq!(encoded(&tree), Err(EncodeError::Refused(Fault::Value)));
}

#[test]
fn an_array_holds_as_many_links_as_its_bound() {
    let mut nodes = Nodes::<Expression, 9>::new();
    let link = nodes.add(Expression::Number(1)).unwrap();
    let mut links = Links::<Expression, 2>::from([link]);
    links.push(Link::NONE).unwrap();
    links.push(link).unwrap();
    assert_eq!((links.len(), nodes.all(&links).count()), (2, 2));
    assert_eq!(links.push(link), Err(TreeError::LinksFull { bound: 2 }));
}

#[test]
fn decoding_refuses_more_nodes_than_the_bound() {
    // The root and nine nodes decode; a tenth node is refused.
    let list = |nodes: usize| [[0, 0, 0, 1].repeat(nodes), vec![0; 4], [0, 0, 0, 7].repeat(nodes + 1)].concat();
    assert_eq!(decode::<Items>(&list(9)).map(|items| items.nodes().len()), Ok(9));
    refused::<Items>(&list(10), Fault::Depth, 36);
    // Nodes side by side: sums of four numbers each.
    let sums = |sums: u32| words(&[&[2, sums], &[2, 4, 0, 1, 0, 2, 0, 3, 0, 4].repeat(sums as usize)[..]].concat());
    assert_eq!(decode::<Expressions>(&sums(4)).map(|sums| sums.nodes().len()), Ok(20));
    let more = words(
        &[&[2, 4], &[2, 4, 0, 1, 0, 2, 0, 3, 0, 4].repeat(3)[..], &[2, 4, 0, 1, 0, 2, 0, 3, 2, 1, 0, 4]].concat(),
    );
    assert_eq!(decode::<Expressions>(&more).map_err(|error| error.fault), Err(Fault::Bound));
    // An array with more elements than its bound.
    refused::<Expressions>(&words(&[2, 5, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]), Fault::Bound, 4);
    refused::<Expressions>(&words(&[2, u32::MAX]), Fault::Bound, 4);
}

#[test]
fn endless_nesting_is_refused() {
    // Endless chains of each kind of recursion.
    let endless = |unit: &[u32]| words(&unit.repeat(100_000 / unit.len()));
    refused::<Expressions>(&endless(&[1, 1]), Fault::Depth, 6 * 8 + 4);
    refused::<Expressions>(&endless(&[2, 1]), Fault::Depth, 6 * 8 + 4);
    refused::<Items>(&endless(&[1]), Fault::Depth, 36);
    refused::<BinaryTree<'_>>(&endless(&[1, 0, 1]), Fault::Depth, 6 * 12 - 4);
    refused::<Rares>(&endless(&[1]), Fault::Depth, 16);
    assert_eq!(decode::<FolderTree>(&endless(&[0, 1, 0, 1])).map_err(|error| error.fault), Err(Fault::Depth));
}

#[test]
fn the_depth_of_the_decoder_does_not_limit_trees() {
    // Deeper than the 32 levels of the decoder; each level is a union in an array.
    type Tower = Tree<Expression, 200, 200>;
    let bytes = words(&[&[2, 1].repeat(200)[..], &[0, 5]].concat());
    let tower: Tower = decode(&bytes).unwrap();
    assert_eq!(tower.walk().map(|(level, _)| level).max(), Some(200));
    assert_eq!(encoded(&tower).as_deref(), Ok(&bytes[..]));
    refused::<Tower>(&words(&[2, 1].repeat(300)), Fault::Depth, 200 * 8 + 4);
}

#[test]
fn incomplete_trees_are_refused() {
    let bytes = encoded(&folder()).unwrap();
    for end in 0..bytes.len() {
        assert!(decode::<FolderTree>(&bytes[..end]).is_err(), "at {end}");
    }
    let longer = [&bytes[..], &[0]].concat();
    refused::<FolderTree>(&longer, Fault::LeftOver, bytes.len());
    // A bool that is neither 0 nor 1.
    refused::<Items>(&words(&[2, 0, 0]), Fault::Bool, 0);
    // A name over its bound, and a number that does not fit its type.
    let named = decode::<BinaryTree<'_>>(&words(&[1, 9, 0, 0, 0, 0, 0])).map(|_| ());
    assert_eq!(named, Err(DecodeError { fault: Fault::Bound, offset: 4, value: Some(9) }));
    refused::<Items>(&words(&[0, 256]), Fault::Range, 4);
}

#[test]
fn max_size_counts_every_node() {
    assert_eq!(Binary::MAX_SIZE, 4 + (4 + 8) + 4 + 4);
    assert_eq!(BinaryTree::MAX_SIZE, 13 * Binary::MAX_SIZE);
    assert_eq!(Expression::MAX_SIZE, 8);
    assert_eq!(Entry::MAX_SIZE, Folder::MAX_SIZE);
    assert_eq!(DocumentTree::MAX_SIZE, Document::MAX_SIZE + 10 * Folder::MAX_SIZE);
    let room = &mut [0; Items::MAX_SIZE];
    assert_eq!(encode(&items(&[7; 10]).unwrap(), room), Ok(Items::MAX_SIZE));
}

#[test]
fn a_tree_takes_the_documented_memory() {
    // A link takes two bytes. Besides its nodes a tree takes a word for their number, and alignment.
    assert_eq!(size_of::<Item>(), 4);
    let most = 10 * size_of::<Item>() + 2 * size_of::<usize>();
    assert!(size_of::<Items>() <= most, "{} bytes", size_of::<Items>());
}
