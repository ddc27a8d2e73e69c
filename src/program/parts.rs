//! The parts of `program!`. Not for use by hand.

/// The encoding of an interface's payload.
#[macro_export]
#[doc(hidden)]
macro_rules! __encoding {
    () => {
        $crate::Xdr
    };
    ($payload:ident) => {
        $crate::$payload
    };
}

/// The most bytes of arguments or results: `usize::MAX` when the interface states no limit.
#[macro_export]
#[doc(hidden)]
macro_rules! __limit {
    () => {
        usize::MAX
    };
    ($limit:expr) => {
        $limit
    };
}

/// Refuses names that the client's own methods have, and results of a one-way procedure.
///
/// The check names an item that does not exist. rustc shows that error at the user's word; a `compile_error!` would be
/// shown at the whole macro. The module's name states what is allowed.
#[macro_export]
#[doc(hidden)]
macro_rules! __check_procedure {
    (new $name:ident $($rest:tt)*) => {
        const _: () = $crate::__private::names_other_than_new_and_null::$name();
    };
    (null $name:ident $($rest:tt)*) => {
        const _: () = $crate::__private::names_other_than_new_and_null::$name();
    };
    ($name:ident $same:ident ($result:ty) (oneway)) => {
        const _: () = <$result as $crate::__private::ResultsOfOneway>::ALLOWED;
    };
    ($name:ident $same:ident ($($result:ty)?) ($($style:ident)?)) => {};
}

/// The table entry of a procedure, with its style.
#[macro_export]
#[doc(hidden)]
macro_rules! __styled {
    ($procedure:expr) => {
        $procedure
    };
    ($procedure:expr, $style:ident) => {
        $crate::__private::IdempotentOrOneway($procedure).$style()
    };
}

/// The type of the results; `()` when none are declared.
#[macro_export]
#[doc(hidden)]
macro_rules! __result {
    () => {
        ()
    };
    ($result:ty) => {
        $result
    };
}

/// The largest size of the results.
#[macro_export]
#[doc(hidden)]
macro_rules! __result_max_size {
    () => {
        0
    };
    ($($result:tt)+) => {
        $crate::__max_size!($($result)+)
    };
}

/// The largest size of all arguments together.
#[macro_export]
#[doc(hidden)]
macro_rules! __sum_max_size {
    ($($argument:ident: $type:ty $([..$($bound:expr)?])*),* $(,)?) => {
        $crate::__private::sum(&[$($crate::__max_size!($type $([..$($bound)?])*)),*])
    };
}

