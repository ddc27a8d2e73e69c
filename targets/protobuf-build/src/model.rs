//! Services as they are generated.

/// A service whose numbers are known.
#[derive(Clone, Debug)]
pub struct Service {
    /// The name with its package.
    pub full_name: String,
    /// The name of its module.
    pub module: String,
    pub docs: Vec<String>,
    pub program: u32,
    pub version: u32,
    pub limit: Option<u32>,
    pub methods: Vec<Method>,
}

/// A procedure.
#[derive(Clone, Debug)]
pub struct Method {
    /// The name in Rust.
    pub name: String,
    pub docs: Vec<String>,
    pub number: u32,
    pub style: Option<Style>,
}

/// The style of a procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Idempotent,
    Oneway,
}

/// The Rust types of the arguments and results of each procedure of a service, in their order.
pub type Types = Vec<(String, String)>;
