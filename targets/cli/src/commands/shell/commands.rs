//! The commands of a shell: a call, or one of its own.

use std::time::Duration;

use oncilla_rpcgen::harmless;
use serde_json::{Value, json};

use super::help;
use super::line::Word;
use super::session::{Reply, Session};
use crate::commands::call::Input;
use crate::failure::{Done, Failure};
use crate::output::{STRONG, WEAK};
use crate::saved::{self, LAST};
use crate::settings::{From, Setting, duration};

/// Whether the shell continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    Continue,
    Leave,
}

/// A command of the shell itself: its name, its arguments, and what it does.
pub struct Own {
    pub name: &'static str,
    pub arguments: &'static str,
    pub what: &'static str,
}

const fn own(name: &'static str, arguments: &'static str, what: &'static str) -> Own {
    Own { name, arguments, what }
}

/// All commands of the shell itself.
pub const OWN: [Own; 16] = [
    own("help", "[NAME]", "explains a procedure, a type or a command; `?` is the same"),
    own("describe", "[NAME]", "lists the procedures of the device, or shows one"),
    own("types", "[NAME]", "lists the types of the interface, or shows one"),
    own("call", "PROCEDURE [ARGUMENT…]", "calls a procedure, also one with the name of a command"),
    own("cast", "PROCEDURE [ARGUMENT…]", "sends a call and does not wait for a reply"),
    own("connect", "[TARGET]", "connects to another device, or reconnects"),
    own("ping", "[COUNT]", "calls procedure 0 and shows how long it takes"),
    own("json", "[on|off]", "prints results as JSON"),
    own("timeout", "[TIME]", "sets how long a call waits for its reply, such as 2s"),
    own("last", "", "shows the last call"),
    own("again", "[NAME] [CHANGE…]", "repeats the last call, or a stored one; NAME=VALUE changes an argument"),
    own("save", "NAME", "stores the last call, for `again NAME` and `oncilla again NAME`"),
    own("time", "COMMAND", "shows how long a command takes"),
    own("exit", "", "leaves the shell, as Ctrl-D does; `quit` is the same"),
    own("?", "[NAME]", "the same as `help`"),
    own("quit", "", "the same as `exit`"),
];

/// Runs one command.
pub fn run(session: &mut Session<'_>, words: &[Word]) -> Done<Then> {
    let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let Some((&name, arguments)) = words.split_first() else { return Ok(Then::Continue) };
    // Many people type `?sensor.read` without a space.
    if let Some(asked) = name.strip_prefix('?').filter(|asked| !asked.is_empty()) {
        return help::help(session, Some(asked)).map(|()| Then::Continue);
    }
    match (name, arguments) {
        ("exit" | "quit", []) => return Ok(Then::Leave),
        ("help" | "?", []) => help::help(session, None)?,
        ("help" | "?", [asked]) => help::help(session, Some(asked))?,
        ("describe", []) => help::procedures(session)?,
        ("describe", [asked]) => help::help(session, Some(asked))?,
        ("types", []) => help::types(session)?,
        ("types", [asked]) => help::type_(session, asked)?,
        ("call", [procedure, rest @ ..]) => call(session, procedure, rest, false)?,
        ("cast", [procedure, rest @ ..]) => call(session, procedure, rest, true)?,
        ("connect", []) => connect(session, None)?,
        ("connect", [target]) => connect(session, Some(target))?,
        ("ping", []) => ping(session, 1)?,
        ("ping", [count]) => {
            let wrong = || Failure::usage(format_args!("{count:?} is not a number of calls; write `ping 3`"));
            ping(session, count.parse().ok().filter(|&count| count > 0).ok_or_else(wrong)?)?;
        }
        ("json", []) => session.output.note(if session.output.json { "json is on" } else { "json is off" }),
        ("json", ["on"]) => session.output.json = true,
        ("json", ["off"]) => session.output.json = false,
        ("timeout", []) => {
            let timeout = humantime::format_duration(session.settings.timeout.value);
            session.output.note(format_args!("calls wait {timeout} for their replies"));
        }
        ("timeout", [time]) => {
            let value = duration(time).map_err(|error| Failure::usage(error).of(format_args!("timeout {time}")))?;
            session.settings.timeout = Setting { value, from: From::Option };
        }
        ("last", []) => last(session)?,
        ("again", names) => again(session, names)?,
        ("save", [name]) => {
            let last = session.last.as_ref().ok_or_else(none)?;
            saved::store(name, last, session.context)?;
        }
        ("time", [_, ..]) => return time(session, words.get(1..).unwrap_or_default()),
        _ => match OWN.iter().find(|own| own.name == name) {
            Some(own) => {
                let what = format!("`{name}` does not take {} arguments", arguments.len());
                return Err(Failure::usage(what).help(format_args!("write `{name} {}`", own.arguments)));
            }
            None => call(session, name, arguments, false).map_err(|failure| or_own(failure, name))?,
        },
    }
    Ok(Then::Continue)
}

