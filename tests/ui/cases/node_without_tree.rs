//? parts of a tree; use `oncilla::xdr::Tree<Node, 16, 8>`
use oncilla::xdr::Link;

oncilla::xdr_node! {
    pub struct Node {
        pub key: u32,
        pub next: Link<Node>,
    }
}

oncilla::program! {
    pub mod nodes = 0x2000_0042, version 1 {
        fn put(node: Node) = 1; //~ `Node` is not a type that an interface can carry
        fn first() -> Link<Node> = 2; //~ Link<Node>` is not a type that an interface can carry
    }
}

oncilla::xdr_struct! {
    pub struct Holder {
        pub node: Node, //~ `Node` is not a type that an interface can carry
    }
}

fn main() {}
