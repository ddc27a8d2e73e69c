//! Ctrl-C: endless commands stop in order, and print their summary.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use std::{io, process};

use crate::failure::{Done, Failure};

/// The exit code after Ctrl-C, by the convention of shells.
const INTERRUPTED: i32 = 130;

/// Whether the user has pressed Ctrl-C, or the process was asked to end. Clones share it.
#[derive(Clone, Default)]
pub struct Interrupt {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Read without the lock, since it is checked before every call.
    is_set: AtomicBool,
    lock: Mutex<()>,
    changed: Condvar,
    /// Restores what a command has changed, before the process ends at once.
    restore: Mutex<Option<Box<dyn Fn() + Send>>>,
}

impl Shared {
    /// Restores the terminal, if a command has it.
    fn restore(&self) {
        let restore = self.restore.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(restore) = &*restore {
            restore();
        }
    }
}

impl Interrupt {
    /// Starts to handle Ctrl-C. A second Ctrl-C ends the process at once.
    pub fn handle() -> Done<Self> {
        let interrupt = Self::default();
        let ours = interrupt.clone();
        let handler = move || {
            if ours.is_set() {
                ours.shared.restore();
                process::exit(INTERRUPTED);
            }
            ours.set();
        };
        ctrlc::set_handler(handler)
            .map_err(|error| Failure::usage(format_args!("cannot handle Ctrl-C on this system: {error}")))?;
        Ok(interrupt)
    }

    /// Sets what restores the terminal when a second Ctrl-C or a signal ends the process at once.
    ///
    /// A command calls it once, before it changes the terminal.
    pub fn restore_by(&self, restore: impl Fn() + Send + 'static) -> io::Result<()> {
        *self.shared.restore.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(restore));
        #[cfg(unix)]
        restore_at_other_signals(Arc::clone(&self.shared))?;
        Ok(())
    }

    /// Forgets what restores the terminal, after it was restored.
    pub fn restored(&self) {
        *self.shared.restore.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Clears the state after Ctrl-C, for a command that continues.
    pub fn clear(&self) {
        self.shared.is_set.store(false, Ordering::Release);
    }

    /// Ends the command, as Ctrl-C does.
    pub fn set(&self) {
        let _guard = self.shared.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.shared.is_set.store(true, Ordering::Release);
        self.shared.changed.notify_all();
    }

    /// Returns whether the command should end.
    pub fn is_set(&self) -> bool {
        self.shared.is_set.load(Ordering::Acquire)
    }

    /// Waits this long, or until the command should end. Returns whether it should.
    pub fn wait(&self, time: Duration) -> bool {
        let guard = self.shared.lock.lock().unwrap_or_else(PoisonError::into_inner);
        // It fails if a thread has panicked with the lock, which changes nothing.
        let _ = self.shared.changed.wait_timeout_while(guard, time, |()| !self.is_set());
        self.is_set()
    }
}

/// Restores the terminal at signals that end a process by default, besides those that mean Ctrl-C.
#[cfg(unix)]
fn restore_at_other_signals(shared: Arc<Shared>) -> io::Result<()> {
    use signal_hook::consts::{SIGQUIT, SIGUSR1, SIGUSR2};

    let mut signals = signal_hook::iterator::Signals::new([SIGQUIT, SIGUSR1, SIGUSR2])?;
    let wait = move || {
        for signal in signals.forever() {
            shared.restore();
            // It ends the process. If it fails, there is nothing else to try.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(wait)?;
    Ok(())
}
