//! State that tasks share.

use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

use crate::kernel::{Handle, Lent, Object, kernel_mutex, kernel_mutex_give, kernel_mutex_take};
use crate::sizes::QUEUE_WORDS;

/// A value that one task at a time may look at, in a `static`.
///
/// A server whose state other tasks share locks it while it answers a call, and not while bytes come and go:
/// `link.serve_next_locking(&mut replies, &TABLE, || STATE.lock(), Time::NEVER)`.
///
/// A task that waits for it sleeps in the kernel, and raises the one that has it to its own priority meanwhile, so that a
/// task of a priority between cannot hold up both. For tasks, not for interrupt handlers; and a task that locks what it
/// has locked waits for ever.
pub struct Mutex<T> {
    control: Lent<[u32; QUEUE_WORDS]>,
    mutex: Object,
    value: UnsafeCell<T>,
}

#[expect(unsafe_code, reason = "a cell is not shared unless its author says that it may be")]
// SAFETY: who has the guard is alone with the value. It is looked at by one task after another, which `T` allows.
unsafe impl<T: Send> Sync for Mutex<T> {}

impl<T> Mutex<T> {
    /// The value, not locked.
    pub const fn new(value: T) -> Self {
        Self { control: Lent::new(), mutex: Object::new(), value: UnsafeCell::new(value) }
    }

    /// Waits until no other task has the value, however long that takes.
    pub fn lock(&'static self) -> Guard<T> {
        loop {
            let mutex = self.mutex.get_or(|| {
                #[expect(unsafe_code, reason = "a function of the kernel that takes memory")]
                // SAFETY: static, of the size the kernel needs, and lent once.
                unsafe {
                    kernel_mutex(self.control.place())
                }
            });
            if let Some(mutex) = mutex.filter(|&mutex| take(mutex)) {
                return Guard { mutex, value: &self.value, task: PhantomData };
            }
        }
    }
}

fn take(mutex: Handle) -> bool {
    #[expect(unsafe_code, reason = "a function of the kernel")]
    // SAFETY: a mutex that was made.
    let taken = unsafe { kernel_mutex_take(mutex.as_ptr(), u32::MAX) };
    taken != 0
}

/// The value of a [`Mutex`] while this task has it; it goes back when this goes.
pub struct Guard<T: 'static> {
    mutex: Handle,
    value: &'static UnsafeCell<T>,
    /// Stays with the task that has locked, which is the one that may unlock.
    task: PhantomData<*mut ()>,
}

impl<T> Deref for Guard<T> {
    type Target = T;

    fn deref(&self) -> &T {
        #[expect(unsafe_code, reason = "the lock is the kernel's, of which the compiler knows nothing")]
        // SAFETY: no other task has the lock, and this one has it once.
        unsafe {
            &*self.value.get()
        }
    }
}

impl<T> DerefMut for Guard<T> {
    fn deref_mut(&mut self) -> &mut T {
        #[expect(unsafe_code, reason = "the lock is the kernel's, of which the compiler knows nothing")]
        // SAFETY: no other task has the lock, and this one has it once.
        unsafe {
            &mut *self.value.get()
        }
    }
}

impl<T> Drop for Guard<T> {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "a function of the kernel")]
        // SAFETY: a mutex that was made, and this task has taken: guards are not sent to others.
        unsafe {
            kernel_mutex_give(self.mutex.as_ptr());
        }
    }
}
