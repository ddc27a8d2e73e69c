//! What an object was lent beside its own memory, to be compared with what is lent to a function of it.
//!
//! One rule for every function: what is written, now or later, has no byte in common with anything else that the function
//! or its object was lent. Nothing is written before that is known.

use core::ptr::null_mut;

use crate::checked::{Memory, Overlap, apart, place_at};
use crate::object::{Shared, look, share};
use crate::replay::{Remembering, memory_of};
use crate::{Buffers, Replay, Status, Table};

/// What an object serves, if it does.
pub(crate) trait Serves: Copy {
    /// Keeps it from changing.
    type InUse;

    /// Checks that it has no byte in common with `memory`.
    ///
    /// # Safety
    /// What it consists of is in its place.
    unsafe fn is_apart_from(&self, memory: Memory) -> Result<(), Overlap>;

    /// Marks it as being in use, until what is returned is dropped.
    ///
    /// # Safety
    /// As of [`is_apart_from`](Self::is_apart_from).
    unsafe fn take_in_use(&self) -> Result<Self::InUse, Status>;
}

/// A client serves nothing.
impl Serves for () {
    type InUse = ();

    unsafe fn is_apart_from(&self, _: Memory) -> Result<(), Overlap> {
        Ok(())
    }

    unsafe fn take_in_use(&self) -> Result<(), Status> {
        Ok(())
    }
}

/// A table, and what remembers its replies or NULL.
#[derive(Clone, Copy)]
pub(crate) struct Served {
    pub table: *const Table,
    pub replay: *mut Replay,
}

impl Served {
    /// # Safety
    /// The pointers point to what they are for, or are NULL.
    pub unsafe fn new(table: *const Table, replay: *mut Replay) -> Result<Self, Status> {
        // SAFETY: this function's condition.
        unsafe {
            look(table)?;
            Remembering::new(replay, false)?;
            let alone = Self { table, replay: null_mut() };
            alone.is_apart_from(place_at(replay))?;
            alone.is_apart_from(memory_of(replay))?;
        }
        Ok(Self { table, replay })
    }
}

impl Serves for Served {
    type InUse = Shared;

    // Not inline: it is asked about each of many memories.
    #[inline(never)]
    unsafe fn is_apart_from(&self, memory: Memory) -> Result<(), Overlap> {
        apart(place_at(self.table), memory)?;
        apart(place_at(self.replay), memory)?;
        // SAFETY: this function's condition. A table that was made anew and failed has nothing, and serves nothing.
        unsafe {
            apart(memory_of(self.replay), memory)?;
            look(self.table).map_or(Ok(()), |built| built.is_apart_from(memory))
        }
    }

    unsafe fn take_in_use(&self) -> Result<Shared, Status> {
        // SAFETY: this function's condition.
        unsafe { share(self.table) }
    }
}

/// Checks that the first `written` of these memories have no byte in common with each other or with those behind them, and
/// none of all with what is `served`.
///
/// # Safety
/// What is served is in its place.
#[inline(never)]
pub(crate) unsafe fn are_apart<S: Serves>(mut memories: &[Memory], written: usize, served: &S) -> Result<(), Overlap> {
    let mut index = 0usize;
    while let Some((&memory, others)) = memories.split_first() {
        // SAFETY: this function's condition.
        unsafe { served.is_apart_from(memory) }?;
        if index < written {
            for &other in others {
                apart(memory, other)?;
            }
        }
        index = index.wrapping_add(1);
        memories = others;
    }
    Ok(())
}

/// All that an object with a link was lent.
#[derive(Clone, Copy)]
pub(crate) struct Lent<S> {
    pub buffers: Buffers,
    pub served: S,
}

impl<S: Serves> Lent<S> {
    /// Checks that neither it nor the object at `own` has a byte in common with `memory`.
    ///
    /// # Safety
    /// What it consists of is in its place.
    #[inline(never)]
    pub unsafe fn is_apart_from(&self, own: Memory, memory: Memory) -> Result<(), Overlap> {
        let Buffers { rx, rx_size, tx, tx_size } = self.buffers;
        apart(own, memory)?;
        apart((rx, rx_size), memory)?;
        apart((tx, tx_size), memory)?;
        // SAFETY: this function's condition.
        unsafe { self.served.is_apart_from(memory) }
    }
}
