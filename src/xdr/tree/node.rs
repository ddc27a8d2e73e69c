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
                        $crate::__private::put_part(nodes, $crate::__encoded!(&self.$field $(, $bound)?), parts)?;
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
