//! Recursive types in memory of a fixed size: a root, and an arena of nodes.

// `node` and `union` declare node types, and `held` the type of an arena with several of them. `nodes` is the arena,
// `link` and `several` are what connects nodes. `part` defines how each of these is encoded and decoded, `check` and
// `walk` go through a finished tree.

mod check;
pub mod expanded;
mod held;
mod link;
mod node;
mod nodes;
mod part;
mod several;
mod union;
mod walk;

use core::fmt;
use core::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeTupleStruct, Serializer};

use super::MaxSize;
pub use check::TreeError;
pub use held::Holds;
pub use link::{Link, Links};
pub use nodes::Nodes;
pub use part::{DecodePart, Decoding, Part};
pub use several::{Fixed, Maybe, Several};
pub use walk::{Children, Walk};

/// A value of a recursive type, in memory of a fixed size.
///
/// It has a root, and at most `NODES` nodes below the root, on at most `DEPTH` levels.
///
/// XDR has recursive types in optional data, arrays and unions (RFC 4506 §4.19). Declare their nodes by
/// [`xdr_node!`](crate::xdr_node). A node refers to other nodes by [`Link`] and [`Links`], which are indices of two
/// bytes. The tree owns all nodes in one array. On the wire, as in C, a link is the node that it refers to.
///
/// - **Memory**: the root, `NODES` nodes, and a word. Unused nodes count. `size_of::<Tree<…>>()` is exact.
/// - **Stack**: encoding and decoding recurse once for each level, so `DEPTH` bounds the stack, whatever a peer sends.
///   On a Cortex-M3 a level takes 110 to 220 bytes for decoding and 60 bytes for encoding (nodes of 16 and 20 bytes,
///   optimised for size). On x86-64 a level takes at most 240 bytes and three nodes.
/// - **Flash**: receiving and walking a tree takes about 1.5 kB on a Cortex-M3; building and sending a tree 0.8 kB.
/// - **Bounds**: decoding fails with [`Fault::Bound`](super::Fault::Bound) if there are more nodes, and with
///   [`Fault::Depth`](super::Fault::Depth) if there are more levels. Before the error it reads at most `NODES + DEPTH`
///   nodes. [`new`](Self::new) checks a tree that you build, so every tree can be encoded.
///
/// Two trees are equal if they have the same encoding. The order in which their nodes were added does not matter.
///
/// ```
/// use oncilla::xdr::{self, Link, Nodes, Tree};
///
/// oncilla::xdr_node! {
///     /// `struct node { int key; node *left; node *right; };`
///     #[derive(Clone, Debug, PartialEq)]
///     pub struct Node {
///         pub key: i32,
///         pub left: Link<Node>,
///         pub right: Link<Node>,
///     }
/// }
/// type NodeTree = Tree<Node, 16, 8>;
///
/// // Build a tree from the leaves to the root.
/// let mut nodes = Nodes::new();
/// let left = nodes.add(Node { key: 1, left: Link::NONE, right: Link::NONE })?;
/// let right = nodes.add(Node { key: 3, left: Link::NONE, right: Link::NONE })?;
/// let tree = NodeTree::new(Node { key: 2, left, right }, nodes)?;
/// let mut room = [0; 36];
/// assert_eq!(xdr::encode(&tree, &mut room), Ok(36));
///
/// // Read a tree from the root to the leaves.
/// let received: NodeTree = xdr::decode(&room).unwrap();
/// let mut smallest = received.root();
/// while let Some(node) = received.get(smallest.left) {
///     smallest = node;
/// }
/// assert_eq!(smallest.key, 1);
/// assert_eq!(received.walk().map(|(_, node)| node.key).sum::<i32>(), 1 + 3);
/// # Ok::<(), xdr::TreeError>(())
/// ```
///
/// `T` is the type that the arena holds. It differs from the type of the root, if nodes of several types contain each
/// other: see [`xdr_nodes!`](crate::xdr_nodes).
#[derive(Clone)]
pub struct Tree<R, const NODES: usize, const DEPTH: usize, T = R> {
    root: R,
    nodes: Nodes<T, NODES>,
}

impl<R: Part<T>, T: Part<T>, const NODES: usize, const DEPTH: usize> Tree<R, NODES, DEPTH, T> {
    /// Creates a tree from a root and the nodes below it.
    ///
    /// Nodes that no link refers to stay in memory, and are not encoded.
    ///
    /// # Errors
    /// - [`TreeError::Depth`]: the tree has more than `DEPTH` levels, or a node is below itself.
    /// - [`TreeError::Shared`]: several links refer to one node, and the encoding would have more than `NODES` nodes.
    /// - [`TreeError::Stray`]: a link was made for another tree, and refers to no node of this one. A link from another
    ///   tree that does match a node is not detected; if the node has another type, encoding fails.
    pub fn new(root: R, nodes: Nodes<T, NODES>) -> Result<Self, TreeError> {
        check::check(&root, &nodes, DEPTH)?;
        Ok(Self { root, nodes })
    }

