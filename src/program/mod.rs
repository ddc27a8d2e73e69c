//! The macro that turns an interface into a client, a service trait and a table entry.

pub mod expanded;
mod in_flight;
mod names;
mod parts;

pub use names::Names;

/// Declares an interface: one version of a program, with its procedures.
///
/// ```
/// use oncilla::{CallError, Caller, Table};
///
/// oncilla::xdr_enum! { pub enum Fault { NoSuchChannel = 1, Broken = 2 } }
///
/// oncilla::program! {
///     /// Measures temperatures.
///     pub mod thermostat = 0x2000_0042, version 1 {
///         /// Reads one channel, in thousandths of a degree Celsius.
///         fn read(channel: u32) -> Result<i32, Fault> = 1;
///         /// Returns the name of a channel, empty when there is none.
///         fn name(channel: u32) -> &str [..16] = 2;
///         /// Renames a channel; returns whether it exists.
///         fn rename(channel: u32, name: &str [..16]) -> bool = 3;
///     }
/// }
///
/// // The server implements `Service` for its state, and lists the program in its table.
/// #[derive(Default)]
/// struct Device { name: heapless::String<16> }
///
/// impl thermostat::Service for Device {
///     fn read(&mut self, channel: u32) -> Result<i32, Fault> {
///         if channel == 0 { Ok(21_500) } else { Err(Fault::NoSuchChannel) }
///     }
///     fn name(&mut self, channel: u32) -> &str {
///         if channel == 0 { &self.name } else { "" }
///     }
///     fn rename(&mut self, channel: u32, name: &str) -> bool {
///         self.name.clear();
///         channel == 0 && self.name.push_str(name).is_ok()
///     }
/// }
///
/// static TABLE: Table<Device> = oncilla::table![thermostat::program()];
///
/// // The client has a method for each procedure.
/// fn print<C: Caller>(caller: &mut C) -> Result<(), CallError<C::Error>> {
///     let mut thermostat = thermostat::Client::new(caller);
///     thermostat.rename(0, "hall")?;
///     match thermostat.read(0)? {
///         Ok(millidegrees) => println!("{}: {millidegrees}", thermostat.name(0)?),
///         Err(fault) => println!("the device reports {fault:?}"),
///     }
///     Ok(())
/// }
/// # fn main() {
/// #     assert_eq!((thermostat::CALL_MAX, thermostat::REPLY_MAX, TABLE.reply_max()), (64, 44, 44));
/// #     print(&mut oncilla::Direct::<_, 64>::new(&TABLE, &mut Device::default())).unwrap();
/// # }
/// ```
///
/// # What it generates
///
/// A module with
///
/// - `PROGRAM` and `VERSION`: the numbers;
/// - `trait Service`: a method for each procedure, which the server's state implements. Results may borrow from the
///   state and from the arguments;
/// - `program()`: the entry for [`table!`](crate::table);
/// - `Client`: a method for each procedure and `null()`, over any [`Caller`](crate::Caller). Results may borrow from
///   its receive buffer;
/// - `start::read(&mut calls, channel)`, `finish::read(&mut calls, ticket)` and so on, for
///   [calls in flight](crate::CallsInFlight). A ticket is a `Ticket<start::read>`;
/// - `CALL_MAX` and `REPLY_MAX`: bytes of the largest call and reply, before framing, with empty credentials. If
///   callers send credentials, such as AUTH_SYS, the server adds [`CREDENTIALS_MAX`](crate::message::CREDENTIALS_MAX) to
///   the size of its receive buffer;
/// - `SLOT_MAX`: bytes of the largest arguments or results, the size of a slot for a call in flight;
/// - `NAMES`: the [names](crate::Names) of the program and its procedures, for logs. Firmware that does not use it does
///   not contain it.
///
/// `examples/by_hand.rs` contains what it expands to, written by hand.
///
/// # Numbers
///
/// Program numbers from `0x2000_0000` to `0x3fff_ffff` are free for local use (RFC 5531 §13.3). Procedures are
/// numbered from 1; number 0 is NULL, which every program answers. Two procedures with one number do not compile:
///
/// ```compile_fail,E0080
/// oncilla::program! { mod twice = 0x2000_0001, version 1 { fn a() = 1; fn b() = 1; } }
/// ```
///
/// # Types
///
/// Every type has a [`MaxSize`](crate::xdr::MaxSize), and borrowed types state a bound: `&str [..16]` is at most 16
/// bytes. Arguments over their bound are refused with GARBAGE_ARGS, results with SYSTEM_ERR. A missing bound does not
/// compile:
///
/// ```compile_fail,E0277
/// oncilla::program! { mod endless = 0x2000_0001, version 1 { fn name() -> &str = 1; } }
/// ```
///
/// `[..]` states no bound: `&[u8] [..]`. An interface whose messages have no bound below 1 GiB states a limit after the
/// version, `version 1, limit 65_536`: the most bytes of the arguments, and of the results, of one message. With the
/// feature `alloc`, data may be on the heap: `String [..64]`, `Vec<u8> [..]`, `Vec<String> [..10] [..64]`, whose second
/// bound is that of the elements. The guide's chapter `heap` describes them.
///
/// Types are those in scope at the macro, by a name or by a path that begins with `crate::`. Paths with `super::` or
/// `self::` do not work, since they start at the generated module. A type named `Client` or `Service` needs another
/// name there.
///
/// An error of the application is a `Result` in the interface; it travels as a union of 0 (`Ok`) and 1 (`Err`).
///
/// To encode arguments and results as postcard (feature `postcard`), write `, payload Postcard` after the version.
///
/// # Styles of procedures
///
/// **One-way** (RFC 5531 §8): `fn log(line: &str [..80]) = 4, oneway;`. The server does not reply, and the client does
/// not wait. A one-way procedure has no results. Such calls are executed in their order. On a carrier that loses
/// nothing, the reply to an ordinary call after them confirms that they arrived.
///
/// **Idempotent**: `fn read() -> u32 = 1, idempotent;`, for procedures that do no harm when they run twice. A server
/// that remembers replies does not remember theirs ([`ReplayCache`](crate::ReplayCache)). A client that connects again
/// sends them again ([`Caller::call_idempotent`](crate::Caller::call_idempotent)).
#[macro_export]
macro_rules! program {
    (
        $(#[$attribute:meta])*
        $visibility:vis mod $module:ident = $program:expr, version $version:tt
            $(, payload $payload:ident)? $(, limit $limit:tt)? {
            $(
                $(#[$procedure_attribute:meta])*
                fn $name:ident($($arguments:tt)*) $(-> $result:ty $([..$($result_bound:expr)?])*)? = $number:expr $(, $style:ident)?;
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

            /// Bytes of the largest call, with empty credentials and before framing.
            pub const CALL_MAX: usize = $crate::__private::message_max(
                $crate::message::CALL_HEADER,
                __payload_max($crate::largest(&[0 $(, $crate::__sum_max_size!($($arguments)*))*])),
            );

            /// Bytes of the largest reply, with an empty verifier and before framing.
            pub const REPLY_MAX: usize = $crate::largest(&[
                $crate::message::REFUSAL_MAX
                $(, $crate::__private::message_max(
                    $crate::message::REPLY_HEADER,
                    __payload_max($crate::__result_max_size!($($result $([..$($result_bound)?])*)?)),
                ))*
            ]);

            /// Bytes of the largest arguments or results: the size of a slot for a call in flight.
            pub const SLOT_MAX: usize = __payload_max($crate::largest(&[
                0
                $(, $crate::__sum_max_size!($($arguments)*), $crate::__result_max_size!($($result $([..$($result_bound)?])*)?))*
            ]));

            /// The names of the program and its procedures, for logs and metrics.
            pub const NAMES: $crate::Names = $crate::Names::new(
                PROGRAM,
                VERSION,
                ::core::stringify!($module),
                &[$(($number, ::core::stringify!($name))),*],
            );

            type __Encoding = $crate::__encoding!($($payload)?);

            /// The most bytes of the arguments or results of one message.
            const __LIMIT: usize = $crate::__limit!($($limit)?);

            /// Returns the largest encoding of arguments or results whose XDR has at most `xdr` bytes.
            const fn __payload_max(xdr: usize) -> usize {
                let size = __Encoding::max_size(xdr);
                if size < __LIMIT { size } else { __LIMIT }
            }

            const _: () = {
                const NUMBERS: &[i128] = &[0 $(, $number as u32 as i128)*];
                assert!(
                    $crate::__private::all_different(NUMBERS),
                    "two procedures have the same number, or one has number 0, which is NULL"
                );
            };

            $($crate::__check_procedure! { $name $name ($($result)?) ($($style)?) })*

            /// The procedures of this program, implemented by the server's state.
            #[diagnostic::on_unimplemented(
                message = "`{Self}` does not serve this program",
                label = "this state does not implement the program's `Service`",
                note = "implement the trait `Service` of the program's module for the state of this table"
            )]
            pub trait Service {
                $($crate::__service_method! {
                    $(#[$procedure_attribute])* $name () ($($arguments)*) ($($result)?)
                })*
            }

            /// Returns the program's entry for the server's table.
            #[must_use]
            pub const fn program<__S: Service>() -> $crate::Program<__S> {
                $crate::Program::new(
                    PROGRAM,
                    VERSION,
                    const {
                        &[$($crate::__styled!(
                            $crate::Procedure::new(
                                $number,
                                __payload_max($crate::__result_max_size!($($result $([..$($result_bound)?])*)?)),
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

                $($crate::__run! { $name ($($arguments)*) ($($result $([..$($result_bound)?])*)?) ($($style)?) })*
            }

            /// Calls the procedures of this program.
            #[derive(Clone, Copy, Debug)]
            pub struct Client<__C> {
                caller: __C,
            }

            impl<__C: $crate::Caller> Client<__C> {
                /// Creates a client that calls over `caller`, such as `&mut` an [`oncilla::Client`]($crate::Client).
                pub const fn new(caller: __C) -> Self {
                    Self { caller }
                }

                /// Calls procedure 0 (NULL): succeeds if the server has this version of the program.
                ///
                /// # Errors
                /// [`CallError`]($crate::CallError); `is_unserved()` is true if the server does not have it.
                pub fn null(&mut self) -> ::core::result::Result<(), $crate::CallError<__C::Error>> {
                    $crate::__private::call_null(&mut self.caller, PROGRAM, VERSION)
                }

                $($crate::__client_method! {
                    $(#[$procedure_attribute])* $name ($($arguments)*) ($($result $([..$($result_bound)?])*)?) $number, ($($style)?)
                })*
            }

            // A module of its own, so that a procedure's type does not hide the type of an argument: `fn bool(value:
            // bool)`.
            mod __tickets {
                $($crate::__ticket! { $name ($($style)?) })*
            }

            mod __starting {
                #[allow(unused_imports)]
                use super::*;

                $($crate::__start! { $(#[$procedure_attribute])* $name ($($arguments)*) $number, ($($style)?) })*
            }

            /// Starts calls in flight: a function for each procedure, and the type of its tickets.
            pub mod start {
                #[allow(unused_imports)]
                pub use super::{__starting::*, __tickets::*};
            }

            /// Finishes calls in flight: a function for each procedure.
            #[allow(dead_code)]
            pub mod finish {
                #[allow(unused_imports)]
                use super::*;

                $($crate::__finish! { $name ($($result $([..$($result_bound)?])*)?) $number, ($($style)?) })*
            }
        }
    };
}
