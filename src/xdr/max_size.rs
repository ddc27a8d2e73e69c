//! The largest encoding of a type, as a constant.

use super::{Array, UNIT, padding};

/// A type whose XDR encoding has a largest size.
///
/// The constant sizes buffers at compile time. `&str`, `&[u8]` and other slices do not implement this trait: an
/// interface states their bound beside the type, as in `&str [..16]`.
///
/// Types declared by [`xdr_struct!`](crate::xdr_struct), [`xdr_enum!`](crate::xdr_enum) and
/// [`xdr_union!`](crate::xdr_union) implement it. For a type with derived serde traits, implement it by hand:
///
/// ```
/// use oncilla::xdr::MaxSize;
/// #[derive(serde::Serialize)]
/// struct Reading { channel: u8, celsius: f32 }
/// impl MaxSize for Reading { const MAX_SIZE: usize = u8::MAX_SIZE + f32::MAX_SIZE; }
/// assert_eq!(Reading::MAX_SIZE, 8);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no largest size in XDR",
    label = "a type with a largest size is needed here",
    note = "instead of `String` and `Vec<T>`, use `heapless::String<16>` and `heapless::Vec<T, 8>`; instead of `usize`, use `u32` or `u64`",
    note = "declare your own type with `oncilla::xdr_struct!`, `xdr_enum!` or `xdr_union!`, or implement `oncilla::xdr::MaxSize` for it"
)]
pub trait MaxSize {
    /// The size of the largest encoding in bytes, a multiple of four.
    const MAX_SIZE: usize;

    /// The largest size in bytes as a direct element of a sequence or tuple.
    ///
    /// It is 1 for a `u8`, which is packed there, and [`MAX_SIZE`](Self::MAX_SIZE) for other types.
    const ELEMENT_SIZE: usize = Self::MAX_SIZE;

    /// The bytes of an element in a sequence, if any bytes are a value: 1 for `u8`, 4 or 8 for other numbers.
    ///
    /// Vectors of such numbers are decoded as one block. It is 0 for other types.
    #[cfg(feature = "alloc")]
    #[doc(hidden)]
    const BLOCK: usize = 0;

    /// Appends a block to a vector.
    #[cfg(feature = "alloc")]
    #[doc(hidden)]
    fn append(_: &mut alloc::vec::Vec<Self>, _: &[u8])
    where
        Self: Sized,
    {
    }

    /// Whether a value may hold boxes.
    #[cfg(feature = "alloc")]
    #[doc(hidden)]
    const HOLDS_BOXES: bool = false;

    /// Returns the bytes of the heap in the boxes that the value holds.
    ///
    /// The fields of structs and unions declared by macros are not included, since each counts its own.
    #[cfg(feature = "alloc")]
    #[doc(hidden)]
    fn boxed(&self) -> usize {
        0
    }

    /// Returns the elements as bytes, if they are `u8`.
    ///
    /// A block of bytes takes less flash and less time to encode than single elements.
    #[doc(hidden)]
    #[inline]
    fn as_bytes(_: &[Self]) -> Option<&[u8]>
    where
        Self: Sized,
    {
        None
    }
}

/// Returns the largest size of opaque data or text of at most `bound` bytes.
///
/// The size is that of the length word, the bytes and their padding.
///
/// ```
/// assert_eq!(oncilla::xdr::opaque_max_size(10), 4 + 12);
/// ```
#[must_use]
pub const fn opaque_max_size(bound: usize) -> usize {
    UNIT.saturating_add(padded(bound))
}

/// Returns the largest of some sizes, at compile time.
///
/// Use it to size a buffer that serves several programs, or one for both calls and replies:
///
/// ```
/// use oncilla::framing::Cobs;
///
/// oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
/// oncilla::program! { pub mod log = 0x2000_0002, version 1 { fn line(text: &str [..80]) = 1, oneway; } }
///
/// /// The receive buffer of a server of both programs.
/// const RX: usize = Cobs::buffer(oncilla::largest(&[clock::CALL_MAX, log::CALL_MAX]));
/// /// Its transmit buffer. [`Table::reply_max`](oncilla::Table::reply_max) returns the same for a finished table.
/// const TX: usize = Cobs::buffer(oncilla::largest(&[clock::REPLY_MAX, log::REPLY_MAX]));
/// # assert_eq!((oncilla::largest(&[clock::CALL_MAX, log::CALL_MAX]), RX > TX), (124, true));
/// ```
///
/// The largest *call* of a table cannot be read from the table: it does not hold the sizes of arguments, which would
/// take a word of flash for each procedure.
///
/// Returns 0 for an empty list.
#[must_use]
pub const fn largest(sizes: &[usize]) -> usize {
    let mut largest = 0;
    let mut i = 0;
    while i < sizes.len() {
        if sizes[i] > largest {
            largest = sizes[i];
        }
        i += 1;
    }
    largest
}

/// Returns `length` with its padding.
const fn padded(length: usize) -> usize {
    length.saturating_add(padding(length))
}

