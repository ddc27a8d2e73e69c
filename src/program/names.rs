//! The names of programs and procedures, for logs and metrics.

/// The names of one version of a program and of its procedures, for logs and metrics.
///
/// [`program!`](crate::program) creates them as the constant `NAMES`. A [`Table`](crate::Table) has no names, so they
/// take no memory where they are not used.
///
/// ```
/// oncilla::program! {
///     pub mod clock = 0x2000_0001, version 1 {
///         fn now() -> u64 = 1;
///     }
/// }
///
/// assert_eq!(clock::NAMES.name(), "clock");
/// assert_eq!(clock::NAMES.procedure(1), Some("now"));
/// assert_eq!(clock::NAMES.procedure(0), Some("null"));
/// assert_eq!(clock::NAMES.procedure(2), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Names {
    program: u32,
    version: u32,
    name: &'static str,
    procedures: &'static [(u32, &'static str)],
}

impl Names {
    /// Creates the names of a version of a program. `procedures` has the number and name of each procedure.
    #[must_use]
    pub const fn new(
        program: u32,
        version: u32,
        name: &'static str,
        procedures: &'static [(u32, &'static str)],
    ) -> Self {
        Self { program, version, name, procedures }
    }

    /// Returns the program's number.
    #[must_use]
    pub const fn program(&self) -> u32 {
        self.program
    }

    /// Returns the version of the program.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// Returns the name of the program: that of its module.
    #[must_use]
    pub fn name(&self) -> &'static str {
        plain(self.name)
    }

    /// Returns the name of a procedure, `null` for procedure 0, or `None` if the program has no such procedure.
    #[must_use]
    pub fn procedure(&self, number: u32) -> Option<&'static str> {
        if number == 0 {
            return Some("null");
        }
        self.procedures.iter().find(|(known, _)| *known == number).map(|(_, name)| plain(name))
    }
}

/// Returns the name without the prefix of a raw identifier, as in `r#match`.
fn plain(name: &'static str) -> &'static str {
    name.strip_prefix("r#").unwrap_or(name)
}
