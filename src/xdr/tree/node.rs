//! The declaration of nodes.

/// Declares a node of a [`Tree`](crate::xdr::Tree): a struct, or a discriminated union (RFC 4506 §4.14, §4.15), with
/// [`Link`](crate::xdr::Link) and [`Links`](crate::xdr::Links) to others.
///
/// A struct is written as for [`xdr_struct!`](crate::xdr_struct), a union as for [`xdr_union!`](crate::xdr_union), with
/// the same bounds. Fields may also be other nodes by value, and [`Fixed`](crate::xdr::Fixed),
/// [`Several`](crate::xdr::Several) and [`Maybe`](crate::xdr::Maybe) of what has links in it.
///
/// A node has no encoding by itself, only as a part of a tree. Its `MAX_SIZE` is without the nodes that it links to.
///
/// ```
/// use oncilla::xdr::{self, Link, Links, Nodes, Tree};
///
/// oncilla::xdr_node! {
///     /// A sum of numbers, of which any can be negated.
///     #[derive(Clone, Debug, PartialEq)]
///     pub enum Expression {
///         Number(i32) = 0,
///         Negated(Link<Expression>) = 1,
///         Sum(Links<Expression, 4>) = 2,
///     }
/// }
/// type Expressions = Tree<Expression, 20, 6>;
///
/// /// Calls itself on 6 levels at most.
/// fn evaluate(tree: &Expressions, expression: &Expression) -> i32 {
///     match expression {
///         Expression::Number(number) => *number,
///         Expression::Negated(operand) => tree.get(*operand).map_or(0, |operand| -evaluate(tree, operand)),
///         Expression::Sum(terms) => tree.all(terms).map(|term| evaluate(tree, term)).sum(),
///     }
/// }
///
/// let mut nodes = Nodes::new();
/// let two = nodes.add(Expression::Number(2))?;
/// let minus_two = nodes.add(Expression::Negated(two))?;
/// let five = nodes.add(Expression::Number(5))?;
/// let sum = Expressions::new(Expression::Sum(Links::from([five, minus_two])), nodes)?;
/// assert_eq!(evaluate(&sum, sum.root()), 3);
/// # Ok::<(), xdr::TreeError>(())
/// ```
///
/// Of types within each other each says what the arena holds, `struct Folder in Entry`: see
/// [`xdr_nodes!`](crate::xdr_nodes).
#[macro_export]
macro_rules! xdr_node {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident $(<$lifetime:lifetime>)? $(in $held:ty)? {
            $(
                $(#[$field_attribute:meta])*
                $field_visibility:vis $field:ident: $type:ty $([..$bound:expr])?
            ),* $(,)?
        }
    ) => {
        $(#[$attribute])*
        $visibility struct $name $(<$lifetime>)? {
            $($(#[$field_attribute])* $field_visibility $field: $type,)*
        }

        const _: () = {
            type __Held $(<$lifetime>)? = $crate::__held!([$($held)?] $name $(<$lifetime>)?);

            impl $(<$lifetime>)? $crate::xdr::Part<__Held $(<$lifetime>)?> for $name $(<$lifetime>)? {
                #[allow(unused_variables)]
                fn put<__S: $crate::serde::ser::SerializeTupleStruct>(
                    &self,
                    parts: &mut __S,
                    nodes: &[__Held $(<$lifetime>)?],
                ) -> ::core::result::Result<(), __S::Error> {
                    $(
                        $crate::__check_bound!(encoding, &self.$field, $type $(, $bound)?);
                        $crate::xdr::Part::put($crate::__encoded!(&self.$field $(, $bound)?), parts, nodes)?;
                    )*
                    ::core::result::Result::Ok(())
                }

                fn link(&self, number: usize) -> ::core::result::Result<usize, usize> {
                    #[allow(unused_mut)]
                    let mut links = $crate::__private::LinkNumber::<__Held $(<$lifetime>)?>::new(number);
                    $(if let ::core::option::Option::Some(place) = links.find(&self.$field) {
                        return ::core::result::Result::Ok(place);
                    })*
                    ::core::result::Result::Err(links.count())
                }
            }

            impl<$($lifetime,)? 'de $(: $lifetime)?> $crate::xdr::TakePart<'de, __Held $(<$lifetime>)?>
                for $name $(<$lifetime>)?
            {
                #[allow(unused_variables)]
                fn take<__A: $crate::serde::de::SeqAccess<'de>>(
                    parts: &mut __A,
                    taken: &mut $crate::__private::Taken<'_, __Held $(<$lifetime>)?>,
                ) -> ::core::result::Result<Self, __A::Error> {
                    $(
                        let $field: $type = $crate::xdr::TakePart::take(parts, taken)?;
                        $crate::__check_bound!(decoding, &$field, $type $(, $bound)?);
                    )*
                    ::core::result::Result::Ok($name { $($field),* })
                }
            }

            impl $(<$lifetime>)? $crate::xdr::MaxSize for $name $(<$lifetime>)? {
                const MAX_SIZE: usize = 0 $(+ $crate::__part_max_size!($type $(, $bound)?))*;
            }
        };
    };
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident $(<$lifetime:lifetime>)? $(in $held:ty)? {
            $(
                $(#[$arm_attribute:meta])*
                $(_ => $default:ident $(($default_body:ty $([..$default_bound:expr])?))?)?
                $($variant:ident $(($body:ty $([..$bound:expr])?))? = $number:expr)?
            ),+
        }
    ) => {
        $(#[$attribute])*
        $visibility enum $name $(<$lifetime>)? {
            $($(#[$arm_attribute])* $($variant $(($body))?,)? $($default(i32 $(, $default_body)?),)?)+
        }

        const _: () = {
            type __Held $(<$lifetime>)? = $crate::__held!([$($held)?] $name $(<$lifetime>)?);

            const __NUMBERS: &[i32] = &[$($($number,)?)+];
            const __DEFAULTS: &[&str] = &[$($(stringify!($default),)?)+];
            assert!(
                $crate::__private::all_different(&[$($($number as i32 as i128,)?)+]),
                "two variants of the union have the same number"
            );
            assert!(__DEFAULTS.len() < 2, "the union has two default arms");

            impl $(<$lifetime>)? $crate::xdr::Part<__Held $(<$lifetime>)?> for $name $(<$lifetime>)? {
                #[allow(unused_variables)]
                fn put<__S: $crate::serde::ser::SerializeTupleStruct>(
                    &self,
                    parts: &mut __S,
                    nodes: &[__Held $(<$lifetime>)?],
                ) -> ::core::result::Result<(), __S::Error> {
                    match self {
                        $($(Self::$variant $((body @ $crate::__any!($body)))? => {
                            parts.serialize_field(&(($number) as i32))?;
                            $(
                                let body: &$body = body;
                                $crate::__check_bound!(encoding, body, $body $(, $bound)?);
                                $crate::xdr::Part::put($crate::__encoded!(body $(, $bound)?), parts, nodes)?;
                            )?
                        })?)+
                        $($(Self::$default(number $(, body @ $crate::__any!($default_body))?) => {
                            if __NUMBERS.contains(number) {
                                return ::core::result::Result::Err($crate::__private::listed_number());
                            }
                            parts.serialize_field(number)?;
                            $(
                                let body: &$default_body = body;
                                $crate::__check_bound!(encoding, body, $default_body $(, $default_bound)?);
                                $crate::xdr::Part::put($crate::__encoded!(body $(, $default_bound)?), parts, nodes)?;
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

            impl<$($lifetime,)? 'de $(: $lifetime)?> $crate::xdr::TakePart<'de, __Held $(<$lifetime>)?>
                for $name $(<$lifetime>)?
            {
                #[allow(unused_variables)]
                fn take<__A: $crate::serde::de::SeqAccess<'de>>(
                    parts: &mut __A,
                    taken: &mut $crate::__private::Taken<'_, __Held $(<$lifetime>)?>,
                ) -> ::core::result::Result<Self, __A::Error> {
                    let number: i32 = $crate::__private::field(parts)?;
                    $($(if number == $number {
                        $(let body: $body = $crate::xdr::TakePart::take(parts, taken)?;
                        $crate::__check_bound!(decoding, &body, $body $(, $bound)?);)?
                        return ::core::result::Result::Ok($name::$variant $(($crate::__value!(body, $body)))?);
                    })?)+
                    $($(
                        $(let body: $default_body = $crate::xdr::TakePart::take(parts, taken)?;
                        $crate::__check_bound!(decoding, &body, $default_body $(, $default_bound)?);)?
                        return ::core::result::Result::Ok(
                            $name::$default(number $(, $crate::__value!(body, $default_body))?)
                        );
                    )?)+
                    #[allow(unreachable_code)]
                    ::core::result::Result::Err($crate::__private::unknown_variant())
                }
            }

            impl $(<$lifetime>)? $crate::xdr::MaxSize for $name $(<$lifetime>)? {
                const MAX_SIZE: usize = $crate::xdr::UNIT + $crate::__private::largest(&[
                    0,
                    $(
                        $($($crate::__part_max_size!($body $(, $bound)?),)?)?
                        $($($crate::__part_max_size!($default_body $(, $default_bound)?),)?)?
                    )+
                ]);
            }
        };
    };
}
