//! The macro that makes of one interface a client, a service trait and a table.

pub mod expanded;
mod in_flight;
mod parts;

/// Declares one version of a program: what its procedures are called, take and give.
///
/// ```
/// oncilla::xdr_enum! { pub enum Fault { NoSuchChannel = 1, Broken = 2 } }
///
/// oncilla::program! {
///     /// Measures temperatures.
///     pub mod thermostat = 0x2000_0042, version 1 {
///         /// Reads one channel, in thousandths of a degree Celsius.
///         fn read(channel: u32) -> Result<i32, Fault> = 1;
///         /// The name of a channel, empty when there is none.
///         fn name(channel: u32) -> &str [..16] = 2;
///         /// Names a channel.
///         fn rename(channel: u32, name: &str [..16]) -> bool = 3;
///     }
/// }
/// # fn main() { assert_eq!((thermostat::CALL_MAX, thermostat::REPLY_MAX), (64, 44)); }
/// ```
///
/// A module is made of it, with
///
/// - `PROGRAM` and `VERSION`, the numbers;
/// - `trait Service`, which the server's state implements: `fn read(&mut self, channel: u32) ->
///   Result<i32, Fault>` and so on. Results may borrow from the state and from the arguments;
/// - `program()`, the entry for [`table!`](crate::table);
/// - `Client`, with a method for each procedure on any [`Caller`](crate::Caller), and `null()`;
///   results may borrow from its receive buffer;
/// - `start::read(&mut calls, channel)` and `finish::read(&mut calls, ticket)` and so on, for
///   [calls in flight](crate::CallsInFlight); a ticket is a `Ticket<start::read>`;
/// - `CALL_MAX` and `REPLY_MAX`, bytes of the largest call and reply, before framing, with empty
///   credentials: a server whose callers send some, such as AUTH_SYS, adds
///   [`CREDENTIALS_MAX`](crate::message::CREDENTIALS_MAX) to the size of its receive buffer; `SLOT_MAX`, bytes of the largest arguments or results.
///
/// Procedures are numbered from 1: number 0 is NULL, which always answers. Two procedures with one
/// number do not compile. Types are those the surrounding module sees, by a name or a path that begins
/// with `crate::` (`super::` and `self::` would mean another module); one that is called `Client` or
/// `Service` needs another name there. Each type has a
/// [`MaxSize`](crate::xdr::MaxSize), and borrowed ones state a bound (`&str [..16]`: at most 16
/// bytes). Arguments over the bound are refused with GARBAGE_ARGS, results with SYSTEM_ERR.
///
/// A procedure without results may be one-way (RFC 5531 §8): `fn log(line: &str [..80]) = 4, oneway;`.
/// The server never replies to it, and the client does not wait. Calls sent so are a batch: they are
/// carried out in their order, and an ordinary call after them tells that they arrived, on a carrier
/// that loses nothing.
///
/// A procedure that does no harm when it is run twice is said to be so: `fn read() -> u32 = 1, idempotent;`.
/// A server that remembers replies need not remember its ([`ReplayCache`](crate::ReplayCache)).
///
/// An application's own error is a `Result` in the interface; it travels as a union of 0 (`Ok`) and 1
/// (`Err`). `, payload Postcard` after the version encodes arguments and results as postcard (feature
/// `postcard`).
///
/// What it expands to can be read in `examples/by_hand.rs`.
///
/// Two procedures with one number:
///
/// ```compile_fail,E0080
/// oncilla::program! { mod twice = 0x2000_0001, version 1 { fn a() = 1; fn b() = 1; } }
/// ```
///
/// A missing bound:
///
/// ```compile_fail,E0277
/// oncilla::program! { mod endless = 0x2000_0001, version 1 { fn name() -> &str = 1; } }
/// ```
#[macro_export]
macro_rules! program {
    (
        $(#[$attribute:meta])*
        $visibility:vis mod $module:ident = $program:expr, version $version:tt $(, payload $payload:ident)? {
            $(
                $(#[$procedure_attribute:meta])*
                fn $name:ident($($arguments:tt)*) $(-> $result:ty $([..$result_bound:expr])?)? = $number:expr $(, $style:ident)?;
            )*
        }
    ) => {
        $(#[$attribute])*
        $visibility mod $module {
            #[allow(unused_imports)]
            use super::*;

            /// The program's number.
            pub const PROGRAM: u32 = $program;

            /// The version of the program that this interface is.
            pub const VERSION: u32 = $version;

            /// Bytes of the largest call, with empty credentials and before framing.
            pub const CALL_MAX: usize = $crate::message::CALL_HEADER
                + __Encoding::max_size($crate::largest(&[0 $(, $crate::__sum_max_size!($($arguments)*))*]));

            /// Bytes of the largest reply, with an empty verifier and before framing.
            pub const REPLY_MAX: usize = $crate::largest(&[
                $crate::message::REFUSAL_MAX
                $(, $crate::message::REPLY_HEADER
                    + __Encoding::max_size($crate::__result_max_size!($($result $(, $result_bound)?)?)))*
            ]);

            /// Bytes of a slot for a call in flight: of the largest arguments or results.
            pub const SLOT_MAX: usize = __Encoding::max_size($crate::largest(&[
                0
                $(, $crate::__sum_max_size!($($arguments)*), $crate::__result_max_size!($($result $(, $result_bound)?)?))*
            ]));

            type __Encoding = $crate::__encoding!($($payload)?);

            const _: () = {
                const NUMBERS: &[i128] = &[0 $(, $number as u32 as i128)*];
                assert!(
                    $crate::__private::all_different(NUMBERS),
                    "two procedures of the program have the same number, or one has 0, which is NULL"
                );
            };

            $($crate::__check_procedure! { $name $name ($($result)?) ($($style)?) })*

            /// What the server's state implements to serve this program.
            #[diagnostic::on_unimplemented(
                message = "`{Self}` does not serve this program",
                label = "the program's `Service` is not implemented for this state",
                note = "implement the trait `Service` of the program's module for the state of the table"
            )]
            pub trait Service {
                $($crate::__service_method! {
                    $(#[$procedure_attribute])* $name () ($($arguments)*) ($($result)?)
                })*
            }

            /// The entry for a server's table.
            #[must_use]
            pub const fn program<__S: Service>() -> $crate::Program<__S> {
                $crate::Program::new(
                    PROGRAM,
                    VERSION,
                    const {
                        &[$($crate::__styled!(
                            $crate::Procedure::new(
                                $number,
                                __Encoding::max_size($crate::__result_max_size!($($result $(, $result_bound)?)?)),
                                __run::$name::<__S>,
                            )
                            $(, $style)?
                        )),*]
                    },
                )
            }

            mod __run {
                #[allow(unused_imports)]
                use super::*;

                $($crate::__run! { $name ($($arguments)*) ($($result $(, $result_bound)?)?) ($($style)?) })*
            }

            /// Calls this program over a caller.
            #[derive(Clone, Copy, Debug)]
            pub struct Client<__C> {
                caller: __C,
            }

            impl<__C: $crate::Caller> Client<__C> {
                /// A client that calls over `caller`, such as `&mut` an [`oncilla::Client`]($crate::Client).
                pub const fn new(caller: __C) -> Self {
                    Self { caller }
                }

                /// Calls procedure 0, which does nothing: is the program served, and in this version?
                ///
                /// # Errors
                /// [`CallError`]($crate::CallError) when it is not, or the call did not go through.
                pub fn null(&mut self) -> ::core::result::Result<(), $crate::CallError<__C::Error>> {
                    $crate::__private::call_null(&mut self.caller, PROGRAM, VERSION)
                }

                $($crate::__client_method! {
                    $(#[$procedure_attribute])* $name ($($arguments)*) ($($result $(, $result_bound)?)?) $number, ($($style)?)
                })*
            }

            // Apart, so that a procedure's type does not hide one of its arguments: `fn bool(value: bool)`.
            mod __tickets {
                $($crate::__ticket! { $name ($($style)?) })*
            }

            mod __starting {
                #[allow(unused_imports)]
                use super::*;

                $($crate::__start! { $(#[$procedure_attribute])* $name ($($arguments)*) $number, ($($style)?) })*
            }

            /// Starts calls in flight: a function for each procedure, and a type that its tickets have.
            pub mod start {
                #[allow(unused_imports)]
                pub use super::{__starting::*, __tickets::*};
            }

            /// Finishes calls in flight: a function for each procedure.
            #[allow(dead_code)]
            pub mod finish {
                #[allow(unused_imports)]
                use super::*;

                $($crate::__finish! { $name ($($result $(, $result_bound)?)?) $number, ($($style)?) })*
            }
        }
    };
}
