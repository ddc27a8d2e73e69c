//! Locks. In unit tests they are those of `loom`, which tries the orders in which threads can run.

use std::sync::PoisonError;
use std::time::Duration;

#[cfg(test)]
pub(super) use loom::sync::{Condvar, Mutex, MutexGuard};
#[cfg(not(test))]
pub(super) use std::sync::{Condvar, Mutex, MutexGuard};

/// Locks a mutex. A thread that panics under these locks leaves nothing half done.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until `condition` is notified, for at most `left`.
pub(super) fn wait<'m, T>(condition: &Condvar, guard: MutexGuard<'m, T>, left: Duration) -> MutexGuard<'m, T> {
    condition.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner).0
}
