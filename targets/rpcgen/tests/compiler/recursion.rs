//! Many types within each other: the compiler neither runs out of stack nor repeats its work for each of them.

use oncilla_rpcgen::{Data, Options};

const TYPES: usize = 3000;

fn generated(text: &str) -> String {
    let options = Options::new().data(Data::Borrowed);
    options.generate_text("large.x", text).unwrap_or_else(|error| panic!("{error}")).rust
}

#[test]
fn a_ring_of_pointers() {
    let next = |number: usize| (number + 1) % TYPES;
    let type_ =
        |number| format!("struct a{number} {{ string s<8>; a{} *next; a{} *other; }};\n", next(number), number / 2);
    let rust = generated(&(0..TYPES).map(type_).collect::<String>());
    assert_eq!(rust.matches("in A1Node<'a> {").count(), TYPES);
    assert_eq!(rust.matches("oncilla::xdr_nodes! {").count(), 1);
}

#[test]
fn a_chain_of_values_that_ends_in_a_pointer() {
    let type_ = |number| format!("struct a{number} {{ int i; a{} next; }};\n", number + 1);
    let last = format!("struct a{TYPES} {{ int i; a0 *first; opaque o<8>; }};\n");
    let rust = generated(&((0..TYPES).map(type_).collect::<String>() + &last));
    // All are parts of the one that there is a pointer to.
    assert_eq!(rust.matches("in A0<'a> {").count(), TYPES);
    assert!(!rust.contains("oncilla::xdr_nodes! {"));
}

#[test]
fn a_chain_of_names_in_a_circle() {
    let names = |number| format!("typedef name{} name{number};\n", number + 1);
    let text =
        (0..900).map(names).collect::<String>() + "typedef node *name900; struct node { name0 left; name450 right; };";
    let rust = generated(&text);
    assert!(rust.contains("pub left: oncilla::xdr::Link<Node>,"), "{rust}");
    assert!(rust.contains("pub type Name0 = Name1;") && rust.contains("pub type Name900 = Option<NodeTree>;"));
}

#[test]
fn a_ring_of_boxes() {
    let next = |number: usize| (number + 1) % TYPES;
    let type_ =
        |number| format!("struct a{number} {{ string s<8>; a{} *next; a{} *other; }};\n", next(number), number / 2);
    let text = (0..TYPES).map(type_).collect::<String>();
    let rust = Options::new().data(Data::Heap).generate_text("large.x", text).unwrap().rust;
    assert_eq!(rust.matches("pub next: Option<Box<A").count(), TYPES);
}

#[test]
fn a_tree_on_the_heap_has_levels_and_no_nodes() {
    let compile = |options: Options| {
        let text = "struct node { int key; node *left; node *right; }; struct holder { node tree; node *more; };";
        options.data(Data::Heap).generate_text("tree.x", text).map(|output| output.rust)
    };
    let plain = compile(Options::new()).unwrap();
    assert!(plain.contains("pub tree: Node,") && plain.contains("pub more: Option<Box<Node>>,"), "{plain}");
    let deep = compile(Options::new().levels("node", 255)).unwrap();
    assert!(deep.contains("pub type NodeTree = oncilla::xdr::Deep<Node, 255>;"), "{deep}");
    assert!(deep.contains("pub tree: NodeTree,") && deep.contains("pub more: Option<Box<NodeTree>>,"), "{deep}");
    assert!(deep.contains("pub left: Option<Box<Node>> [..],"), "{deep}");
    let levels = compile(Options::new().tree_levels(256)).unwrap_err().to_string();
    assert_eq!(levels, "the recursive type node has a bound of 256 levels; state at most 255");
    let nodes = compile(Options::new().bound("node", 9)).unwrap_err().to_string();
    assert!(
        nodes.starts_with("a bound of 9 nodes is set for the recursive type node, which is on the heap"),
        "{nodes}"
    );
}

#[test]
fn a_tree_has_as_many_nodes_as_its_links_can_count() {
    let compile = |nodes, levels| {
        let options = Options::new().list_nodes(nodes).tree_levels(levels);
        options.generate_text("tree.x", "struct node { int key; node *left; node *right; };").map(drop)
    };
    assert!(compile(65_534, 65_534).is_ok());
    let nodes = compile(65_535, 16).unwrap_err().to_string();
    assert_eq!(nodes, "the recursive type node has a bound of 65535 nodes; state at most 65534");
    let levels = compile(16, 65_535).unwrap_err().to_string();
    assert_eq!(levels, "the recursive type node has a bound of 65535 levels; state at most 65534");
    let list = Options::new().list_nodes(70_000).generate_text("list.x", "struct node { int key; node *next; };");
    assert!(list.is_ok());
}
