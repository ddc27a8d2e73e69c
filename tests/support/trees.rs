//! Recursive types of every shape, and values of them.

use oncilla::xdr::{Fixed, Link, Links, Maybe, Nodes, Several, Tree, TreeError};

oncilla::xdr_node! {
    /// `struct binary { int key; string name<8>; binary *left; binary *right; };`
    #[derive(Clone, Debug, PartialEq)]
    pub struct Binary<'a> {
        pub key: i32,
        pub name: &'a str [..8],
        pub left: Link<Binary<'a>>,
        pub right: Link<Binary<'a>>,
    }
}

pub type BinaryTree<'a> = Tree<Binary<'a>, 12, 5>;

impl Binary<'_> {
    pub const fn leaf(key: i32) -> Self {
        Self { key, name: "", left: Link::NONE, right: Link::NONE }
    }
}

oncilla::xdr_node! {
    /// Recursion through the arms of a union, optional data and an array.
    #[derive(Clone, Debug, PartialEq)]
    pub enum Expression {
        Number(i32) = 0,
        Negated(Link<Expression>) = 1,
        Sum(Links<Expression, 4>) = 2,
        _ => Unknown(Link<Expression>),
    }
}

pub type Expressions = Tree<Expression, 20, 6>;

oncilla::xdr_node! {
    /// A list whose link is not its last field.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Item {
        pub next: Link<Item>,
        pub value: u8,
    }
}

pub type Items = Tree<Item, 9, 9>;

/// Returns a list of these values.
pub fn items(values: &[u8]) -> Result<Items, TreeError> {
    let mut nodes = Nodes::new();
    let (&first, rest) = values.split_first().expect("a value for the root");
    let mut next = Link::NONE;
    for &value in rest.iter().rev() {
        next = nodes.add(Item { next, value })?;
    }
    Items::new(Item { next, value: first }, nodes)
}

oncilla::xdr_node! {
    /// A folder of documents: a node type that links to another node type.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Folder in Entry {
        pub name: heapless::String<4>,
        pub files: Links<Document, 3>,
        pub next: Link<Folder>,
    }
}

oncilla::xdr_node! {
    /// A document that may link to a folder. Its content is a part by value.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Document in Entry {
        pub blocks: [u8; 3],
        pub content: Content,
    }
}

oncilla::xdr_node! {
    #[derive(Clone, Debug, PartialEq)]
    pub enum Content: u32 in Entry {
        Nothing = 0,
        Unpacked(Link<Folder>) = 1,
        _ in [0xffff_fffe, 0xffff_ffff] => Several(Links<Document, 2>),
    }
}

oncilla::xdr_nodes! {
    #[derive(Clone, Debug, PartialEq)]
    pub enum Entry { Folder, Document }
}

pub type FolderTree = Tree<Folder, 10, 4, Entry>;
pub type DocumentTree = Tree<Document, 10, 4, Entry>;

oncilla::xdr_node! {
    /// The rare parts: links in arrays and optional data.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Rare {
        pub fixed: Fixed<Link<Rare>, 2>,
        pub several: Several<Link<Rare>, 3>,
        pub maybe: Maybe<Links<Rare, 2>>,
        pub byte: u8,
    }
}

pub type Rares = Tree<Rare, 8, 4>;

impl Rare {
    pub fn leaf(byte: u8) -> Self {
        let fixed = Fixed([Link::NONE; 2]);
        Self { fixed, several: Several(heapless::Vec::new()), maybe: Maybe(None), byte }
    }
}

/// Returns a tree of `Binary` nodes.
pub fn binary() -> BinaryTree<'static> {
    let mut nodes = Nodes::new();
    let [one, three] = [1, 3].map(|key| nodes.add(Binary::leaf(key)).expect("there is room"));
    let two = Binary { key: 2, name: "two", left: one, right: three };
    let two = nodes.add(two).expect("there is room");
    BinaryTree::new(Binary { right: Link::NONE, left: two, ..Binary::leaf(4) }, nodes).expect("a tree")
}

pub fn expression() -> Expressions {
    let mut nodes = Nodes::new();
    let mut add = |expression| nodes.add(expression).expect("there is room");
    let two = add(Expression::Number(2));
    let negated = add(Expression::Negated(two));
    let five = add(Expression::Number(5));
    let nothing = add(Expression::Sum(Links::new()));
    let unknown = add(Expression::Unknown(7, nothing));
    Expressions::new(Expression::Sum(Links::from([five, negated, unknown])), nodes).expect("a tree")
}

pub fn folder() -> FolderTree {
    let name = |text: &str| text.try_into().expect("short");
    let mut nodes = Nodes::new();
    let inner = Folder { name: name("in"), files: Links::new(), next: Link::NONE };
    let inner = nodes.add(inner).expect("there is room");
    let plain = nodes.add(Document { blocks: [1, 2, 3], content: Content::Nothing }).expect("there is room");
    let packed = nodes.add(Document { blocks: [4, 5, 6], content: Content::Unpacked(inner) }).expect("there is room");
    let next = Folder { name: name("next"), files: Links::new(), next: Link::NONE };
    let next = nodes.add(next).expect("there is room");
    FolderTree::new(Folder { name: name(""), files: Links::from([plain, packed]), next }, nodes).expect("a tree")
}

pub fn rare() -> Rares {
    let mut nodes = Nodes::new();
    let links = [1, 2, 3, 4].map(|byte| nodes.add(Rare::leaf(byte)).expect("there is room"));
    let several = heapless::Vec::from_slice(&[Link::NONE, links[1]]).expect("there is room");
    let maybe = Maybe(Some(Links::from([links[2], links[3]])));
    let root = Rare { fixed: Fixed([links[0], Link::NONE]), several: Several(several), maybe, byte: 9 };
    Rares::new(root, nodes).expect("a tree")
}
