//! Tasks in static memory.

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_void};
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

use crate::kernel::{Lent, Object, kernel_stack_left, kernel_start, kernel_task};
use crate::sizes::TASK_WORDS;

/// A task: its control block, its stack of `STACK` bytes, and what it is given at its start, all of it in a `static`.
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
/// How large the stack must be, [`stack_left`](Self::stack_left) tells after the task has done all that it does.
/// Interrupt handlers do not use it, but 64 bytes of it keep the registers while another task runs.
pub struct Task<T, const STACK: usize> {
    control: Lent<[u32; TASK_WORDS]>,
    stack: Lent<[u8; STACK]>,
    /// What to do, from [`start`](Self::start) until the task takes it.
    job: UnsafeCell<Option<Job<T>>>,
    started: AtomicBool,
    task: Object,
}

struct Job<T> {
    run: fn(T) -> !,
    argument: T,
}

/// The task had been started before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlreadyStarted;

#[expect(unsafe_code, reason = "a cell is not shared unless its author says that it may be")]
// SAFETY: the job is written by the one `start` that finds the task not started, before there is a task, and read by the
// task alone. It moves from one task to another, which `T` allows.
unsafe impl<T: Send, const STACK: usize> Sync for Task<T, STACK> {}

impl<T: Send, const STACK: usize> Task<T, STACK> {
    /// Words, and at least what the kernel puts there itself.
    const STACK_IS_WORDS: () = assert!(STACK.is_multiple_of(8) && STACK >= 256, "a stack is of 8 · n bytes, from 256");

    /// Memory for a task.
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

    /// Starts the task with an argument of its own, before [`start_scheduler`] or after. Of those that are ready, the task
    /// of the highest priority runs; the idle task has 0. The name is for debuggers.
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
        // SAFETY: nobody else is here, as `started` says, and the task does not exist yet.
        unsafe {
            *self.job.get() = Some(Job { run, argument });
        }
        #[expect(clippy::cast_possible_truncation, reason = "a stack is smaller than the address space of 32 bits")]
        let words = (STACK / 4) as u32;
        self.task.get_or(|| {
            #[expect(unsafe_code, reason = "a function of the kernel that takes memory")]
            // SAFETY: control block and stack are static, of the size told, and lent once. `enter` takes this task back
            // from the address it is given.
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

    /// Where the task begins.
    extern "C" fn enter(task: *mut c_void) -> ! {
        #[expect(unsafe_code, reason = "C hands over an address")]
        // SAFETY: the address `start` gave, of a static. Only this task, which begins once, looks at its job.
        let job = unsafe { (*(*task.cast::<Self>()).job.get()).take() };
        match job {
            Some(Job { run, argument }) => run(argument),
            // `start` has put it there.
            None => loop {
                crate::delay(core::time::Duration::MAX);
            },
        }
    }

    /// Bytes of the stack that were never used, or the whole stack of a task that was not started.
    #[must_use]
    pub fn stack_left(&self) -> usize {
        self.task.get().map_or(STACK, |task| {
            #[expect(unsafe_code, reason = "a function of the kernel")]
            // SAFETY: a task that was started, and none ever ends.
            let words = unsafe { kernel_stack_left(task.as_ptr()) };
            (words as usize).wrapping_mul(4)
        })
    }
}

/// Gives the processor to the tasks, for ever. The stack of `main` is the interrupt handlers' from now on, so that nothing
/// that tasks use may lie there; Rust sees to it, as `main` never returns and [`Task::start`] takes what it is given.
pub fn start_scheduler() -> ! {
    kernel_start();
    // It returns only when there is no memory for the idle task, which the kernel has itself here.
    loop {
        cortex_m::asm::wfi();
    }
}
