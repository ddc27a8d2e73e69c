//! The terminal of a prompt: its state before, and keys that are left out.

use crate::failure::Done;
use crate::interrupt::Interrupt;

/// Restores the terminal when a signal ends the shell at the prompt.
///
/// The editor restores it only when a line ends.
#[cfg(unix)]
pub fn restore_at_end(interrupt: &Interrupt) -> Done {
    use std::io::{self, IsTerminal, Write};

    use nix::sys::termios::{SetArg, tcgetattr, tcsetattr};

    use crate::failure::Failure;

    let failed = |error| Failure::usage(format_args!("cannot restore the terminal at signals: {error}"));
    let before = tcgetattr(io::stdin()).map_err(|error| failed(error.into()))?;
    let restore = move || {
        // The terminal may be gone.
        let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, &before);
        let mut stdout = io::stdout();
        if stdout.is_terminal() {
            // Ends bracketed paste, and the line of the prompt.
            let _ = stdout.write_all(b"\x1b[?2004l\n").and_then(|()| stdout.flush());
        }
    };
    interrupt.restore_by(restore).map_err(failed)
}

/// Nothing needs to be restored: consoles of other systems belong to the process.
#[cfg(not(unix))]
pub fn restore_at_end(_: &Interrupt) -> Done {
    Ok(())
}

/// Discards what was typed or pasted and was not read.
pub fn discard() {
    #[cfg(unix)]
    {
        use nix::sys::termios::{FlushArg, tcflush};

        // The terminal may be gone, and reading then fails.
        let _ = tcflush(std::io::stdin(), FlushArg::TCIFLUSH);
    }
}
