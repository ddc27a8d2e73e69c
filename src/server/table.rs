//! Tables: the constant list of programs that a server serves, in flash on a microcontroller.

use super::execute::find;
use crate::message::{AuthStatus, Call, Failure, ProcedureId, REFUSAL_MAX, REPLY_HEADER};

/// The length that a procedure returns if there is no reply.
///
/// The procedure is one-way (RFC 5531 §8), or its interface requires silence.
pub const NO_REPLY: usize = usize::MAX;

/// The function of a procedure: decodes [`Call::arguments`], works on the state and encodes the results.
///
/// The results go to the start of the given room. Returns the bytes of the results, or [`NO_REPLY`].
pub type Run<S> = fn(&mut S, &Call<'_>, &mut [u8]) -> Result<usize, Failure>;

/// One procedure of a program.
///
/// [`program!`](crate::program) creates them. Create them by hand for interfaces that are known only at run time.
///
/// # Example
/// ```
/// use oncilla::message::Call;
/// use oncilla::xdr::MaxSize;
/// use oncilla::{Codec, Failure, Procedure, Program, Table, Xdr, table};
///
/// /// Returns the ticks. It has no arguments.
/// fn now(ticks: &mut u32, call: &Call<'_>, results: &mut [u8]) -> Result<usize, Failure> {
///     if !call.arguments().is_empty() {
///         return Err(Failure::GarbageArguments);
///     }
///     Xdr::encode(ticks, results).map_err(|_| Failure::SystemError)
/// }
///
/// const NOW: Procedure<u32> = Procedure::new(1, u32::MAX_SIZE, now).idempotent();
/// static TABLE: Table<u32> = table![Program::new(0x2000_0001, 1, const { &[NOW] })];
/// ```
pub struct Procedure<S> {
    pub(crate) number: u32,
    /// Bytes of the largest results, with [`IDEMPOTENT`] in the highest bit: a field of its own would take a word.
    size: usize,
    pub(crate) run: Run<S>,
}

const IDEMPOTENT: usize = 1 << (usize::BITS - 1);

impl<S> Procedure<S> {
    /// Creates a procedure whose results take at most `results_max` bytes.
    ///
    /// It is run only if the reply buffer has room for as many, so that every executed call can be answered.
    #[must_use]
    pub const fn new(number: u32, results_max: usize, run: Run<S>) -> Self {
        // At least the largest refusal: otherwise a procedure could run whose failure has no room.
        const LEAST: usize = REFUSAL_MAX - REPLY_HEADER;
        let size = if results_max < LEAST { LEAST } else { results_max };
        Self { number, size: size & !IDEMPOTENT, run }
    }

    /// Marks the procedure as idempotent: executing one call twice does no harm, for example because it only reads.
    ///
    /// A [`ReplayCache`](crate::ReplayCache) does not store its replies.
    #[must_use]
    pub const fn idempotent(self) -> Self {
        Self { size: self.size | IDEMPOTENT, ..self }
    }

    /// Returns the bytes of the largest results, for which a reply buffer must have room. At least 8: a refusal.
    #[inline]
    #[must_use]
    pub const fn results_max(&self) -> usize {
        self.size & !IDEMPOTENT
    }

    /// Returns whether the procedure is [idempotent](Self::idempotent).
    #[inline]
    #[must_use]
    pub const fn is_idempotent(&self) -> bool {
        self.size & IDEMPOTENT != 0
    }
}

/// One version of one program. A program with several versions has several of these.
pub struct Program<S: 'static> {
    pub(crate) number: u32,
    pub(crate) version: u32,
    pub(crate) procedures: &'static [Procedure<S>],
}

impl<S> Program<S> {
    /// Creates version `version` of program `number`.
    ///
    /// `procedures` does not contain procedure 0 (NULL), which is always served.
    #[must_use]
    pub const fn new(number: u32, version: u32, procedures: &'static [Procedure<S>]) -> Self {
        Self { number, version, procedures }
    }
}

