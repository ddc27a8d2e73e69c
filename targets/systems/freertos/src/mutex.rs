//! State that tasks share.

use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

use crate::kernel::{Handle, Lent, Object, kernel_mutex, kernel_mutex_give, kernel_mutex_take};
use crate::sizes::QUEUE_WORDS;

/// A value in a `static` that one task at a time may use.
///
/// A server locks the state that it shares with other tasks while it answers a call, but not while bytes arrive or
/// leave: `link.serve_next_locking(&mut replies, &TABLE, || STATE.lock(), Time::NEVER)`.
///
/// A task that waits for the mutex sleeps in the kernel. Meanwhile the task that holds it has at least the priority
/// of the waiting one, so that a task of a priority in between cannot delay both. It is for tasks, not for interrupt
/// handlers. A task that locks a mutex it already holds waits for ever.
pub struct Mutex<T> {
    control: Lent<[u32; QUEUE_WORDS]>,
    mutex: Object,
    value: UnsafeCell<T>,
}

#[expect(unsafe_code, reason = "a cell is shared only if its author states that it may be")]
// SAFETY: only the holder of the guard uses the value. Tasks use it one after another, which `T: Send` allows.
unsafe impl<T: Send> Sync for Mutex<T> {}

impl<T> Mutex<T> {
    /// Creates an unlocked value.
    pub const fn new(value: T) -> Self {
        Self { control: Lent::new(), mutex: Object::new(), value: UnsafeCell::new(value) }
    }

    /// Waits until no other task holds the value, without a time limit.
    pub fn lock(&'static self) -> Guard<T> {
        loop {
            let mutex = self.mutex.get_or(|| {
                #[expect(unsafe_code, reason = "a function of the kernel that takes memory")]
                // SAFETY: the memory is static, has the size that the kernel needs, and is lent once.
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
    // SAFETY: the mutex was created.
    let taken = unsafe { kernel_mutex_take(mutex.as_ptr(), u32::MAX) };
    taken != 0
}

/// Access to the value of a [`Mutex`]. Dropping it unlocks the mutex.
pub struct Guard<T: 'static> {
    mutex: Handle,
    value: &'static UnsafeCell<T>,
    /// Keeps the guard in the task that locked the mutex, which alone may unlock it.
    task: PhantomData<*mut ()>,
}

impl<T> Deref for Guard<T> {
    type Target = T;

    fn deref(&self) -> &T {
        #[expect(unsafe_code, reason = "the compiler does not know the kernel's lock")]
        // SAFETY: no other task holds the lock, and this task holds it once.
        unsafe {
            &*self.value.get()
        }
    }
}

impl<T> DerefMut for Guard<T> {
    fn deref_mut(&mut self) -> &mut T {
        #[expect(unsafe_code, reason = "the compiler does not know the kernel's lock")]
        // SAFETY: no other task holds the lock, and this task holds it once.
        unsafe {
            &mut *self.value.get()
        }
    }
}

impl<T> Drop for Guard<T> {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "a function of the kernel")]
        // SAFETY: the mutex was created, and this task holds it, because guards are not sent to other tasks.
        unsafe {
            kernel_mutex_give(self.mutex.as_ptr());
        }
    }
}
