//! Why a command failed: one sentence, what to do next, and the exit code.

use std::fmt::{self, Display};
use std::io;

use oncilla::message::AuthStatus;
use oncilla::{CallError, LinkError, Refusal};
use oncilla_dynamic::{DescriptionError, InterfaceError, NameError, ValueError};
use oncilla_rpcgen::ReadError;
use serde_json::{Value, json};

use crate::connect::diagnose;
use crate::refusal;

/// The outcome of a command.
pub type Done<T = ()> = Result<T, Failure>;

/// The exit codes. 0 is success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The call was refused, or failed.
    Failed = 1,
    /// The command line, a value, or a file is wrong.
    Usage = 2,
    /// The device was not reached.
    NotReached = 3,
    /// No reply arrived in time.
    TimedOut = 4,
}

impl Exit {
    const fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::NotReached => "not reached",
            Self::TimedOut => "timed out",
        }
    }
}

/// What a failure shows about the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// No reply arrived in time.
    NoReply,
    /// The connection was closed, or what arrived is not a reply.
    Strange,
    /// Nothing that received bytes can explain.
    Other,
}

/// Why a command failed.
#[derive(Clone, Debug)]
pub struct Failure {
    exit: Exit,
    cause: Cause,
    what: String,
    help: Vec<String>,
    /// The name of the refusal, if the device refused the call.
    refusal: Option<&'static str>,
    /// The name of the trouble of a fleet.
    fleet: Option<&'static str>,
    /// The reader of the output is gone. This is not a failure.
    closed: bool,
    /// Another program has the address.
    in_use: bool,
}

impl Failure {
    /// Creates a failure with this exit code. `what` states what happened.
    pub fn new(exit: Exit, what: impl Display) -> Self {
        Self {
            exit,
            cause: Cause::Other,
            what: what.to_string(),
            help: Vec::new(),
            refusal: None,
            fleet: None,
            closed: false,
            in_use: false,
        }
    }

    /// Creates a failure of the command line or of a file: exit code 2.
    pub fn usage(what: impl Display) -> Self {
        Self::new(Exit::Usage, what)
    }

    /// Adds what to do next.
    #[must_use]
    pub fn help(mut self, help: impl Display) -> Self {
        self.help.push(help.to_string());
        self
    }

    /// Returns whether it states what to do next.
    pub const fn has_help(&self) -> bool {
        !self.help.is_empty()
    }

    /// Puts a prefix before the sentence: a name, a target, a line.
    #[must_use]
    pub fn of(mut self, thing: impl Display) -> Self {
        self.what = format!("{thing}: {}", self.what);
        self
    }

    /// Sets the refusal: the name in RFC 5531.
    #[must_use]
    pub const fn refused(mut self, name: &'static str) -> Self {
        self.refusal = Some(name);
        self
    }

    /// Sets the name of the trouble of a fleet.
    #[must_use]
    pub const fn fleet(mut self, name: &'static str) -> Self {
        self.fleet = Some(name);
        self
    }

    /// States that another program has the address that was to be served.
    #[must_use]
    pub const fn in_use(mut self) -> Self {
        self.in_use = true;
        self
    }

    /// Returns whether another program has the address that was to be served.
    pub const fn is_in_use(&self) -> bool {
        self.in_use
    }

    /// Returns the name of the trouble of a fleet, such as `broker`, `broker-lost`, `away` or `gateway-lost`.
    pub const fn trouble(&self) -> Option<&'static str> {
        self.fleet
    }

    /// Returns the name of the refusal in RFC 5531, if the device or its rpcbind refused the call.
    pub const fn refusal(&self) -> Option<&'static str> {
        self.refusal
    }

    /// Returns the exit code.
    pub const fn exit(&self) -> Exit {
        self.exit
    }

    /// Returns what the failure shows about the device.
    pub const fn cause(&self) -> Cause {
        self.cause
    }

    /// Returns what happened.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Returns what to do next, each a sentence.
    pub fn helps(&self) -> &[String] {
        &self.help
    }

    /// Returns whether the reader of the output is gone, as in `oncilla … | head`.
    ///
    /// This is not a failure.
    pub const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Returns the failure for programs.
    pub fn json(&self) -> Value {
        let mut value = json!({"error": self.what, "kind": self.exit.name(), "exit": self.exit as u8});
        if let Some(object) = value.as_object_mut() {
            object.extend(self.refusal.map(|name| ("refusal".to_owned(), name.into())));
            object.extend(self.fleet.map(|name| ("fleet".to_owned(), name.into())));
            object.insert("help".to_owned(), json!(self.help));
        }
        value
    }

    /// Creates the failure of writing the output.
    pub fn output(error: &io::Error) -> Self {
        let closed = error.kind() == io::ErrorKind::BrokenPipe;
        Self { closed, ..Self::new(Exit::Failed, format_args!("cannot write the output: {error}")) }
    }

    /// Creates the failure of reading or writing a file.
    pub fn file(verb: &str, path: &std::path::Path, error: &io::Error) -> Self {
        Self::usage(format_args!("cannot {verb} {}: {error}", path.display()))
    }

    /// Creates the failure of writing to a file that was opened before: exit code 1.
    pub fn writing(verb: &str, path: &std::path::Path, error: &io::Error) -> Self {
        Self { exit: Exit::Failed, ..Self::file(verb, path, error) }
    }
}

