//! The macro that declares nodes.

/// Declares a node of a [`Tree`](crate::xdr::Tree): a struct or a discriminated union.
///
/// Write a struct (RFC 4506 §4.14) as for [`xdr_struct!`](crate::xdr_struct), and a union (§4.15) as for
/// [`xdr_union!`](crate::xdr_union), with the same bounds. A node refers to other nodes by
/// [`Link`](crate::xdr::Link) and [`Links`](crate::xdr::Links). Its fields may also be nodes by value, and
/// [`Fixed`](crate::xdr::Fixed), [`Several`](crate::xdr::Several) and [`Maybe`](crate::xdr::Maybe), which contain
/// types with links.
///
/// A node is encoded only as part of a tree. Its `MAX_SIZE` does not include the nodes that it links to.
///
/// ```
/// use oncilla::xdr::{self, Link, Links, Nodes, Tree};
///
/// oncilla::xdr_node! {
///     /// An expression of numbers, negations and sums.
///     #[derive(Clone, Debug, PartialEq)]
///     pub enum Expression {
///         Number(i32) = 0,
///         Negated(Link<Expression>) = 1,
///         Sum(Links<Expression, 4>) = 2,
///     }
/// }
/// type Expressions = Tree<Expression, 20, 6>;
///
/// /// Recurses at most 6 levels deep.
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
/// If nodes of several types contain each other, each declaration names the type of the arena, as in
/// `struct Folder in Entry`: see [`xdr_nodes!`](crate::xdr_nodes).
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
                        $crate::__check_bound!(encoding, &self.$field, $type $([..$bound])?);
                        $crate::__private::put_part(nodes, $crate::__encoded!(&self.$field, $type $([..$bound])?), parts)?;
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

            impl<$($lifetime,)? 'de $(: $lifetime)?> $crate::xdr::DecodePart<'de, __Held $(<$lifetime>)?>
                for $name $(<$lifetime>)?
            {
                #[allow(unused_variables)]
                fn decode<__A: $crate::serde::de::SeqAccess<'de>>(
                    parts: &mut __A,
                    decoding: &mut $crate::__private::Decoding<'_, __Held $(<$lifetime>)?>,
                ) -> ::core::result::Result<Self, __A::Error> {
                    $(
                        let $field: $type = $crate::xdr::DecodePart::decode(parts, decoding)?;
                        $crate::__check_bound!(decoding, &$field, $type $([..$bound])?);
                    )*
                    ::core::result::Result::Ok($name { $($field),* })
                }
            }

            impl $(<$lifetime>)? $crate::xdr::MaxSize for $name $(<$lifetime>)? {
                const MAX_SIZE: usize = 0 $(+ $crate::__part_max_size!($type $([..$bound])?))*;
            }
        };
    };
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident $(<$lifetime:lifetime>)? $(in $held:ty)? { $($arms:tt)* }
    ) => {
        $crate::__xdr_node_union! {
            i32 [$($held)?] $(#[$attribute])* $visibility enum $name $(<$lifetime>)? { $($arms)* }
        }
    };
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident $(<$lifetime:lifetime>)?: $type:ident $(in $held:ty)? { $($arms:tt)* }
    ) => {
        $crate::__xdr_node_union! {
            $type [$($held)?] $(#[$attribute])* $visibility enum $name $(<$lifetime>)? { $($arms)* }
        }
    };
}