/// The list of programs that a server serves, for a state of type `S`.
///
/// Create it with [`table!`](crate::table), which rejects duplicate numbers at compile time. On a 32-bit machine a
/// table takes 16 bytes, each program 16 and each procedure 12, all of them in flash.
///
/// # Example
/// ```
/// oncilla::program! {
///     pub mod clock = 0x2000_0001, version 1 {
///         fn now() -> u64 = 1;
///     }
/// }
///
/// struct Device;
///
/// impl clock::Service for Device {
///     fn now(&mut self) -> u64 {
///         7
///     }
/// }
///
/// static TABLE: oncilla::Table<Device> = oncilla::table![clock::program()];
///
/// /// Serves the table on a link.
/// fn serve<T: oncilla::Transport>(mut link: oncilla::Link<T, &mut [u8]>) -> Result<(), oncilla::LinkError<T::Error>> {
///     link.serve(&TABLE, &mut Device)
/// }
///
/// assert_eq!(TABLE.programs().collect::<Vec<_>>(), [(0x2000_0001, 1)]);
/// ```
pub struct Table<S: 'static> {
    pub(crate) programs: &'static [Program<S>],
    pub(crate) authorize: Authorize<S>,
    reply_max: usize,
}

/// Decides whether a call may be executed.
///
/// It runs before the program is looked up and the arguments are decoded. The function sees the credential, the peer
/// and the called procedure. It may store in the state what the procedure needs of them. Its error is sent to the
/// client as AUTH_ERROR.
///
/// See [`Table::authorize`] for an example.
pub type Authorize<S> = fn(&mut S, &Call<'_>) -> Result<(), AuthStatus>;

/// Why a list of programs is not a valid table: a duplicate or reserved number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableError {
    /// Two programs have the same number and version.
    ProgramTwice {
        /// The number of the program.
        program: u32,
        /// The version of the program.
        version: u32,
    },
    /// Two procedures of a program have the same number.
    ProcedureTwice {
        /// The number of the program.
        program: u32,
        /// The number of the procedures.
        procedure: u32,
    },
    /// A program has a procedure 0, which is reserved for NULL.
    ProcedureZero {
        /// The number of the program.
        program: u32,
    },
}

impl<S> Table<S> {
    /// Creates a table of `programs`.
    ///
    /// For a `static`, [`table!`](crate::table) does the same and reports an error at compile time.
    ///
    /// # Errors
    /// Two programs have the same number and version, two procedures of a program have the same number, or a procedure
    /// has the number 0.
    pub const fn new(programs: &'static [Program<S>]) -> Result<Self, TableError> {
        let mut reply_max = REFUSAL_MAX;
        let mut i = 0;
        while i < programs.len() {
            let Program { number: program, version, procedures } = programs[i];
            let mut j = 0;
            while j < i {
                if programs[j].number == program && programs[j].version == version {
                    return Err(TableError::ProgramTwice { program, version });
                }
                j += 1;
            }
            if let Some(procedure) = procedure_twice(procedures) {
                return Err(TableError::ProcedureTwice { program, procedure });
            }
            let mut k = 0;
            while k < procedures.len() {
                if procedures[k].number == 0 {
                    return Err(TableError::ProcedureZero { program });
                }
                let reply = REPLY_HEADER + procedures[k].results_max();
                if reply > reply_max {
                    reply_max = reply;
                }
                k += 1;
            }
            i += 1;
        }
        Ok(Self { programs, authorize: |_, call| call.check_credential(), reply_max })
    }

    /// Sets the function that decides whether each call may be executed, NULL included.
    ///
    /// Without it, AUTH_NONE and well-formed AUTH_SYS are accepted ([`Call::check_credential`]), whoever the caller is.
    ///
    /// ```
    /// # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
    /// # struct Device;
    /// # impl clock::Service for Device { fn now(&mut self) -> u64 { 7 } }
    /// use oncilla::message::{AUTH_SYS, AuthStatus, AuthSys, Call};
    ///
    /// static TABLE: oncilla::Table<Device> = oncilla::table![clock::program()].authorize(only_root);
    ///
    /// fn only_root(_: &mut Device, call: &Call<'_>) -> Result<(), AuthStatus> {
    ///     // Anybody may call NULL: `rpcinfo` does so without a credential to check whether the server is there.
    ///     if call.id().procedure == 0 {
    ///         return call.check_credential();
    ///     }
    ///     let credential = call.credential();
    ///     match AuthSys::parse(credential.body) {
    ///         Some(user) if credential.flavor == AUTH_SYS && user.uid == 0 => Ok(()),
    ///         Some(_) if credential.flavor == AUTH_SYS => Err(AuthStatus::REJECTED_CREDENTIAL),
    ///         _ => Err(AuthStatus::TOO_WEAK),
    ///     }
    /// }
    /// ```
    #[must_use]
    pub const fn authorize(self, authorize: Authorize<S>) -> Self {
        Self { authorize, ..self }
    }

