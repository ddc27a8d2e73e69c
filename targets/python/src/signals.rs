//! Signals, such as Ctrl-C, while the interpreter is released.

use std::cell::RefCell;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;

/// How often a wait looks for signals.
pub const LOOK: Duration = Duration::from_millis(50);

thread_local! {
    /// What a signal handler raised during a wait of this thread.
    static RAISED: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Runs the handlers of signals that have arrived. Returns whether one raised an exception.
///
/// Only the main thread runs handlers.
pub fn look() -> bool {
    Python::attach(|py| match py.check_signals() {
        Ok(()) => false,
        Err(error) => {
            RAISED.set(Some(error));
            true
        }
    })
}

/// Returns what was raised during a wait of this thread.
pub fn take() -> Option<PyErr> {
    RAISED.take()
}

/// Runs work on a thread of its own, and waits for it without the interpreter.
///
/// When a signal ends the wait, the work goes on without anybody who waits.
pub fn waiting<R: Send + 'static>(py: Python<'_>, work: impl FnOnce() -> R + Send + 'static) -> PyResult<R> {
    use std::sync::mpsc::{RecvTimeoutError, channel};

    let (sender, receiver) = channel();
    let run = move || {
        // Nobody waits after a signal.
        let _ = sender.send(work());
    };
    std::thread::Builder::new().name("oncilla".to_owned()).spawn(run)?;
    // `detach` requires what threads may share.
    let receiver = Mutex::new(receiver);
    loop {
        let received = py.detach(|| receiver.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(LOOK));
        match received {
            Ok(done) => return Ok(done),
            Err(RecvTimeoutError::Timeout) => py.check_signals()?,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(pyo3::exceptions::PyRuntimeError::new_err("the thread that connects has ended"));
            }
        }
    }
}
