//! `oncilla sniff`: calls that others make.

mod exchanges;
mod filter;
mod input;
mod names;
mod show;
mod stats;
mod tap;

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use crate::capture::{Message, Opened, Opener, Time, Writer};
use crate::context::Context;
use crate::failure::{Done, Failure};
use crate::interrupt::Interrupt;
use crate::output::file;
use crate::settings::LinkKey;

use exchanges::{Event, Exchanges};
use filter::Filters;
use input::Item;
use names::Names;
use show::Show;
use stats::Stats;

/// How often calls are checked for a missing reply while nothing arrives.
const TICK: Duration = Duration::from_millis(100);

/// Shows the calls of others, decoded, from a capture or a serial line
///
/// Each line has a call and its reply: the time, both addresses, the procedure with its arguments, the results, and the
/// latency. A call that has no reply within `--timeout` is shown with `no reply`. Names come from `--interface FILE.x`;
/// rpcbind is known. The sealed messages of keyed links are shown with their sizes. With `--link-key`, the calls in them are
/// shown and written, if the suite is light and the capture has the handshake.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES, override_usage = USAGE)]
pub struct Arguments {
    /// A capture, pcap or pcapng; `-` reads it from standard input
    #[arg(required_unless_present = "tap", conflicts_with = "tap")]
    file: Option<PathBuf>,
    /// Passes all bytes between two serial ports, and shows the calls among them
    #[arg(long, num_args = 2, value_names = ["PORT_A", "PORT_B"])]
    tap: Vec<String>,
    /// Shows only some calls: errors, program=…, procedure=…, peer=…, xid=…, or a name
    ///
    /// May be repeated; a call must match all filters.
    #[arg(short = 'f', long, value_name = "FILTER")]
    filter: Vec<String>,
    /// Also writes the shown messages as a capture, for Wireshark
    #[arg(short, long, value_name = "FILE.pcapng")]
    write: Option<PathBuf>,
    /// Shows only a summary of each procedure at the end: counts and times
    #[arg(short, long)]
    stats: bool,
    /// Stops after this many calls that are shown
    #[arg(short, long, value_name = "COUNT")]
    count: Option<u64>,
}

const USAGE: &str = "oncilla sniff [OPTIONS] <FILE>\n       oncilla sniff [OPTIONS] --tap <PORT_A> <PORT_B>";

const EXAMPLES: &str = "\
Examples:
  oncilla sniff calls.pcapng
  oncilla -x sensor.x sniff calls.pcapng --filter sensor.read
  oncilla sniff calls.pcapng --filter errors --filter peer=192.0.2.7
  oncilla sniff calls.pcapng --stats
  tcpdump -i eth0 -U -w - port 111 | oncilla sniff -
  oncilla -x sensor.x sniff --tap /dev/ttyUSB0 /dev/ttyUSB1 --write line.pcapng";

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    let settings = context.sources.settings()?;
    let names = Names::new(context.interface_of_file(&settings)?)?;
    let filters = Filters::parse(&arguments.filter, &names)?;
    let largest = usize::try_from(settings.message_max.value).unwrap_or(usize::MAX);
    let interrupt = Interrupt::handle()?;
    let is_live = arguments.file.as_deref().is_none_or(|path| path == Path::new("-"));
    let items = match &arguments.file {
        Some(path) => input::read(path, largest)?,
        None => tap::start(&arguments.tap, context, largest, &interrupt)?,
    };
    let show = Show { names: &names, output: context.output };
    let exchanges = Exchanges::new(settings.timeout.value);
    let mut sniffer = Sniffer::new(arguments, show, &filters, exchanges);
    if let Some(link_key) = &settings.link_key {
        let keys = LinkKey::read(&link_key.value)?;
        sniffer.opener = Some(Opener::new(move |id| keys.find(id)));
    }
    if let Some(write) = &arguments.write {
        file::check("--write", write, context.inputs(&settings).iter().chain(&arguments.file))?;
    }
    if arguments.file.is_none() {
        sniffer.create()?;
    }
    // The time of the last message, and when it arrived.
    let (mut last, mut arrived) = (Time::default(), Instant::now());
    let ended = loop {
        match items.recv_timeout(TICK) {
            Ok(Item::Begin) => sniffer.create()?,
            Ok(Item::Message(message)) => {
                (last, arrived) = (message.time, Instant::now());
                sniffer.message(message)?;
            }
            Ok(Item::Beside(time, port, beside)) if !arguments.stats => sniffer.show.beside(time, &port, &beside)?,
            Ok(Item::Beside(..)) => {}
            Ok(Item::End(end)) => break end,
            Err(RecvTimeoutError::Timeout) if is_live => {
                sniffer.expire(Time::new(last.since_1970() + arrived.elapsed()))?;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break Ok(()),
        }
        if interrupt.is_set() && arguments.file.is_some() || sniffer.is_enough() {
            interrupt.set();
            break Ok(());
        }
    };
    sniffer.finish()?;
    ended
}

