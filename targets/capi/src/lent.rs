//! The memory lent to an object, for comparison with the memory lent to its functions.
//!
//! Every function keeps one rule: memory that is written, now or later, shares no byte with other memory lent to the
//! function or its object. Nothing is written before that is checked. In a library without checks, nothing of this is kept
//! or done.

use core::ffi::c_void;

#[cfg(feature = "checks")]
use crate::Level;
use crate::checked::{CHECKS, Memory, Overlap, apart, place_at};
use crate::replay::{Kept, memory_of};
use crate::table::checked_table;
use crate::{Buffers, Replay, Status, Table};

/// What an object serves: a table, with the context of its procedures, and a replay cache or NULL.
#[derive(Clone, Copy)]
pub(crate) struct Served {
    pub table: &'static Table,
    pub context: *mut c_void,
    pub replay: Kept,
}

impl Served {
    /// Returns ONCILLA_INVALID for a replay cache for one peer where there are `many`.
    ///
    /// # Safety
    /// Each pointer is NULL or valid for its purpose.
    pub unsafe fn new(
        table: *const Table,
        context: *mut c_void,
        replay: *mut Replay,
        many: bool,
    ) -> Result<Self, Status> {
        // SAFETY: this function's condition.
        unsafe {
            let table = checked_table(table)?;
            let kept = Kept::new(replay, many)?;
            table.is_apart_from(place_at(replay))?;
            table.is_apart_from(memory_of(replay))?;
            Ok(Self { table, context, replay: kept })
        }
    }

    /// Checks that no part shares a byte with `memory`.
    ///
    /// # Safety
    /// The table and the replay cache are in their place.
    unsafe fn is_apart_from(&self, memory: Memory) -> Result<(), Overlap> {
        // SAFETY: this function's condition.
        unsafe {
            self.replay.is_apart_from(memory)?;
            self.table.is_apart_from(memory)
        }
    }
}

/// Checks that the first `written` memories share no byte with each other or with any later memory.
///
/// No memory may share a byte with what is `served` either.
///
/// # Safety
/// The table and the replay cache are in their place.
#[cfg_attr(feature = "checks", inline(never))]
pub(crate) unsafe fn are_apart(
    mut memories: &[Memory],
    written: usize,
    served: Option<&Served>,
) -> Result<(), Overlap> {
    if !CHECKS {
        return Ok(());
    }
    let mut index = 0usize;
    while let Some((&memory, others)) = memories.split_first() {
        if let Some(served) = served {
            // SAFETY: this function's condition.
            unsafe { served.is_apart_from(memory) }?;
        }
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
pub(crate) struct Lent {
    #[cfg(feature = "checks")]
    all: All,
}

#[cfg(feature = "checks")]
#[derive(Clone, Copy)]
struct All {
    owner: Memory,
    buffers: Buffers,
    served: Option<Served>,
    /// The levels of a nested endpoint, as kept by it.
    levels: *const Level,
    count: usize,
}

impl Lent {
    #[cfg_attr(not(feature = "checks"), expect(clippy::missing_const_for_fn, unused_variables))]
    pub fn new(owner: Memory, buffers: &Buffers, served: Option<&Served>) -> Self {
        Self {
            #[cfg(feature = "checks")]
            all: All { owner, buffers: *buffers, served: served.copied(), levels: core::ptr::null(), count: 0 },
        }
    }

    /// Adds the levels of a nested endpoint, which stay in their place.
    #[cfg(feature = "checks")]
    pub const fn with_levels(mut self, levels: *const Level, count: usize) -> Self {
        (self.all.levels, self.all.count) = (levels, count);
        self
    }

    /// Checks that neither the lent memory nor its owner shares a byte with `memory`.
    ///
    /// # Safety
    /// What is served, and the levels, are in their place.
    #[cfg(feature = "checks")]
    #[inline(never)]
    pub unsafe fn is_apart_from(&self, memory: Memory) -> Result<(), Overlap> {
        let All { owner, buffers: Buffers { rx, rx_size, tx, tx_size }, served, levels, count } = self.all;
        apart(owner, memory)?;
        apart((rx, rx_size), memory)?;
        apart((tx, tx_size), memory)?;
        // SAFETY: this function's condition.
        unsafe {
            for index in 0..count {
                (*levels.wrapping_add(index)).memories().into_iter().try_for_each(|buffer| apart(buffer, memory))?;
            }
            served.map_or(Ok(()), |served| served.is_apart_from(memory))
        }
    }

    /// Checks nothing.
    #[cfg(not(feature = "checks"))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps)]
    pub const unsafe fn is_apart_from(&self, _: Memory) -> Result<(), Overlap> {
        Ok(())
    }
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
