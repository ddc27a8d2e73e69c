//! The log of a device under a key: what verifies, and what came in the clear.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use oncilla::framing::{Cobs, Framing};
use oncilla::message::Call;
use oncilla::{Beside, CallError, Caller, Handled, Handler, Needs, ProcedureId, Refusal, Served, Transport};
use oncilla_host::Serial;
use oncilla_host::keys::KeyClient;

use super::pieces::Piece;
use super::printer::Printer;
use super::{MOMENT, PAUSE, Until};
use crate::connect::{self, How, Tapped};
use crate::failure::{Done, Failure};
use crate::programs::DESCRIPTION;
use crate::settings::{LinkKey, Settings};
use crate::target::Address;

/// How often NULL is called, so that a device that has restarted has a session.
const AGAIN: Duration = Duration::from_secs(10);

/// What arrived, in order.
type Came = Arc<Mutex<Vec<Piece>>>;

/// Prints text and logs until the end (`None`) or a lost connection.
///
/// A device seals its log in the session of the peer that called last, so this function calls NULL now and then.
pub fn pieces(
    settings: &Settings,
    key: &LinkKey,
    how: How,
    printer: &mut Printer,
    until: &Until,
) -> Done<Option<String>> {
    let target = &settings.target.as_ref().ok_or_else(connect::no_target)?.value;
    let came = Came::default();
    let heard = Arc::clone(&came);
    let how = How { show: Some(Arc::new(move |what| note(&heard, what))), ..how };
    let key = key.client(settings)?;
    match &target.address {
        Address::Tcp(_) | Address::Unix(_) => {
            let transport = connect::stream::<Cobs>(&target.address, settings)()?;
            listen(Tapped::new(transport, &how), &key, settings, printer, until, &came)
        }
        Address::Serial(port) => {
            let transport = Serial::<Cobs>::open(port, settings.baud.value)?;
            listen(Tapped::new(transport, &how), &key, settings, printer, until, &came)
        }
        Address::Udp(_) | Address::Tls(_) | Address::Rpc { .. } | Address::Mqtt(_) => {
            Err(Failure::usage(format_args!("{target} does not carry a stream of bytes"))
                .help("use a serial port, TCP or a Unix socket"))
        }
    }
}

/// Keeps what arrived beside messages.
fn note(came: &Came, what: Beside<'_>) {
    let piece = match what {
        Beside::Text(text) => Piece::Text(text.to_vec()),
        Beside::Log(bytes) => Piece::Log(bytes.to_vec()),
        Beside::Unverified(text) => Piece::Clear(text.to_vec()),
        Beside::Dropped(bytes) => Piece::Dropped(bytes.to_vec()),
    };
    came.lock().unwrap_or_else(PoisonError::into_inner).push(piece);
}

fn listen<T: Transport<Error = io::Error, Framing: Framing>>(
    transport: T,
    key: &KeyClient,
    settings: &Settings,
    printer: &mut Printer,
    until: &Until,
    came: &Came,
) -> Done<Option<String>> {
    let mut client = connect::connector(settings).keyed(transport, key)?;
    client.set_timeout(settings.timeout.value);
    let (mut called, mut last) = (None::<Instant>, Instant::now());
    while !until.is_over(printer) {
        if called.is_none_or(|called| called.elapsed() >= AGAIN) {
            client.set_timeout(until.left().map_or(settings.timeout.value, |left| left.min(settings.timeout.value)));
            let null = ProcedureId { program: DESCRIPTION, version: 1, procedure: 0 };
            match client.call_idempotent(null, |_| Ok(()), |_| Ok(())) {
                Ok(()) | Err(CallError::Refused(_)) => {}
                Err(CallError::Restarted) => printer.event("restarted", "the device has restarted")?,
                // A boot loader prints text, and answers nothing.
                Err(error @ CallError::TimedOut { .. }) if called.is_none() => {
                    printer.event(
                        "silent",
                        &format!("the device does not answer under the key ({error}); its text is shown"),
                    )?;
                }
                Err(CallError::TimedOut { .. }) => {}
                Err(error) => return Ok(Some(error.to_string())),
            }
            called = Some(Instant::now());
        }
        let deadline = client.link().transport().now().after(MOMENT);
        let served = client.link().serve_next_by(&mut (), &mut Nothing, deadline);
        for piece in std::mem::take(&mut *came.lock().unwrap_or_else(PoisonError::into_inner)) {
            last = Instant::now();
            if !until.is_over(printer) {
                printer.piece(piece)?;
            }
        }
        if last.elapsed() >= PAUSE && printer.is_amid() {
            printer.end_line()?;
        }
        match served {
            Ok(Served::End) => return Ok(Some("closed".to_owned())),
            Ok(_) => {}
            Err(error) => return Ok(Some(error.to_string())),
        }
    }
    Ok(None)
}

/// Serves nothing: a device that calls this command gets no results.
struct Nothing;

impl Handler for Nothing {
    fn reply_max(&self) -> usize {
        64
    }

    fn needs(&self, _: ProcedureId) -> Needs {
        Needs { results_max: 0, idempotent: true }
    }

    fn handle(&mut self, _: &Call<'_>, _: &mut [u8]) -> Handled {
        Handled::Refused(Refusal::ProgramUnavailable)
    }
}
