//! A script: lines of commands without a prompt.

use std::io::BufRead;

use super::commands::{self, Then};
use super::line;
use super::session::Session;
use crate::failure::{Done, Failure};

/// The largest line, in bytes, with those that an open bracket or quote continues.
const LINE_MAX: u64 = 16 << 20;

/// Runs the commands of all lines. Stops at the first failure, unless `keep_going`.
pub fn run(mut session: Session<'_>, mut text: impl BufRead, keep_going: bool) -> Done {
    let (mut count, mut failed, mut first) = (0_u64, 0_u64, None);
    let mut open: Option<Open> = None;
    for number in 1_u64.. {
        let mut bytes = Vec::new();
        let unread = |error| Failure::usage(format_args!("line {number} of the script cannot be read: {error}"));
        let read = std::io::Read::take(&mut text, LINE_MAX + 1).read_until(b'\n', &mut bytes).map_err(unread)?;
        if read == 0 {
            break;
        }
        let begun = open.as_ref().map_or(0, |open| open.text.len() as u64);
        if read as u64 + begun > LINE_MAX {
            return Err(Failure::usage(format_args!(
                "line {number} of the script has more than {LINE_MAX} bytes, the most that is possible"
            )));
        }
        let line = String::from_utf8(bytes)
            .map_err(|_| Failure::usage(format_args!("line {number} of the script is not UTF-8")))?;
        let (number, line) = match open.take() {
            Some(mut begun) => {
                begun.text.push_str(&line);
                // Only a line that may end what is open is worth splitting the whole text again.
                if !line.contains(begun.end()) {
                    open = Some(begun);
                    continue;
                }
                (begun.number, begun.text)
            }
            None => (number, line),
        };
        let split = line::split(&line);
        if let Some(what) = split.open {
            open = Some(Open { number, text: line, what });
            continue;
        }
        for words in split.commands {
            count += 1;
            match commands::run(&mut session, &words) {
                Ok(Then::Continue) => {}
                Ok(Then::Leave) => return outcome(first, failed, count),
                Err(failure) if failure.is_closed() || !keep_going => {
                    return Err(failure.of(format_args!("line {number}")));
                }
                Err(failure) => {
                    failed += 1;
                    let failure = failure.of(format_args!("line {number}"));
                    session.output.failure(&failure);
                    first.get_or_insert(failure.exit());
                }
            }
        }
    }
    if let Some(Open { number, what, .. }) = open {
        return Err(Failure::usage(format_args!("line {number}: a `{what}` has no end, up to the end of the script"))
            .help("close it; a text with a quote is written in the other quotes"));
    }
    outcome(first, failed, count)
}

/// Lines that end within a bracket or a quote.
struct Open {
    /// The number of the first line.
    number: u64,
    text: String,
    /// The innermost bracket or quote that is open.
    what: char,
}

impl Open {
    const fn end(&self) -> char {
        match self.what {
            '{' => '}',
            '[' => ']',
            quote => quote,
        }
    }
}

fn outcome(first: Option<crate::failure::Exit>, failed: u64, count: u64) -> Done {
    first.map_or(Ok(()), |exit| Err(Failure::new(exit, format_args!("{failed} of {count} commands failed"))))
}
