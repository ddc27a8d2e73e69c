//! Recursive types in memory of a fixed size: a root, and an arena of the nodes below it.

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
pub use part::{Part, TakePart, Taken};
pub use several::{Fixed, Maybe, Several};
pub use walk::{Children, Walk};

/// A recursive value: a root, and at most `NODES` nodes below it on at most `DEPTH` levels.
///
/// XDR has recursive types in optional data, arrays and unions (RFC 4506 §4.19). Their nodes are declared by
/// [`xdr_node!`](crate::xdr_node) and lead to each other by [`Link`] and [`Links`], numbers of two bytes; the tree owns
/// them all, side by side. On the wire a link is the value that it leads to, as in C.
///
/// - **Memory**: the root, `NODES` nodes whether they are used or not, and a word; `size_of::<Tree<…>>()` is exact.
/// - **Stack**: encoding and decoding call themselves once a level, so that `DEPTH` bounds the stack, and not the peer.
///   A level takes 110 to 220 bytes of a Cortex-M3's stack on decoding, and 60 on encoding (nodes of 16 and 20 bytes,
///   optimised for size); on x86-64 it is at most 240 bytes and three nodes.
/// - **Flash**: receiving and walking a tree takes some 1.5 kB on a Cortex-M3, building and sending one 0.8 kB.
/// - **Bounds**: a peer's value with more nodes is refused with [`Fault::Bound`](super::Fault::Bound), one with more
///   levels with [`Fault::Depth`](super::Fault::Depth), before more than `NODES + DEPTH` nodes have been read. One's own
///   value is checked by [`new`](Self::new), so a tree that exists can be sent.
///
/// Two trees are equal if they have the same encoding, in whatever order their nodes were added.
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
/// // From the leaves to the root.
/// let mut nodes = Nodes::new();
/// let left = nodes.add(Node { key: 1, left: Link::NONE, right: Link::NONE })?;
/// let right = nodes.add(Node { key: 3, left: Link::NONE, right: Link::NONE })?;
/// let tree = NodeTree::new(Node { key: 2, left, right }, nodes)?;
/// let mut room = [0; 36];
/// assert_eq!(xdr::encode(&tree, &mut room), Ok(36));
///
/// // From the root to the leaves.
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
/// `T` is what the arena holds, another type than the root where several types are within each other: see
/// [`xdr_nodes!`](crate::xdr_nodes).
#[derive(Clone)]
pub struct Tree<R, const NODES: usize, const DEPTH: usize, T = R> {
    root: R,
    nodes: Nodes<T, NODES>,
}

impl<R: Part<T>, T: Part<T>, const NODES: usize, const DEPTH: usize> Tree<R, NODES, DEPTH, T> {
    /// Makes a tree of its root and of the nodes that this leads to. Nodes that nothing leads to are kept, and not sent.
    ///
    /// # Errors
    /// [`TreeError`]: there are more levels than `DEPTH`, links that share nodes lead to more than `NODES`, or a link is
    /// one of other nodes. Such a link is not noticed where it leads to a node of these by chance; if that is of another
    /// type, encoding refuses it.
    pub fn new(root: R, nodes: Nodes<T, NODES>) -> Result<Self, TreeError> {
        check::check(&root, &nodes, DEPTH)?;
        Ok(Self { root, nodes })
    }

    /// The nodes right below the root or another node, in the order of the encoding.
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

    /// All nodes below the root with their levels, from 1, each before those below it: the order in which they are sent.
    ///
    /// It needs no stack, but a word for each of `DEPTH` levels.
    pub fn walk(&self) -> Walk<'_, R, T, DEPTH> {
        Walk::new(&self.root, self.nodes.as_slice())
    }
}

impl<R, T, const NODES: usize, const DEPTH: usize> Tree<R, NODES, DEPTH, T> {
    /// The root, level 0.
    pub const fn root(&self) -> &R {
        &self.root
    }

    /// The node that a link leads to, or none if it leads nowhere.
    pub fn get<U>(&self, link: Link<U>) -> Option<&U>
    where
        T: Holds<U>,
    {
        self.nodes.get(link)
    }

    /// The nodes that the links of an array lead to.
    pub fn all<'t, U: 't, const N: usize>(&'t self, links: &'t Links<U, N>) -> impl Iterator<Item = &'t U>
    where
        T: Holds<U>,
    {
        self.nodes.all(links)
    }

    /// The nodes below the root.
    pub const fn nodes(&self) -> &Nodes<T, NODES> {
        &self.nodes
    }

    /// Takes the tree apart, to change it and to make one of it again.
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
    // The size of a node is without those below it.
    const MAX_SIZE: usize = R::MAX_SIZE + NODES * T::MAX_SIZE;
}

// A tuple struct is the one thing in serde whose parts stand one after another with nothing between them. There are
// as many as there are, which is less than this.
const NAME: &str = "Tree";
const PARTS: usize = usize::MAX / 2;

impl<R: Part<T>, T, const NODES: usize, const DEPTH: usize> Serialize for Tree<R, NODES, DEPTH, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut parts = serializer.serialize_tuple_struct(NAME, PARTS)?;
        self.root.put(&mut parts, self.nodes.as_slice())?;
        parts.end()
    }
}

struct Growing<R, const NODES: usize, const DEPTH: usize, T>(PhantomData<(R, T)>);

impl<'de, R: TakePart<'de, T>, T, const NODES: usize, const DEPTH: usize> Visitor<'de> for Growing<R, NODES, DEPTH, T> {
    type Value = Tree<R, NODES, DEPTH, T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a tree of at most {NODES} nodes on {DEPTH} levels below its root")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
        let mut nodes = Nodes::new();
        let root = R::take(&mut parts, &mut Taken::new(&mut nodes, DEPTH))?;
        Ok(Tree { root, nodes })
    }
}

impl<'de, R: TakePart<'de, T>, T, const NODES: usize, const DEPTH: usize> Deserialize<'de>
    for Tree<R, NODES, DEPTH, T>
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple_struct(NAME, PARTS, Growing(PhantomData))
    }
}
