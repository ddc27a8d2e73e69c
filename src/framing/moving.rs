//! Moves bytes within a buffer.

use core::cell::Cell;

/// Moves `length` bytes from index `from` down to index `to`. The two ranges may overlap.
///
/// Not inlined: it is rarely used, in several places.
#[inline(never)]
pub(crate) fn move_down(cells: &[Cell<u8>], from: usize, to: usize, length: usize) {
    #[cfg(test)]
    super::work::count(length);
    let part = |start: usize| cells.get(start..)?.get(..length);
    let (Some(sources), Some(targets)) = (part(from), part(to)) else { return };
    for (target, source) in targets.iter().zip(sources) {
        target.set(source.get());
    }
}
