//! What the macros require of a type that travels, in one trait each for types with and without a bound of their own.
//!
//! A type that lacks something lacks it in every function of the interface. Because all of them name the same trait at
//! the same place, the type itself, rustc reports it once, and in these words instead of serde's.

use serde::de::{Deserialize, SeqAccess};
use serde::ser::{Serialize, SerializeStruct, SerializeTupleStruct};

use super::bound::{Block, Countable};
use super::{Codec, Reader, Writer};
use crate::message::Failure;
use crate::xdr::{DecodeError, EncodeError, MaxSize};

/// Declares a trait of this kind and implements it for all types that fulfil `$bounds`; `$encoded` is what of a value is
/// serialised, `$size` their constant that is the size.
macro_rules! travels {
    ($(#[$attribute:meta])* $trait:ident: $bounds:path, $size:ident, |$self:ident| $encoded:expr, $count:expr) => {
        $(#[$attribute])*
        pub trait $trait<'de>: Sized {
            /// Bytes of the largest encoding, or of that of an element.
            const SIZE: usize;

            /// How many elements there are. A type with a bound of its own is not asked.
            fn count(&self) -> usize;

            /// Takes an argument off a call.
            fn take_argument<C: Codec>(arguments: &mut Reader<'de>) -> Result<Self, Failure>;

            /// Takes results off a reply.
            fn take_results<C: Codec>(results: &mut Reader<'de>) -> Result<Self, DecodeError>;

            /// Takes the next field of a struct or union.
            fn take_field<A: SeqAccess<'de>>(fields: &mut A) -> Result<Self, A::Error>;

            /// Writes an argument.
            fn put_argument<C: Codec>(&self, arguments: &mut Writer<'_>) -> Result<(), EncodeError>;

            /// Encodes results. There is room for all that the interface allows, so more than that is the procedure's
            /// mistake.
            fn put_results<C: Codec>(&self, room: &mut [u8]) -> Result<usize, Failure>;

            /// Serialises a struct's field.
            fn put_field<S: SerializeStruct>(&self, name: &'static str, fields: &mut S) -> Result<(), S::Error>;

            /// Serialises what a union's arm holds.
            fn put_body<S: SerializeTupleStruct>(&self, fields: &mut S) -> Result<(), S::Error>;
        }

        #[diagnostic::do_not_recommend]
        impl<'de, T: $bounds + Serialize + Deserialize<'de>> $trait<'de> for T {
            const SIZE: usize = T::$size;

            #[inline]
            fn count(&$self) -> usize {
                $count
            }

            #[inline]
            fn take_argument<C: Codec>(arguments: &mut Reader<'de>) -> Result<Self, Failure> {
                arguments.take::<C, T>().map_err(|_| Failure::GarbageArguments)
            }

            #[inline]
            fn take_results<C: Codec>(results: &mut Reader<'de>) -> Result<Self, DecodeError> {
                results.take::<C, T>()
            }

            #[inline]
            fn take_field<A: SeqAccess<'de>>(fields: &mut A) -> Result<Self, A::Error> {
                crate::xdr::field(fields)
            }

            #[inline]
            fn put_argument<C: Codec>(&$self, arguments: &mut Writer<'_>) -> Result<(), EncodeError> {
                arguments.put::<C, _>($encoded)
            }

            #[inline]
            fn put_results<C: Codec>(&$self, room: &mut [u8]) -> Result<usize, Failure> {
                C::encode($encoded, room).map_err(|_| Failure::SystemError)
            }

            #[inline]
            fn put_field<S: SerializeStruct>(&$self, name: &'static str, fields: &mut S) -> Result<(), S::Error> {
                fields.serialize_field(name, $encoded)
            }

            #[inline]
            fn put_body<S: SerializeTupleStruct>(&$self, fields: &mut S) -> Result<(), S::Error> {
                fields.serialize_field($encoded)
            }
        }
    };
}

travels! {
    /// A type whose encoding has a largest size of its own.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a type that an interface can carry",
        label = "this type has no XDR encoding with a largest size",
        note = "text and slices need a bound here: `&str [..16]`, `&[u8] [..64]`, `&[u32] [..8]`",
        note = "instead of `String`, `Vec<T>` and `usize`, use `heapless::String<16>`, `heapless::Vec<T, 8>` and `u32` or `u64`",
        note = "for an array of more than 32 elements, use `oncilla::xdr::Array<u8, 64>`",
        note = "declare a type of your own with `oncilla::xdr_struct!`, `xdr_enum!` or `xdr_union!`",
        note = "a node of `oncilla::xdr_node!`, and a link to one, are parts of a tree: `oncilla::xdr::Tree<Node, 16, 8>`"
    )]
    Value: MaxSize, MAX_SIZE, |self| self, 1
}

travels! {
    /// A type whose bound stands beside it.
    #[diagnostic::on_unimplemented(
        message = "a bound cannot be stated for `{Self}`",
        label = "a bound `[..N]` is for `&str` and slices",
        note = "`&str [..16]` is at most 16 bytes of text, `&[u8] [..64]` at most 64 bytes, `&[u32] [..8]` at most 8 numbers",
        note = "other types, such as `heapless::Vec<T, 8>`, have their bound in the type; the elements of a slice need one themselves"
    )]
    Within: Countable, ELEMENT_SIZE, |self| &Block(self), Countable::count(self)
}

/// The largest size of a type, by itself or within a bound.
#[macro_export]
#[doc(hidden)]
macro_rules! __max_size {
    ($type:ty) => {
        <$type as $crate::__private::Value<'_>>::SIZE
    };
    ($type:ty, $bound:expr) => {
        $crate::__private::max_size_within(<$type as $crate::__private::Within<'_>>::SIZE, $bound)
    };
}

/// A function of a type that travels, by itself or within a bound. The type is the user's word, at which rustc shows
/// what it lacks.
#[macro_export]
#[doc(hidden)]
macro_rules! __travel {
    ([$($function:tt)*] $type:ty) => {
        <$type as $crate::__private::Value<'_>>::$($function)*
    };
    ([$($function:tt)*] $type:ty, $bound:expr) => {
        <$type as $crate::__private::Within<'_>>::$($function)*
    };
}

/// Refuses a value over its bound, if it has one.
#[macro_export]
#[doc(hidden)]
macro_rules! __check_bound {
    ($side:ident, $value:expr, $type:ty) => {};
    ($side:ident, $value:expr, $type:ty, $bound:expr) => {
        $crate::__private::$side::check(<$type as $crate::__private::Within<'_>>::count($value), $bound)?
    };
}