/// A method of the service trait.
///
/// Borrowed arguments, types with one lifetime, and options and arrays of those get the lifetime of the state's
/// borrow, so that results may borrow from both.
#[macro_export]
#[doc(hidden)]
macro_rules! __service_method {
    ($(#[$attribute:meta])* $name:ident ($($done:tt)*) () ($($result:ty)?)) => {
        $(#[$attribute])*
        #[allow(clippy::needless_lifetimes)]
        // One lint, by its present and its former names.
        #[allow(unknown_lints, renamed_and_removed_lints, mismatched_lifetime_syntaxes, elided_named_lifetimes)]
        fn $name<'a>(&'a mut self $($done)*) $(-> $result)?;
    };
    (
        $(#[$attribute:meta])* $name:ident ($($done:tt)*)
        ($argument:ident: &$lifetime:lifetime $type:ty $([..$($bound:expr)?])* $(, $($rest:tt)*)?)
        ($($result:ty)?)
    ) => {
        $crate::__service_method! {
            $(#[$attribute])* $name ($($done)*, $argument: &$lifetime $type) ($($($rest)*)?) ($($result)?)
        }
    };
    (
        $(#[$attribute:meta])* $name:ident ($($done:tt)*)
        ($argument:ident: &$type:ty $([..$($bound:expr)?])* $(, $($rest:tt)*)?)
        ($($result:ty)?)
    ) => {
        $crate::__service_method! {
            $(#[$attribute])* $name ($($done)*, $argument: &'a $type) ($($($rest)*)?) ($($result)?)
        }
    };
    (
        $(#[$attribute:meta])* $name:ident ($($done:tt)*)
        ($argument:ident: $($type:ident)::+<'_> $(, $($rest:tt)*)?)
        ($($result:ty)?)
    ) => {
        $crate::__service_method! {
            $(#[$attribute])* $name
            ($($done)*, $argument: $($type)::+<'a>) ($($($rest)*)?) ($($result)?)
        }
    };
    (
        $(#[$attribute:meta])* $name:ident ($($done:tt)*)
        ($argument:ident: $($outer:ident)::+<$($type:ident)::+<'_>> $(, $($rest:tt)*)?)
        ($($result:ty)?)
    ) => {
        $crate::__service_method! {
            $(#[$attribute])* $name
            ($($done)*, $argument: $($outer)::+<$($type)::+<'a>>) ($($($rest)*)?) ($($result)?)
        }
    };
    (
        $(#[$attribute:meta])* $name:ident ($($done:tt)*)
        ($argument:ident: $($outer:ident)::+<$($type:ident)::+<'_>, $size:tt> $(, $($rest:tt)*)?)
        ($($result:ty)?)
    ) => {
        $crate::__service_method! {
            $(#[$attribute])* $name
            ($($done)*, $argument: $($outer)::+<$($type)::+<'a>, $size>) ($($($rest)*)?) ($($result)?)
        }
    };
    (
        $(#[$attribute:meta])* $name:ident ($($done:tt)*)
        ($argument:ident: $type:ty $([..$($bound:expr)?])* $(, $($rest:tt)*)?)
        ($($result:ty)?)
    ) => {
        $crate::__service_method! {
            $(#[$attribute])* $name ($($done)*, $argument: $type) ($($($rest)*)?) ($($result)?)
        }
    };
}

/// The function in the table: decodes the arguments, runs the procedure, encodes the results.
#[macro_export]
#[doc(hidden)]
macro_rules! __run {
    (
        $name:ident
        ($($argument:ident: $type:ty $([..$($bound:expr)?])*),* $(,)?)
        ()
        (oneway)
    ) => {
        pub(super) fn $name<__S: Service>(
            state: &mut __S,
            call: &$crate::message::Call<'_>,
            _: &mut [u8],
        ) -> ::core::result::Result<usize, $crate::Failure> {
            // Nobody waits for a reply, whether it succeeds or not.
            let mut run = || -> ::core::result::Result<(), $crate::Failure> {
                #[allow(unused_mut)]
                let mut arguments = $crate::__private::arguments_within(call, __LIMIT)?;
                $(
                    let $argument = $crate::__travel!([take_argument::<__Encoding>] $type $([..$($bound)?])*)(&mut arguments)?;
                    $crate::__check_bound!(argument, &$argument, $type $([..$($bound)?])*);
                )*
                $crate::__private::end_of_arguments(arguments)?;
                state.$name($($argument),*);
                ::core::result::Result::Ok(())
            };
            ::core::result::Result::Ok(match run() {
                ::core::result::Result::Ok(()) => $crate::NO_REPLY,
                ::core::result::Result::Err(_) => $crate::__private::NOT_RUN,
            })
        }
    };    (
        $name:ident
        ($($argument:ident: $type:ty $([..$($bound:expr)?])*),* $(,)?)
        ($($result:ty $([..$($result_bound:expr)?])*)?)
        ($($style:ident)?)
    ) => {
        pub(super) fn $name<__S: Service>(
            state: &mut __S,
            call: &$crate::message::Call<'_>,
            room: &mut [u8],
        ) -> ::core::result::Result<usize, $crate::Failure> {
            #[allow(unused_mut)]
            let mut arguments = $crate::__private::arguments_within(call, __LIMIT)?;
            $(
                let $argument = $crate::__travel!([take_argument::<__Encoding>] $type $([..$($bound)?])*)(&mut arguments)?;
                $crate::__check_bound!(argument, &$argument, $type $([..$($bound)?])*);
            )*
            $crate::__private::end_of_arguments(arguments)?;
            let results = state.$name($($argument),*);
            $($crate::__check_bound!(results, &results, $result $([..$($result_bound)?])*);)?
            $crate::__put_results!($($result $([..$($result_bound)?])*)?)(&results, $crate::__private::room_within(room, __LIMIT))
        }
    };
}

/// A method of the client.
#[macro_export]
#[doc(hidden)]
macro_rules! __client_method {
    // `__check_procedure` refuses these names.
    ($(#[$attribute:meta])* new $($rest:tt)*) => {};
    ($(#[$attribute:meta])* null $($rest:tt)*) => {};
    (
        $(#[$attribute:meta])* $name:ident
        ($($argument:ident: $type:ty $([..$($bound:expr)?])*),* $(,)?)
        ()
        $number:expr, (oneway)
    ) => {
        $(#[$attribute])*
        ///
        /// One-way: returns when the call is sent, and reports neither its arrival nor its outcome.
        ///
        /// # Errors
        /// [`CallError`]($crate::CallError) when the call could not be sent.
        pub fn $name(&mut self $(, $argument: $type)*) -> ::core::result::Result<(), $crate::CallError<__C::Error>> {
            self.caller.cast(
                $crate::ProcedureId { program: PROGRAM, version: VERSION, procedure: $number },
                $crate::__arguments!($($argument: $type $([..$($bound)?])*);*),
            )
        }
    };
    ($(#[$attribute:meta])* $name:ident $arguments:tt $results:tt $number:expr, (idempotent)) => {
        $crate::__client_method! { $(#[$attribute])* $name $arguments $results $number, by call_idempotent }
    };
    ($(#[$attribute:meta])* $name:ident $arguments:tt $results:tt $number:expr, ($($style:ident)?)) => {
        $crate::__client_method! { $(#[$attribute])* $name $arguments $results $number, by call }
    };
    (
        $(#[$attribute:meta])* $name:ident
        ($($argument:ident: $type:ty $([..$($bound:expr)?])*),* $(,)?)
        ($($result:ty $([..$($result_bound:expr)?])*)?)
        $number:expr, by $call:ident
    ) => {
        $(#[$attribute])*
        ///
        /// # Errors
        /// [`CallError`]($crate::CallError) when there are no results.
        pub fn $name(
            &mut self
            $(, $argument: $type)*
        ) -> ::core::result::Result<$crate::__result!($($result)?), $crate::CallError<__C::Error>> {
            self.caller.$call(
                $crate::ProcedureId { program: PROGRAM, version: VERSION, procedure: $number },
                $crate::__arguments!($($argument: $type $([..$($bound)?])*);*),
                $crate::__results!($($result $([..$($result_bound)?])*)?),
            )
        }
    };
}

/// Writes the arguments of a call.
#[macro_export]
#[doc(hidden)]
macro_rules! __arguments {
    ($($argument:ident: $type:ty $([..$($bound:expr)?])*);*) => {
        |_arguments| {
            $(
                $crate::__check_bound!(sending, &$argument, $type $([..$($bound)?])*);
                $crate::__travel!([put_argument::<__Encoding>] $type $([..$($bound)?])*)(&$argument, _arguments)?;
            )*
            $crate::__private::check_written(_arguments, __LIMIT)?;
            ::core::result::Result::Ok(())
        }
    };
}

/// Encodes the results; `()` when none are declared.
#[macro_export]
#[doc(hidden)]
macro_rules! __put_results {
    () => {
        $crate::__travel!([put_results::<__Encoding>] ())
    };
    ($result:ty $([..$($bound:expr)?])*) => {
        $crate::__travel!([put_results::<__Encoding>] $result $([..$($bound)?])*)
    };
}

/// Reads the results of a call.
#[macro_export]
#[doc(hidden)]
macro_rules! __results {
    () => {
        $crate::__results!(())
    };
    ($result:ty $([..$($bound:expr)?])*) => {
        |results| {
            let mut results = $crate::__private::results_within(results, __LIMIT)?;
            let value = $crate::__travel!([take_results::<__Encoding>] $result $([..$($bound)?])*)(&mut results)?;
            $crate::__check_bound!(receiving, &value, $result $([..$($bound)?])*);
            results.finish()?;
            ::core::result::Result::Ok(value)
        }
    };
}
