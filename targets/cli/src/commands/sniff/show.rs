//! How calls look: a line for people, or a JSON value.

use std::fmt::Write as _;
use std::time::Duration;

use oncilla::{ProcedureId, Refusal};
use oncilla_rpcgen::harmless;
use serde_json::{Map, Value, json};

use super::exchanges::{Event, Exchange, Outcome};
use super::names::{Names, What};
use crate::bytes::hex;
use crate::capture::{Beside, Message, Time};
use crate::failure::Done;
use crate::output::{BAD, GOOD, Output, STRONG, WEAK};
use crate::programs::shown;

/// The longest value in a line for people, in characters. `--verbose` shows all of it.
const VALUE_MAX: usize = 200;
/// How many bytes of an unknown value are shown.
const BYTES_MAX: usize = 32;

/// Shows events.
pub struct Show<'n> {
    pub names: &'n Names,
    pub output: Output,
}

impl Show<'_> {
    /// Shows an event.
    pub fn event(&self, event: &Event) -> Done {
        if self.output.json {
            return self.output.json(&self.json(event));
        }
        match event {
            Event::Exchange(exchange) => self.output.line(self.exchange(exchange)),
            Event::Repeated(exchange) => {
                let call = self.call(exchange);
                self.output.line(format_args!(
                    "{call} {WEAK}sent again after its reply, {} times in all{WEAK:#}",
                    exchange.sent
                ))
            }
            Event::Stray { reply, xid } => {
                let at = at(reply.time, reply);
                self.output
                    .line(format_args!("{at} reply to a call that was not captured  {WEAK}xid {xid:#010x}{WEAK:#}"))
            }
            Event::Sealed(message, sealed) => {
                self.output.line(format_args!("{} {WEAK}{sealed}{WEAK:#}", at(message.time, message)))
            }
            Event::Malformed(message) => {
                let size = message.bytes.len() + message.missing;
                let bytes = bytes(&message.bytes);
                self.output.line(format_args!(
                    "{} {BAD}malformed message{BAD:#} of {size} bytes: {bytes}",
                    at(message.time, message)
                ))
            }
        }
    }

    /// Shows hellos, text, logs and noise on a serial line, with `-v`.
    pub fn beside(&self, time: Time, port: &str, beside: &Beside) -> Done {
        let (kind, text) = match beside {
            Beside::Hello(hello) => {
                let heard = hello.heard.map(|boot| format!(", has heard {boot:#010x}")).unwrap_or_default();
                let what =
                    format!("boot number {:#010x}, messages of up to {} bytes{heard}", hello.boot, hello.largest);
                ("hello", what)
            }
            Beside::Text(text) => ("text", String::from_utf8_lossy(text).trim_end().to_owned()),
            Beside::Log(log) => ("log", bytes(log)),
            Beside::Dropped(first, count) => {
                ("dropped", format!("{count} bytes that are not a message: {}", bytes(first)))
            }
        };
        if self.output.json {
            return self.output.json(&json!({"event": kind, "time": time.to_string(), "port": port, "text": text}));
        }
        if self.output.verbose > 0 {
            let text = harmless(&text);
            return self.output.line(format_args!("{WEAK}{} {port} {kind}: {text}{WEAK:#}", time_of_day(time)));
        }
        Ok(())
    }

    fn exchange(&self, exchange: &Exchange) -> String {
        let mut line = self.call(exchange);
        // Writing to a text does not fail.
        let _ = match &exchange.outcome {
            Outcome::Results(results, missing) => {
                let results = self.value(exchange.id, What::Results, results, *missing);
                write!(line, "= {results}")
            }
            Outcome::Refused(refusal) => write!(line, "{BAD}{}{BAD:#}: {refusal}", crate::refusal::name(refusal)),
            Outcome::Unanswered => write!(line, "{BAD}no reply{BAD:#}"),
            Outcome::Malformed => write!(line, "{BAD}malformed reply{BAD:#}"),
        };
        let _ = write!(line, "  {WEAK}v{}, xid {:#010x}", exchange.id.version, exchange.xid);
        if let Some(latency) = exchange.latency {
            let _ = write!(line, ", {}{}", milliseconds(latency), if exchange.is_late { ", late" } else { "" });
        }
        if let Some((uid, gid)) = exchange.user {
            let _ = write!(line, ", as {uid}:{gid}");
        }
        if let Some(key) = exchange.call.key {
            let _ = write!(line, ", key {key}");
        }
        if exchange.sent > 1 {
            let _ = write!(line, ", {BAD}sent {} times{BAD:#}", exchange.sent);
        }
        let _ = write!(line, "{WEAK:#}");
        line
    }

    /// Returns where, when and what is called.
    fn call(&self, exchange: &Exchange) -> String {
        let ProcedureId { program, version, procedure } = exchange.id;
        let name = self.names.name(exchange.id).unwrap_or_else(|| format!("{}.{version}.{procedure}", shown(program)));
        let arguments = self.value(exchange.id, What::Arguments, exchange.arguments(), exchange.call.missing);
        format!("{} {STRONG}{name}{STRONG:#}({arguments}) ", at(exchange.call.time, &exchange.call))
    }

    /// Returns arguments or results in one line.
    fn value(&self, id: ProcedureId, what: What, raw: &[u8], missing: usize) -> String {
        if missing > 0 {
            return format!("<{} bytes, of which {missing} were not captured>", raw.len() + missing);
        }
        let text = match self.names.value(id, what, raw) {
            Some(Ok(Value::Object(arguments))) if what == What::Arguments => {
                arguments.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", ")
            }
            Some(Ok(value)) => value.to_string(),
            Some(Err(error)) => format!("<{}; {error}>", bytes(raw)),
            None if raw.is_empty() => String::new(),
            None => format!("<{}>", bytes(raw)),
        };
        let text = harmless(&text);
        let is_long = self.output.verbose == 0 && text.chars().count() > VALUE_MAX;
        if is_long { text.chars().take(VALUE_MAX).chain(['…']).collect() } else { text.into_owned() }
    }

    fn json(&self, event: &Event) -> Value {
        match event {
            Event::Exchange(exchange) => self.exchange_json("exchange", exchange),
            Event::Repeated(exchange) => self.exchange_json("repeated", exchange),
            Event::Stray { reply, xid } => {
                let mut value = message_json("stray", reply);
                value.insert("xid".into(), (*xid).into());
                value.into()
            }
            Event::Sealed(message, sealed) => {
                let mut value = message_json("sealed", message);
                value.extend(sealed.json());
                value.into()
            }
            Event::Malformed(message) => {
                let mut value = message_json("malformed", message);
                value.insert("bytes".into(), hex(&message.bytes).into());
                value.into()
            }
        }
    }

    fn exchange_json(&self, kind: &str, exchange: &Exchange) -> Value {
        let ProcedureId { program, version, procedure } = exchange.id;
        let mut value = message_json(kind, &exchange.call);
        let mut put = |name: &str, part: Value| value.insert(name.to_owned(), part);
        put("xid", exchange.xid.into());
        put("program", program.into());
        put("version", version.into());
        put("procedure", procedure.into());
        put("name", self.names.name(exchange.id).into());
        put("user", exchange.user.map(|(uid, gid)| json!({"uid": uid, "gid": gid})).into());
        put("sent", exchange.sent.into());
        if let Some(key) = exchange.call.key {
            put("key", key.into());
        }
        let arguments = self.value_json(exchange.id, What::Arguments, exchange.arguments(), exchange.call.missing);
        put("arguments", arguments);
        if kind == "repeated" {
            return value.into();
        }
        let outcome = match &exchange.outcome {
            Outcome::Results(results, missing) => {
                put("results", self.value_json(exchange.id, What::Results, results, *missing));
                "results"
            }
            Outcome::Refused(refusal) => {
                put("refusal", refusal_json(*refusal));
                "refused"
            }
            Outcome::Unanswered => "unanswered",
            Outcome::Malformed => "malformed",
        };
        put("outcome", outcome.into());
        put("latency_us", exchange.latency.map(|latency| latency.as_nanos() as f64 / 1e3).into());
        put("late", exchange.is_late.into());
        value.into()
    }

    /// Returns arguments or results, or their bytes and the error.
    fn value_json(&self, id: ProcedureId, what: What, raw: &[u8], missing: usize) -> Value {
        match self.names.value(id, what, raw) {
            _ if missing > 0 => json!({"bytes": hex(raw), "missing": missing}),
            Some(Ok(value)) => value,
            Some(Err(error)) => json!({"bytes": hex(raw), "error": error}),
            None => json!({"bytes": hex(raw)}),
        }
    }
}

