//! The traits that the macros require of a type in an interface.
//!
//! `Value` is for types with their own bound, `Within` for types whose bound the interface states. All generated
//! functions name the same trait at the same place, the type itself. If a type lacks something, rustc therefore reports
//! one error, in the words below instead of serde's.

use serde::de::{Deserialize, SeqAccess};
use serde::ser::{Serialize, SerializeStruct, SerializeTupleStruct};

#[cfg(feature = "alloc")]
use super::bound::End;
use super::bound::{Counted, Put, Taken};
use super::{Codec, Reader, Writer};
use crate::message::Failure;
use crate::xdr::{DecodeError, EncodeError, MaxSize};

/// Declares such a trait, and implements it for all types that implement `$bounds`.
///
/// `$encoded` is the expression to serialize for `$self`. `$decoded` is the type to deserialize, and `$value` the value
/// in it.
macro_rules! travels {
    (
        $(#[$attribute:meta])*
        $trait:ident<'de $(, $stated:ident)?>: ($($bounds:tt)*), $size:expr,
        |$self:ident| $encoded:expr, $count:expr, |$read:ident: $decoded:ty| $value:expr
    ) => {
        $(#[$attribute])*
        pub trait $trait<'de $(, $stated)?>: Sized {
            /// The largest size in bytes.
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
        impl<'de, $($stated,)? T: $($bounds)*> $trait<'de $(, $stated)?> for T {
            const SIZE: usize = $size;

            #[inline]
            fn count(&$self) -> usize {
                $count
            }

            #[inline]
            fn take_argument<C: Codec>(arguments: &mut Reader<'de>) -> Result<Self, Failure> {
                match arguments.take::<C, $decoded>() {
                    Ok($read) => Ok($value),
                    Err(_) => Err(Failure::GarbageArguments),
                }
            }

            #[inline]
            fn take_results<C: Codec>(results: &mut Reader<'de>) -> Result<Self, DecodeError> {
                results.take::<C, $decoded>().map(|$read| $value)
            }

            #[inline]
            fn take_field<A: SeqAccess<'de>>(fields: &mut A) -> Result<Self, A::Error> {
                crate::xdr::field(fields).map(|$read: $decoded| $value)
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

/// What is deserialized for a type without stated bounds. Its boxes are charged to the decoder.
#[cfg(feature = "alloc")]
type Plain<T> = Taken<T, End>;

#[cfg(feature = "alloc")]
#[inline]
fn plain<T>(read: Plain<T>) -> T {
    read.value
}

/// What is deserialized for a type without stated bounds: the type.
#[cfg(not(feature = "alloc"))]
type Plain<T> = T;

#[cfg(not(feature = "alloc"))]
#[inline]
fn plain<T>(read: T) -> T {
    read
}

travels! {
    /// A type with its own largest size.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a type that an interface can carry",
        label = "this type has no XDR encoding with a largest size",
        note = "text and slices need a bound here: `&str [..16]`, `&[u8] [..64]`, `&[u32] [..8]`",
        note = "instead of `String`, `Vec<T>` and `usize`, use `heapless::String<16>`, `heapless::Vec<T, 8>` and `u32` or `u64`",
        note = "with the feature `alloc`, data on the heap need a bound here: `String [..64]`, `Vec<u8> [..1024]`, `Option<Box<Node>> [..]`",
        note = "for an array of more than 32 elements, use `oncilla::xdr::Array<u8, 64>`",
        note = "declare your own type with `oncilla::xdr_struct!`, `xdr_enum!` or `xdr_union!`",
        note = "a node of `oncilla::xdr_node!` and a `Link` to it are parts of a tree; use `oncilla::xdr::Tree<Node, 16, 8>`"
    )]
    Value<'de>: (MaxSize + Serialize + Deserialize<'de>), T::MAX_SIZE, |self| self, 1, |read: Plain<T>| plain(read)
}

travels! {
    /// A type whose bound the interface states.
    #[diagnostic::on_unimplemented(
        message = "a bound cannot be stated for `{Self}`",
        label = "a bound `[..N]` is for `&str` and slices",
        note = "`&str [..16]` is at most 16 bytes of text, `&[u8] [..64]` at most 64 bytes, `&[u32] [..8]` at most 8 numbers",
        note = "with the feature `alloc` of `oncilla`, also for data on the heap: `String [..16]`, `Vec<u8> [..64]`, `Option<Box<Node>> [..]`",
        note = "other types, such as `heapless::Vec<T, 8>`, have their bound in the type; the elements of a slice need their own largest size"
    )]
    Within<'de, B>: (Counted<'de, B>), T::SIZE, |self| &Put::<T, B>::new(self), T::count(self), |read: Taken<T, B>| read.value
}

