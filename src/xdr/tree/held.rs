//! The type that an arena holds: one type of nodes, or an enum of several.

/// A type of an arena that can hold nodes of type `U`.
///
/// Every type holds itself. [`xdr_nodes!`](crate::xdr_nodes) declares an enum that holds several types.
#[diagnostic::on_unimplemented(
    message = "a tree whose nodes are `{Self}` holds no `{U}`",
    label = "this tree has no node that a link to a `{U}` can refer to",
    note = "if nodes of several types contain each other, list them in `oncilla::xdr_nodes! {{ enum Any {{ A, B }} }}`, and declare each as `struct A in Any`"
)]
pub trait Holds<U>: Sized {
    /// Wraps a node.
    #[doc(hidden)]
    fn holding(node: U) -> Self;

    /// Returns the node, if it is a `U`.
    #[doc(hidden)]
    fn node(&self) -> Option<&U>;

    /// Returns the node, to change it, if it is a `U`.
    #[doc(hidden)]
    fn node_mut(&mut self) -> Option<&mut U>;
}

impl<T> Holds<T> for T {
    #[inline]
    fn holding(node: T) -> Self {
        node
    }

    #[inline]
    fn node(&self) -> Option<&T> {
        Some(self)
    }

    #[inline]
    fn node_mut(&mut self) -> Option<&mut T> {
        Some(self)
    }
}

/// Declares the type of an arena that holds nodes of several types.
///
/// It is for a [`Tree`](crate::xdr::Tree) whose node types contain each other. The macro declares an enum with a variant
/// for each type of node, and the variant has the name of that type.
///
/// ```
/// use oncilla::xdr::{Link, Nodes, Tree, TreeError};
///
/// oncilla::xdr_node! {
///     #[derive(Clone, Debug, PartialEq)]
///     pub struct Folder in Entry { pub name: heapless::String<12>, pub files: Link<File>, pub next: Link<Folder> }
/// }
/// oncilla::xdr_node! {
///     #[derive(Clone, Debug, PartialEq)]
///     pub struct File in Entry { pub size: u32, pub next: Link<File>, pub unpacked: Link<Folder> }
/// }
/// oncilla::xdr_nodes! {
///     #[derive(Clone, Debug, PartialEq)]
///     pub enum Entry { File, Folder }
/// }
///
/// let mut nodes = Nodes::new();
/// let file = nodes.add(File { size: 512, next: Link::NONE, unpacked: Link::NONE })?;
/// let root = Folder { name: heapless::String::new(), files: file, next: Link::NONE };
/// let tree = Tree::<Folder, 20, 5, Entry>::new(root, nodes)?;
/// assert_eq!(tree.get(tree.root().files).map(|file| file.size), Some(512));
/// assert!(matches!(tree.walk().next(), Some((1, Entry::File(_)))));
/// # Ok::<(), TreeError>(())
/// ```
#[macro_export]
macro_rules! xdr_nodes {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident {
            $($(#[$node_attribute:meta])* $node:ident),+ $(,)?
        }
    ) => {
        $crate::xdr_nodes! { @ [] $(#[$attribute])* $visibility enum $name { $($(#[$node_attribute])* $node($node),)+ } }
    };
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident <$lifetime:lifetime> {
            $($(#[$node_attribute:meta])* $node:ident $(<$node_lifetime:lifetime>)?),+ $(,)?
        }
    ) => {
        $crate::xdr_nodes! {
            @ [<$lifetime>] $(#[$attribute])* $visibility enum $name {
                $($(#[$node_attribute])* $node($node $(<$node_lifetime>)?),)+
            }
        }
    };
    (
        @ [$($generics:tt)*]
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident { $($(#[$node_attribute:meta])* $node:ident($type:ty),)+ }
    ) => {
        $(#[$attribute])*
        $visibility enum $name $($generics)* {
            $($(#[$node_attribute])* $node($type),)+
        }

        const _: () = {
            impl $($generics)* $crate::xdr::Part<Self> for $name $($generics)* {
                fn put<__S: $crate::serde::ser::SerializeTupleStruct>(
                    &self,
                    parts: &mut __S,
                    nodes: &[Self],
                ) -> ::core::result::Result<(), __S::Error> {
                    match self {
                        $(Self::$node(node) => $crate::xdr::Part::put(node, parts, nodes),)+
                    }
                }

                fn link(&self, number: usize) -> ::core::result::Result<usize, usize> {
                    match self {
                        $(Self::$node(node) => $crate::xdr::Part::<Self>::link(node, number),)+
                    }
                }
            }

            impl $($generics)* $crate::xdr::MaxSize for $name $($generics)* {
                const MAX_SIZE: usize =
                    $crate::largest(&[$(<$type as $crate::xdr::MaxSize>::MAX_SIZE),+]);
            }
        };

        $crate::xdr_nodes! { @holds [$($generics)*] $name $($node($type))+ }
    };
    (@holds $generics:tt $name:ident $($node:ident($type:ty))+) => {
        $($crate::xdr_nodes! { @holds_one $generics $name $node($type) })+
    };
    (@holds_one [$($generics:tt)*] $name:ident $node:ident($type:ty)) => {
        impl $($generics)* $crate::xdr::Holds<$type> for $name $($generics)* {
            fn holding(node: $type) -> Self {
                Self::$node(node)
            }

            #[allow(unreachable_patterns)]
            fn node(&self) -> ::core::option::Option<&$type> {
                match self {
                    Self::$node(node) => ::core::option::Option::Some(node),
                    _ => ::core::option::Option::None,
                }
            }

            #[allow(unreachable_patterns)]
            fn node_mut(&mut self) -> ::core::option::Option<&mut $type> {
                match self {
                    Self::$node(node) => ::core::option::Option::Some(node),
                    _ => ::core::option::Option::None,
                }
            }
        }
    };
}

/// Expands to the type of the arena: the stated type, or the node itself.
#[macro_export]
#[doc(hidden)]
macro_rules! __held {
    ([] $own:ty) => {
        $own
    };
    ([$held:ty] $own:ty) => {
        $held
    };
}