/// Shows, counts and writes what is found.
struct Sniffer<'s> {
    arguments: &'s Arguments,
    show: Show<'s>,
    filters: &'s Filters,
    exchanges: Exchanges,
    stats: Stats,
    writer: Option<Writer<BufWriter<File>>>,
    /// Opens messages that are sealed under a key of `--link-key`.
    opener: Option<Opener>,
    shown: u64,
}

impl<'s> Sniffer<'s> {
    fn new(arguments: &'s Arguments, show: Show<'s>, filters: &'s Filters, exchanges: Exchanges) -> Self {
        Self { arguments, show, filters, exchanges, stats: Stats::default(), writer: None, opener: None, shown: 0 }
    }

    /// Creates the capture. The input is good, since a file that exists is replaced.
    fn create(&mut self) -> Done {
        if let Some(path) = &self.arguments.write {
            let failed = |error| Failure::file("write", path, &error);
            self.writer = Some(Writer::new(BufWriter::new(File::create(path).map_err(failed)?)).map_err(failed)?);
        }
        Ok(())
    }

    fn message(&mut self, message: Message) -> Done {
        let message = match &mut self.opener {
            None => message,
            Some(opener) => match opener.open(message) {
                Opened::Same(message) | Opened::Message(message) => message,
                Opened::Beside(_, _) if self.arguments.stats => return Ok(()),
                Opened::Beside(message, beside) => {
                    return self.show.beside(message.time, &message.from.to_string(), &beside);
                }
                Opened::Nothing => return Ok(()),
            },
        };
        // With filters, calls are written when it is known whether they are shown.
        if self.arguments.filter.is_empty() {
            self.write(&message)?;
        }
        let mut events = Vec::new();
        self.exchanges.push(message, &mut |event| events.push(event));
        self.events(events)
    }

    fn expire(&mut self, now: Time) -> Done {
        let mut events = Vec::new();
        self.exchanges.expire(now, &mut |event| events.push(event));
        self.events(events)
    }

    fn events(&mut self, events: Vec<Event>) -> Done {
        for event in events {
            if self.is_enough() || !self.filters.matches(&event, self.show.names) {
                continue;
            }
            self.shown += 1;
            if !self.arguments.filter.is_empty() {
                for message in event.messages() {
                    self.write(message)?;
                }
            }
            if self.arguments.stats {
                self.stats.count(&event, self.show.names);
            } else {
                self.show.event(&event)?;
            }
        }
        Ok(())
    }

    fn write(&mut self, message: &Message) -> Done {
        match (&mut self.writer, &self.arguments.write) {
            (Some(writer), Some(path)) => {
                writer.message(message).map_err(|error| Failure::writing("write", path, &error))
            }
            _ => Ok(()),
        }
    }

    fn is_enough(&self) -> bool {
        self.arguments.count.is_some_and(|count| self.shown >= count)
    }

    /// Reports the calls that have no reply, and the summary.
    fn finish(&mut self) -> Done {
        let mut events = Vec::new();
        self.exchanges.finish(&mut |event| events.push(event));
        self.events(events)?;
        if let (Some(writer), Some(path)) = (&mut self.writer, &self.arguments.write) {
            writer.flush().map_err(|error| Failure::writing("write", path, &error))?;
        }
        if self.arguments.stats && self.shown > 0 {
            self.stats.show(self.show.output)?;
        }
        if self.shown == 0 {
            let with = if self.arguments.filter.is_empty() { "" } else { " that passes the filters" };
            self.show.output.note(format_args!("no call of ONC RPC{with} was found"));
        }
        Ok(())
    }
}