fn refusal_json(refusal: Refusal) -> Value {
    json!({"name": crate::refusal::name(&refusal), "text": refusal.to_string()})
}

fn message_json(kind: &str, message: &Message) -> Map<String, Value> {
    let mut value = Map::new();
    value.insert("event".into(), kind.into());
    value.insert("time".into(), message.time.to_string().into());
    value.insert("carrier".into(), message.carrier.to_string().into());
    value.insert("from".into(), message.from.to_string().into());
    value.insert("to".into(), message.to.to_string().into());
    value
}

/// Returns when and where.
fn at(time: Time, message: &Message) -> String {
    let Message { from, to, carrier, .. } = message;
    format!("{WEAK}{}{WEAK:#} {GOOD}{from}{GOOD:#} > {GOOD}{to}{GOOD:#} {carrier}", time_of_day(time))
}

/// Returns the time of day in UTC, as tcpdump has it.
fn time_of_day(time: Time) -> String {
    let text = time.to_string();
    text.split(['T', 'Z']).nth(1).unwrap_or(&text).to_owned()
}

/// Returns a time in milliseconds.
pub fn milliseconds(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1e3)
}

/// Returns the number of bytes, and the first of them.
fn bytes(raw: &[u8]) -> String {
    let first = raw.get(..BYTES_MAX).unwrap_or(raw);
    let more = if raw.len() > first.len() { "…" } else { "" };
    format!("{} bytes {}{more}", raw.len(), hex(first))
}
