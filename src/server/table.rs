//! What a server serves: constant tables, in flash on a microcontroller.

use crate::message::{AuthStatus, Call, Failure, REFUSAL_MAX, REPLY_HEADER};

/// What a procedure returns as the length of its results when there is to be no reply: it is one-way
/// (RFC 5531 §8), or its interface asks for silence.
pub const NO_REPLY: usize = usize::MAX;

/// Carries out one call: decodes [`Call::arguments`], works on the state, and encodes the results at
/// the start of the room it is lent. Returns the bytes of the results, or [`NO_REPLY`].
pub type Run<S> = fn(&mut S, &Call<'_>, &mut [u8]) -> Result<usize, Failure>;

/// One procedure of a program.
pub struct Procedure<S> {
    pub(crate) number: u32,
    /// Bytes of the largest results, and [`IDEMPOTENT`]: a flag of its own would take a word.
    size: usize,
    pub(crate) run: Run<S>,
}

const IDEMPOTENT: usize = 1 << (usize::BITS - 1);

impl<S> Procedure<S> {
    /// A procedure whose results take at most `results_max` bytes. It is not run unless there is
    /// room for as many, so that nothing is done that cannot be answered.
    #[must_use]
    pub const fn new(number: u32, results_max: usize, run: Run<S>) -> Self {
        // Room for the largest refusal too, or a procedure could run whose reply has no room.
        const LEAST: usize = REFUSAL_MAX - REPLY_HEADER;
        let size = if results_max < LEAST { LEAST } else { results_max };
        Self { number, size: size & !IDEMPOTENT, run }
    }

    /// The same procedure, said to do no harm when it is run twice for one call, such as one that only
    /// reads: a server that remembers replies ([`ReplayCache`](crate::ReplayCache)) need not remember its.
    #[must_use]
    pub const fn idempotent(self) -> Self {
        Self { size: self.size | IDEMPOTENT, ..self }
    }

    #[inline]
    pub(crate) const fn results_max(&self) -> usize {
        self.size & !IDEMPOTENT
    }

    #[inline]
    pub(crate) const fn is_idempotent(&self) -> bool {
        self.size & IDEMPOTENT != 0
    }
}

/// One version of one program. Several versions of a program are several of these.
pub struct Program<S: 'static> {
    pub(crate) number: u32,
    pub(crate) version: u32,
    pub(crate) procedures: &'static [Procedure<S>],
}

impl<S> Program<S> {
    /// Version `version` of program `number`. Procedure 0 (NULL) is not among `procedures`: it is
    /// always served.
    #[must_use]
    pub const fn new(number: u32, version: u32, procedures: &'static [Procedure<S>]) -> Self {
        Self { number, version, procedures }
    }
}

/// All that one server serves, for a state of type `S`. 16 bytes, beside 16 for each program and
/// 12 for each procedure on a 32-bit machine.
///
/// Made by [`table!`](crate::table), which refuses to compile when a number stands twice.
pub struct Table<S: 'static> {
    pub(crate) programs: &'static [Program<S>],
    pub(crate) authorize: Authorize<S>,
    reply_max: usize,
}

/// Decides whether a call is carried out, before its program is looked up and its arguments are decoded.
/// It sees the credential, the peer and what is called, and may remember in the state what the
/// procedure needs of them. The error is what the caller is told with AUTH_ERROR.
pub type Authorize<S> = fn(&mut S, &Call<'_>) -> Result<(), AuthStatus>;

/// A number stands twice in a table, or is reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableError {
    /// Two entries have this program and version.
    ProgramTwice {
        /// The program's number.
        program: u32,
        /// Its version.
        version: u32,
    },
    /// A program has two procedures with one number.
    ProcedureTwice {
        /// The program's number.
        program: u32,
        /// The procedure's number.
        procedure: u32,
    },
    /// A program has a procedure 0, which is NULL and always served.
    ProcedureZero {
        /// The program's number.
        program: u32,
    },
}

impl<S> Table<S> {
    /// A table of `programs`; in a `static`, [`table!`](crate::table) does the same and makes of the
    /// error one at compile time.
    ///
    /// # Errors
    /// A number stands twice, or a procedure has the number 0.
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

    /// The same table, which asks `authorize` about every call. Without it, AUTH_NONE and well-formed
    /// AUTH_SYS are served ([`Call::check_credential`]), and who calls makes no difference. NULL is asked about too.
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
    ///     // NULL, which anybody may call: rpcinfo does, with an empty credential, to see whether the server is there.
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

    /// Bytes of the largest reply that the table can give, and so of the buffer it needs, before
    /// framing.
    #[must_use]
    pub const fn reply_max(&self) -> usize {
        self.reply_max
    }

    /// Bytes of the largest reply that a memory of replies keeps ([`ReplayCache`](crate::ReplayCache)): of the procedures
    /// that are not idempotent. At least the 32 of a refusal.
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

    /// The number and version of everything that is served, for instance to register it.
    pub fn programs(&self) -> impl Iterator<Item = (u32, u32)> + use<S> {
        self.programs.iter().map(|program| (program.number, program.version))
    }
}

/// The number that two procedures have, if any.
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

/// Makes a [`Table`](crate::Table) for a `static`: `table![thermostat::program(), log::program()]`.
///
/// ```
/// # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
/// # struct Device;
/// # impl clock::Service for Device { fn now(&mut self) -> u64 { 7 } }
/// static TABLE: oncilla::Table<Device> = oncilla::table![clock::program()];
/// assert_eq!(TABLE.reply_max(), 32);
/// ```
///
/// One program twice:
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
            Self::ProgramTwice { .. } => panic!("the table has one version of a program twice"),
            Self::ProcedureTwice { .. } => panic!("a program has two procedures with one number"),
            Self::ProcedureZero { .. } => {
                panic!("procedure 0 is NULL, which is always served; number from 1")
            }
        }
    }
}
