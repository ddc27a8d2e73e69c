//! The interrupt controller, a GICv2. Interrupts enabled here end the processor's sleep.

use oncilla_bare::Block;

#[expect(unsafe_code, reason = "the address is from QEMU's source")]
// SAFETY: the registers of the controller for the sources.
const DISTRIBUTOR: Block = unsafe { Block::at(0x0800_0000) };
#[expect(unsafe_code, reason = "the address is from QEMU's source")]
// SAFETY: the registers of the controller for the processor.
const PROCESSOR: Block = unsafe { Block::at(0x0801_0000) };

/// The control register, in both blocks.
const CONTROL: usize = 0;
const ENABLE: usize = 0x100;
const TARGETS: usize = 0x800;
const LOWEST_PRIORITY: usize = 4;

/// The number of the UART's interrupt.
pub const UART: usize = 33;
/// The number of the virtual timer's interrupt.
pub const TIMER: usize = 27;

/// Lets a source wake the processor. Its interrupt is never acknowledged: it lasts until its cause is removed.
pub fn enable(source: usize) {
    DISTRIBUTOR.write_byte(TARGETS.wrapping_add(source), 1);
    DISTRIBUTOR.write(ENABLE.wrapping_add(source / 32 * 4), 1 << (source % 32));
    DISTRIBUTOR.write(CONTROL, 1);
    PROCESSOR.write(LOWEST_PRIORITY, 0xFF);
    PROCESSOR.write(CONTROL, 1);
}
