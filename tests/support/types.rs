//! Types of an interface, one or more for each row of the XDR table.

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
    /// Numbers out of order, and at both ends of what an int holds.
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
    /// A default arm that holds nothing but the number.
    #[derive(Clone, Debug, PartialEq)]
    pub enum Outcome {
        Value(u64) = 0,
        Busy = -16,
        _ => Failed,
    }
}

oncilla::xdr_union! {
    /// A default arm with a value, and a body that borrows.
    #[derive(Clone, Debug, PartialEq)]
    pub enum Packet<'a> {
        Ping = 1,
        Blob(&'a [u8] [..9]) = 7,
        _ => Other(heapless::Vec<u16, 3>),
    }
}

oncilla::xdr_struct! {
    /// A `u8` as a field is a word; next to it stand packed ones.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Sample {
        pub small: u8,
        pub packed: [u8; 3],
        pub signed: i8,
        pub half: u16,
    }
}

oncilla::xdr_struct! {
    /// No fields: no bytes.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Empty {}
}

/// What serde derives: a union on the ordinal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Shape {
    Nothing,
    Byte(u8),
    Point(i32, u8),
    Rectangle { width: u16, height: u16 },
}

/// A byte under another name, which is packed like one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Octet(pub u8);

/// Two fields without names: not a tuple, so that the bytes in it are words.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pair(pub u8, pub u32);

/// `stringlist` of RFC 4506 section 4.19.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub item: String,
    pub next: Option<Box<Node>>,
}

impl Node {
    /// A list of `length` nodes.
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
    /// A tree that is nothing but a stem of so many pieces.
    pub fn stem(length: usize) -> Self {
        (1..length).fold(Self::default(), |tree, _| Self { branches: vec![tree] })
    }
}

/// A link of a chain on the heap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link(pub Box<Chain>);

impl oncilla::xdr::MaxSize for Link {
    // As long as a chain may be that decodes.
    const MAX_SIZE: usize = 4 * oncilla::xdr::MAX_DEPTH as usize;
}

oncilla::xdr_union! {
    /// A list that is nothing but discriminants.
    #[derive(Clone, Debug, PartialEq)]
    pub enum Chain {
        End = 0,
        More(Link) = 1,
    }
}

impl Chain {
    /// A chain of so many links.
    pub fn of(length: usize) -> Self {
        (0..length).fold(Self::End, |rest, _| Self::More(Link(Box::new(rest))))
    }
}

/// The same as serde derives it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Derived {
    End,
    More(Box<Derived>),
}

impl Derived {
    /// A chain of so many links.
    pub fn of(length: usize) -> Self {
        (0..length).fold(Self::End, |rest, _| Self::More(Box::new(rest)))
    }
}

/// What serde derived has no size of its own: it is said by hand.
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

#[allow(unused_imports)] // Not every test has trees.
pub use trees::*;
