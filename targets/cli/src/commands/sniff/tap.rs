//! Taps a serial line: passes all bytes between two ports unchanged, and decodes them.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use oncilla::framing::Cobs;
use oncilla::{Received, Transport};
use oncilla_host::Serial;

use super::input::Item;
use crate::capture::{Carrier, Found, Line, Message, Place, Side, Time};
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::interrupt::Interrupt;
use crate::settings::Settings;
use crate::target::{Address, Framing};

/// How many pieces may wait to be decoded. The line itself never waits.
const PIECES: usize = 1 << 12;
/// How many items may wait to be shown.
const QUEUE: usize = 1 << 12;
/// How often Ctrl-C is checked.
const TICK: Duration = Duration::from_millis(50);
/// How long the other port may take to accept a piece.
const PATIENCE: Duration = Duration::from_secs(10);
/// The bytes of a piece.
const PIECE: usize = 4096;

/// A port. Its framing is of no interest here: bytes pass unchanged.
type Port = Serial<Cobs>;

/// Bytes that a side has sent.
struct Piece {
    side: Side,
    time: Time,
    bytes: Vec<u8>,
    /// How many earlier bytes of the side were not decoded.
    lost: usize,
}

/// Opens both ports and passes bytes until Ctrl-C, or until a port is closed.
pub fn start(ports: &[String], context: &Context, largest: usize, interrupt: &Interrupt) -> Done<Receiver<Item>> {
    let (a, b) = match ports {
        [a, b] => (a, b),
        _ => return Err(Failure::usage("--tap needs two ports, such as `--tap /dev/ttyUSB0 /dev/ttyUSB1`")),
    };
    let (a_settings, b_settings) = (settings(a, context)?, settings(b, context)?);
    let framing = a_settings.framing.value;
    if framing != b_settings.framing.value {
        let what = format!("{a} has the framing {framing}, and {b} {}", b_settings.framing.value);
        return Err(Failure::usage(what).help("both ends of a line have the same framing: set it with --framing"));
    }
    let [(a_in, a_out), (b_in, b_out)] = [open(&a_settings)?, open(&b_settings)?];
    let (pieces, looked_at) = sync_channel(PIECES);
    let (send, receive) = sync_channel(QUEUE);
    let names: [Arc<str>; 2] = [a.as_str().into(), b.as_str().into()];
    let ways = [(Side::A, a_in, b_out), (Side::B, b_in, a_out)].map(|(side, from, to)| {
        let (pieces, interrupt, name) = (pieces.clone(), interrupt.clone(), names[side as usize].clone());
        thread::spawn(move || {
            let end = pass(side, &name, from, to, &pieces, &interrupt);
            // One direction alone is useless.
            interrupt.set();
            end
        })
    });
    drop(pieces);
    context.output.note(format_args!("passing bytes between {a} and {b}; Ctrl-C stops"));
    thread::spawn(move || {
        look(&looked_at, framing, largest, &names, &send);
        let ended = ways.map(|way| way.join().unwrap_or_else(|_| Err(Failure::new(Exit::Failed, "the tap failed"))));
        // The receiver may have ended.
        let _ = send.send(Item::End(ended.into_iter().collect()));
    });
    Ok(receive)
}

/// Returns the settings of a port: its text, a target, or a short name.
fn settings(port: &str, context: &Context) -> Done<Settings> {
    let is_serial = |settings: &Settings| {
        settings.target.as_ref().is_some_and(|target| matches!(target.value.address, Address::Serial(_)))
    };
    match context.sources.settings_for(port) {
        Ok(settings) if is_serial(&settings) => Ok(settings),
        // Any path may be a port.
        _ if !port.contains("://") => context.sources.settings_for(&format!("serial:{port}")),
        Ok(_) => Err(Failure::usage(format_args!("{port} is not a serial port"))
            .help("--tap passes bytes between two serial ports")),
        Err(failure) => Err(failure),
    }
}

/// Opens a port, once for reading and once for writing.
fn open(settings: &Settings) -> Done<(Port, Port)> {
    let name = match settings.target.as_ref().map(|target| &target.value.address) {
        Some(Address::Serial(name)) => name,
        _ => return Err(Failure::usage("--tap needs serial ports")),
    };
    let mut port = Port::open(name, settings.baud.value)?;
    let failed = |error| Failure::new(Exit::NotReached, format_args!("cannot write to {name}: {error}"));
    let writer = Port::from(port.port().try_clone_native().map_err(failed)?);
    Ok((port, writer))
}

/// Passes bytes from one port to the other.
fn pass(
    side: Side,
    name: &str,
    mut from: Port,
    mut to: Port,
    pieces: &SyncSender<Piece>,
    interrupt: &Interrupt,
) -> Done {
    let mut buffer = vec![0; PIECE];
    let mut lost = 0;
    while !interrupt.is_set() {
        let deadline = from.now().after(TICK);
        let failed = |what: &str, error| Failure::new(Exit::NotReached, format_args!("cannot {what} {name}: {error}"));
        let received = from.receive(&mut buffer, deadline).map_err(|error| failed("read from", error))?;
        let bytes = match received {
            Received::Bytes(count) => buffer.get(..count).unwrap_or_default(),
            Received::End => return Err(Failure::new(Exit::NotReached, format_args!("{name} was closed"))),
            _ => continue,
        };
        let time = Time::now();
        // Before they are passed on, so that a call is decoded before its reply.
        match pieces.try_send(Piece { side, time, bytes: bytes.to_vec(), lost }) {
            Ok(()) => lost = 0,
            Err(TrySendError::Full(piece)) => lost += piece.bytes.len(),
            Err(TrySendError::Disconnected(_)) => break,
        }
        let deadline = to.now().after(PATIENCE);
        let sent = to.send(bytes, deadline).map_err(|error| failed("pass on the bytes from", error))?;
        if sent < bytes.len() {
            let what =
                format!("{} bytes from {name} were not passed on: the other port accepts none", bytes.len() - sent);
            return Err(Failure::new(Exit::TimedOut, what));
        }
    }
    Ok(())
}

/// Finds the messages among the bytes.
fn look(pieces: &Receiver<Piece>, framing: Framing, largest: usize, names: &[Arc<str>; 2], send: &SyncSender<Item>) {
    let mut line = Line::new(framing, largest);
    for Piece { side, time, bytes, lost } in pieces {
        let (from, to) = (&names[side as usize], &names[side.other() as usize]);
        let mut is_open = true;
        let mut take = |found| {
            let item = match found {
                Found::Message(bytes, missing) => Item::Message(Message {
                    time,
                    from: Place::Port(from.clone()),
                    to: Place::Port(to.clone()),
                    carrier: Carrier::Serial,
                    bytes,
                    missing,
                    key: None,
                }),
                Found::Beside(beside) => Item::Beside(time, from.clone(), beside),
            };
            is_open &= send.send(item).is_ok();
        };
        if lost > 0 {
            line.skip(side, lost, &mut take);
        }
        line.push(side, &bytes, &mut take);
        if !is_open {
            return;
        }
    }
}
