//! The macro that turns a service into a client, a trait and a table entry.

/// Declares a service: one version of a program, whose procedures take and return one message each.
///
/// The crate `oncilla-protobuf-build` writes it for each `service` of a `.proto` file. Write it by hand if the messages
/// are generated in another way.
///
/// ```
/// # #[cfg(feature = "prost")] mod example {
/// use oncilla_protobuf::prost;
///
/// #[derive(Clone, PartialEq, prost::Message)]
/// #[prost(prost_path = "::oncilla_protobuf::prost")]
/// pub struct Pair {
///     #[prost(int32, tag = 1)]
///     pub a: i32,
///     #[prost(int32, tag = 2)]
///     pub b: i32,
/// }
///
/// #[derive(Clone, PartialEq, prost::Message)]
/// #[prost(prost_path = "::oncilla_protobuf::prost")]
/// pub struct Sum {
///     #[prost(int32, tag = 1)]
///     pub sum: i32,
/// }
///
/// oncilla_protobuf::service! {
///     /// Adds.
///     pub mod adder = 0x2000_0044, version 1, messages Prost, limit 64 {
///         /// Returns the sum, which wraps around.
///         fn add(Pair) -> Sum = 1, idempotent;
///     }
/// }
///
/// struct Host;
///
/// impl adder::Service for Host {
///     fn add(&mut self, pair: Pair) -> Sum {
///         Sum { sum: pair.a.wrapping_add(pair.b) }
///     }
/// }
///
/// static TABLE: oncilla::Table<Host> = oncilla::table![adder::program()];
///
/// # pub
/// fn main() {
///     let mut host = Host;
///     let mut direct = oncilla::Direct::<_, 128>::new(&TABLE, &mut host);
///     let mut client = adder::Client::new(&mut direct);
///     assert_eq!(client.add(&Pair { a: 1, b: 2 }), Ok(Sum { sum: 3 }));
/// }
/// # }
/// # #[cfg(feature = "prost")]
/// # example::main();
/// ```
///
/// # What it generates
///
/// A module like that of [`oncilla::program!`]: `PROGRAM`, `VERSION`, `CALL_MAX`, `REPLY_MAX`, `SLOT_MAX`, `NAMES`, the
/// trait `Service`, `program()`, `Client`, and `start` and `finish` for [calls in flight](oncilla::CallsInFlight). A
/// one-way procedure is `fn log(Line) = 4, oneway;`.
///
/// `messages` names the [`Library`](crate::Library) of the messages: `Micropb` or `Prost`. `limit` is the most bytes of
/// arguments or results. Messages without a largest size need it.
#[macro_export]
macro_rules! service {
    (
        $(#[$attribute:meta])*
        $visibility:vis mod $module:ident = $program:expr, version $version:expr, messages $library:ident
            $(, limit $limit:tt)? {
            $(
                $(#[$procedure_attribute:meta])*
                fn $name:ident($argument:ty) $(-> $result:ty)? = $number:expr $(, $style:ident)?;
            )*
        }
    ) => {
        $(#[$attribute])*
        $visibility mod $module {
            #[allow(unused_imports)]
            use super::*;

            /// The program's number.
            pub const PROGRAM: u32 = $program;

            /// The version of the program.
            pub const VERSION: u32 = $version;

            /// The most bytes of the arguments or results of one message.
            const __LIMIT: usize = $crate::oncilla::__limit!($($limit)?);

            /// Returns the largest size of a message, but not more than the limit.
            const fn __payload_max(size: usize) -> usize {
                if size < __LIMIT { size } else { __LIMIT }
            }

            /// Bytes of the largest call, with empty credentials and before framing.
            ///
            /// A client of a later version may send more: leave room for its fields in the receive buffer.
            pub const CALL_MAX: usize = $crate::oncilla::__private::message_max(
                $crate::oncilla::message::CALL_HEADER,
                __payload_max($crate::oncilla::largest(&[
                    0 $(, <$crate::$library as $crate::Library<$argument>>::MAX_SIZE)*
                ])),
            );

            /// Bytes of the largest reply, with an empty verifier and before framing.
            pub const REPLY_MAX: usize = $crate::oncilla::largest(&[
                $crate::oncilla::message::REFUSAL_MAX
                $($(, $crate::oncilla::__private::message_max(
                    $crate::oncilla::message::REPLY_HEADER,
                    __payload_max(<$crate::$library as $crate::Library<$result>>::MAX_SIZE),
                ))?)*
            ]);

            /// Bytes of the largest arguments or results: the size of a slot for a call in flight.
            pub const SLOT_MAX: usize = __payload_max($crate::oncilla::largest(&[
                0
                $(
                    , <$crate::$library as $crate::Library<$argument>>::MAX_SIZE
                    $(, <$crate::$library as $crate::Library<$result>>::MAX_SIZE)?
                )*
            ]));

            /// The names of the program and its procedures, for logs and metrics.
            pub const NAMES: $crate::oncilla::Names = $crate::oncilla::Names::new(
                PROGRAM,
                VERSION,
                ::core::stringify!($module),
                &[$(($number, ::core::stringify!($name))),*],
            );

            const _: () = {
                const NUMBERS: &[i128] = &[0 $(, $number as u32 as i128)*];
                assert!(
                    $crate::oncilla::__private::all_different(NUMBERS),
                    "two procedures have the same number, or one has number 0, which is NULL"
                );
            };

            $($crate::oncilla::__check_procedure! { $name $name ($($result)?) ($($style)?) })*

            mod __methods {
                $(
                    /// The type of this procedure and of its tickets.
                    #[allow(non_camel_case_types)]
                    #[derive(Clone, Copy, Debug)]
                    pub enum $name {}
                )*
            }

            $(
                impl $crate::Method for __methods::$name {
                    type Library = $crate::$library;
                    type Arguments = $argument;
                    type Results = $crate::__results!(($argument) $($result)?);

                    const ID: $crate::oncilla::ProcedureId =
                        $crate::oncilla::ProcedureId { program: PROGRAM, version: VERSION, procedure: $number };
                    const LIMIT: usize = __LIMIT;
                }
            )*

            /// The procedures of this program, implemented by the server's state.
            #[diagnostic::on_unimplemented(
                message = "`{Self}` does not serve this program",
                label = "this state does not implement the program's `Service`",
                note = "implement the trait `Service` of the program's module for the state of this table"
            )]
            pub trait Service {
                $(
                    $(#[$procedure_attribute])*
                    fn $name(&mut self, request: $argument) $(-> $result)?;
                )*
            }

            /// Returns the program's entry for the server's table.
            #[must_use]
            pub const fn program<__S: Service>() -> $crate::oncilla::Program<__S> {
                $crate::oncilla::Program::new(
                    PROGRAM,
                    VERSION,
                    const { &[$($crate::__procedure!(__S, $name ($number) ($($result, $library)?) $($style)?)),*] },
                )
            }

            /// Calls the procedures of this program.
            #[derive(Clone, Copy, Debug)]
            pub struct Client<__C> {
                caller: __C,
            }

            impl<__C: $crate::oncilla::Caller> Client<__C> {
                /// Creates a client that calls over `caller`, such as `&mut` an [`oncilla::Client`]($crate::oncilla::Client).
                pub const fn new(caller: __C) -> Self {
                    Self { caller }
                }

                /// Calls procedure 0 (NULL): succeeds if the server has this version of the program.
                ///
                /// # Errors
                /// [`CallError`]($crate::oncilla::CallError); `is_unserved()` is true if the server does not have it.
                pub fn null(&mut self) -> ::core::result::Result<(), $crate::oncilla::CallError<__C::Error>> {
                    $crate::oncilla::__private::call_null(&mut self.caller, PROGRAM, VERSION)
                }

                $($crate::__client_method! {
                    $(#[$procedure_attribute])* $name ($argument) ($($result)?) ($($style)?)
                })*
            }

            mod __starting {
                $($crate::__start! { $(#[$procedure_attribute])* $name ($($style)?) })*
            }

            /// Starts calls in flight: a function for each procedure, and the type of its tickets.
            pub mod start {
                #[allow(unused_imports)]
                pub use super::{__methods::*, __starting::*};
            }

            /// Finishes calls in flight: a function for each procedure.
            #[allow(dead_code)]
            pub mod finish {
                $($crate::__finish! { $name ($($style)?) })*
            }
        }
    };
}
