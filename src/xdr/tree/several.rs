//! Arrays and optional data of parts that contain links.

use serde::de::{Error, SeqAccess};
use serde::ser::SerializeTupleStruct;

use super::link::length;
use super::{DecodePart, Decoding, Part};
use crate::xdr::{MaxSize, UNIT, field};

/// A fixed array of parts that contain links, such as `Fixed<Link<Node>, 4>`.
///
/// For types without links use `[T; N]` or [`Array`](crate::xdr::Array).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed<P, const N: usize>(pub [P; N]);

/// A variable array of at most `N` parts that contain links, such as `Several<Link<Node>, 4>`.
///
/// Its links may be [`Link::NONE`](super::Link::NONE). For an array of nodes use [`Links`](super::Links).
///
/// ```
/// use oncilla::xdr::{self, Link, Nodes, Several, Tree};
///
/// oncilla::xdr_node! {
///     /// `typedef struct gate *wire; struct gate { int number; wire inputs<2>; };`
///     struct Gate {
///         number: i32,
///         inputs: Several<Link<Gate>, 2>,
///     }
/// }
/// let mut nodes = Nodes::new();
/// let source = nodes.add(Gate { number: 1, inputs: Several(heapless::Vec::new()) })?;
/// let sink = Gate { number: 2, inputs: Several(heapless::Vec::from([source, Link::NONE])) };
/// let gates = Tree::<Gate, 8, 3>::new(sink, nodes)?;
/// let mut room = [0; 24];
/// assert_eq!(xdr::encode(&gates, &mut room), Ok(24));
/// # Ok::<(), xdr::TreeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Several<P, const N: usize>(pub heapless::Vec<P, N>);

/// An optional part that contains links, such as `Maybe<Link<Node>>`: a pointer to a pointer.
///
/// For a pointer to a node use [`Link`](super::Link).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maybe<P>(pub Option<P>);

#[diagnostic::do_not_recommend]
impl<P: MaxSize, const N: usize> MaxSize for Fixed<P, N> {
    const MAX_SIZE: usize = N * P::MAX_SIZE;
}

#[diagnostic::do_not_recommend]
impl<P: MaxSize, const N: usize> MaxSize for Several<P, N> {
    const MAX_SIZE: usize = UNIT + N * P::MAX_SIZE;
}

#[diagnostic::do_not_recommend]
impl<P: MaxSize> MaxSize for Maybe<P> {
    const MAX_SIZE: usize = UNIT + P::MAX_SIZE;
}

/// Returns the index of the node that link `number` of these parts refers to.
///
/// The error is the number of links in the parts.
fn link<T>(parts: &[impl Part<T>], number: usize) -> Result<usize, usize> {
    let mut left = number;
    for part in parts {
        match part.link(left) {
            Ok(place) => return Ok(place),
            Err(count) => left = left.saturating_sub(count),
        }
    }
    Err(number.saturating_sub(left))
}

impl<T, P: Part<T>, const N: usize> Part<T> for Fixed<P, N> {
    fn put<S: SerializeTupleStruct>(&self, parts: &mut S, nodes: &[T]) -> Result<(), S::Error> {
        self.0.iter().try_for_each(|part| part.put(parts, nodes))
    }

    fn link(&self, number: usize) -> Result<usize, usize> {
        link(&self.0, number)
    }
}

impl<'de, T, P: DecodePart<'de, T>, const N: usize> DecodePart<'de, T> for Fixed<P, N> {
    fn decode<A: SeqAccess<'de>>(parts: &mut A, decoding: &mut Decoding<'_, T>) -> Result<Self, A::Error> {
        let all: heapless::Vec<P, N> = decode_parts(N, parts, decoding)?;
        let found = all.len();
        all.into_array().map(Fixed).map_err(|_| A::Error::invalid_length(found, &"as many elements as the array has"))
    }
}

impl<T, P: Part<T>, const N: usize> Part<T> for Several<P, N> {
    fn put<S: SerializeTupleStruct>(&self, parts: &mut S, nodes: &[T]) -> Result<(), S::Error> {
        parts.serialize_field(&u32::try_from(self.0.len()).unwrap_or(u32::MAX))?;
        self.0.iter().try_for_each(|part| part.put(parts, nodes))
    }

    fn link(&self, number: usize) -> Result<usize, usize> {
        link(&self.0, number)
    }
}

impl<'de, T, P: DecodePart<'de, T>, const N: usize> DecodePart<'de, T> for Several<P, N> {
    fn decode<A: SeqAccess<'de>>(parts: &mut A, decoding: &mut Decoding<'_, T>) -> Result<Self, A::Error> {
        decode_parts(length::<N, A>(parts)?, parts, decoding).map(Several)
    }
}

impl<T, P: Part<T>> Part<T> for Maybe<P> {
    fn put<S: SerializeTupleStruct>(&self, parts: &mut S, nodes: &[T]) -> Result<(), S::Error> {
        parts.serialize_field(&self.0.is_some())?;
        self.0.iter().try_for_each(|part| part.put(parts, nodes))
    }

    fn link(&self, number: usize) -> Result<usize, usize> {
        self.0.as_ref().map_or(Err(0), |part| part.link(number))
    }
}

impl<'de, T, P: DecodePart<'de, T>> DecodePart<'de, T> for Maybe<P> {
    fn decode<A: SeqAccess<'de>>(parts: &mut A, decoding: &mut Decoding<'_, T>) -> Result<Self, A::Error> {
        Ok(Self(if field(parts)? { Some(P::decode(parts, decoding)?) } else { None }))
    }
}

/// Reads `count` parts.
fn decode_parts<'de, T, P: DecodePart<'de, T>, A: SeqAccess<'de>, const N: usize>(
    count: usize,
    parts: &mut A,
    decoding: &mut Decoding<'_, T>,
) -> Result<heapless::Vec<P, N>, A::Error> {
    let mut all = heapless::Vec::new();
    for _ in 0..count {
        // Cannot fail: the callers pass at most `N`.
        let _ = all.push(P::decode(parts, decoding)?);
    }
    Ok(all)
}
