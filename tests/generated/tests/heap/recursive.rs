//! Recursive types in boxes: what we send, C made by rpcgen reads, computes with and writes again.

#[path = "../../../support/c_server.rs"]
mod c_server;
#[path = "../../../support/libtirpc.rs"]
mod libtirpc;

use std::path::Path;
use std::process::Command;

use c_server::CServer;
use oncilla::CallError;
use oncilla::xdr::{DecodeError, Deep, Fault};
use oncilla_generated::heap::recursive::*;

fn server() -> CServer {
    let into = Path::new(env!("CARGO_TARGET_TMPDIR")).join("heap-recursive");
    let parts: &[&str] = &["c/recursive_server.c", "recursive_xdr.c", "recursive_svc.c"];
    libtirpc::compile(Path::new(env!("CARGO_MANIFEST_DIR")), "recursive", &into, &[("recursive_server", parts)]);
    CServer::start(Command::new(into.join("recursive_server")))
}

/// A search tree of the keys, added one by one.
fn search_tree(keys: &[i32]) -> Option<Box<Node>> {
    let (&key, others) = keys.split_first()?;
    let side = |is_left: bool| {
        let keys: Vec<_> = others.iter().copied().filter(|&other| (other < key) == is_left).collect();
        search_tree(&keys)
    };
    Some(Box::new(Node { key, name: "name".into(), left: side(true), right: side(false) }))
}

/// 2 * (3 + -(4)) + 5
fn expression() -> Expression {
    let negated = Expression::Negated(Some(Box::new(Expression::Number(4))));
    let sum = Expression::Terms(Kind::Sum.number(), vec![Expression::Number(3), negated]);
    let product = Expression::Terms(Kind::Product.number(), vec![Expression::Number(2), sum]);
    Expression::Terms(Kind::Sum.number(), vec![product, Expression::Number(5)])
}

fn items(values: &[i64]) -> Item {
    let (&value, others) = values.split_first().expect("a value");
    let next = others.iter().rev().fold(None, |next, &value| Some(Box::new(Item { next, value })));
    Item { next, value }
}

fn folder() -> Folder {
    let folder = |name: &str, files, next: Option<_>| {
        let open = next.is_none();
        Folder { name: name.into(), files, next, open }
    };
    let inner = Some(Box::new(folder("inner", None, None)));
    let file = |what, next| Some(Box::new(File { what, next }));
    let last = file(Content::Default(7, vec![1, 2, 3]), None);
    let files = file(Content::Case0, file(Content::Unpacked(inner), last));
    folder("", files, Some(Box::new(folder("next", None, None))))
}

fn place() -> Place {
    let place =
        |height, neighbours: Vec<_>, corner, maybe| Place { neighbours, corners: [None, corner], maybe, height };
    let boxed = |place| Some(Box::new(place));
    let low = boxed(place(0, Vec::new(), None, None));
    let high = boxed(place(255, Vec::new(), None, Some(None)));
    let top = boxed(place(9, Vec::new(), None, None));
    place(100, vec![low.clone(), None, high], low, Some(top))
}

#[test]
fn everything_comes_back() {
    let server = server();
    let mut caller = oncilla_host::tcp(server.addresses[0]).unwrap();
    let mut client = recursive_1::Client::new(&mut caller);
    let tree = |keys: &[i32]| search_tree(keys).map(|node| Deep(*node)).expect("a key");
    for keys in [&[5][..], &[5, 2, 8, 1, 3, 9], &[7, 6, 5, 4, 3, 2, 1]] {
        assert_eq!(client.echo_node(tree(keys)).unwrap(), tree(keys));
        // C goes through it as it should, too.
        let mut sorted = keys.to_vec();
        sorted.sort_unstable();
        let digits = sorted.iter().fold(0, |number, key| number * 10 + i64::from(*key));
        assert_eq!(client.keys(Some(Box::new(tree(keys)))).unwrap(), digits);
    }
    assert_eq!(client.keys(None).unwrap(), 0);
    assert_eq!(client.echo_expression(Deep(expression())).unwrap(), Deep(expression()));
    assert_eq!(client.evaluate(Deep(expression())).unwrap(), 3);
    for values in [&[1][..], &[1, 2, 3], &[0; 41]] {
        assert_eq!(client.echo_item(Deep(items(values))).unwrap(), Deep(items(values)));
    }
    assert_eq!(client.echo_folder(Deep(folder())).unwrap(), Deep(folder()));
    for place in [None, Some(Box::new(Deep(place())))] {
        assert_eq!(client.echo_place(place.clone()).unwrap(), place);
    }
    let pair = [Deep(items(&[1])), Deep(items(&[2, 3]))];
    for second in [None, Some(Box::new(tree(&[4])))] {
        let several = vec![tree(&[1]), tree(&[2, 1, 3])];
        let holder = Holder { first: Deep(items(&[9, 8])), second, several, pair: pair.clone() };
        assert_eq!(client.echo_holder(holder.clone()).unwrap(), holder);
    }
}

#[test]
fn what_is_nested_too_deeply_is_refused() {
    let server = server();
    let mut caller = oncilla_host::tcp(server.addresses[0]).unwrap();
    let mut client = recursive_1::Client::new(&mut caller);
    let Deep(counted) = client.count(81).unwrap();
    let values = std::iter::successors(Some(&counted), |item| item.next.as_deref()).map(|item| item.value);
    assert!(values.eq(0..81), "{counted:?}");
    match client.count(83) {
        Err(CallError::Results(DecodeError { fault: Fault::Depth, .. })) => {}
        other => panic!("{other:?}"),
    }
    // The client goes on.
    assert_eq!(client.count(1).unwrap().0.value, 0);
}
