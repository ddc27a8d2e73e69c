//! Queues of values between any number of tasks.

use core::mem::MaybeUninit;
use core::time::Duration;

use crate::kernel::{Handle, Lent, Object, kernel_queue, kernel_queue_receive, kernel_queue_send};
use crate::sizes::QUEUE_WORDS;
use crate::time::ticks;

/// A FreeRTOS queue of `LENGTH` values, in a `static`.
///
/// Values are copied in and out. Values that are left are never dropped, so they must be `Copy`.
pub struct Queue<T, const LENGTH: usize> {
    control: Lent<[u32; QUEUE_WORDS]>,
    items: Lent<[T; LENGTH]>,
    queue: Object,
}

impl<T: Copy + Send, const LENGTH: usize> Queue<T, LENGTH> {
    #[expect(clippy::cast_possible_truncation, reason = "checked")]
    const SIZES: (u32, u32) = {
        assert!(LENGTH > 0 && LENGTH < 1 << 16, "a queue holds 1 to 65535 values");
        assert!(size_of::<T>() > 0 && size_of::<T>() < 1 << 16, "a value in a queue has 1 to 65535 bytes");
        (LENGTH as u32, size_of::<T>() as u32)
    };

    /// Creates an empty queue.
    #[expect(clippy::new_without_default, reason = "a queue is a static, which a default cannot make")]
    #[must_use]
    pub const fn new() -> Self {
        Self { control: Lent::new(), items: Lent::new(), queue: Object::new() }
    }

    /// Appends a value. Waits for room for this time at most, then returns `false`. For tasks.
    pub fn send(&'static self, item: T, within: Duration) -> bool {
        self.queue().is_some_and(|queue| {
            #[expect(unsafe_code, reason = "a function of the kernel that takes memory")]
            // SAFETY: the queue was created for such values. The kernel copies the value.
            let sent = unsafe { kernel_queue_send(queue.as_ptr(), (&raw const item).cast(), ticks(within)) };
            sent != 0
        })
    }

    /// Removes and returns the oldest value. Waits for one for this time at most, then returns `None`. For tasks.
    pub fn receive(&'static self, within: Duration) -> Option<T> {
        let queue = self.queue()?;
        let mut item = MaybeUninit::<T>::uninit();
        #[expect(unsafe_code, reason = "a function of the kernel that takes memory")]
        // SAFETY: the queue was created for such values, and there is room for one. It was written if the kernel
        // returns a number other than 0.
        unsafe {
            let received = kernel_queue_receive(queue.as_ptr(), item.as_mut_ptr().cast(), ticks(within));
            (received != 0).then(|| item.assume_init())
        }
    }

    fn queue(&'static self) -> Option<Handle> {
        let (length, size) = Self::SIZES;
        self.queue.get_or(|| {
            #[expect(unsafe_code, reason = "a function of the kernel that takes memory")]
            // SAFETY: both memories are static, have the sizes passed, and are lent once.
            unsafe {
                kernel_queue(length, size, self.items.place(), self.control.place())
            }
        })
    }
}
