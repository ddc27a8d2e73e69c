//! Executing one call on a device.

use std::borrow::Cow;

use oncilla::message::{Call as Message, CallFault};
use oncilla::{CallError, Caller, ProcedureId, Refusal};
use oncilla_device::connect::{Device as Connected, Identity};
use oncilla_device::target::Address;
use oncilla_dynamic::{Interface, Procedure};
use oncilla_fleet::wire::{Content, Deadline, JsonCall, Trouble, unix_ms};

use super::happened::happened;
use super::{Job, Shared};
use crate::call::Call;
use crate::reply::Answer;
use crate::settings::Device;

/// What a call has shown of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The device has replied, or was not asked.
    Nothing,
    /// No reply came: the device may be gone.
    Silent,
    /// It has restarted.
    Restarted,
    /// The connection is of no use any more.
    Lost,
}

/// Executes a call, unless it is too late or malformed.
pub fn execute(
    shared: &Shared,
    device: &Device,
    connected: &mut Connected,
    interface: Option<&Interface>,
    job: &Job,
) -> (Answer, Shown) {
    let call = &job.call;
    let limits = &shared.settings.limits;
    let timeout = call.deadline.timeout.or(Some(device.settings.timeout.value));
    let deadline = Deadline { timeout, ..call.deadline };
    match deadline.left(unix_ms(), call.arrived.elapsed(), limits.clock_tolerance, limits.timeout_max) {
        Ok(_) if call.confirm && !keeps_order(device) => {
            let what = "the link of the device can lose a one-way call alone; make a call with a reply, or none that is confirmed";
            (Answer::Trouble(Trouble::Unconfirmable, what.to_owned()), Shown::Nothing)
        }
        Ok(left) => match request(interface, call) {
            Ok(request) => {
                let user = shared.settings.users.get(&*call.user);
                connected.set_identity(user.map(|user| Identity::of_user(user.uid, user.gid)).unwrap_or_default());
                connected.set_timeout(left);
                let manner = manner(device, interface, job, request.id);
                make(connected, &request, call.content, manner)
            }
            Err(answer) => (answer, Shown::Nothing),
        },
        Err((trouble, text)) => (Answer::Trouble(trouble, text), Shown::Nothing),
    }
}

/// What a device is asked for.
pub struct Request<'c> {
    /// The procedure.
    pub id: ProcedureId,
    /// The encoded arguments.
    pub arguments: Cow<'c, [u8]>,
    /// The procedure of the interface that decodes the results of a call as JSON.
    pub procedure: Option<Procedure<'c>>,
}

/// Returns what a call asks a device for.
///
/// # Errors
/// The answer to a call that is malformed, or whose program is not that of its topic.
pub fn request<'c>(interface: Option<&'c Interface>, call: &'c Call) -> Result<Request<'c>, Answer> {
    let trouble = |trouble, text: String| Answer::Trouble(trouble, text);
    let request = match call.content {
        Content::Rpc => match Message::parse(call.payload.as_slice()) {
            Ok(message) => Request { id: message.id(), arguments: message.arguments().into(), procedure: None },
            Err(CallFault::NotACall) => {
                return Err(trouble(Trouble::Malformed, "the payload is not an ONC RPC call".to_owned()));
            }
            Err(CallFault::Refused { refusal, .. }) => return Err(Answer::Refused(refusal)),
        },
        Content::Json => {
            let wrong = |error| trouble(Trouble::Malformed, format!("the payload is not a call as JSON: {error}"));
            let parsed = JsonCall::parse(call.payload.as_slice()).map_err(wrong)?;
            let interface = interface.ok_or_else(|| {
                let what = "the device does not describe itself; set `interface = \"FILE.x\"` for it in the gateway";
                trouble(Trouble::NoInterface, what.to_owned())
            })?;
            let value = |error: &dyn std::fmt::Display| trouble(Trouble::Value, error.to_string());
            let procedure = interface.procedure(&parsed.procedure).map_err(|error| value(&error))?;
            let arguments = procedure.encode_arguments(&parsed.arguments).map_err(|error| value(&error))?;
            Request { id: procedure.id(), arguments: arguments.into(), procedure: Some(procedure) }
        }
    };
    // The broker lets users publish by topic, so the topic counts.
    if request.id.program != call.program {
        let (id, topic) = (request.id.program, call.program);
        let what = format!("the call is for program {id:#010x}, but its topic for {topic:#010x}");
        return Err(trouble(Trouble::WrongTopic, what));
    }
    Ok(request)
}