/// Expands to the type of the stated bounds.
#[macro_export]
#[doc(hidden)]
macro_rules! __bounds {
    () => {
        $crate::__private::End
    };
    ([..] $($rest:tt)*) => {
        $crate::__private::Any<$crate::__bounds!($($rest)*)>
    };
    ([..$bound:expr] $($rest:tt)*) => {
        $crate::__private::At<{ $bound }, $crate::__bounds!($($rest)*)>
    };
}

/// Expands to the largest size of a type, by itself or within stated bounds.
#[macro_export]
#[doc(hidden)]
macro_rules! __max_size {
    ($type:ty) => {
        <$type as $crate::__private::Value<'_>>::SIZE
    };
    ($type:ty $([..$($bound:expr)?])+) => {
        <$type as $crate::__private::Within<'_, $crate::__bounds!($([..$($bound)?])+)>>::SIZE
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
    ([$($function:tt)*] $type:ty $([..$($bound:expr)?])+) => {
        <$type as $crate::__private::Within<'_, $crate::__bounds!($([..$($bound)?])+)>>::$($function)*
    };
}

/// Expands to a check of the bound that the interface states, if any.
#[macro_export]
#[doc(hidden)]
macro_rules! __check_bound {
    ($side:ident, $value:expr, $type:ty) => {};
    ($side:ident, $value:expr, $type:ty $([..$($bound:expr)?])+) => {
        $crate::__private::$side::check(
            <$type as $crate::__private::Within<'_, $crate::__bounds!($([..$($bound)?])+)>>::count($value),
            <$crate::__bounds!($([..$($bound)?])+) as $crate::__private::Bound>::MAX,
        )?
    };
}

/// Implements what `[..]` beside a declared type needs: a value of any size.
///
/// It is for the elements of a vector in a recursive type, `children: Vec<Node> [..10] [..]`, which has no largest size.
#[cfg(feature = "alloc")]
#[macro_export]
#[doc(hidden)]
macro_rules! __of_any_size {
    ($name:ident $(<$lifetime:lifetime>)?) => {
        impl<$($lifetime,)? 'de $(: $lifetime)?>
            $crate::__private::Counted<'de, $crate::__private::Any<$crate::__private::End>> for $name $(<$lifetime>)?
        {
            const SIZE: usize = usize::MAX;

            #[inline]
            fn count(&self) -> usize {
                1
            }

            #[inline]
            fn put<__S: $crate::serde::Serializer>(
                &self,
                serializer: __S,
            ) -> ::core::result::Result<__S::Ok, __S::Error> {
                $crate::serde::Serialize::serialize(self, serializer)
            }

            #[inline]
            fn take<__D: $crate::serde::Deserializer<'de>>(
                deserializer: __D,
            ) -> ::core::result::Result<Self, __D::Error> {
                $crate::serde::Deserialize::deserialize(deserializer)
            }
        }
    };
}

/// Without the heap there are no recursive types.
#[cfg(not(feature = "alloc"))]
#[macro_export]
#[doc(hidden)]
macro_rules! __of_any_size {
    ($($name:tt)*) => {};
}
