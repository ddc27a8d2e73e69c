//! Unions with the interface's own numbers.

/// Declares an XDR discriminated union (RFC 4506 §4.15) as a Rust enum.
///
/// The encoding is the number of the variant, followed by the variant's value.
///
/// | arm | variant | use |
/// |---|---|---|
/// | `Busy = 16` | `Busy` | a number without a value (void) |
/// | `Level(u16) = 0` | `Level(u16)` | a number with a value |
/// | `_ in [2, 3] => Both` | `Both(i32)` | several numbers; the variant holds the number |
/// | `_ in [2, 3] => Both(T)` | `Both(i32, T)` | several numbers with a value |
/// | `_ => Other` | `Other(i32)` | the default arm: every other number |
/// | `_ => Other(T)` | `Other(i32, T)` | the default arm with a value |
///
/// Without a default arm, decoding a number that is not listed fails with
/// [`Fault::Variant`](crate::xdr::Fault::Variant). Encoding fails with [`Fault::Value`](crate::xdr::Fault::Value), if a
/// variant holds the number of another arm. A borrowed value states its bound: `Data(&'a [u8] [..64])`.
///
/// Numbers are `i32`. To change the type of the discriminant, write it after the name: `enum Outcome: u32`, or `i64` or
/// `u64` for a hyper. The largest size is that of the largest value plus 4 bytes, or 8 bytes for a hyper.
///
/// ```
/// oncilla::xdr_union! {
///     #[derive(Debug, PartialEq)]
///     pub enum Outcome<'a> {
///         Data(&'a [u8] [..64]) = 0,
///         Busy = 16,
///         _ => Failed,
///     }
/// }
/// use oncilla::xdr::{self, MaxSize};
/// let mut room = [0; Outcome::MAX_SIZE];
/// let used = xdr::encode(&Outcome::Data(b"abc"), &mut room)?;
/// assert_eq!(room[..used], *b"\0\0\0\0\0\0\0\x03abc\0");
/// assert_eq!(xdr::decode(&[0, 0, 0, 9]), Ok(Outcome::Failed(9)));
/// # Ok::<(), xdr::EncodeError>(())
/// ```
///
/// A union with an unsigned discriminant, and an arm of two numbers:
///
/// ```
/// oncilla::xdr_union! {
///     #[derive(Debug, PartialEq)]
///     pub enum Reading: u32 {
///         _ in [1, 2] => Level(i16),
///         Absent = 0xffff_ffff,
///     }
/// }
/// use oncilla::xdr;
/// assert_eq!(xdr::decode(&[0, 0, 0, 2, 0, 0, 0, 7]), Ok(Reading::Level(2, 7)));
/// assert_eq!(xdr::decode(&[255; 4]), Ok(Reading::Absent));
/// ```
///
/// Two variants with one number do not compile:
///
/// ```compile_fail
/// oncilla::xdr_union! { enum Twice { A = 1, B = 1 } }
/// ```
///
/// A number that is also listed in another arm does not compile:
///
/// ```compile_fail,E0080
/// oncilla::xdr_union! { enum Twice { _ in [1, 2] => A, B = 2 } }
/// ```
///
/// Two default arms do not compile:
///
/// ```compile_fail,E0080
/// oncilla::xdr_union! { enum Twice { A = 1, _ => B, _ => C } }
/// ```
#[macro_export]
macro_rules! xdr_union {
    ($(#[$attribute:meta])* $visibility:vis enum $name:ident $(<$lifetime:lifetime>)? { $($arms:tt)* }) => {
        $crate::__xdr_union! { i32 $(#[$attribute])* $visibility enum $name $(<$lifetime>)? { $($arms)* } }
    };
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident $(<$lifetime:lifetime>)?: $type:ident { $($arms:tt)* }
    ) => {
        $crate::__xdr_union! { $type $(#[$attribute])* $visibility enum $name $(<$lifetime>)? { $($arms)* } }
    };
}

/// Expands a union; the type of its numbers comes first.
#[macro_export]
#[doc(hidden)]
macro_rules! __xdr_union {
    (
        $type:ident
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident $(<$lifetime:lifetime>)? {
            // One repetition matches both kinds of arms: a macro cannot separate them, because both begin with
            // attributes. After the last comma there is neither.
            $(
                $(#[$arm_attribute:meta])*
                $(_ $(in [$($shared:expr),+ $(,)?])? => $default:ident $(($default_body:ty $([..$($default_bound:expr)?])*))?)?
                $($variant:ident $(($body:ty $([..$($bound:expr)?])*))? = $number:expr)?
            ),+
        }
    ) => {
        $(#[$attribute])*
        $visibility enum $name $(<$lifetime>)? {
            $($(#[$arm_attribute])* $($variant $(($body))?,)? $($default($type $(, $default_body)?),)?)+
        }

        const _: () = {
            const __NUMBERS: &[$type] = &[$($($number,)? $($($($shared),+,)?)?)+];
            assert!(
                $crate::__private::all_different(&[
                    $($($number as $type as i128,)? $($($($shared as $type as i128),+,)?)?)+
                ]),
                "two variants of the union have the same number"
            );
            assert!(
                0 $($(+ $crate::__is_default!($($($shared),+)?))?)+ < 2,
                "the union has two default arms"
            );

            impl $(<$lifetime>)? $crate::serde::Serialize for $name $(<$lifetime>)? {
                fn serialize<__S: $crate::serde::Serializer>(
                    &self,
                    serializer: __S,
                ) -> ::core::result::Result<__S::Ok, __S::Error> {
                    use $crate::serde::ser::SerializeTupleStruct as _;
                    let mut fields = serializer.serialize_tuple_struct(stringify!($name), 2)?;
                    match self {
                        $($(Self::$variant $((body @ $crate::__any!($body)))? => {
                            fields.serialize_field(&(($number) as $type))?;
                            $(
                                let body: &$body = body;
                                $crate::__check_bound!(encoding, body, $body $([..$($bound)?])*);
                                $crate::__travel!([put_body] $body $([..$($bound)?])*)(body, &mut fields)?;
                            )?
                        })?)+
                        $($(Self::$default(number $(, body @ $crate::__any!($default_body))?) => {
                            if !$crate::__belongs!(number, __NUMBERS $(, $type, $($shared),+)?) {
                                return ::core::result::Result::Err($crate::__private::listed_number());
                            }
                            fields.serialize_field(number)?;
                            $(
                                let body: &$default_body = body;
                                $crate::__check_bound!(encoding, body, $default_body $([..$($default_bound)?])*);
                                $crate::__travel!([put_body] $default_body $([..$($default_bound)?])*)(body, &mut fields)?;
                            )?
                        })?)+
                    }
                    fields.end()
                }
            }

            struct __Arms $(<$lifetime>(::core::marker::PhantomData<&$lifetime ()>))?;

            impl<$($lifetime,)? 'de $(: $lifetime)?> $crate::serde::de::Visitor<'de> for __Arms $(<$lifetime>)? {
                type Value = $name $(<$lifetime>)?;

                fn expecting(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    formatter.write_str(stringify!($name))
                }

                #[inline]
                fn visit_seq<__A: $crate::serde::de::SeqAccess<'de>>(
                    self,
                    mut fields: __A,
                ) -> ::core::result::Result<Self::Value, __A::Error> {
                    let number: $type = $crate::__private::field(&mut fields)?;
                    $($(if number == $number {
                        $(let body = $crate::__travel!([take_field] $body $([..$($bound)?])*)(&mut fields)?;
                        $crate::__check_bound!(decoding, &body, $body $([..$($bound)?])*);)?
                        return ::core::result::Result::Ok($name::$variant $(($crate::__value!(body, $body)))?);
                    })?)+
                    $($(if $crate::__belongs!(&number, __NUMBERS $(, $type, $($shared),+)?) {
                        $(let body = $crate::__travel!([take_field] $default_body $([..$($default_bound)?])*)(&mut fields)?;
                        $crate::__check_bound!(decoding, &body, $default_body $([..$($default_bound)?])*);)?
                        return ::core::result::Result::Ok(
                            $name::$default(number $(, $crate::__value!(body, $default_body))?)
                        );
                    })?)+
                    #[allow(unreachable_code)]
                    ::core::result::Result::Err($crate::__private::unknown_variant())
                }
            }

            impl<$($lifetime,)? 'de $(: $lifetime)?> $crate::serde::Deserialize<'de> for $name $(<$lifetime>)? {
                #[inline]
                fn deserialize<__D: $crate::serde::Deserializer<'de>>(
                    deserializer: __D,
                ) -> ::core::result::Result<Self, __D::Error> {
                    deserializer.deserialize_tuple_struct(
                        stringify!($name),
                        2,
                        __Arms $((::core::marker::PhantomData::<&$lifetime ()>))?,
                    )
                }
            }

            $crate::__of_any_size! { $name $(<$lifetime>)? }

            impl $(<$lifetime>)? $crate::xdr::MaxSize for $name $(<$lifetime>)? {
                const MAX_SIZE: usize = $crate::__private::sum(&[
                    <$type as $crate::xdr::MaxSize>::MAX_SIZE,
                    $crate::largest(&[
                        0,
                        $(
                            $($($crate::__max_size!($body $([..$($bound)?])*),)?)?
                            $($($crate::__max_size!($default_body $([..$($default_bound)?])*),)?)?
                        )+
                    ]),
                ]);
            }
        };
    };
}

/// Expands to 1 for a default arm, and to 0 for other arms with `_`.
#[macro_export]
#[doc(hidden)]
macro_rules! __is_default {
    () => {
        1
    };
    ($($shared:expr),+) => {
        0
    };
}

/// Expands to whether a number belongs to an arm with `_`.
///
/// Every number that is not listed belongs to the default arm.
#[macro_export]
#[doc(hidden)]
macro_rules! __belongs {
    ($number:expr, $listed:expr) => {
        !$listed.contains($number)
    };
    ($number:expr, $listed:expr, $type:ident $(, $shared:expr)+) => {
        [$($shared as $type),+].contains($number)
    };
}