/// How a device is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// Its reply is waited for.
    Call,
    /// It is told.
    Cast,
    /// It is told, and a NULL call behind that states that both arrived.
    ConfirmedCast,
}

/// Returns how to make a call.
///
/// A queued one is done when the device has executed it, also if nobody is replied to. So a reply is waited for, save
/// where there may be none: of a procedure without results, or one that is not known. Then a NULL call shows the same, on
/// links that keep the order; on others a call without a reply has failed.
fn manner(device: &Device, interface: Option<&Interface>, job: &Job, id: ProcedureId) -> Manner {
    let Job { call, queued } = job;
    if call.confirm {
        return Manner::ConfirmedCast;
    }
    if call.reply.is_some() {
        return Manner::Call;
    }
    if queued.is_none() {
        return Manner::Cast;
    }
    let known = interface.map(|interface| interface.procedures().find(|procedure| procedure.id() == id));
    let may_be_silent = match known {
        // The device refuses what its interface does not have.
        Some(procedure) => procedure.is_some_and(|procedure| procedure.result().is_none()),
        None => true,
    };
    if may_be_silent && keeps_order(device) { Manner::ConfirmedCast } else { Manner::Call }
}

/// Makes a call with the identity and the time-out that are set.
fn make(connected: &mut Connected, request: &Request<'_>, content: Content, manner: Manner) -> (Answer, Shown) {
    let Request { id, arguments, procedure } = request;
    let id = *id;
    if manner != Manner::Call {
        return match connected.cast(id, |writer| writer.append(arguments)) {
            Ok(()) if manner == Manner::ConfirmedCast => confirm(connected, id, content),
            Ok(()) => (Answer::Results(Vec::new()), Shown::Nothing),
            Err(error) => failed(error),
        };
    }
    let results = match connected.call_bytes(id, arguments) {
        Ok(results) => results,
        Err(error) => return failed(error),
    };
    let answer = match procedure.as_ref().map(|procedure| procedure.decode_results(results)) {
        None => Answer::Results(results.to_vec()),
        Some(Ok(value)) => Answer::Json(value),
        Some(Err(error)) => {
            let what = format!("the call was executed, but its results do not fit the interface: {error}");
            Answer::Trouble(Trouble::Gateway, what)
        }
    };
    (answer, Shown::Nothing)
}

/// Makes a NULL call behind a one-way call on the same connection: its reply states that both arrived.
fn confirm(connected: &mut Connected, id: ProcedureId, content: Content) -> (Answer, Shown) {
    match connected.null(id.program, id.version) {
        // It has no NULL procedure, but it has received both.
        Ok(()) | Err(CallError::Refused(Refusal::ProcedureUnavailable)) => match content {
            Content::Rpc => (Answer::Results(Vec::new()), Shown::Nothing),
            Content::Json => (Answer::Json(serde_json::Value::Null), Shown::Nothing),
        },
        // What it refuses of the program, it has refused of the one-way call, too.
        Err(error) => failed(error),
    }
}

/// Returns whether a device is on a stream that delivers all bytes in order until it ends.
pub fn keeps_order(device: &Device) -> bool {
    let target = device.settings.target.as_ref().map(|target| &target.value.address);
    matches!(target, Some(Address::Tcp(_) | Address::Tls(_) | Address::Unix(_)))
}

/// Returns the numbers of a call, for logs.
pub fn id_of(call: &Call) -> Option<ProcedureId> {
    match call.content {
        Content::Rpc => Message::parse(call.payload.as_slice()).ok().map(|message| message.id()),
        Content::Json => None,
    }
}

