//! Signals, such as Ctrl-C, and cancelled calls, while the interpreter is released.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyo3::exceptions::asyncio::CancelledError;
use pyo3::prelude::*;

/// How often a wait looks for signals.
pub const LOOK: Duration = Duration::from_millis(50);

thread_local! {
    /// What a signal handler raised during a wait of this thread.
    static RAISED: RefCell<Option<PyErr>> = const { RefCell::new(None) };

    /// Whether the present call of this thread was cancelled.
    static CANCELLED: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
}

/// Cancels the calls that a thread makes in a `with` block, from another thread.
#[pyclass(frozen, module = "oncilla_rpc._native")]
pub struct Cancel(Arc<AtomicBool>);

#[pymethods]
impl Cancel {
    #[new]
    fn new() -> Self {
        Self(Arc::default())
    }

    /// Ends the wait of the present call, and of later ones in the block, within 50 ms.
    fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn __enter__(&self) {
        CANCELLED.set(Some(Arc::clone(&self.0)));
    }

    #[pyo3(signature = (*_error))]
    fn __exit__(&self, _error: &Bound<'_, pyo3::types::PyTuple>) {
        CANCELLED.set(None);
    }
}

/// Runs the handlers of signals that have arrived. Fails if one raised an exception, or if the call was cancelled.
///
/// Only the main thread runs handlers.
pub fn check(py: Python<'_>) -> PyResult<()> {
    py.check_signals()?;
    let is_cancelled = CANCELLED
        .with_borrow(|cancelled| cancelled.as_ref().is_some_and(|cancelled| cancelled.load(Ordering::Acquire)));
    if is_cancelled { Err(CancelledError::new_err("the call was cancelled")) } else { Ok(()) }
}

/// Returns whether a wait should end. [`take`] then returns why.
pub fn look() -> bool {
    // Python may be ending.
    let looked = Python::try_attach(|py| match check(py) {
        Ok(()) => false,
        Err(error) => {
            RAISED.set(Some(error));
            true
        }
    });
    looked.unwrap_or(false)
}

/// Returns whether something was raised during a wait of this thread, which [`take`] returns.
pub fn is_raised() -> bool {
    RAISED.with_borrow(Option::is_some)
}

/// Returns what was raised during a wait of this thread.
pub fn take() -> Option<PyErr> {
    RAISED.take()
}

/// Runs work on a thread of its own, and waits for it without the interpreter.
///
/// `check` is called every 50 ms. When it fails, the wait ends, and the work goes on without anybody who waits.
pub fn waiting<R: Send + 'static>(
    py: Python<'_>,
    check: impl Fn() -> PyResult<()>,
    work: impl FnOnce() -> R + Send + 'static,
) -> PyResult<R> {
    use std::sync::mpsc::{RecvTimeoutError, channel};

    let (sender, receiver) = channel();
    let run = move || {
        // Nobody waits after a failed check.
        let _ = sender.send(work());
    };
    std::thread::Builder::new().name("oncilla".to_owned()).spawn(run)?;
    // `detach` requires what threads may share.
    let receiver = Mutex::new(receiver);
    loop {
        let received = py.detach(|| receiver.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(LOOK));
        match received {
            Ok(done) => return Ok(done),
            Err(RecvTimeoutError::Timeout) => check()?,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(pyo3::exceptions::PyRuntimeError::new_err("the thread of the work has ended"));
            }
        }
    }
}
