//! The expansion of nodes that are unions.

/// Expands a union of [`xdr_node!`](crate::xdr_node).
///
/// The type of its numbers and that of the arena come first.
#[macro_export]
#[doc(hidden)]
macro_rules! __xdr_node_union {
    (
        $type:ident [$($held:ty)?]
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident $(<$lifetime:lifetime>)? {
            $(
                $(#[$arm_attribute:meta])*
                $(_ $(in [$($shared:expr),+ $(,)?])? => $default:ident $(($default_body:ty $([..$default_bound:expr])?))?)?
                $($variant:ident $(($body:ty $([..$bound:expr])?))? = $number:expr)?
            ),+
        }
    ) => {
        $(#[$attribute])*
        $visibility enum $name $(<$lifetime>)? {
            $($(#[$arm_attribute])* $($variant $(($body))?,)? $($default($type $(, $default_body)?),)?)+
        }

        const _: () = {
            type __Held $(<$lifetime>)? = $crate::__held!([$($held)?] $name $(<$lifetime>)?);

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

            impl $(<$lifetime>)? $crate::xdr::Part<__Held $(<$lifetime>)?> for $name $(<$lifetime>)? {
                #[allow(unused_variables)]
                fn put<__S: $crate::serde::ser::SerializeTupleStruct>(
                    &self,
                    parts: &mut __S,
                    nodes: &[__Held $(<$lifetime>)?],
                ) -> ::core::result::Result<(), __S::Error> {
                    match self {
                        $($(Self::$variant $((body @ $crate::__any!($body)))? => {
                            parts.serialize_field(&(($number) as $type))?;
                            $(
                                let body: &$body = body;
                                $crate::__check_bound!(encoding, body, $body $([..$bound])?);
                                $crate::__private::put_part(nodes, $crate::__encoded!(body, $body $([..$bound])?), parts)?;
                            )?
                        })?)+
                        $($(Self::$default(number $(, body @ $crate::__any!($default_body))?) => {
                            if !$crate::__belongs!(number, __NUMBERS $(, $type, $($shared),+)?) {
                                return ::core::result::Result::Err($crate::__private::listed_number());
                            }
                            parts.serialize_field(number)?;
                            $(
                                let body: &$default_body = body;
                                $crate::__check_bound!(encoding, body, $default_body $([..$default_bound])?);
                                $crate::__private::put_part(nodes, $crate::__encoded!(body, $default_body $([..$default_bound])?), parts)?;
                            )?
                        })?)+
                    }
                    ::core::result::Result::Ok(())
                }

                fn link(&self, number: usize) -> ::core::result::Result<usize, usize> {
                    #[allow(unused_mut)]
                    let mut links = $crate::__private::LinkNumber::<__Held $(<$lifetime>)?>::new(number);
                    match self {
                        $($(Self::$variant $((body @ $crate::__any!($body)))? => {
                            $(let body: &$body = body;
                            if let ::core::option::Option::Some(place) = links.find(body) {
                                return ::core::result::Result::Ok(place);
                            })?
                        })?)+
                        $($(Self::$default(_ $(, body @ $crate::__any!($default_body))?) => {
                            $(let body: &$default_body = body;
                            if let ::core::option::Option::Some(place) = links.find(body) {
                                return ::core::result::Result::Ok(place);
                            })?
                        })?)+
                    }
                    ::core::result::Result::Err(links.count())
                }
            }

            impl<$($lifetime,)? 'de $(: $lifetime)?> $crate::xdr::DecodePart<'de, __Held $(<$lifetime>)?>
                for $name $(<$lifetime>)?
            {
                #[allow(unused_variables)]
                fn decode<__A: $crate::serde::de::SeqAccess<'de>>(
                    parts: &mut __A,
                    decoding: &mut $crate::__private::Decoding<'_, __Held $(<$lifetime>)?>,
                ) -> ::core::result::Result<Self, __A::Error> {
                    let number: $type = $crate::__private::field(parts)?;
                    $($(if number == $number {
                        $(let body: $body = $crate::xdr::DecodePart::decode(parts, decoding)?;
                        $crate::__check_bound!(decoding, &body, $body $([..$bound])?);)?
                        return ::core::result::Result::Ok($name::$variant $(($crate::__value!(body, $body)))?);
                    })?)+
                    $($(if $crate::__belongs!(&number, __NUMBERS $(, $type, $($shared),+)?) {
                        $(let body: $default_body = $crate::xdr::DecodePart::decode(parts, decoding)?;
                        $crate::__check_bound!(decoding, &body, $default_body $([..$default_bound])?);)?
                        return ::core::result::Result::Ok(
                            $name::$default(number $(, $crate::__value!(body, $default_body))?)
                        );
                    })?)+
                    #[allow(unreachable_code)]
                    ::core::result::Result::Err($crate::__private::unknown_variant())
                }
            }

            impl $(<$lifetime>)? $crate::xdr::MaxSize for $name $(<$lifetime>)? {
                const MAX_SIZE: usize = <$type as $crate::xdr::MaxSize>::MAX_SIZE + $crate::largest(&[
                    0,
                    $(
                        $($($crate::__part_max_size!($body $([..$bound])?),)?)?
                        $($($crate::__part_max_size!($default_body $([..$default_bound])?),)?)?
                    )+
                ]);
            }
        };
    };
}
