//! The prompt on a terminal.

use std::cell::RefCell;
use std::io;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use oncilla::Beside;
use oncilla_rpcgen::harmless;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, Editor};

use super::commands::{self, Then};
use super::complete::{Helper, Known};
use super::keyboard;
use super::line;
use super::session::Session;
use crate::connect::Show;
use crate::context::in_the_clear;
use crate::failure::{Done, Exit, Failure};
use crate::interrupt::Interrupt;
use crate::output::{Output, WEAK};
use crate::{input, saved, state};

/// The number of lines that the history keeps.
const HISTORY_MAX: usize = 1000;

/// The largest part of a line of the device that is kept, in bytes.
const TEXT_MAX: usize = 4096;

/// Reads and runs lines until the user leaves.
pub fn run(mut session: Session<'_>) -> Done {
    let failed =
        |error: ReadlineError| Failure::new(Exit::Failed, format_args!("cannot read from the terminal: {error}"));
    let config = Config::builder()
        .max_history_size(HISTORY_MAX)
        .and_then(|config| config.history_ignore_dups(true))
        .map_err(failed)?
        .history_ignore_space(true)
        .completion_type(CompletionType::List)
        .build();
    let mut editor = Editor::<Helper, FileHistory>::with_config(config).map_err(failed)?;
    let known = Rc::new(RefCell::new(Known::default()));
    editor.set_helper(Some(Helper::new(Rc::clone(&known))));
    let history = history();
    if let Some(history) = &history {
        // The file does not exist at first.
        let _ = editor.load_history(history);
    }
    let interrupt = Interrupt::handle()?;
    keyboard::restore_at_end(&interrupt)?;
    session.interrupt = Some(interrupt.clone());
    session.show = Some(show(session.output));
    greet(&mut session);
    let mut typed = (String::new(), String::new());
    loop {
        // At the prompt Ctrl-C is a key. A signal, such as that of kill(1), ends the shell.
        interrupt.set();
        learn(&session, &mut known.borrow_mut());
        let prompt = format!("{}> ", session.name().map_or("oncilla".into(), harmless));
        let (before, after) = std::mem::take(&mut typed);
        match editor.readline_with_initial(&prompt, (&before, &after)) {
            Ok(text) if text.trim().is_empty() => {}
            Ok(text) => {
                // Without a file of the history, it is kept in memory.
                let _ = editor.add_history_entry(text.as_str());
                if let Some(history) = &history {
                    let _ = editor.append_history(history);
                }
                interrupt.clear();
                if let Then::Leave = run_line(&mut session, &text)? {
                    return Ok(());
                }
            }
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Io(error)) if error.kind() == io::ErrorKind::InvalidData => {
                // The rest of a pasted text must not run as commands.
                keyboard::discard();
                session.output.note("note: what was typed or pasted last is not UTF-8, and was left out");
                typed = editor.helper().map(Helper::typed).unwrap_or_default();
            }
            Err(ReadlineError::Eof) => return Ok(()),
            Err(error) => return Err(failed(error)),
        }
    }
}

/// Runs the commands of a line, up to the first that fails.
fn run_line(session: &mut Session<'_>, text: &str) -> Done<Then> {
    for words in line::split(text).commands {
        if session.is_interrupted() {
            break;
        }
        match commands::run(session, &words) {
            Ok(Then::Continue) => {}
            Ok(Then::Leave) => return Ok(Then::Leave),
            Err(failure) if failure.is_closed() => return Err(failure),
            Err(failure) => {
                session.output.failure(&failure);
                break;
            }
        }
    }
    Ok(Then::Continue)
}

/// Connects, and prints how to start.
///
/// A shell without a device is useful, too: `connect` connects it.
fn greet(session: &mut Session<'_>) {
    if session.settings.target.is_some() {
        match session.connect() {
            Ok(()) => commands::programs(session).unwrap_or_else(|failure| session.output.failure(&failure)),
            Err(failure) => session.output.failure(&failure),
        }
    } else {
        session.output.note("no target is given; `connect TARGET` connects to a device");
    }
    session.output.note(format_args!("{WEAK}`help` lists the commands, Tab completes, Ctrl-D leaves{WEAK:#}"));
}

/// Notes the names that can be completed.
fn learn(session: &Session<'_>, known: &mut Known) {
    known.interface = session.known().cloned();
    let files = session.context.sources.files();
    known.targets = files.iter().flat_map(|file| file.targets.keys().cloned()).collect();
    // A damaged file is reported where it is used.
    known.stored = saved::all().unwrap_or_default().into_keys().collect();
}

/// Returns the file of the history. `None` if there can be none.
fn history() -> Option<PathBuf> {
    let path = state::folder()?.join("shell_history");
    state::create_folder_of(&path).ok()?;
    // Another kind of file might have no end, or wait for a writer.
    if path.exists() && input::check_regular(&path).is_err() {
        return None;
    }
    Some(path)
}

/// Returns a function that shows text and logs of the device during calls.
///
/// rustyline's `ExternalPrinter`, which prints above a prompt, is not used: with it, rustyline 18 waits for another key
/// while keys that were pasted are still in its buffer.
fn show(output: Output) -> Show {
    let pending = Mutex::new(String::new());
    Arc::new(move |what| {
        let mut pending = pending.lock().unwrap_or_else(PoisonError::into_inner);
        match what {
            Beside::Unverified(text) => output.note(format_args!("{WEAK}{}{WEAK:#}", in_the_clear(text))),
            Beside::Text(text) => pending.push_str(&String::from_utf8_lossy(text)),
            Beside::Log(bytes) => output.note(format_args!("{WEAK}binary log of {} bytes{WEAK:#}", bytes.len())),
            // Noise on the line is for `--verbose`.
            Beside::Dropped(_) => {}
        }
        let end = pending.rfind('\n').map_or(0, |newline| newline + 1);
        let end = if pending.len() > TEXT_MAX { pending.len() } else { end };
        let lines: String = pending.drain(..end).collect();
        lines.lines().for_each(|line| output.note(format_args!("{WEAK}{}{WEAK:#}", harmless(line))));
    })
}
