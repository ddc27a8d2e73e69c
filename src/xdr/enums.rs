//! Enums with the interface's own numbers.

/// Declares an XDR enum (RFC 4506 §4.3), encoded as the number of its variant.
///
/// Numbers are `i32`, in any order, and may be negative. Two variants with one number do not compile. The encoding has
/// 4 bytes. Decoding a number without a variant fails with [`Fault::Variant`](crate::xdr::Fault::Variant).
///
/// The enum derives `Clone`, `Copy`, `Debug`, `PartialEq` and `Eq`; add other derives as attributes. `number` returns
/// the number of a variant, and `from_number` the variant of a number.
///
/// `Display` writes the variant's name and number, such as `NoSuchChannel (1)`. The enum implements
/// [`Error`](core::error::Error), so the caller of a procedure that returns a `Result` can write `client.read(3)??`.
///
/// ```
/// oncilla::xdr_enum! {
///     /// The state of a fan.
///     pub enum Fan {
///         /// Does not turn.
///         Off = 0,
///         /// Is blocked.
///         Blocked = -7,
///     }
/// }
/// let mut room = [0; 4];
/// oncilla::xdr::encode(&Fan::Blocked, &mut room)?;
/// assert_eq!(room, [0xff, 0xff, 0xff, 0xf9]);
/// assert_eq!(Fan::from_number(0), Some(Fan::Off));
/// # Ok::<(), oncilla::xdr::EncodeError>(())
/// ```
///
/// Two variants with one number do not compile:
///
/// ```compile_fail,E0081
/// oncilla::xdr_enum! { enum Twice { A = 1, B = 1 } }
/// ```
#[macro_export]
macro_rules! xdr_enum {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident {
            $($(#[$variant_attribute:meta])* $variant:ident = $number:expr),+ $(,)?
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(i32)]
        $visibility enum $name {
            $($(#[$variant_attribute])* $variant = $number),+
        }

        impl $name {
            /// Returns the number that is sent for this variant.
            #[allow(dead_code)]
            pub const fn number(self) -> i32 {
                self as i32
            }

            /// Returns the variant with this number, or `None`.
            #[allow(dead_code)]
            pub const fn from_number(number: i32) -> ::core::option::Option<Self> {
                $(if number == Self::$variant as i32 {
                    return ::core::option::Option::Some(Self::$variant);
                })+
                ::core::option::Option::None
            }
        }

        /// Writes the variant's name and number.
        impl ::core::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let name = match self {
                    $(Self::$variant => stringify!($variant)),+
                };
                ::core::write!(formatter, "{name} ({})", self.number())
            }
        }

        impl ::core::error::Error for $name {}

        impl $crate::serde::Serialize for $name {
            fn serialize<__S: $crate::serde::Serializer>(
                &self,
                serializer: __S,
            ) -> ::core::result::Result<__S::Ok, __S::Error> {
                serializer.serialize_i32(self.number())
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<__D: $crate::serde::Deserializer<'de>>(
                deserializer: __D,
            ) -> ::core::result::Result<Self, __D::Error> {
                $crate::__private::known_number(deserializer, Self::from_number)
            }
        }

        impl $crate::xdr::MaxSize for $name {
            const MAX_SIZE: usize = $crate::xdr::UNIT;
        }
    };
}