/// Adds the most similar command to the failure of an unknown name.
fn or_own(failure: Failure, name: &str) -> Failure {
    let similar = OWN.iter().find(|own| own.name.len() > 2 && strsim::osa_distance(own.name, name) == 1);
    match similar {
        Some(own) => failure.help(format_args!("the most similar command is `{}`", own.name)),
        None => failure,
    }
}

fn none() -> Failure {
    Failure::usage("there is no last call").help("call a procedure first, such as `sensor.read 0`")
}

fn call(session: &mut Session<'_>, name: &str, words: &[&str], cast: bool) -> Done {
    let input = Input::Words(words.iter().map(ToString::to_string).collect());
    let reply = session.call(name, &input, cast)?;
    print(session, &reply)
}

fn print(session: &Session<'_>, reply: &Reply) -> Done {
    match &reply.value {
        Some(value) => session.output.value(value)?,
        None if session.output.json => session.output.value(&Value::Null)?,
        None => {}
    }
    if session.output.verbose > 0 {
        session.output.detail(format_args!("in {}", milliseconds(reply.time)));
    }
    Ok(())
}

fn milliseconds(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1e3)
}

fn connect(session: &mut Session<'_>, target: Option<&str>) -> Done {
    let before = session.settings.clone();
    if let Some(target) = target {
        session.settings = session.context.sources.settings_for(target)?;
        // That of the command `timeout` stays.
        if before.timeout.from == From::Option {
            session.settings.timeout = before.timeout.clone();
        }
    }
    if let Err(failure) = session.connect() {
        // The next call goes to the previous device.
        session.settings = before;
        return Err(failure);
    }
    programs(session)
}

/// States the programs of the device.
pub fn programs(session: &Session<'_>) -> Done {
    let Some(interface) = session.known() else { return Ok(()) };
    let programs: Vec<_> = interface
        .programs()
        .map(|program| {
            let versions: Vec<_> = program.versions().map(|version| version.number().to_string()).collect();
            format!("{} (version {})", program.name(), versions.join(", "))
        })
        .collect();
    let name = session.name().unwrap_or("the device");
    session.output.note(harmless(&format!("connected to {name}: {}", programs.join(", "))));
    Ok(())
}

fn ping(session: &mut Session<'_>, count: u32) -> Done {
    // Self-description, unless the interface names a program.
    let program = session.known().and_then(|interface| interface.procedures().next().map(|procedure| procedure.id()));
    let (program, version) = program.map_or((0x3fff_de5c, 1), |id| (id.program, id.version));
    for _ in 0..count {
        let time = session.ping(program, version)?;
        if session.output.json {
            session.output.value(&json!({"milliseconds": time.as_secs_f64() * 1e3}))?;
        } else {
            session.output.line(format_args!("answered in {}", milliseconds(time)))?;
        }
    }
    Ok(())
}

fn last(session: &Session<'_>) -> Done {
    let last = session.last.as_ref().ok_or_else(none)?;
    if session.output.json {
        return session
            .output
            .value(&json!({"call": last.call, "arguments": last.arguments()?, "target": last.target}));
    }
    session.output.line(format_args!("{STRONG}{}{STRONG:#} {}", harmless(&last.call), harmless(&last.arguments)))
}

/// Repeats the last call, or a stored one, with changes.
fn again(session: &mut Session<'_>, names: &[&str]) -> Done {
    let named = names.first().filter(|name| !name.contains('='));
    let changes = names.get(usize::from(named.is_some())..).unwrap_or_default();
    let call = match named {
        None | Some(&LAST) => session.last.clone().ok_or_else(none)?,
        Some(name) => saved::find(name)?,
    };
    if named.is_some() && call.target.as_deref() != session.name() {
        let target = call.target.as_deref().map_or("another device", |target| target);
        session.output.note(format_args!("{WEAK}the call was stored for {}{WEAK:#}", harmless(target)));
    }
    let input = Input::Stored(call.arguments()?, changes.iter().map(ToString::to_string).collect());
    let reply = session.call(&call.call, &input, call.cast)?;
    print(session, &reply)
}

/// Runs a command and shows how long it took.
fn time(session: &mut Session<'_>, words: &[&str]) -> Done<Then> {
    let words: Vec<_> = words.iter().map(|&text| Word { text: text.to_owned(), start: 0 }).collect();
    let begun = std::time::Instant::now();
    let then = run(session, &words)?;
    session.output.note(format_args!("{WEAK}in {}{WEAK:#}", milliseconds(begun.elapsed())));
    Ok(then)
}
