//! `oncilla log`: the text and the binary logs that a device prints.

mod keyed;
mod lines;
mod mixed;
mod pieces;
mod printer;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use oncilla::Received;

use crate::connect::listen::{self, Bytes};
use crate::context::Context;
use crate::failure::{Done, Failure};
use crate::interrupt::Interrupt;
use crate::output::file;
use crate::settings::{From, LinkKey, Settings, duration};
use crate::target::{Address, Framing};
use pieces::Pieces;
use printer::Printer;

/// Shows what a device prints: text, and binary logs in hexadecimal
///
/// Listens, and sends nothing. Waits for a device that is unplugged. Needs a serial line, or a socket that carries one
/// (`?framing=serial`).
///
/// With `--link-key`, it calls NULL every ten seconds, because a device seals its log for the peer that called last. Text in
/// the clear is marked.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Also appends the output to this file, without colours and with dates
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Prints all bytes as they come, for boot loaders and consoles
    ///
    /// Control characters are shown as escapes.
    #[arg(long, conflicts_with = "json")]
    raw: bool,
    /// Stops after this many lines of text and pieces of binary log
    #[arg(short, long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..), conflicts_with = "raw")]
    count: Option<u64>,
    /// Stops after this time
    #[arg(short = 'w', long, value_name = "TIME", value_parser = duration)]
    deadline: Option<Duration>,
}

const EXAMPLES: &str = "\
Examples:
  oncilla -t serial:/dev/ttyACM0 log
  oncilla -t serial:/dev/ttyACM0 log --output device.log
  oncilla -t 'tcp://127.0.0.1:5555?framing=serial' log --json
  oncilla -t 'serial:/dev/ttyUSB0?baud=74880' log --raw";

/// How often Ctrl-C and a lost device are checked.
const MOMENT: Duration = Duration::from_millis(100);

/// How long a line may take to end before its part is printed.
const PAUSE: Duration = Duration::from_millis(500);

/// How long bytes may wait for the end of their frame before they are shown as they are.
///
/// A frame of 2 KiB takes this long at 9600 baud.
const LATE: Duration = Duration::from_secs(3);

/// The pause between attempts to open the carrier of a lost device.
const AGAIN: Duration = Duration::from_millis(300);

/// When to stop.
struct Until {
    interrupt: Interrupt,
    end: Option<Instant>,
    count: Option<u64>,
}

impl Until {
    fn is_over(&self, printer: &Printer) -> bool {
        self.interrupt.is_set() || self.end.is_some_and(|end| Instant::now() >= end) || self.is_counted(printer)
    }

    /// Returns the time until the end, if there is one.
    fn left(&self) -> Option<Duration> {
        self.end.map(|end| end.saturating_duration_since(Instant::now()))
    }

    fn is_counted(&self, printer: &Printer) -> bool {
        self.count.is_some_and(|count| printer.count >= count)
    }
}

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    let settings = context.settings()?;
    check(&settings, arguments.raw)?;
    if let Some(path) = &arguments.output {
        file::check("--output", path, context.inputs(&settings))?;
    }
    let key = match &settings.link_key {
        Some(key) if !arguments.raw => Some(LinkKey::read(&key.value)?),
        _ => None,
    };
    let carrier = if key.is_none() { Some(listen::open(&settings)?) } else { None };
    let mut printer = Printer::new(context.output, arguments.output.as_deref())?;
    let until = Until {
        interrupt: Interrupt::handle()?,
        end: arguments.deadline.and_then(|time| Instant::now().checked_add(time)),
        count: arguments.count,
    };
    if let Some(target) = &settings.target {
        context.output.detail(format_args!("listening to {}", target.value));
    }
    if let Some(key) = &key {
        return with_key(&settings, key, context, &mut printer, &until);
    }
    let Some(mut carrier) = carrier else { return Ok(()) };
    loop {
        let end = match arguments.raw {
            true => raw(&mut *carrier, &mut printer, &until)?,
            false => pieces(&mut *carrier, &mut printer, &until)?,
        };
        let Some(why) = end else { return printer.end_line() };
        printer.event("lost", &format!("the connection is lost ({why}); trying to reconnect"))?;
        drop(carrier);
        let lost = Instant::now();
        carrier = loop {
            if until.interrupt.wait(AGAIN) || until.is_over(&printer) {
                return Ok(());
            }
            if let Ok(carrier) = listen::open(&settings) {
                break carrier;
            }
        };
        printer.event("connected", &format!("connected again after {:.1} s", lost.elapsed().as_secs_f64()))?;
    }
}

