//! The report of a panic.

use core::panic::PanicInfo;

use oncilla_bare::Print;

/// Writes the source file of a panic to `log`. The panic handler of the firmware then restarts the board.
///
/// Firmware without smoltcp is linked with `panic-never` and has no handler. smoltcp has branches that panic, which
/// its authors consider unreachable. The tests check the file names that are linked in for this: none is of Oncilla.
pub fn panicked(info: &PanicInfo<'_>, mut log: impl Print) {
    log.text("panic in ");
    log.text(info.location().map_or("an unknown file", |place| place.file()));
    log.text("\n");
}
