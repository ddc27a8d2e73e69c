//! The guide's chapter on errors has the text of each.

use std::fmt::Display;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use oncilla::message::AuthStatus;
use oncilla::xdr::{DecodeError, EncodeError, Fault};
use oncilla::{CallError, LinkError, Refusal};
use oncilla_host::{Error, NotConnected};

const CHAPTER: &str = include_str!("../src/guide/errors.md");

type Call = CallError<&'static str>;

/// Asserts that a text is the first cell of a row.
fn assert_listed(error: impl Display) {
    let text = error.to_string();
    assert!(CHAPTER.contains(&format!("| {text} |")), "the chapter on errors does not have: {text}");
}

#[test]
fn every_error_of_a_call_is_listed() {
    let after = Duration::from_secs(5);
    let end = DecodeError { fault: Fault::End, offset: 4, value: None };
    let variant = DecodeError { fault: Fault::Variant, offset: 0, value: Some(7) };
    let errors = [
        Call::TimedOut { after, unframed: 0 },
        Call::TimedOut { after, unframed: 12 },
        Call::Echoed { after },
        Call::Restarted,
        Call::Closed,
        Call::Arguments(EncodeError::NoRoom { needed: 72, available: 60 }),
        Call::Arguments(EncodeError::Refused(Fault::Bound)),
        Call::CallTooLarge { size: 300, limit: 127 },
        Call::ReplyTooLarge { size: 300 },
        Call::Results(variant),
        Call::Reply(end),
        Call::NoSlot { slots: 4 },
        Call::TooDeep { levels: 2 },
        Call::UnknownTicket { xid: 0x5eed_0001 },
        Call::Link(LinkError::Transport("broken pipe")),
        Call::Link(LinkError::Unsent { sent: 20, size: 48 }),
        Call::Link(LinkError::OutOfStep),
        Call::Link(LinkError::Broken),
        Call::Link(LinkError::Unverified),
        Call::Link(LinkError::NoSession),
        Call::Link(LinkError::BufferTooSmall { needed: 45, available: 20 }),
    ];
    errors.into_iter().for_each(assert_listed);
}

#[test]
fn the_error_of_a_call_without_a_connection_is_listed() {
    let last = Error::Connect { to: "127.0.0.1:1".into(), source: io::Error::new(ErrorKind::ConnectionRefused, "…") };
    let lost_for = Duration::from_secs(2);
    assert_listed(CallError::from(NotConnected { lost_for, attempts: 3, last: Some(Arc::new(last)), unanswered: 0 }));
    assert_listed(CallError::from(NotConnected { lost_for, attempts: 0, last: None, unanswered: 5 }));
}

#[test]
fn every_refusal_is_listed() {
    let refusals = [
        Refusal::ProgramUnavailable,
        Refusal::ProgramMismatch { low: 1, high: 2 },
        Refusal::ProcedureUnavailable,
        Refusal::GarbageArguments,
        Refusal::SystemError,
        Refusal::RpcMismatch { low: 3, high: 3 },
        Refusal::Authentication(AuthStatus::TOO_WEAK),
        Refusal::Authentication(AuthStatus::REJECTED_CREDENTIAL),
    ];
    for refusal in refusals {
        assert_listed(refusal);
        assert!(CHAPTER.contains(&format!("| {refusal} | {} |", refusal.name())), "the name of {refusal}");
    }
}

#[test]
fn every_fault_is_listed() {
    use Fault::*;
    let faults = [End, Padding, Bool, Range, Length, Bound, Text, Variant, Depth, Mixed, LeftOver, Unsupported, Value];
    faults.into_iter().for_each(assert_listed);
}

#[test]
fn errors_of_the_host_are_listed() {
    let source = |kind: ErrorKind| io::Error::new(kind, "…");
    let open = |port: &str, help: &str| Error::Open {
        port: port.into(),
        source: source(ErrorKind::Other),
        help: Some(help.into()),
    };
    let (port, on) = ("…".to_owned(), "…".to_owned());
    let errors = [
        Error::Resolve { address: "nowhere:1".into(), source: source(ErrorKind::NotFound) },
        Error::Connect { to: "127.0.0.1:1".into(), source: source(ErrorKind::ConnectionRefused) },
        Error::Open { port: "/dev/ttyUSB9".into(), source: source(ErrorKind::NotFound), help: None },
        Error::Open { port: port.clone(), source: source(ErrorKind::Unsupported), help: None },
        Error::Open { port, source: source(ErrorKind::Other), help: None },
        open("/dev/ttyUSB0", "picocom (process 4242) uses it; close that program"),
        open("/dev/ttyUSB0", "one of these uses it: socat (process 4242), picocom (process 4243); close that program"),
        open("/dev/ttyUSB0", "this program has it open already; close it there"),
        open(
            "/dev/pts/3",
            "this user may not open it; run this program as its owner, anna, or ask that user for permission",
        ),
        open(
            "/dev/ttyUSB0",
            "this user may not open it; join the group dialout (sudo usermod -aG dialout $USER) and log in again",
        ),
        open(
            "/dev/ttyUSB9",
            "check that the adapter is plugged in and that the name is right; this machine has: /dev/ttyUSB0 \
             usb=0403:6001:A50285BI",
        ),
        Error::Listen { on: on.clone(), source: source(ErrorKind::AddrInUse) },
        Error::Listen { on, source: source(ErrorKind::PermissionDenied) },
        Error::Nowhere,
    ];
    errors.into_iter().for_each(assert_listed);
}
