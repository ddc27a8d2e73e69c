//! Tasks in static memory.

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_void};
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

use crate::kernel::{Lent, Object, kernel_stack_left, kernel_start, kernel_task};
use crate::sizes::TASK_WORDS;

/// A task in a `static`: its control block, its stack of `STACK` bytes, and the argument that it starts with.
///
/// ```ignore
/// static BLINK: Task<Led, 512> = Task::new();
///
/// fn blink(mut led: Led) -> ! {
///     loop {
///         led.toggle();
///         delay(Duration::from_millis(500));
///     }
/// }
///
/// BLINK.start(c"blink", 1, led, blink)?;
/// ```
///
/// To find the size of the stack, read [`stack_left`](Self::stack_left) after the task has done all its work. Interrupt
/// handlers use another stack, but 64 bytes hold the registers while another task runs.
pub struct Task<T, const STACK: usize> {
    control: Lent<[u32; TASK_WORDS]>,
    stack: Lent<[u8; STACK]>,
    /// The function to run, from [`start`](Self::start) until the task takes it.
    job: UnsafeCell<Option<Job<T>>>,
    started: AtomicBool,
    task: Object,
}

struct Job<T> {
    run: fn(T) -> !,
    argument: T,
}

/// The task was started before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlreadyStarted;

#[expect(unsafe_code, reason = "a cell is shared only if its author states that it may be")]
// SAFETY: the only `start` that succeeds writes the job before the task exists, and only the task reads it. So the job
// moves from one task to another, which `T: Send` allows.
unsafe impl<T: Send, const STACK: usize> Sync for Task<T, STACK> {}

impl<T: Send, const STACK: usize> Task<T, STACK> {
    /// The stack consists of whole words, and holds at least what the kernel itself writes there.
    const STACK_IS_WORDS: () = assert!(STACK.is_multiple_of(8) && STACK >= 256, "a stack is of 8 · n bytes, from 256");

    /// Creates memory for a task.
    #[expect(clippy::new_without_default, reason = "a task is a static, which a default cannot make")]
    #[must_use]
    pub const fn new() -> Self {
        let () = Self::STACK_IS_WORDS;
        Self {
            control: Lent::new(),
            stack: Lent::new(),
            job: UnsafeCell::new(None),
            started: AtomicBool::new(false),
            task: Object::new(),
        }
    }

    /// Starts the task with an argument, before [`start_scheduler`] or after it.
    ///
    /// The ready task with the highest priority runs; the idle task has priority 0. The name is for debuggers.
    ///
    /// # Errors
    /// The task was started before.
    pub fn start(
        &'static self,
        name: &'static CStr,
        priority: u32,
        argument: T,
        run: fn(T) -> !,
    ) -> Result<(), AlreadyStarted> {
        if self.started.swap(true, Relaxed) {
            return Err(AlreadyStarted);
        }
        #[expect(unsafe_code, reason = "the memory of the task is handed over")]
        // SAFETY: `started` allows only one caller, and the task does not exist yet.
        unsafe {
            *self.job.get() = Some(Job { run, argument });
        }
        #[expect(clippy::cast_possible_truncation, reason = "a stack is smaller than the address space of 32 bits")]
        let words = (STACK / 4) as u32;
        self.task.get_or(|| {
            #[expect(unsafe_code, reason = "a function of the kernel that takes memory")]
            // SAFETY: control block and stack are static, have the sizes passed, and are lent once. `enter` converts
            // the address back to this task.
            unsafe {
                kernel_task(
                    Self::enter,
                    name.as_ptr(),
                    core::ptr::from_ref(self).cast_mut().cast(),
                    priority,
                    self.stack.place(),
                    words,
                    self.control.place(),
                )
            }
        });
        Ok(())
    }

    /// The start of the task.
    extern "C" fn enter(task: *mut c_void) -> ! {
        #[expect(unsafe_code, reason = "C passes an address")]
        // SAFETY: `start` passed the address of a static. Only this task, which begins once, uses its job.
        let job = unsafe { (*(*task.cast::<Self>()).job.get()).take() };
        match job {
            Some(Job { run, argument }) => run(argument),
            // Not reached: `start` has set the job.
            None => loop {
                crate::delay(core::time::Duration::MAX);
            },
        }
    }

    /// Returns the bytes of the stack that were never used.
    ///
    /// For a task that was not started, this is the whole stack.
    #[must_use]
    pub fn stack_left(&self) -> usize {
        self.task.get().map_or(STACK, |task| {
            #[expect(unsafe_code, reason = "a function of the kernel")]
            // SAFETY: the task was started, and tasks never end.
            let words = unsafe { kernel_stack_left(task.as_ptr()) };
            (words as usize).wrapping_mul(4)
        })
    }
}

/// Runs the tasks for ever.
///
/// From now on, interrupt handlers use the stack of `main`, so tasks must not use anything on it. Rust ensures that:
/// `main` never returns, and [`Task::start`] takes ownership of its argument.
pub fn start_scheduler() -> ! {
    kernel_start();
    // The kernel returns only without memory for the idle task, which it provides itself here.
    loop {
        cortex_m::asm::wfi();
    }
}
