//! The slots of calls in flight, in lent memory.

use core::slice;

use oncilla::__private::{CallsInLent, LentSlot};
use oncilla::LinkCaller;

use crate::checked::{Memory, check_many, cleared, place_at, reference};
use crate::lent::{Ends, are_apart};
use crate::{Buffers, Io, ONCILLA_TOO_SMALL, Status};

/// Bytes that a call in flight takes in addition to its results.
#[cfg(target_pointer_width = "64")]
pub const ONCILLA_CALLS_HEAD: usize = 120;
/// Bytes that a call in flight takes in addition to its results.
#[cfg(target_pointer_width = "32")]
pub const ONCILLA_CALLS_HEAD: usize = 88;
/// Bytes that a call in flight takes in addition to its results.
#[cfg(target_pointer_width = "16")]
pub const ONCILLA_CALLS_HEAD: usize = 80;

/// The memory of the slots of an `oncilla_calls`, which determines how many calls can be in flight.
///
/// The object copies this structure; the memory is lent as long as the object is used. ONCILLA_CALLS_BYTES computes its
/// size. There are at most 65535 slots, however large it is.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Slots {
    /// The memory, which needs no alignment.
    pub memory: *mut u8,
    /// Bytes of the memory.
    pub size: usize,
    /// Bytes of the largest results of a call.
    ///
    /// On a carrier that can lose messages and on a link with keys, they are also the bytes of the largest arguments.
    pub bytes: usize,
}

impl Slots {
    pub(crate) const fn memory(&self) -> Memory {
        (self.memory.cast_const(), self.size)
    }

    /// Checks that the memory is there, and shares no byte with the owner of the slots or with other memory lent to it.
    ///
    /// # Safety
    /// Each pointer is NULL or valid for its purpose.
    pub(crate) unsafe fn are_apart<O>(
        &self,
        at: *const Self,
        owner: *const O,
        io: *const Io,
        buffers: *const Buffers,
        ends: Ends,
    ) -> Result<(), Status> {
        // SAFETY: this function's condition.
        unsafe {
            check_many(self.memory.cast_const(), self.size)?;
            let Buffers { rx, rx_size, tx, tx_size } = *reference(buffers)?;
            let written = [self.memory(), place_at(owner), (rx.cast_const(), rx_size), (tx.cast_const(), tx_size)];
            let [memory, owner, rx, tx] = written;
            are_apart(&[memory, owner, rx, tx, place_at(at), place_at(io), place_at(buffers)], written.len(), None)?;
            ends.are_apart_from(memory)?;
        }
        Ok(())
    }

    /// Makes as many free slots as there is memory for, which was checked by `are_apart`.
    ///
    /// # Safety
    /// If `memory` is not NULL, it points to `size` bytes that nothing else uses as long as the slots are used.
    pub(crate) unsafe fn divide<C: LinkCaller>(&self) -> Result<&'static mut [LentSlot<'static, C>], Status> {
        const { assert!(size_of::<LentSlot<'static, C>>() <= ONCILLA_CALLS_HEAD, "a slot needs more bytes") };
        let Self { memory, size, bytes } = *self;
        // The slots are aligned, and the bytes of all are behind them.
        let unused = memory.align_offset(align_of::<LentSlot<'static, C>>());
        let count = size_of::<LentSlot<'static, C>>()
            .checked_add(bytes)
            .and_then(|each| size.checked_sub(unused)?.checked_div(each))
            .map_or(0, |count| count.min(CallsInLent::<C>::SLOTS_MAX));
        if count == 0 {
            return Err(ONCILLA_TOO_SMALL);
        }
        // SAFETY: slots and bytes are within the memory, as computed above, and do not overlap.
        unsafe {
            let slots = memory.add(unused).cast::<LentSlot<'static, C>>();
            let mut rest = slots.add(count).cast::<u8>();
            for index in 0..count {
                slots.add(index).write(LentSlot::<'static, C>::new(cleared(rest, bytes)?));
                rest = rest.add(bytes);
            }
            Ok(slice::from_raw_parts_mut(slots, count))
        }
    }
}
