//! Structs with a largest size.

/// Declares a struct (RFC 4506 §4.14) with serde's traits and [`MaxSize`](crate::xdr::MaxSize).
///
/// It needs no build time for a derive. Fields are encoded in their order.
///
/// A borrowed field states its bound: `name: &'a str [..16]` has at most 16 bytes. Decoding a longer value fails with
/// [`Fault::Bound`](crate::xdr::Fault::Bound), and encoding it with [`Fault::Value`](crate::xdr::Fault::Value).
///
/// ```
/// use oncilla::xdr::MaxSize;
/// oncilla::xdr_struct! {
///     /// One measurement.
///     #[derive(Clone, Debug, PartialEq)]
///     pub struct Reading<'a> {
///         /// Thousandths of a degree Celsius.
///         pub millidegrees: i32,
///         /// The name of the room.
///         pub place: &'a str [..10],
///     }
/// }
/// assert_eq!(Reading::MAX_SIZE, 4 + 4 + 12);
/// ```
///
/// A borrowed field without a bound does not compile:
///
/// ```compile_fail,E0277
/// oncilla::xdr_struct! { pub struct Endless<'a> { pub name: &'a str } }
/// ```
#[macro_export]
macro_rules! xdr_struct {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident $(<$lifetime:lifetime>)? {
            $(
                $(#[$field_attribute:meta])*
                $field_visibility:vis $field:ident: $type:ty $([..$($bound:expr)?])*
            ),* $(,)?
        }
    ) => {
        $(#[$attribute])*
        $visibility struct $name $(<$lifetime>)? {
            $($(#[$field_attribute])* $field_visibility $field: $type,)*
        }

        const _: () = {
            const __FIELDS: &[&str] = &[$(stringify!($field)),*];

            impl $(<$lifetime>)? $crate::serde::Serialize for $name $(<$lifetime>)? {
                fn serialize<__S: $crate::serde::Serializer>(
                    &self,
                    serializer: __S,
                ) -> ::core::result::Result<__S::Ok, __S::Error> {
                    use $crate::serde::ser::SerializeStruct as _;
                    #[allow(unused_mut)]
                    let mut fields = serializer.serialize_struct(stringify!($name), __FIELDS.len())?;
                    $(
                        $crate::__check_bound!(encoding, &self.$field, $type $([..$($bound)?])*);
                        $crate::__travel!([put_field] $type $([..$($bound)?])*)(&self.$field, stringify!($field), &mut fields)?;
                    )*
                    fields.end()
                }
            }

            struct __Fields $(<$lifetime>(::core::marker::PhantomData<&$lifetime ()>))?;

            impl<$($lifetime,)? 'de $(: $lifetime)?> $crate::serde::de::Visitor<'de> for __Fields $(<$lifetime>)? {
                type Value = $name $(<$lifetime>)?;

                fn expecting(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    formatter.write_str(stringify!($name))
                }

                #[allow(unused_mut, unused_variables)]
                #[inline]
                fn visit_seq<__A: $crate::serde::de::SeqAccess<'de>>(
                    self,
                    mut fields: __A,
                ) -> ::core::result::Result<Self::Value, __A::Error> {
                    $(
                        let $field = $crate::__travel!([take_field] $type $([..$($bound)?])*)(&mut fields)?;
                        $crate::__check_bound!(decoding, &$field, $type $([..$($bound)?])*);
                    )*
                    ::core::result::Result::Ok($name { $($field),* })
                }
            }

            impl<$($lifetime,)? 'de $(: $lifetime)?> $crate::serde::Deserialize<'de> for $name $(<$lifetime>)? {
                #[inline]
                fn deserialize<__D: $crate::serde::Deserializer<'de>>(
                    deserializer: __D,
                ) -> ::core::result::Result<Self, __D::Error> {
                    deserializer.deserialize_struct(
                        stringify!($name),
                        __FIELDS,
                        __Fields $((::core::marker::PhantomData::<&$lifetime ()>))?,
                    )
                }
            }

            $crate::__of_any_size! { $name $(<$lifetime>)? }

            impl $(<$lifetime>)? $crate::xdr::MaxSize for $name $(<$lifetime>)? {
                const MAX_SIZE: usize = $crate::__private::sum(&[$($crate::__max_size!($type $([..$($bound)?])*)),*]);
            }
        };
    };
}
