//! The errors of the package, which its Python part defines.

use std::io;

use oncilla::{CallError, LinkError};
use oncilla_device::failure::{Cause, Exit, Failure};
use oncilla_dynamic::ValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::place::Place;

/// The classes of errors, by their names in `oncilla_rpc`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The device was not reached.
    NotConnected,
    /// No reply arrived in time.
    TimedOut,
    /// The device refused the call.
    Refused,
    /// The device restarted during the call.
    Restarted,
    /// The connection was lost during the call.
    Disconnected,
    /// An argument does not fit the interface, or a setting is wrong.
    BadValue,
    /// The reply does not fit the interface.
    BadReply,
    /// The interface has errors.
    BadInterface,
    /// The device was closed.
    Closed,
    /// The address that a server was to serve is in use.
    AddressInUse,
    /// The device of a fleet is away or unknown.
    Away,
    /// The broker's trouble.
    Broker,
}

impl Class {
    const fn name(self) -> &'static str {
        match self {
            Self::NotConnected => "NotConnected",
            Self::TimedOut => "TimedOut",
            Self::Refused => "Refused",
            Self::Restarted => "Restarted",
            Self::Disconnected => "Disconnected",
            Self::BadValue => "BadValue",
            Self::BadReply => "BadReply",
            Self::BadInterface => "BadInterface",
            Self::Closed => "Closed",
            Self::AddressInUse => "AddressInUse",
            Self::Away => "Away",
            Self::Broker => "BrokerError",
        }
    }

    /// Returns the exception: what happened, what to do next, and one detail, whose meaning depends on the class.
    pub fn error(self, py: Python<'_>, what: &str, help: &[String], detail: Option<&str>) -> PyErr {
        static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
        let module = MODULE.get_or_try_init(py, || Ok::<_, PyErr>(py.import("oncilla_rpc._errors")?.unbind()));
        let made = module.and_then(|module| {
            module.bind(py).getattr(self.name())?.call1((what, help.to_vec(), detail)).map(PyErr::from_value)
        });
        made.unwrap_or_else(|error| error)
    }
}

/// Returns the exception of an argument that does not fit.
pub fn bad_value(py: Python<'_>, error: &ValueError) -> PyErr {
    Class::BadValue.error(py, &error.to_string(), &[], Some(&error.path))
}

/// Returns the exception of a reply that does not fit.
pub fn bad_reply(py: Python<'_>, error: &ValueError) -> PyErr {
    let what = format!("the results do not fit the interface: {error}");
    let help = if error.expected.contains("bytes of memory") {
        "`message_max=` of `connect` sets this limit: 64 bytes of memory for each byte of a message; the call was executed"
    } else {
        "the device may have another version of the interface; the call was executed"
    };
    let help = help.to_owned();
    Class::BadReply.error(py, &what, &[help], Some(&error.path))
}

/// Returns the class of a trouble of a fleet, and the detail of the exception.
fn of_fleet(failure: &Failure) -> Option<(Class, Option<&'static str>)> {
    let trouble = failure.trouble()?;
    let class = match trouble {
        "broker" | "broker-lost" | "denied-by-broker" => Class::Broker,
        "away" | "unknown" | "no-gateway" => Class::Away,
        "gateway-lost" | "gateway" | "disconnected" | "strange" => Class::Disconnected,
        _ => match failure.exit() {
            Exit::Usage => Class::BadValue,
            Exit::TimedOut => Class::TimedOut,
            Exit::NotReached | Exit::Failed => Class::NotConnected,
        },
    };
    Some((class, (class == Class::Broker).then_some(trouble)))
}

/// Returns the exception of a failure before any call.
pub fn failed(py: Python<'_>, failure: &Failure) -> PyErr {
    if let Some((class, detail)) = of_fleet(failure) {
        return class.error(py, &in_python(failure.what()), &helps(failure), detail);
    }
    let class = match (failure.exit(), failure.cause(), failure.refusal()) {
        (_, _, Some(_)) => Class::Refused,
        _ if failure.is_in_use() => Class::AddressInUse,
        (Exit::Usage, ..) => Class::BadValue,
        (Exit::TimedOut, ..) => Class::TimedOut,
        (_, Cause::Strange, _) => Class::Disconnected,
        (Exit::NotReached, ..) => Class::NotConnected,
        (Exit::Failed, ..) => Class::BadInterface,
    };
    class.error(py, &in_python(failure.what()), &helps(failure), failure.refusal())
}

/// Returns what to do next, in the words of Python.
fn helps(failure: &Failure) -> Vec<String> {
    failure.helps().iter().map(|help| in_python(help)).collect()
}

