//! The texts of errors: what happened, the numbers, and the source.

use core::error::Error;
use core::time::Duration;

use oncilla::message::AuthStatus;
use oncilla::xdr::{DecodeError, EncodeError, Fault};
use oncilla::{CallError, LinkError, Refusal};

/// An error of a transport.
#[derive(Debug)]
struct Parity;

impl core::fmt::Display for Parity {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("parity")
    }
}

impl Error for Parity {}

#[test]
fn errors_contain_their_numbers() {
    let call = |error: CallError<Parity>| error.to_string();
    for (text, numbers) in [
        (call(CallError::Refused(Refusal::ProgramMismatch { low: 31, high: 42 })), &["31", "42"][..]),
        (call(CallError::Refused(Refusal::RpcMismatch { low: 53, high: 64 })), &["53", "64"]),
        (call(CallError::Refused(Refusal::Authentication(AuthStatus(77)))), &["77"]),
        (call(CallError::TimedOut { after: Duration::from_millis(350), unframed: 0 }), &["350ms"]),
        (call(CallError::TimedOut { after: Duration::from_millis(350), unframed: 312 }), &["350ms", "312 bytes"]),
        (call(CallError::ReplyTooLarge { size: 4321 }), &["4321"]),
        (call(CallError::NoSlot { slots: 12 }), &["12"]),
        (call(CallError::TooDeep { levels: 3 }), &["3"]),
        (call(CallError::UnknownTicket { xid: 0xbeef }), &["0x0000beef"]),
        (call(CallError::Link(LinkError::Unsent { sent: 17, size: 99 })), &["17", "99"]),
        (call(CallError::Link(LinkError::BufferTooSmall { needed: 36, available: 35 })), &["36", "35"]),
        (call(CallError::Link(LinkError::Transport(Parity))), &["parity"]),
        (call(CallError::Arguments(EncodeError::NoRoom { needed: 12, available: 8 })), &["12", "8"]),
        (call(CallError::Results(decode(Fault::Bool, 24, Some(7)))), &["bool", "7", "byte 24"]),
        (call(CallError::Results(decode(Fault::Bound, 8, Some(17)))), &["bound", "17", "byte 8"]),
        (call(CallError::Results(decode(Fault::Variant, 8, Some(-7_i32 as u32)))), &["no variant", "-7", "byte 8"]),
        (call(CallError::Results(decode(Fault::Length, 8, Some(u32::MAX)))), &["4294967295", "byte 8"]),
        (call(CallError::Reply(decode(Fault::End, 20, None))), &["byte 20"]),
        (call(CallError::Reply(decode(Fault::Bound, 16, None))), &["byte 16", "at most 400"]),
    ] {
        for number in numbers {
            assert!(text.contains(number), "{text:?} does not contain {number}");
        }
    }
}

#[test]
fn every_error_has_a_text_of_its_own() {
    let mut texts: Vec<String> = [1, 2, 3, 4, 5, 6, 7, 8].map(|status| AuthStatus(status).to_string()).into();
    texts.extend(
        [
            Refusal::ProgramUnavailable,
            Refusal::ProgramMismatch { low: 1, high: 2 },
            Refusal::ProcedureUnavailable,
            Refusal::GarbageArguments,
            Refusal::SystemError,
            Refusal::RpcMismatch { low: 1, high: 2 },
        ]
        .map(|refusal| refusal.to_string()),
    );
    texts.extend(
        [
            Fault::End,
            Fault::Padding,
            Fault::Bool,
            Fault::Range,
            Fault::Length,
            Fault::Bound,
            Fault::Text,
            Fault::Variant,
            Fault::Depth,
            Fault::Mixed,
            Fault::LeftOver,
            Fault::Unsupported,
            Fault::Value,
        ]
        .map(|fault| fault.to_string()),
    );
    texts.extend([CallError::<Parity>::Closed.to_string(), LinkError::<Parity>::OutOfStep.to_string()]);
    texts.extend([LinkError::<Parity>::Broken.to_string()]);
    let count = texts.len();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), count, "two errors have the same text");
    assert!(texts.iter().all(|text| text.len() > 10), "{texts:?}");
}

fn decode(fault: Fault, offset: usize, value: Option<u32>) -> DecodeError {
    DecodeError { fault, offset, value }
}

#[test]
fn errors_return_their_source() {
    let transport = CallError::Link(LinkError::Transport(Parity));
    let link = transport.source().unwrap();
    assert_eq!(link.source().unwrap().to_string(), "parity");
    let refused = CallError::<Parity>::Refused(Refusal::SystemError);
    assert_eq!(refused.source().unwrap().to_string(), Refusal::SystemError.to_string());
    let fault = decode(Fault::Bool, 4, Some(2));
    assert_eq!(CallError::<Parity>::Results(fault).source().unwrap().to_string(), fault.to_string());
    assert!(CallError::<Parity>::Closed.source().is_none());
}
