//! The traits that the macros require of a type in an interface.
//!
//! `Value` is for types with their own bound, `Within` for types whose bound the interface states. All generated
//! functions name the same trait at the same place, the type itself. If a type lacks something, rustc therefore reports
//! one error, in the words below instead of serde's.

use serde::de::{Deserialize, SeqAccess};
use serde::ser::{Serialize, SerializeStruct, SerializeTupleStruct};

use super::bound::{Block, Countable};
use super::{Codec, Reader, Writer};
use crate::message::Failure;
use crate::xdr::{DecodeError, EncodeError, MaxSize};

/// Declares such a trait, and implements it for all types that implement `$bounds`.
///
/// `$size` is the constant of `$bounds` that holds the size. `$encoded` is the expression to serialize for `$self`.
macro_rules! travels {
    ($(#[$attribute:meta])* $trait:ident: $bounds:path, $size:ident, |$self:ident| $encoded:expr, $count:expr) => {
        $(#[$attribute])*
        pub trait $trait<'de>: Sized {
            /// The largest size in bytes: of the value, or of one element.
            const SIZE: usize;

            /// Returns the number of elements.
            ///
            /// It is not used for a type with its own bound.
            fn count(&self) -> usize;

            /// Decodes an argument of a call.
            fn take_argument<C: Codec>(arguments: &mut Reader<'de>) -> Result<Self, Failure>;

            /// Decodes the results of a reply.
            fn take_results<C: Codec>(results: &mut Reader<'de>) -> Result<Self, DecodeError>;

            /// Decodes the next field of a struct or union.
            fn take_field<A: SeqAccess<'de>>(fields: &mut A) -> Result<Self, A::Error>;

            /// Encodes an argument.
            fn put_argument<C: Codec>(&self, arguments: &mut Writer<'_>) -> Result<(), EncodeError>;

            /// Encodes results.
            ///
            /// `room` holds the largest results of the interface, so an error is a fault of the procedure.
            fn put_results<C: Codec>(&self, room: &mut [u8]) -> Result<usize, Failure>;

            /// Serializes a field of a struct.
            fn put_field<S: SerializeStruct>(&self, name: &'static str, fields: &mut S) -> Result<(), S::Error>;

            /// Serializes the value of a union's arm.
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
    /// A type with its own largest size.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a type that an interface can carry",
        label = "this type has no XDR encoding with a largest size",
        note = "text and slices need a bound here: `&str [..16]`, `&[u8] [..64]`, `&[u32] [..8]`",
        note = "instead of `String`, `Vec<T>` and `usize`, use `heapless::String<16>`, `heapless::Vec<T, 8>` and `u32` or `u64`",
        note = "for an array of more than 32 elements, use `oncilla::xdr::Array<u8, 64>`",
        note = "declare your own type with `oncilla::xdr_struct!`, `xdr_enum!` or `xdr_union!`",
        note = "a node of `oncilla::xdr_node!` and a `Link` to it are parts of a tree; use `oncilla::xdr::Tree<Node, 16, 8>`"
    )]
    Value: MaxSize, MAX_SIZE, |self| self, 1
}

travels! {
    /// A type whose bound the interface states.
    #[diagnostic::on_unimplemented(
        message = "a bound cannot be stated for `{Self}`",
        label = "a bound `[..N]` is for `&str` and slices",
        note = "`&str [..16]` is at most 16 bytes of text, `&[u8] [..64]` at most 64 bytes, `&[u32] [..8]` at most 8 numbers",
        note = "other types, such as `heapless::Vec<T, 8>`, have their bound in the type; the elements of a slice need their own largest size"
    )]
    Within: Countable, ELEMENT_SIZE, |self| &Block(self), Countable::count(self)
}

/// Expands to the largest size of a type, by itself or within a stated bound.
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

/// Expands to a function of `Value`, or of `Within` if a bound is stated.
///
/// `$type` comes from the user's line, so rustc reports there what the type lacks.
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

/// Expands to a check of the bound that the interface states, if any.
#[macro_export]
#[doc(hidden)]
macro_rules! __check_bound {
    ($side:ident, $value:expr, $type:ty) => {};
    ($side:ident, $value:expr, $type:ty, $bound:expr) => {
        $crate::__private::$side::check(<$type as $crate::__private::Within<'_>>::count($value), $bound)?
    };
}
