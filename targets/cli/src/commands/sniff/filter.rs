//! Which calls are shown.

use std::net::SocketAddr;

use oncilla::ProcedureId;

use super::exchanges::{Event, Exchange, Outcome};
use super::names::Names;
use crate::capture::{Message, Place};
use crate::failure::{Done, Failure};

/// The forms of a filter, for errors.
const FORMS: &str = "write errors, program=NAME or NUMBER, procedure=NAME or NUMBER, peer=ADDRESS, peer=ADDRESS:PORT, \
                     peer=:PORT, xid=NUMBER, or the name of a program or procedure";

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Filter {
    Errors,
    Program(u32),
    /// The name of a program.
    ProgramName(String),
    Procedure(u32),
    ProcedureName(String),
    Peer(String),
    Xid(u32),
}

/// Conditions, all of which must be true.
#[derive(Clone, Debug, Default)]
pub struct Filters(Vec<Filter>);

impl Filters {
    /// Parses the conditions of the command line.
    pub fn parse(words: &[String], names: &Names) -> Done<Self> {
        words.iter().map(|word| parse(word, names)).collect::<Done<_>>().map(Self)
    }

    /// Returns whether an event is shown.
    pub fn matches(&self, event: &Event, names: &Names) -> bool {
        self.0.iter().all(|filter| match event {
            Event::Exchange(exchange) | Event::Repeated(exchange) => filter.matches(exchange, names),
            Event::Stray { reply, xid } => match filter {
                Filter::Xid(wanted) => wanted == xid,
                filter => filter.matches_message(reply),
            },
            Event::Malformed(message) | Event::Sealed(message, _) => filter.matches_message(message),
        })
    }
}

impl Filter {
    fn matches(&self, exchange: &Exchange, names: &Names) -> bool {
        let ProcedureId { program, procedure, .. } = exchange.id;
        match self {
            Self::Errors => !matches!(exchange.outcome, Outcome::Results(..)),
            Self::Program(number) => *number == program,
            Self::ProgramName(name) => *name == names.program(program),
            Self::Procedure(number) => *number == procedure,
            Self::ProcedureName(name) => names.name(exchange.id).as_ref() == Some(name),
            Self::Xid(xid) => *xid == exchange.xid,
            Self::Peer(_) => self.matches_message(&exchange.call),
        }
    }

    /// Returns whether a message without a call is shown.
    fn matches_message(&self, message: &Message) -> bool {
        match self {
            Self::Errors => true,
            Self::Peer(peer) => [&message.from, &message.to].into_iter().any(|place| is_at(place, peer)),
            _ => false,
        }
    }
}

fn is_at(place: &Place, peer: &str) -> bool {
    let Place::Socket(address) = place else { return place.to_string() == peer };
    let same = |wanted: SocketAddr| wanted.port() == address.port() && wanted.ip() == address.ip();
    let port = peer.strip_prefix(':').and_then(|port| port.parse().ok());
    port == Some(address.port())
        || peer.parse().is_ok_and(|ip: std::net::IpAddr| ip == address.ip())
        || peer.parse().is_ok_and(same)
}

fn parse(word: &str, names: &Names) -> Done<Filter> {
    let (kind, value) = word.split_once('=').unwrap_or(("", word));
    let wrong = || Failure::usage(format_args!("{word:?} is not a filter")).help(FORMS);
    match kind {
        "" if value == "errors" => Ok(Filter::Errors),
        "" => by_name(value, names, true, true),
        "program" => {
            number(value).map_or_else(|| by_name(value, names, true, false), |number| Ok(Filter::Program(number)))
        }
        "procedure" => {
            number(value).map_or_else(|| by_name(value, names, false, true), |number| Ok(Filter::Procedure(number)))
        }
        "peer" if !value.is_empty() => Ok(Filter::Peer(value.to_owned())),
        "xid" => number(value).map(Filter::Xid).ok_or_else(wrong),
        _ => Err(wrong()),
    }
}

/// Finds a program or a procedure by its name.
fn by_name(name: &str, names: &Names, programs: bool, procedures: bool) -> Done<Filter> {
    let small = name.to_ascii_lowercase();
    let is_wanted = |known: &str| if known.contains('.') { procedures } else { programs };
    let known = || names.all().filter(|known| is_wanted(known));
    if known().any(|known| known == small) || small.strip_suffix(".null").is_some() && procedures {
        return Ok(if small.contains('.') { Filter::ProcedureName(small) } else { Filter::ProgramName(small) });
    }
    let similar = known().min_by_key(|known| (strsim::osa_distance(known, &small), known.len()));
    let similar = similar.filter(|similar| strsim::osa_distance(similar, &small) <= 1 + small.len() / 3);
    let similar = similar.map(|similar| format!("; the most similar is `{similar}`")).unwrap_or_default();
    Err(Failure::usage(format_args!("no interface has a program or procedure `{name}`{similar}"))
        .help(FORMS)
        .help("names come from `--interface FILE.x`; program=NUMBER needs no interface"))
}

fn number(text: &str) -> Option<u32> {
    text.strip_prefix("0x").map_or_else(|| text.parse().ok(), |digits| u32::from_str_radix(digits, 16).ok())
}