fn failed(error: CallError<std::io::Error>) -> (Answer, Shown) {
    let text = happened(&error);
    let (trouble, shown) = match error {
        CallError::Refused(refusal) => return (Answer::Refused(refusal), Shown::Nothing),
        CallError::TimedOut { .. } | CallError::Echoed { .. } => (Trouble::TimedOut, Shown::Silent),
        CallError::Restarted => (Trouble::Restarted, Shown::Restarted),
        CallError::Arguments(_) | CallError::CallTooLarge { .. } => (Trouble::TooLarge, Shown::Nothing),
        // Executed, and not to be passed on.
        CallError::ReplyTooLarge { .. } => (Trouble::Gateway, Shown::Nothing),
        CallError::Reply(_) => (Trouble::Gateway, Shown::Lost),
        _ => (Trouble::Disconnected, Shown::Lost),
    };
    (Answer::Trouble(trouble, text), shown)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Instant;

    use mqtt_protocol_core::mqtt::IntoPayload;
    use oncilla_fleet::wire::{Correlation, Name};

    use super::*;
    use crate::call::Back;
    use crate::settings::Settings;

    const TEXT: &str =
        "program OVEN { version OVEN_1 { int OVEN_READ(void) = 1; void OVEN_SET(int value) = 2; } = 1; } = 66;";

    fn device(target: &str) -> Arc<Device> {
        let text = format!(
            "fleet = \"plant\"\ngateway = \"hall\"\n[broker]\naddress = \"mqtt://broker\"\n[devices.oven]\ntarget = \"{target}\""
        );
        let settings = Settings::parse("fleet.toml", &text, Path::new("/")).unwrap();
        Arc::clone(settings.devices.values().next().unwrap())
    }

    fn job(queued: Option<u64>, replies: bool, confirm: bool) -> Job {
        let correlation = Correlation::new(b"1").unwrap();
        let reply = replies.then(|| Back { topic: "plant/reply/-/me".to_owned(), correlation });
        let call = Call {
            content: Content::Rpc,
            payload: Vec::new().into_payload(),
            program: 66,
            user: Name::new("-").unwrap(),
            reply,
            confirm,
            correlation: Some(correlation),
            deadline: Deadline { timeout: None, sent: None },
            expiry: None,
            trace: None,
            trace_state: None,
            arrived: Instant::now(),
        };
        Job { call, queued }
    }

    #[test]
    fn what_states_that_a_call_was_executed() {
        let interface = Interface::parse(TEXT).unwrap();
        let (stream, datagrams) = (device("tcp://oven:1"), device("udp://oven:1"));
        let id = |procedure| ProcedureId { program: 66, version: 1, procedure };
        let of =
            |device, known: bool, job: &Job, procedure| manner(device, known.then_some(&interface), job, id(procedure));
        let (replied, told, confirmed) = (job(None, true, false), job(None, false, false), job(None, false, true));
        for procedure in 1..4 {
            assert_eq!(of(&stream, true, &replied, procedure), Manner::Call);
            assert_eq!(of(&datagrams, false, &told, procedure), Manner::Cast);
            assert_eq!(of(&stream, true, &confirmed, procedure), Manner::ConfirmedCast);
        }
        // The device replies to a call with results, and refuses one that it does not know.
        let queued = job(Some(5), false, false);
        assert_eq!([1, 3].map(|procedure| of(&stream, true, &queued, procedure)), [Manner::Call; 2]);
        // It may not reply to these.
        assert_eq!(of(&stream, true, &queued, 2), Manner::ConfirmedCast);
        assert_eq!([1, 2].map(|procedure| of(&stream, false, &queued, procedure)), [Manner::ConfirmedCast; 2]);
        // Where one of two messages can be lost alone, only a reply states it.
        assert_eq!([1, 2].map(|procedure| of(&datagrams, true, &queued, procedure)), [Manner::Call; 2]);
        assert_eq!(of(&datagrams, false, &queued, 2), Manner::Call);
        assert_eq!(of(&stream, true, &job(Some(5), true, false), 2), Manner::Call);
    }
}
