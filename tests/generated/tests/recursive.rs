//! Recursive types of every shape: what we send, C made by rpcgen reads, computes with and writes again, and what C
//! makes, we read.

#[path = "../../support/c_server.rs"]
mod c_server;
#[path = "../../support/libtirpc.rs"]
mod libtirpc;

use std::path::Path;
use std::process::Command;
use std::sync::Once;

use c_server::CServer;
use oncilla::CallError;
use oncilla::xdr::{DecodeError, Fault, Fixed, Link, Links, Maybe, Nodes, Several, TreeError};
use oncilla_generated::recursive::*;

fn server() -> CServer {
    static COMPILED: Once = Once::new();
    let into = Path::new(env!("CARGO_TARGET_TMPDIR")).join("recursive");
    COMPILED.call_once(|| {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR"));
        let parts: &[&str] = &["c/recursive_server.c", "recursive_xdr.c", "recursive_svc.c"];
        libtirpc::compile(sources, "recursive", &into, &[("recursive_server", parts)]);
    });
    CServer::start(Command::new(into.join("recursive_server")))
}

fn node(key: i32, left: Link<Node>, right: Link<Node>) -> Node {
    Node { key, name: "name".try_into().unwrap(), left, right }
}

/// A search tree of the keys, added one by one.
fn search_tree(keys: &[i32]) -> Result<NodeTree, TreeError> {
    fn below(keys: &[i32], nodes: &mut Nodes<Node, 40>) -> Result<Node, TreeError> {
        let (&key, others) = keys.split_first().expect("a key");
        let mut side = |is_left: bool| {
            let keys: Vec<_> = others.iter().copied().filter(|&other| (other < key) == is_left).collect();
            if keys.is_empty() { Ok(Link::NONE) } else { below(&keys, nodes).and_then(|node| nodes.add(node)) }
        };
        Ok(node(key, side(true)?, side(false)?))
    }
    let mut nodes = Nodes::new();
    let root = below(keys, &mut nodes)?;
    NodeTree::new(root, nodes)
}

/// 2 * (3 + -(4)) + 5
fn expression() -> Result<ExpressionTree, TreeError> {
    let mut nodes = Nodes::new();
    let four = nodes.add(Expression::Number(4))?;
    let negated = nodes.add(Expression::Negated(four))?;
    let three = nodes.add(Expression::Number(3))?;
    let sum = nodes.add(Expression::Terms(Kind::Sum.number(), Links::from([three, negated])))?;
    let two = nodes.add(Expression::Number(2))?;
    let product = nodes.add(Expression::Terms(Kind::Product.number(), Links::from([two, sum])))?;
    let five = nodes.add(Expression::Number(5))?;
    ExpressionTree::new(Expression::Terms(Kind::Sum.number(), Links::from([product, five])), nodes)
}

fn items(values: &[i64]) -> Result<ItemTree, TreeError> {
    let (&value, others) = values.split_first().expect("a value");
    let mut nodes = Nodes::new();
    let mut next = Link::NONE;
    for &value in others.iter().rev() {
        next = nodes.add(Item { next, value })?;
    }
    ItemTree::new(Item { next, value }, nodes)
}

fn folder() -> Result<FolderTree, TreeError> {
    let folder = |name: &str, files, next| Folder { name: name.try_into().unwrap(), files, next, open: next.is_none() };
    let mut nodes = Nodes::new();
    let inner = nodes.add(folder("inner", Link::NONE, Link::NONE))?;
    let last = nodes.add(File { what: Content::Default(7, [1, 2, 3].into()), next: Link::NONE })?;
    let packed = nodes.add(File { what: Content::Unpacked(inner), next: last })?;
    let first = nodes.add(File { what: Content::Case0, next: packed })?;
    let next = nodes.add(folder("next", Link::NONE, Link::NONE))?;
    FolderTree::new(folder("", first, next), nodes)
}

fn place(height: u8, [first, second]: [Link<Place>; 2], maybe: Maybe<Link<Place>>) -> Place {
    let neighbours = heapless::Vec::from_slice(&[first, Link::NONE, second]).unwrap();
    Place { neighbours: Several(neighbours), corners: Fixed([Link::NONE, first]), maybe, height }
}

fn places() -> Result<PlaceTree, TreeError> {
    let mut nodes = Nodes::new();
    let mut leaf = |height, maybe| nodes.add(place(height, [Link::NONE; 2], maybe));
    let (low, high) = (leaf(0, Maybe(None))?, leaf(255, Maybe(Some(Link::NONE)))?);
    let top = leaf(9, Maybe(None))?;
    PlaceTree::new(place(100, [low, high], Maybe(Some(top))), nodes)
}

#[test]
fn everything_comes_back() {
    let server = server();
    let mut caller = oncilla_host::tcp(server.addresses[0]).unwrap();
    let mut client = recursive_1::Client::new(&mut caller);
    for keys in [&[5][..], &[5, 2, 8, 1, 3, 9], &[7, 6, 5, 4, 3, 2, 1]] {
        let tree = search_tree(keys).unwrap();
        assert_eq!(client.echo_node(tree.clone()).unwrap(), tree);
        // C goes through it as it should, too.
        let mut sorted = keys.to_vec();
        sorted.sort_unstable();
        let digits = sorted.iter().fold(0, |number, key| number * 10 + i64::from(*key));
        assert_eq!(client.keys(Some(tree)).unwrap(), digits);
    }
    assert_eq!(client.keys(None).unwrap(), 0);
    let sum = expression().unwrap();
    assert_eq!(client.echo_expression(sum.clone()).unwrap(), sum);
    assert_eq!(client.evaluate(sum).unwrap(), 3);
    for values in [&[1][..], &[1, 2, 3], &[0; 41]] {
        let items = items(values).unwrap();
        assert_eq!(client.echo_item(items.clone()).unwrap(), items);
    }
    let tree = folder().unwrap();
    assert_eq!(client.echo_folder(tree.clone()).unwrap(), tree);
    for place in [None, Some(places().unwrap())] {
        assert_eq!(client.echo_place(place.clone()).unwrap(), place);
    }
    let tree = |keys: &[i32]| search_tree(keys).unwrap();
    let list = |values: &[i64]| items(values).unwrap();
    let several = heapless::Vec::from_slice(&[tree(&[1]), tree(&[2, 1, 3])]).unwrap();
    let pair = [list(&[1]), list(&[2, 3])];
    for second in [None, Some(tree(&[4]))] {
        let holder = Holder { first: list(&[9, 8]), second, several: several.clone(), pair: pair.clone() };
        assert_eq!(client.echo_holder(holder.clone()).unwrap(), holder);
    }
}

#[test]
fn what_is_over_a_bound_is_refused() {
    let server = server();
    let mut caller = oncilla_host::tcp(server.addresses[0]).unwrap();
    let mut client = recursive_1::Client::new(&mut caller);
    let counted = client.count(41).unwrap();
    let values = counted.walk().map(|(_, item)| item.value);
    assert!(values.eq(1..=40), "{counted:?}");
    // A root and 40 items below it are the most.
    match client.count(42) {
        Err(CallError::Results(DecodeError { fault: Fault::Depth, .. })) => {}
        other => panic!("{other:?}"),
    }
    // The client goes on.
    assert_eq!(client.count(1).unwrap().root().value, 0);
}
