//! The registry of modules: which program of a table each module is.

use oncilla::ProcedureId;

/// A module of dRPC, and the program that it is. Method `n` of the module is procedure `n` of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Module {
    id: i32,
    program: u32,
    version: u32,
    /// The procedure that method 0 is.
    zero: u32,
}

impl Module {
    /// Creates module `id`, which is this version of this program.
    ///
    /// Method 0 is NULL of the program: it takes no body, does nothing and succeeds.
    #[must_use]
    pub const fn new(id: i32, program: u32, version: u32) -> Self {
        Self { id, program, version, zero: 0 }
    }

    /// Makes method 0 another procedure than NULL, for a module in which 0 is a method like others.
    ///
    /// A procedure of a table cannot have the number 0. The test module of DAOS has such a method.
    #[must_use]
    pub const fn method_zero(self, procedure: u32) -> Self {
        Self { zero: procedure, ..self }
    }

    /// Returns the number of the module.
    #[must_use]
    pub const fn id(&self) -> i32 {
        self.id
    }
}

/// The modules that a server serves, or that a client calls. [`modules!`](crate::modules) creates it for a `static`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Modules {
    list: &'static [Module],
}

/// The error of a registry: two modules have this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModuleTwice(pub i32);

impl Modules {
    /// Creates the registry of these modules.
    ///
    /// # Errors
    /// [`ModuleTwice`].
    pub const fn new(list: &'static [Module]) -> Result<Self, ModuleTwice> {
        let mut i = 0;
        while i < list.len() {
            let mut j = 0;
            while j < i {
                if list[j].id == list[i].id {
                    return Err(ModuleTwice(list[i].id));
                }
                j += 1;
            }
            i += 1;
        }
        Ok(Self { list })
    }

    /// Returns the procedure that a method is, or `None` if there is no such module.
    ///
    /// A method with a negative number becomes a procedure above all that DAOS can number.
    #[must_use]
    pub fn procedure(&self, module: i32, method: i32) -> Option<ProcedureId> {
        let module = self.list.iter().find(|listed| listed.id == module)?;
        let procedure = if method == 0 { module.zero } else { method as u32 };
        Some(ProcedureId { program: module.program, version: module.version, procedure })
    }

    /// Returns the module and the method that a procedure is, or `None` if its program is no module, or no method has
    /// its number.
    ///
    /// NULL of a module with another [method 0](Module::method_zero) is no method.
    #[must_use]
    pub fn method(&self, id: ProcedureId) -> Option<(i32, i32)> {
        let module = self.list.iter().find(|module| (module.program, module.version) == (id.program, id.version))?;
        match id.procedure {
            zero if zero == module.zero => Some((module.id, 0)),
            0 => None,
            procedure => Some((module.id, procedure as i32)),
        }
    }
}

/// Creates [`Modules`](crate::Modules) for a `static`. A number that two modules have does not compile.
///
/// ```
/// use oncilla_drpc::{Module, Modules, modules};
///
/// static MODULES: Modules = modules![Module::new(2, 0x2000_0002, 1), Module::new(3, 0x2000_0003, 1)];
/// assert_eq!(MODULES.procedure(3, 301).map(|id| (id.program, id.procedure)), Some((0x2000_0003, 301)));
/// ```
///
/// ```compile_fail,E0080
/// use oncilla_drpc::{Module, Modules, modules};
///
/// static MODULES: Modules = modules![Module::new(2, 0x2000_0002, 1), Module::new(2, 0x2000_0003, 1)];
/// ```
#[macro_export]
macro_rules! modules {
    ($($module:expr),* $(,)?) => {
        const {
            match $crate::Modules::new(const { &[$($module),*] }) {
                ::core::result::Result::Ok(modules) => modules,
                ::core::result::Result::Err(_) => panic!("two modules have the same number"),
            }
        }
    };
}