/// Prints the log under a key, and calls the device again after a loss.
fn with_key(settings: &Settings, key: &LinkKey, context: &Context, printer: &mut Printer, until: &Until) -> Done {
    let mut lost: Option<Instant> = None;
    loop {
        let why = match keyed::pieces(settings, key, context.how(), printer, until) {
            Ok(None) => return printer.end_line(),
            Ok(Some(why)) => why,
            Err(failure) if lost.is_none() => return Err(failure),
            Err(failure) => failure.what().to_owned(),
        };
        if lost.is_none_or(|lost| lost.elapsed() > PAUSE) {
            printer.event("lost", &format!("the connection is lost ({why}); trying to reconnect"))?;
        }
        lost = Some(Instant::now());
        if until.interrupt.wait(AGAIN) || until.is_over(printer) {
            return Ok(());
        }
    }
}

/// Refuses targets that carry no log.
fn check(settings: &Settings, raw: bool) -> Done {
    let Some(target) = &settings.target else { return Ok(()) };
    let target = &target.value;
    let is_stream = matches!(target.address, Address::Serial(_) | Address::Tcp(_) | Address::Unix(_));
    if !is_stream || raw || settings.framing.value != Framing::Record {
        return Ok(());
    }
    let why = if settings.framing.from == From::Default { "the default of sockets" } else { "it is set" };
    let cobs = crate::connect::diagnose::with(target, Framing::Serial);
    Err(Failure::usage(format_args!("the framing `record` has no text between messages ({why})"))
        .help(format_args!("if this socket carries a serial line: {cobs}"))
        .help("`oncilla log --raw` prints all bytes"))
}

/// Prints text and logs until the end (`None`) or a lost connection.
fn pieces(carrier: &mut dyn Bytes, printer: &mut Printer, until: &Until) -> Done<Option<String>> {
    let mut pieces = Pieces::default();
    let mut buffer = [0; 4096];
    let mut last = Instant::now();
    while !until.is_over(printer) {
        match carrier.receive(&mut buffer, MOMENT) {
            Ok(Received::Bytes(length)) => {
                last = Instant::now();
                let each = |piece| if until.is_over(printer) { Ok(()) } else { printer.piece(piece) };
                pieces.take(buffer.get(..length).unwrap_or_default(), each)?;
            }
            Ok(Received::TimeUp) if last.elapsed() >= PAUSE && (pieces.is_amid() || printer.is_amid()) => {
                pieces.pause(|piece| printer.piece(piece))?;
                printer.end_line()?;
            }
            Ok(Received::TimeUp | Received::Oversize(_)) => {}
            Ok(Received::End) => return Ok(Some("closed".to_owned())),
            Err(error) => return Ok(Some(error.to_string())),
        }
        pieces.overdue(PAUSE, LATE, |piece| if until.is_over(printer) { Ok(()) } else { printer.piece(piece) })?;
    }
    if !until.is_counted(printer) {
        pieces.finish(|piece| printer.piece(piece))?;
    }
    Ok(None)
}

/// Prints all bytes until the end (`None`) or a lost connection.
fn raw(carrier: &mut dyn Bytes, printer: &mut Printer, until: &Until) -> Done<Option<String>> {
    let mut kept = Vec::new();
    let mut buffer = [0; 4096];
    while !until.is_over(printer) {
        match carrier.receive(&mut buffer, MOMENT) {
            Ok(Received::Bytes(length)) => {
                kept.extend_from_slice(buffer.get(..length).unwrap_or_default());
                let whole = whole_characters(&kept);
                printer.raw(&String::from_utf8_lossy(kept.get(..whole).unwrap_or_default()))?;
                kept.drain(..whole);
            }
            Ok(Received::TimeUp | Received::Oversize(_)) => {}
            Ok(Received::End) => return Ok(Some("closed".to_owned())),
            Err(error) => return Ok(Some(error.to_string())),
        }
    }
    Ok(None)
}

/// Returns the length up to the last complete character or end of a line.
fn whole_characters(bytes: &[u8]) -> usize {
    let cut = bytes.utf8_chunks().last().map_or(0, |chunk| {
        let rest = chunk.invalid();
        // A longer one never becomes a character.
        let is_cut = !rest.is_empty() && std::str::from_utf8(rest).is_err_and(|error| error.error_len().is_none());
        if is_cut { rest.len() } else { 0 }
    });
    let length = bytes.len() - cut;
    // `\r\n` becomes `\n`, but a `\r` at the end would vanish.
    if cut == 0 && bytes.ends_with(b"\r") { length - 1 } else { length }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_are_cut_wait_for_their_rest() {
        assert_eq!(whole_characters("21.5 °".as_bytes()), 7);
        assert_eq!(whole_characters(&"21.5 °".as_bytes()[..6]), 5);
        assert_eq!(whole_characters(b"\xff\xfe"), 2);
        assert_eq!(whole_characters(b"ready\r"), 5);
        assert_eq!(whole_characters(b""), 0);
    }
}
