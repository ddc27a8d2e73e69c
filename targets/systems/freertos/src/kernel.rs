//! The kernel's functions, as `c/kernel.c` offers them, and the memory its objects take.
//!
//! The functions are `safe`, because FreeRTOS checks what Rust cannot: one for tasks that is called by an interrupt
//! handler, or the other way round, ends in `kernel_assertion_failed` and not in undefined behaviour. Those that take
//! memory remain `unsafe`.

use core::cell::UnsafeCell;
use core::ffi::{c_char, c_void};
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicPtr, Ordering::Relaxed};

/// One of the kernel's objects. FreeRTOS calls it a handle.
pub type Handle = NonNull<c_void>;

#[expect(unsafe_code, reason = "the kernel is written in C")]
// SAFETY: declared as they are defined in c/kernel.c, with types that are the same there whatever the configuration.
unsafe extern "C" {
    pub fn kernel_task(
        run: extern "C" fn(*mut c_void) -> !,
        name: *const c_char,
        argument: *mut c_void,
        priority: u32,
        stack: *mut u8,
        words: u32,
        control: *mut c_void,
    ) -> *mut c_void;
    pub safe fn kernel_start();
    pub safe fn kernel_delay(ticks: u32);
    pub safe fn kernel_ticks() -> u64;
    pub safe fn kernel_enter_critical();
    pub safe fn kernel_exit_critical();
    pub fn kernel_stack_left(task: *mut c_void) -> u32;

    pub fn kernel_stream_buffer(bytes: *mut u8, size: u32, control: *mut c_void) -> *mut c_void;
    pub fn kernel_stream_available(stream: *mut c_void) -> u32;
    pub fn kernel_stream_space(stream: *mut c_void) -> u32;
    pub fn kernel_stream_send(stream: *mut c_void, bytes: *const u8, size: u32, ticks: u32) -> u32;
    pub fn kernel_stream_receive(stream: *mut c_void, bytes: *mut u8, size: u32, ticks: u32) -> u32;
    pub fn kernel_stream_send_from_interrupt(stream: *mut c_void, bytes: *const u8, size: u32) -> u32;
    pub fn kernel_stream_receive_from_interrupt(stream: *mut c_void, bytes: *mut u8, size: u32) -> u32;

    pub fn kernel_queue(length: u32, size: u32, items: *mut u8, control: *mut c_void) -> *mut c_void;
    pub fn kernel_queue_send(queue: *mut c_void, item: *const c_void, ticks: u32) -> u32;
    pub fn kernel_queue_receive(queue: *mut c_void, item: *mut c_void, ticks: u32) -> u32;

    pub fn kernel_mutex(control: *mut c_void) -> *mut c_void;
    pub fn kernel_mutex_take(mutex: *mut c_void, ticks: u32) -> u32;
    pub fn kernel_mutex_give(mutex: *mut c_void);
}

/// Static memory that the kernel writes and Rust never looks at: control blocks, stacks, what is in a queue.
#[repr(C, align(8))]
pub struct Lent<T>(UnsafeCell<MaybeUninit<T>>);

#[expect(unsafe_code, reason = "cells are not shared unless their author says that they may be")]
// SAFETY: only its address is ever taken, and what is behind it is the kernel's.
unsafe impl<T: Send> Sync for Lent<T> {}

impl<T> Lent<T> {
    pub const fn new() -> Self {
        Self(UnsafeCell::new(MaybeUninit::uninit()))
    }

    /// Where it is, for the kernel.
    pub const fn place<P>(&'static self) -> *mut P {
        self.0.get().cast()
    }
}

/// An object of the kernel that is made when it is first needed: a `static` cannot run the function that makes it.
pub struct Object(AtomicPtr<c_void>);

impl Object {
    pub const fn new() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    /// The object, if it has been made.
    pub fn get(&self) -> Option<Handle> {
        NonNull::new(self.0.load(Relaxed))
    }

    /// The object, made now by `make` if it has not been. `None` only if the kernel refuses, which it does not with memory
    /// that is lent.
    pub fn get_or(&self, make: impl FnOnce() -> *mut c_void) -> Option<Handle> {
        self.get().or_else(|| {
            critical(|| {
                if self.get().is_none() {
                    self.0.store(make(), Relaxed);
                }
            });
            self.get()
        })
    }
}

/// Does something that no other task and no interrupt handler that calls the kernel comes between. For tasks.
///
/// Before the scheduler runs interrupts stay masked afterwards, until it does: so FreeRTOS has it.
pub fn critical<R>(work: impl FnOnce() -> R) -> R {
    kernel_enter_critical();
    let done = work();
    kernel_exit_critical();
    done
}
