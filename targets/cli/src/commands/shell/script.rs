//! A script: lines of commands without a prompt.

use std::io::BufRead;

use super::commands::{self, Then};
use super::line;
use super::session::Session;
use crate::failure::{Done, Failure};

/// The largest line, in bytes.
const LINE_MAX: u64 = 16 << 20;

/// Runs the commands of all lines. Stops at the first failure, unless `keep_going`.
pub fn run(mut session: Session<'_>, mut text: impl BufRead, keep_going: bool) -> Done {
    let (mut count, mut failed, mut first) = (0_u64, 0_u64, None);
    for number in 1_u64.. {
        let mut bytes = Vec::new();
        let unread = |error| Failure::usage(format_args!("line {number} of the script cannot be read: {error}"));
        let read = std::io::Read::take(&mut text, LINE_MAX + 1).read_until(b'\n', &mut bytes).map_err(unread)?;
        if read == 0 {
            break;
        }
        if read as u64 > LINE_MAX {
            return Err(Failure::usage(format_args!(
                "line {number} of the script has more than {LINE_MAX} bytes, the most that is possible"
            )));
        }
        let line = String::from_utf8(bytes)
            .map_err(|_| Failure::usage(format_args!("line {number} of the script is not UTF-8")))?;
        let split = line::split(&line);
        if let Some(open) = split.open {
            let what = format!("line {number}: a `{open}` has no end");
            return Err(Failure::usage(what).help("a command of a script is on one line"));
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
    outcome(first, failed, count)
}

fn outcome(first: Option<crate::failure::Exit>, failed: u64, count: u64) -> Done {
    first.map_or(Ok(()), |exit| Err(Failure::new(exit, format_args!("{failed} of {count} commands failed"))))
}