impl Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.what)?;
        self.help.iter().try_for_each(|help| write!(formatter, "\n  help: {help}"))
    }
}

impl std::error::Error for Failure {}

impl From<oncilla_host::Error> for Failure {
    fn from(error: oncilla_host::Error) -> Self {
        let exit = match error {
            oncilla_host::Error::Size { .. } | oncilla_host::Error::Network(_) => Exit::Usage,
            _ => Exit::NotReached,
        };
        let help = diagnose::unreached(&error);
        let failure = Self::new(exit, error);
        match help {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}

impl From<NameError> for Failure {
    fn from(error: NameError) -> Self {
        Self::usage(error).help("`oncilla describe` lists the procedures")
    }
}

impl From<ValueError> for Failure {
    fn from(error: ValueError) -> Self {
        Self::usage(error)
    }
}

impl From<InterfaceError> for Failure {
    fn from(error: InterfaceError) -> Self {
        Self::usage(error)
    }
}

/// What to do after AUTH_TOOWEAK.
const WEAK: &str = "the server may require TLS (`-t tcp+tls://host:port --ca FILE`), or its rules refuse this client";

impl From<CallError<io::Error>> for Failure {
    fn from(error: CallError<io::Error>) -> Self {
        // The failure to connect, during a call.
        let inner = match &error {
            CallError::Link(LinkError::Transport(error)) => error.get_ref().and_then(|inner| inner.downcast_ref()),
            _ => None,
        };
        if let Some(failure) = inner {
            return Self::clone(failure);
        }
        let exit = match &error {
            CallError::TimedOut { .. } | CallError::Echoed { .. } => Exit::TimedOut,
            CallError::Arguments(_) | CallError::CallTooLarge { .. } => Exit::Usage,
            CallError::Link(LinkError::Transport(_) | LinkError::Unsent { .. }) | CallError::Closed => Exit::NotReached,
            _ => Exit::Failed,
        };
        let cause = match &error {
            CallError::TimedOut { .. } => Cause::NoReply,
            CallError::Closed | CallError::Reply(_) | CallError::ReplyTooLarge { .. } | CallError::Link(_) => {
                Cause::Strange
            }
            _ => Cause::Other,
        };
        let failure = match &error {
            CallError::Refused(refusal) => {
                let name = refusal::name(refusal);
                Self::new(exit, format_args!("{error} ({name})")).refused(name)
            }
            _ => Self { cause, ..Self::new(exit, &error) },
        };
        match error {
            CallError::Link(LinkError::Transport(error)) => match diagnose::of_certificate(&error.to_string()) {
                // A server reports what is wrong with a client's certificate after the handshake: at the first call.
                Some(help) => failure.help(help),
                None => failure,
            },
            CallError::Refused(
                Refusal::ProgramUnavailable | Refusal::ProgramMismatch { .. } | Refusal::ProcedureUnavailable,
            ) => failure.help("`oncilla list` shows the programs of the device"),
            CallError::Refused(Refusal::Authentication(AuthStatus::TOO_WEAK)) => failure.help(WEAK),
            _ => failure,
        }
    }
}

impl From<oncilla_dynamic::CallError<io::Error>> for Failure {
    fn from(error: oncilla_dynamic::CallError<io::Error>) -> Self {
        use oncilla_dynamic::CallError::{Arguments, Call, Name, Results};
        match error {
            Name(error) => error.into(),
            Arguments(error) => error.into(),
            Call(error) => error.into(),
            Results(error) => Self::new(Exit::Failed, format_args!("the results do not fit the interface: {error}"))
                .help("the device may have another version of the interface; the call was executed"),
        }
    }
}

impl From<DescriptionError<io::Error>> for Failure {
    fn from(error: DescriptionError<io::Error>) -> Self {
        match error {
            DescriptionError::Read(ReadError::Call(CallError::Refused(refusal))) => {
                let name = refusal::name(&refusal);
                let error = DescriptionError::Read(ReadError::Call(CallError::<io::Error>::Refused(refusal)));
                let failure = Self::new(Exit::Failed, format_args!("{error} ({name})")).refused(name);
                match refusal {
                    Refusal::Authentication(AuthStatus::TOO_WEAK) => failure.help(WEAK),
                    _ => failure,
                }
            }
            DescriptionError::Read(ReadError::Call(error)) => unasked(error),
            error => Self::new(Exit::Failed, error),
        }
    }
}

/// Returns the failure of asking for the interface. The procedure of the user was not called.
fn unasked(error: CallError<io::Error>) -> Failure {
    let what = match &error {
        CallError::TimedOut { after, .. } | CallError::Echoed { after } => {
            format!("the device did not answer within {after:?} when asked for its interface; nothing was called")
        }
        CallError::Closed => {
            "the device closed the connection when asked for its interface; nothing was called".to_owned()
        }
        CallError::Link(LinkError::Transport(error)) if error.get_ref().is_none_or(|inner| !inner.is::<Failure>()) => {
            // Its text may state that the call was executed: only that of the description could be.
            let reason = match std::error::Error::source(error) {
                // What TLS refused.
                Some(inner) if error.kind() == io::ErrorKind::InvalidData => inner.to_string(),
                _ => error.kind().to_string(),
            };
            format!("the connection failed when the device was asked for its interface: {reason}; nothing was called")
        }
        CallError::Restarted => "the device restarted when asked for its interface; nothing was called".to_owned(),
        _ => return error.into(),
    };
    Failure { what, ..error.into() }
}
