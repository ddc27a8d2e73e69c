//! The memory lent to an object, for comparison with the memory lent to its functions.
//!
//! Every function keeps one rule: memory that is written, now or later, shares no byte with other memory lent to the
//! function or its object. Nothing is written before that is checked.

use core::ptr::null_mut;

use crate::checked::{Memory, Overlap, apart, place_at};
use crate::object::{Shared, look, share};
use crate::replay::{Remembering, memory_of};
use crate::{Buffers, Replay, Status, Table};

/// What an object serves: a table, or nothing.
pub(crate) trait Serves: Copy {
    /// Prevents changes while it exists.
    type InUse;

    /// Checks that it shares no byte with `memory`.
    ///
    /// # Safety
    /// The table and the replay cache are in their place.
    unsafe fn is_apart_from(&self, memory: Memory) -> Result<(), Overlap>;

    /// Marks it as in use until the returned value is dropped.
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

/// A table, and its replay cache or NULL.
#[derive(Clone, Copy)]
pub(crate) struct Served {
    pub table: *const Table,
    pub replay: *mut Replay,
}

impl Served {
    /// # Safety
    /// Each pointer is NULL or valid for its purpose.
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

    // Not inline: it is called for each of many memories.
    #[inline(never)]
    unsafe fn is_apart_from(&self, memory: Memory) -> Result<(), Overlap> {
        apart(place_at(self.table), memory)?;
        apart(place_at(self.replay), memory)?;
        // SAFETY: this function's condition. A table whose re-initialisation failed has no memory and serves nothing.
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

/// Checks that the first `written` memories share no byte with each other or with any later memory.
///
/// No memory may share a byte with what is `served` either.
///
/// # Safety
/// The table and the replay cache are in their place.
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

/// All memory that was lent to an object with a link.
#[derive(Clone, Copy)]
pub(crate) struct Lent<S> {
    pub buffers: Buffers,
    pub served: S,
}

/// The ends of the sessions of a link without keys: none.
#[cfg(not(feature = "keys"))]
#[derive(Clone, Copy)]
pub(crate) struct Ends;

#[cfg(not(feature = "keys"))]
impl Ends {
    pub const NONE: Self = Self;

    /// There is nothing to check.
    pub unsafe fn are_apart_from(&self, _: Memory) -> Result<(), Overlap> {
        Ok(())
    }
}

#[cfg(feature = "keys")]
pub(crate) use crate::keys::Ends;

impl<S: Serves> Lent<S> {
    /// Checks that neither the lent memory nor the object at `own` shares a byte with `memory`.
    ///
    /// # Safety
    /// The table and the replay cache are in their place.
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
