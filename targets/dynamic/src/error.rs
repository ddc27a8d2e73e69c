//! Errors.

use std::fmt;

use oncilla_rpcgen::ReadError;

/// Why a text cannot be used as an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceError {
    pub(crate) report: String,
}

impl fmt::Display for InterfaceError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.report)
    }
}

impl std::error::Error for InterfaceError {}

/// Why the interface of a device cannot be used.
#[derive(Debug)]
pub enum DescriptionError<E> {
    /// The text cannot be read. A device that does not describe itself refuses the program.
    Read(ReadError<E>),
    /// The text has errors.
    Interface(InterfaceError),
}

impl<E: fmt::Display> fmt::Display for DescriptionError<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => error.fmt(formatter),
            Self::Interface(error) => error.fmt(formatter),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for DescriptionError<E> {}

/// Why a name is not that of one procedure or of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameError {
    /// No procedure has the name.
    Unknown {
        /// The name that was given.
        name: String,
        /// The most similar name of a procedure, if one is similar.
        similar: Option<String>,
    },
    /// No type has the name.
    UnknownType {
        /// The name that was given.
        name: String,
        /// The most similar name of a type, if one is similar.
        similar: Option<String>,
    },
    /// Procedures of several programs have the name.
    Ambiguous {
        /// The name that was given.
        name: String,
        /// The names to choose from.
        choices: Vec<String>,
    },
}

impl fmt::Display for NameError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, similar: Some(similar) } => {
                write!(formatter, "the interface has no procedure `{name}`; the most similar is `{similar}`")
            }
            Self::Unknown { name, similar: None } => {
                write!(formatter, "the interface has no procedure `{name}`; list the procedures of the interface")
            }
            Self::UnknownType { name, similar: Some(similar) } => {
                write!(formatter, "the interface has no type `{name}`; the most similar is `{similar}`")
            }
            Self::UnknownType { name, similar: None } => {
                write!(formatter, "the interface has no type `{name}`; list the types of the interface")
            }
            Self::Ambiguous { name, choices } => {
                write!(formatter, "`{name}` is a procedure of several programs; use {}", choices.join(" or "))
            }
        }
    }
}

impl std::error::Error for NameError {}

/// Why a value does not fit its type, with the path to the value.
///
/// ```
/// # use oncilla_dynamic::Interface;
/// # let text = "program P { version V { void SET(int level) = 1; } = 1; } = 0x20000042;";
/// let interface = Interface::parse(text)?;
/// let error = interface.procedure("p.set")?.encode_arguments(&serde_json::json!({"level": "high"})).unwrap_err();
/// assert_eq!(error.path, "level");
/// assert_eq!(error.to_string(), "`level`: expected an int from -2147483648 to 2147483647, found \"high\"");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError {
    /// The path to the value, such as `history[3].time`. Empty for the whole value.
    pub path: String,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// The most similar name, where a name is unknown.
    pub similar: Option<String>,
    /// The offset of what was found in bytes, if a message was decoded.
    pub offset: Option<usize>,
}

impl fmt::Display for ValueError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(formatter, "`{}`: ", self.path)?;
        }
        write!(formatter, "expected {}, found {}", self.expected, self.found)?;
        if let Some(similar) = &self.similar {
            write!(formatter, "; the most similar is `{similar}`")?;
        }
        self.offset.map_or(Ok(()), |offset| write!(formatter, " at byte {offset}"))
    }
}

impl std::error::Error for ValueError {}

/// Why a call has no results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallError<E> {
    /// The name is not that of one procedure. Nothing was sent.
    Name(NameError),
    /// The arguments do not fit the procedure. Nothing was sent.
    Arguments(ValueError),
    /// The call failed, or the server refused it.
    Call(oncilla::CallError<E>),
    /// The results do not fit the procedure: the interface is not that of the server.
    Results(ValueError),
}

impl<E: fmt::Display> fmt::Display for CallError<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(error) => error.fmt(formatter),
            Self::Arguments(error) => write!(formatter, "the arguments do not fit: {error}"),
            Self::Call(error) => error.fmt(formatter),
            Self::Results(error) => {
                write!(formatter, "the results do not fit: {error}; use the interface that the server was built from")
            }
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for CallError<E> {}
