//! The parts of `program!` for calls in flight. Not for use by hand.

/// The type of a procedure's tickets.
///
/// One-way procedures have no tickets and no functions, since they need no slot.
#[macro_export]
#[doc(hidden)]
macro_rules! __ticket {
    ($name:ident (oneway)) => {};
    ($name:ident ($($style:ident)?)) => {
        /// The type of the tickets of this procedure.
        #[allow(non_camel_case_types)]
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}
    };
}

/// The function that starts a call.
#[macro_export]
#[doc(hidden)]
macro_rules! __start {
    ($(#[$attribute:meta])* $name:ident ($($arguments:tt)*) $number:expr, (oneway)) => {};
    (
        $(#[$attribute:meta])* $name:ident
        ($($argument:ident: $type:ty $([..$($bound:expr)?])*),* $(,)?)
        $number:expr, ($($style:ident)?)
    ) => {
        $(#[$attribute])*
        ///
        /// Sends the call and does not wait for its reply.
        ///
        /// # Errors
        /// [`CallError`]($crate::CallError) when there is no free slot, or the call could not be sent.
        pub fn $name<__S: $crate::Starter>(
            calls: &mut __S
            $(, $argument: $type)*
        ) -> ::core::result::Result<$crate::Ticket<super::__tickets::$name>, $crate::CallError<__S::Error>> {
            calls.start(
                $crate::ProcedureId { program: PROGRAM, version: VERSION, procedure: $number },
                $crate::__arguments!($($argument: $type $([..$($bound)?])*);*),
            )
        }
    };
}

/// The function that finishes a call.
#[macro_export]
#[doc(hidden)]
macro_rules! __finish {
    ($name:ident ($($result:tt)*) $number:expr, (oneway)) => {};
    ($name:ident ($($result:ty $([..$($result_bound:expr)?])*)?) $number:expr, ($($style:ident)?)) => {
        /// Waits for the reply and returns the results.
        ///
        /// # Errors
        /// [`CallError`]($crate::CallError) when there are no results.
        pub fn $name<__S: $crate::Starter>(
            calls: &mut __S,
            ticket: $crate::Ticket<super::__tickets::$name>,
        ) -> ::core::result::Result<$crate::__result!($($result)?), $crate::CallError<__S::Error>> {
            calls.finish(
                ticket,
                $crate::ProcedureId { program: PROGRAM, version: VERSION, procedure: $number },
                $crate::__results!($($result $([..$($result_bound)?])*)?),
            )
        }
    };
}
