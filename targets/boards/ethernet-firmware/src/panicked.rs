//! What a panic says.

use core::panic::PanicInfo;

use oncilla_bare::Print;

/// Says in whose source there was a panic: the work of a firmware's panic handler, before it starts the board anew.
///
/// Firmware without smoltcp is linked with `panic-never` and has no handler. smoltcp has branches that panic, which its
/// authors hold to be out of reach. The tests look at the names of files that are linked in for this: none is of Oncilla.
pub fn panicked(info: &PanicInfo<'_>, mut log: impl Print) {
    log.text("panic in ");
    log.text(info.location().map_or("an unknown file", |place| place.file()));
    log.text("\n");
}