    /// Returns the bytes of the largest reply, without framing.
    ///
    /// The transmit buffer of a link has this size plus that of its framing: `Cobs::buffer(TABLE.reply_max())`.
    #[must_use]
    pub const fn reply_max(&self) -> usize {
        self.reply_max
    }

    /// Returns the bytes of the largest results: the room that [`execute`](Self::execute) needs for any call.
    ///
    /// That is [`reply_max`](Self::reply_max) without the header of the reply, and at least the 8 bytes of a refusal.
    #[must_use]
    pub const fn results_max(&self) -> usize {
        self.reply_max - REPLY_HEADER
    }

    /// Returns the bytes of the largest reply that a replay cache must hold ([`ReplayCache`](crate::ReplayCache)).
    ///
    /// That is the largest reply of the procedures that are not idempotent, but at least the 32 bytes of a refusal.
    #[must_use]
    pub const fn remembered_max(&self) -> usize {
        let mut max = REFUSAL_MAX;
        let mut i = 0;
        while i < self.programs.len() {
            let procedures = self.programs[i].procedures;
            let mut j = 0;
            while j < procedures.len() {
                let reply = REPLY_HEADER + procedures[j].results_max();
                if !procedures[j].is_idempotent() && reply > max {
                    max = reply;
                }
                j += 1;
            }
            i += 1;
        }
        max
    }

    /// Returns the called procedure, or `None` for NULL and for a procedure that is not served.
    ///
    /// For servers with a carrier of their own, which choose the reply buffer by [`Procedure::results_max`].
    #[must_use]
    pub fn procedure(&self, id: ProcedureId) -> Option<&'static Procedure<S>> {
        find(self, id).ok().flatten()
    }

    /// Returns the number and version of each program, for example to register them with rpcbind.
    pub fn programs(&self) -> impl Iterator<Item = (u32, u32)> + use<S> {
        self.programs.iter().map(|program| (program.number, program.version))
    }

    /// Returns each procedure, NULL of each program included, for example to count calls by procedure.
    pub fn procedures(&self) -> impl Iterator<Item = ProcedureId> + use<S> {
        self.programs.iter().flat_map(|&Program { number: program, version, procedures }| {
            let numbers = core::iter::once(0).chain(procedures.iter().map(|procedure| procedure.number));
            numbers.map(move |procedure| ProcedureId { program, version, procedure })
        })
    }
}

/// Returns a number that two procedures have, if there is one.
pub(crate) const fn procedure_twice<S>(procedures: &[Procedure<S>]) -> Option<u32> {
    let mut i = 0;
    while i < procedures.len() {
        let mut j = 0;
        while j < i {
            if procedures[j].number == procedures[i].number {
                return Some(procedures[i].number);
            }
            j += 1;
        }
        i += 1;
    }
    None
}

/// Creates a [`Table`](crate::Table) for a `static`: `table![thermostat::program(), log::program()]`.
///
/// ```
/// # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
/// # struct Device;
/// # impl clock::Service for Device { fn now(&mut self) -> u64 { 7 } }
/// static TABLE: oncilla::Table<Device> = oncilla::table![clock::program()];
/// assert_eq!(TABLE.reply_max(), 32);
/// ```
///
/// A table with the same program twice does not compile:
///
/// ```compile_fail,E0080
/// # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
/// # struct Device;
/// # impl clock::Service for Device { fn now(&mut self) -> u64 { 7 } }
/// static TABLE: oncilla::Table<Device> = oncilla::table![clock::program(), clock::program()];
/// ```
#[macro_export]
macro_rules! table {
    ($($program:expr),* $(,)?) => {
        const {
            match $crate::Table::new(const { &[$($program),*] }) {
                ::core::result::Result::Ok(table) => table,
                ::core::result::Result::Err(error) => error.refuse_to_compile(),
            }
        }
    };
}

impl TableError {
    /// Ends the compilation with the reason.
    #[doc(hidden)]
    pub const fn refuse_to_compile<S>(self) -> Table<S> {
        match self {
            Self::ProgramTwice { .. } => panic!("the table lists the same version of a program twice"),
            Self::ProcedureTwice { .. } => panic!("a program has two procedures with the same number"),
            Self::ProcedureZero { .. } => {
                panic!("procedure 0 is NULL, which is always served; number procedures from 1")
            }
        }
    }
}
