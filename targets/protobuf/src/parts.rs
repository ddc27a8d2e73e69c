//! The parts of `service!`. Not for use by hand.

/// The message that a procedure returns; for a one-way procedure, the one it takes.
#[macro_export]
#[doc(hidden)]
macro_rules! __results {
    (($argument:ty)) => {
        $argument
    };
    (($argument:ty) $result:ty) => {
        $result
    };
}

/// The table entry of a procedure.
#[macro_export]
#[doc(hidden)]
macro_rules! __procedure {
    ($state:ident, $name:ident ($number:expr) () oneway) => {
        $crate::oncilla::Procedure::new($number, 0, |state: &mut $state, call, _| {
            $crate::answer_oneway::<__methods::$name>(call, |request| state.$name(request))
        })
    };
    ($state:ident, $name:ident ($number:expr) ($result:ty, $library:ident) $($style:ident)?) => {
        $crate::oncilla::__styled!(
            $crate::oncilla::Procedure::new(
                $number,
                __payload_max(<$crate::$library as $crate::Library<$result>>::MAX_SIZE),
                |state: &mut $state, call, room| {
                    $crate::answer::<__methods::$name>(call, room, |request| state.$name(request))
                },
            )
            $(, $style)?
        )
    };
}

/// A method of the client.
#[macro_export]
#[doc(hidden)]
macro_rules! __client_method {
    // `__check_procedure` refuses these names.
    ($(#[$attribute:meta])* new $($rest:tt)*) => {};
    ($(#[$attribute:meta])* null $($rest:tt)*) => {};
    ($(#[$attribute:meta])* $name:ident ($argument:ty) () (oneway)) => {
        $(#[$attribute])*
        ///
        /// One-way: returns when the call is sent, and reports neither its arrival nor its outcome.
        ///
        /// # Errors
        /// [`CallError`]($crate::oncilla::CallError) when the call could not be sent.
        pub fn $name(
            &mut self,
            request: &$argument,
        ) -> ::core::result::Result<(), $crate::oncilla::CallError<__C::Error>> {
            $crate::cast::<__methods::$name, _>(&mut self.caller, request)
        }
    };
    ($(#[$attribute:meta])* $name:ident ($argument:ty) ($result:ty) (idempotent)) => {
        $crate::__client_method! { $(#[$attribute])* $name ($argument) ($result) by call_idempotent }
    };
    ($(#[$attribute:meta])* $name:ident ($argument:ty) ($result:ty) ()) => {
        $crate::__client_method! { $(#[$attribute])* $name ($argument) ($result) by call }
    };
    ($(#[$attribute:meta])* $name:ident ($argument:ty) ($result:ty) by $call:ident) => {
        $(#[$attribute])*
        ///
        /// # Errors
        /// [`CallError`]($crate::oncilla::CallError) when there are no results.
        pub fn $name(
            &mut self,
            request: &$argument,
        ) -> ::core::result::Result<$result, $crate::oncilla::CallError<__C::Error>> {
            $crate::$call::<__methods::$name, _>(&mut self.caller, request)
        }
    };
}

/// The function that starts a call.
#[macro_export]
#[doc(hidden)]
macro_rules! __start {
    ($(#[$attribute:meta])* $name:ident (oneway)) => {};
    ($(#[$attribute:meta])* $name:ident ($($style:ident)?)) => {
        $(#[$attribute])*
        ///
        /// Sends the call and does not wait for its reply.
        ///
        /// # Errors
        /// [`CallError`]($crate::oncilla::CallError) when there is no free slot, or the call could not be sent.
        pub fn $name<__S: $crate::oncilla::Starter>(
            calls: &mut __S,
            request: &<super::__methods::$name as $crate::Method>::Arguments,
        ) -> ::core::result::Result<
            $crate::oncilla::Ticket<super::__methods::$name>,
            $crate::oncilla::CallError<__S::Error>,
        > {
            $crate::start::<super::__methods::$name, _>(calls, request)
        }
    };
}

/// The function that finishes a call.
#[macro_export]
#[doc(hidden)]
macro_rules! __finish {
    ($name:ident (oneway)) => {};
    ($name:ident ($($style:ident)?)) => {
        /// Waits for the reply and returns the results.
        ///
        /// # Errors
        /// [`CallError`]($crate::oncilla::CallError) when there are no results.
        pub fn $name<__S: $crate::oncilla::Starter>(
            calls: &mut __S,
            ticket: $crate::oncilla::Ticket<super::__methods::$name>,
        ) -> ::core::result::Result<
            <super::__methods::$name as $crate::Method>::Results,
            $crate::oncilla::CallError<__S::Error>,
        > {
            $crate::finish::<super::__methods::$name, _>(calls, ticket)
        }
    };
}