    /// Iterates over the children of a node, in the order of the encoding.
    ///
    /// ```
    /// # use oncilla::xdr::{Links, Nodes, Tree};
    /// oncilla::xdr_node! {
    ///     struct Menu { key: u8, entries: Links<Menu, 4> }
    /// }
    /// # let mut nodes = Nodes::new();
    /// # let one = nodes.add(Menu { key: 1, entries: Links::new() })?;
    /// # let two = nodes.add(Menu { key: 2, entries: Links::new() })?;
    /// # let menus = Tree::<Menu, 9, 3>::new(Menu { key: 0, entries: Links::from([one, two]) }, nodes)?;
    /// let find = |key| menus.children(menus.root()).find(|menu| menu.key == key);
    /// assert!(find(2).is_some() && find(3).is_none());
    /// # Ok::<(), oncilla::xdr::TreeError>(())
    /// ```
    pub fn children<'t, P: Part<T>>(&'t self, of: &'t P) -> Children<'t, P, T> {
        Children::new(of, self.nodes.as_slice())
    }

    /// Iterates over all nodes below the root, with their levels.
    ///
    /// The children of the root are on level 1. The order is that of the encoding: each node comes before its children.
    /// The iterator holds a few words for each of `DEPTH` levels, and does not recurse.
    pub fn walk(&self) -> Walk<'_, R, T, DEPTH> {
        Walk::new(&self.root, self.nodes.as_slice())
    }
}

impl<R, T, const NODES: usize, const DEPTH: usize> Tree<R, NODES, DEPTH, T> {
    /// Returns the root, which is level 0.
    pub const fn root(&self) -> &R {
        &self.root
    }

    /// Returns the node that a link refers to, or `None` for [`Link::NONE`].
    pub fn get<U>(&self, link: Link<U>) -> Option<&U>
    where
        T: Holds<U>,
    {
        self.nodes.get(link)
    }

    /// Iterates over the nodes that an array of links refers to.
    pub fn all<'t, U: 't, const N: usize>(&'t self, links: &'t Links<U, N>) -> impl Iterator<Item = &'t U>
    where
        T: Holds<U>,
    {
        self.nodes.all(links)
    }

    /// Returns the nodes below the root.
    pub const fn nodes(&self) -> &Nodes<T, NODES> {
        &self.nodes
    }

    /// Splits the tree into its root and nodes, to change them.
    ///
    /// [`new`](Self::new) makes a tree of them again.
    pub fn into_parts(self) -> (R, Nodes<T, NODES>) {
        (self.root, self.nodes)
    }
}

impl<R, T, const NODES: usize, const DEPTH: usize> PartialEq for Tree<R, NODES, DEPTH, T>
where
    R: Part<T> + PartialEq,
    T: Part<T> + PartialEq,
{
    fn eq(&self, other: &Self) -> bool {
        self.root == other.root
            && walk::same(&self.root, self.nodes.as_slice(), &other.root, other.nodes.as_slice(), DEPTH)
    }
}

impl<R: fmt::Debug, T: fmt::Debug, const NODES: usize, const DEPTH: usize> fmt::Debug for Tree<R, NODES, DEPTH, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tree").field("root", &self.root).field("nodes", &self.nodes).finish()
    }
}

#[diagnostic::do_not_recommend]
impl<R: MaxSize, T: MaxSize, const NODES: usize, const DEPTH: usize> MaxSize for Tree<R, NODES, DEPTH, T> {
    // The largest size of a node does not include the nodes that its links refer to.
    const MAX_SIZE: usize = R::MAX_SIZE + NODES * T::MAX_SIZE;
}

// In serde, only a tuple struct has any number of parts, with nothing encoded between them. Their number is not known
// in advance; it is always below `PARTS`.
const NAME: &str = "Tree";
const PARTS: usize = usize::MAX / 2;

impl<R: Part<T>, T, const NODES: usize, const DEPTH: usize> Serialize for Tree<R, NODES, DEPTH, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut parts = serializer.serialize_tuple_struct(NAME, PARTS)?;
        self.root.put(&mut parts, self.nodes.as_slice())?;
        parts.end()
    }
}

/// Reads the parts of a [`Tree`].
struct TreeVisitor<R, const NODES: usize, const DEPTH: usize, T>(PhantomData<(R, T)>);

impl<'de, R: DecodePart<'de, T>, T, const NODES: usize, const DEPTH: usize> Visitor<'de>
    for TreeVisitor<R, NODES, DEPTH, T>
{
    type Value = Tree<R, NODES, DEPTH, T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a tree of at most {NODES} nodes on {DEPTH} levels below its root")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
        let mut nodes = Nodes::new();
        let root = R::decode(&mut parts, &mut Decoding::new(&mut nodes, DEPTH))?;
        Ok(Tree { root, nodes })
    }
}

impl<'de, R: DecodePart<'de, T>, T, const NODES: usize, const DEPTH: usize> Deserialize<'de>
    for Tree<R, NODES, DEPTH, T>
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple_struct(NAME, PARTS, TreeVisitor(PhantomData))
    }
}