/// The options of the command, and the arguments of `connect` that they are here.
const OPTIONS: [(&str, &str); 25] = [
    ("a file for `--password-file`, or in ONCILLA_PASSWORD", "`password=\"…\"`"),
    ("a file (`--password-file`) or in the environment (ONCILLA_PASSWORD)", "`password=\"…\"`"),
    ("`--interface FILE.x`, or `interface = …` in the configuration file", "`interface=\"FILE.x\"`"),
    ("`--interface FILE.x`", "`interface=\"FILE.x\"`"),
    ("`--tls-cert FILE` and `--tls-key FILE`", "`cert=\"FILE\"` and `cert_key=\"FILE\"`"),
    ("`--tls-cert`", "`cert`"),
    ("serve them by another command", "serve them by another server"),
    ("`oncilla list --network`", "`oncilla_rpc.find(program=…)`"),
    ("`--ca FILE`, ONCILLA_CA, or `ca = …` in the configuration file", "`ca=\"FILE\"`"),
    ("`--ca FILE`", "`ca=\"FILE\"`"),
    ("`--cert FILE`", "`cert=\"FILE\"`"),
    ("`--key FILE`", "`cert_key=\"FILE\"`"),
    ("`-t tcp+tls://host:port --ca FILE`", "`connect(\"tcp+tls://host:port\", ca=\"FILE\")`"),
    ("--ca FILE", "ca=\"FILE\""),
    ("`oncilla list` shows the programs", "`device.programs()` lists the programs"),
    ("`oncilla list` shows the addresses", "`oncilla_rpc.find(program=…)` finds servers"),
    (", COM3, or a name of the configuration file", ", or COM3"),
    ("`--link-key FILE#ID`", "`key=\"FILE#ID\"`"),
    ("`--link-key FILE`", "`key=\"FILE\"`"),
    ("`--link-key`", "`key`"),
    ("`--suite forward-secret`", "`suite=\"forward-secret\"`"),
    ("`--suite light`", "`suite=\"light\"`"),
    ("`--timeout 30s`", "`timeout=30`"),
    ("`oncilla call --cast`", "`cast`"),
    ("side of this command", "side of this program"),
];

/// Returns a text with the arguments of `connect` in place of the options of the command.
pub fn in_python(help: &str) -> String {
    OPTIONS.iter().fold(help.to_owned(), |help, (option, argument)| help.replace(option, argument))
}

/// Returns the exception of a call that failed.
pub fn call_failed(py: Python<'_>, error: CallError<io::Error>, place: &Place) -> PyErr {
    let class = class_of(&error);
    if let Some((what, help)) = in_words_of_python(&error, place.settings.message_max.value) {
        return class.error(py, &what, &[help], None);
    }
    // It may ask the device whether it has keys.
    let failure = py.detach(|| place.explain(Failure::from(error)));
    if let Some((class, detail)) = of_fleet(&failure) {
        return class.error(py, &in_python(failure.what()), &helps(&failure), detail);
    }
    let mut helps = helps(&failure);
    if class == Class::Disconnected {
        helps.push("the next call connects again; the device may have executed this one".to_owned());
    }
    class.error(py, &in_python(failure.what()), &helps, failure.refusal())
}

/// Returns what happened and what to do, where the text of the error is for programs that have buffers of their own.
fn in_words_of_python(error: &CallError<io::Error>, message_max: u32) -> Option<(String, String)> {
    let (what, help) = match error {
        CallError::Closed => (
            "the device closed the connection before it replied".to_owned(),
            "the next call connects again; the device may have executed this one".to_owned(),
        ),
        CallError::ReplyTooLarge { size } => (
            format!("the reply of {size} bytes does not fit; the call was executed"),
            format!(
                "a message has at most {message_max} bytes, which `message_max=` of `connect` sets, and a call in \
                 flight has results of at most 4096 bytes: make a call with larger ones by itself"
            ),
        ),
        CallError::CallTooLarge { size, limit } => (
            format!("the call of {size} bytes was not executed: the limit is {limit} bytes"),
            "send less; `message_max=` of `connect` sets the limit of this side, and the device has its own".to_owned(),
        ),
        error if is_too_long(error) => (
            "the call was not sent: it is too large for a datagram".to_owned(),
            "send less, or call the device by tcp://host:port".to_owned(),
        ),
        _ => return None,
    };
    Some((what, help))
}

/// Returns whether the system refused a datagram because of its size.
fn is_too_long(error: &CallError<io::Error>) -> bool {
    // EMSGSIZE of Linux and of the BSDs, and that of Windows.
    let number = if cfg!(windows) {
        10040
    } else if cfg!(target_os = "linux") {
        90
    } else {
        40
    };
    matches!(error, CallError::Link(LinkError::Transport(error)) if error.raw_os_error() == Some(number))
}

fn class_of(error: &CallError<io::Error>) -> Class {
    match error {
        CallError::TimedOut { .. } | CallError::Echoed { .. } => Class::TimedOut,
        CallError::Restarted => Class::Restarted,
        CallError::Refused(_) => Class::Refused,
        CallError::Arguments(_) | CallError::CallTooLarge { .. } => Class::BadValue,
        error if is_too_long(error) => Class::BadValue,
        CallError::Link(LinkError::Transport(error)) => {
            // The failure to find or reach the program of a target rpc://.
            let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Failure>());
            match inner.map(|failure| (failure.exit(), failure.refusal())) {
                Some((_, Some(_))) => Class::Refused,
                Some((Exit::Usage, _)) => Class::BadValue,
                Some((Exit::TimedOut, _)) => Class::TimedOut,
                Some(_) => Class::NotConnected,
                None => Class::Disconnected,
            }
        }
        CallError::Closed | CallError::Link(_) => Class::Disconnected,
        _ => Class::BadReply,
    }
}

/// Returns whether the connection cannot be used after the error of a call.
///
/// That of a fleet is made again by itself.
pub fn is_lost(error: &CallError<io::Error>) -> bool {
    if let CallError::Link(LinkError::Transport(error)) = error
        && let Some(failure) = error.get_ref().and_then(|inner| inner.downcast_ref::<Failure>())
        && failure.trouble().is_some()
    {
        return false;
    }
    matches!(error, CallError::Closed | CallError::Link(LinkError::Transport(_) | LinkError::OutOfStep))
}
