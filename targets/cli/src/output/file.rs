//! Output files: an output must not destroy an input.

use std::fs;
use std::path::Path;

use same_file::Handle;

use crate::failure::{Done, Failure};

/// Refuses an output that is one of the inputs, also by a link or by another name. `-` is standard input.
///
/// Commands call this before they create the output. `option` names it.
pub fn check(option: &str, output: &Path, inputs: impl IntoIterator<Item = impl AsRef<Path>>) -> Done {
    // An output that does not exist yet is no input. Two uses of a terminal, or of /dev/null, are no conflict, and a FIFO
    // would wait to be opened.
    let is_file = |path: &Path| fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    if !is_file(output) {
        return Ok(());
    }
    // An input can be read, so a file that cannot be read is none.
    let Ok(ours) = Handle::from_path(output) else { return Ok(()) };
    let is_output = |input: &Path| {
        let other = match input == Path::new("-") {
            true => Handle::stdin(),
            false if is_file(input) => Handle::from_path(input),
            false => return false,
        };
        other.is_ok_and(|other| other == ours)
    };
    match inputs.into_iter().find(|input| is_output(input.as_ref())) {
        Some(input) => Err(Failure::usage(format_args!(
            "{option} {} is the same file as the input {}",
            output.display(),
            input.as_ref().display()
        ))
        .help("write to another file; nothing was written")),
        None => Ok(()),
    }
}