/// Returns the larger of two sizes.
const fn larger(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

macro_rules! sizes {
    ($($size:literal: $($type:ty)*;)*) => {$($(
        #[diagnostic::do_not_recommend]
        impl MaxSize for $type {
            const MAX_SIZE: usize = $size;
        }
    )*)*};
}

sizes! {
    0: ();
    4: bool i8 i16 u16;
}

macro_rules! numbers {
    ($($type:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl MaxSize for $type {
            const MAX_SIZE: usize = size_of::<$type>();

            #[cfg(feature = "alloc")]
            const BLOCK: usize = size_of::<$type>();

            #[cfg(feature = "alloc")]
            #[inline]
            fn append(elements: &mut alloc::vec::Vec<Self>, block: &[u8]) {
                elements.extend(block.as_chunks().0.iter().map(|bytes| Self::from_be_bytes(*bytes)));
            }
        }
    )*};
}

numbers! { i32 u32 f32 i64 u64 f64 }

#[diagnostic::do_not_recommend]
impl MaxSize for u8 {
    const MAX_SIZE: usize = UNIT;
    const ELEMENT_SIZE: usize = 1;

    #[cfg(feature = "alloc")]
    const BLOCK: usize = 1;

    #[cfg(feature = "alloc")]
    #[inline]
    fn append(elements: &mut alloc::vec::Vec<Self>, bytes: &[u8]) {
        elements.extend_from_slice(bytes);
    }

    #[inline]
    fn as_bytes(elements: &[Self]) -> Option<&[u8]> {
        Some(elements)
    }
}

#[diagnostic::do_not_recommend]
impl<T: MaxSize + ?Sized> MaxSize for &T {
    const MAX_SIZE: usize = T::MAX_SIZE;
    const ELEMENT_SIZE: usize = T::ELEMENT_SIZE;
}

/// A box without stated bounds, of a type that is not recursive.
#[cfg(feature = "alloc")]
#[diagnostic::do_not_recommend]
impl<T: MaxSize> MaxSize for alloc::boxed::Box<T> {
    const MAX_SIZE: usize = T::MAX_SIZE;
    const HOLDS_BOXES: bool = true;

    #[inline]
    fn boxed(&self) -> usize {
        size_of::<T>().saturating_add(T::boxed(self))
    }
}

#[diagnostic::do_not_recommend]
impl<T: MaxSize> MaxSize for Option<T> {
    const MAX_SIZE: usize = UNIT.saturating_add(T::MAX_SIZE);

    #[cfg(feature = "alloc")]
    const HOLDS_BOXES: bool = T::HOLDS_BOXES;

    #[cfg(feature = "alloc")]
    #[inline]
    fn boxed(&self) -> usize {
        self.as_ref().map_or(0, T::boxed)
    }
}

#[diagnostic::do_not_recommend]
impl<T: MaxSize, E: MaxSize> MaxSize for Result<T, E> {
    const MAX_SIZE: usize = UNIT.saturating_add(larger(T::MAX_SIZE, E::MAX_SIZE));

    #[cfg(feature = "alloc")]
    const HOLDS_BOXES: bool = T::HOLDS_BOXES || E::HOLDS_BOXES;

    #[cfg(feature = "alloc")]
    #[inline]
    fn boxed(&self) -> usize {
        self.as_ref().map_or_else(E::boxed, T::boxed)
    }
}

#[diagnostic::do_not_recommend]
impl<T: MaxSize, const N: usize> MaxSize for [T; N] {
    const MAX_SIZE: usize = padded(N.saturating_mul(T::ELEMENT_SIZE));

    #[cfg(feature = "alloc")]
    const HOLDS_BOXES: bool = T::HOLDS_BOXES;

    #[cfg(feature = "alloc")]
    #[inline]
    fn boxed(&self) -> usize {
        self.iter().map(T::boxed).fold(0, usize::saturating_add)
    }
}

#[diagnostic::do_not_recommend]
impl<T: MaxSize, const N: usize> MaxSize for Array<T, N> {
    const MAX_SIZE: usize = <[T; N]>::MAX_SIZE;

    #[cfg(feature = "alloc")]
    const HOLDS_BOXES: bool = T::HOLDS_BOXES;

    #[cfg(feature = "alloc")]
    #[inline]
    fn boxed(&self) -> usize {
        self.0.boxed()
    }
}

#[diagnostic::do_not_recommend]
impl<T: MaxSize, const N: usize> MaxSize for heapless::Vec<T, N> {
    const MAX_SIZE: usize = UNIT.saturating_add(<[T; N]>::MAX_SIZE);

    #[cfg(feature = "alloc")]
    const HOLDS_BOXES: bool = T::HOLDS_BOXES;

    #[cfg(feature = "alloc")]
    #[inline]
    fn boxed(&self) -> usize {
        self.iter().map(T::boxed).fold(0, usize::saturating_add)
    }
}

#[diagnostic::do_not_recommend]
impl<const N: usize> MaxSize for heapless::String<N> {
    const MAX_SIZE: usize = opaque_max_size(N);
}

macro_rules! tuples {
    ($($($name:ident)*;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($name: MaxSize),*> MaxSize for ($($name,)*) {
            const MAX_SIZE: usize = padded(0_usize $(.saturating_add($name::ELEMENT_SIZE))*);
        }
    )*};
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
}
