//! Types of an interface: at least one for each row of the table in `oncilla::xdr`.

use serde::{Deserialize, Serialize};

oncilla::xdr_enum! {
    /// The example of RFC 4506 section 4.3.
    pub enum Color {
        Red = 2,
        Yellow = 3,
        Blue = 5,
    }
}

oncilla::xdr_enum! {
    /// Numbers out of order, among them the smallest and the largest int.
    pub enum Level {
        Highest = i32::MAX,
        Lowest = i32::MIN,
        Minus = -7,
        Zero = 0,
    }
}

oncilla::xdr_union! {
    /// `filetype` of RFC 4506 section 7, for names of at most 255 bytes.
    #[derive(Clone, Debug, PartialEq)]
    pub enum FileType<'a> {
        Text = 0,
        Data(&'a str [..255]) = 1,
        Exec(&'a str [..255]) = 2,
    }
}

oncilla::xdr_struct! {
    /// `file` of RFC 4506 section 7.
    #[derive(Clone, Debug, PartialEq)]
    pub struct File<'a> {
        pub filename: &'a str [..255],
        pub kind: FileType<'a>,
        pub owner: &'a str [..32],
        pub data: &'a [u8] [..65535],
    }
}

oncilla::xdr_union! {
    /// A union whose default arm holds only the number.
    #[derive(Clone, Debug, PartialEq)]
    pub enum Outcome {
        Value(u64) = 0,
        Busy = -16,
        _ => Failed,
    }
}

oncilla::xdr_union! {
    /// A union with a value in its default arm, and a borrowed value.
    #[derive(Clone, Debug, PartialEq)]
    pub enum Packet<'a> {
        Ping = 1,
        Blob(&'a [u8] [..9]) = 7,
        _ => Other(heapless::Vec<u16, 3>),
    }
}

oncilla::xdr_struct! {
    /// A struct with a `u8` as a field, which is a word, and packed bytes.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Sample {
        pub small: u8,
        pub packed: [u8; 3],
        pub signed: i8,
        pub half: u16,
    }
}

oncilla::xdr_struct! {
    /// A struct without fields, which encodes as no bytes.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Empty {}
}

/// An enum with derived serde traits: a union on the ordinal of the variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Shape {
    Nothing,
    Byte(u8),
    Point(i32, u8),
    Rectangle { width: u16, height: u16 },
}

/// A newtype of a byte, which is packed like a byte.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Octet(pub u8);

/// A tuple struct. It is not a tuple, so a byte in it is a word.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pair(pub u8, pub u32);

/// `stringlist` of RFC 4506 section 4.19.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub item: String,
    pub next: Option<Box<Node>>,
}

impl Node {
    /// Returns a list of `length` nodes.
    pub fn list(length: usize) -> Option<Box<Self>> {
        (0..length).fold(None, |next, _| Some(Box::new(Self { item: String::new(), next })))
    }
}

/// A tree whose branches are sequences.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tree {
    pub branches: Vec<Tree>,
}

impl Tree {
    /// Returns a tree of `length` levels with one branch on each.
    pub fn stem(length: usize) -> Self {
        (1..length).fold(Self::default(), |tree, _| Self { branches: vec![tree] })
    }
}

/// A link of a chain on the heap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link(pub Box<Chain>);

impl oncilla::xdr::MaxSize for Link {
    // The size of the longest chain that decodes.
    const MAX_SIZE: usize = 4 * oncilla::xdr::MAX_DEPTH as usize;
}

oncilla::xdr_union! {
    /// A list of discriminants without further values.
    #[derive(Clone, Debug, PartialEq)]
    pub enum Chain {
        End = 0,
        More(Link) = 1,
    }
}

impl Chain {
    /// Returns a chain of `length` links.
    pub fn of(length: usize) -> Self {
        (0..length).fold(Self::End, |rest, _| Self::More(Link(Box::new(rest))))
    }
}

/// A chain with derived serde traits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Derived {
    End,
    More(Box<Derived>),
}

impl Derived {
    /// Returns a chain of `length` links.
    pub fn of(length: usize) -> Self {
        (0..length).fold(Self::End, |rest, _| Self::More(Box::new(rest)))
    }
}

/// States the sizes of the types with derived serde traits.
mod sizes {
    use oncilla::xdr::MaxSize;

    impl MaxSize for super::Shape {
        const MAX_SIZE: usize = 4 + 8;
    }

    impl MaxSize for super::Octet {
        const MAX_SIZE: usize = u8::MAX_SIZE;
        const ELEMENT_SIZE: usize = u8::ELEMENT_SIZE;
    }
}

mod trees;

#[allow(unused_imports)] // Not every test uses trees.
pub use trees::*;
