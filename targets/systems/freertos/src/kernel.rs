//! The kernel's functions, as declared in `c/kernel.c`, and memory for its objects.
//!
//! The functions are `safe`, because FreeRTOS checks what Rust cannot. If an interrupt handler calls a function for
//! tasks, or a task one for interrupt handlers, the call ends in `kernel_assertion_failed` and not in undefined
//! behaviour. Functions that take memory remain `unsafe`.

use core::cell::UnsafeCell;
use core::ffi::{c_char, c_void};
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicPtr, Ordering::Relaxed};

/// An object of the kernel.
pub type Handle = NonNull<c_void>;

#[expect(unsafe_code, reason = "the kernel is written in C")]
// SAFETY: the declarations match the definitions in c/kernel.c, whose types do not depend on the configuration.
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

/// Static memory that only the kernel reads and writes: control blocks, stacks, the values of queues.
#[repr(C, align(8))]
pub struct Lent<T>(UnsafeCell<MaybeUninit<T>>);

#[expect(unsafe_code, reason = "a cell is shared only if its author states that it may be")]
// SAFETY: only its address is taken; only the kernel uses the memory.
unsafe impl<T: Send> Sync for Lent<T> {}

impl<T> Lent<T> {
    pub const fn new() -> Self {
        Self(UnsafeCell::new(MaybeUninit::uninit()))
    }

    /// Returns its address, for the kernel.
    pub const fn place<P>(&'static self) -> *mut P {
        self.0.get().cast()
    }
}

/// An object of the kernel that is created at its first use.
///
/// It is not created earlier because a `static` cannot call the kernel.
pub struct Object(AtomicPtr<c_void>);

impl Object {
    pub const fn new() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    /// Returns the object if it was created.
    pub fn get(&self) -> Option<Handle> {
        NonNull::new(self.0.load(Relaxed))
    }

    /// Returns the object, and creates it with `make` if necessary.
    ///
    /// Returns `None` only if the kernel refuses, which it does not for lent memory.
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

/// Runs `work` while no other task, and no interrupt handler that calls the kernel, can run. For tasks.
///
/// Before the scheduler runs, FreeRTOS leaves interrupts masked afterwards until it runs.
pub fn critical<R>(work: impl FnOnce() -> R) -> R {
    kernel_enter_critical();
    let done = work();
    kernel_exit_critical();
    done
}
