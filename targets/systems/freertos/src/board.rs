//! QEMU's `lm3s6965evb`: three UARTs, and reports of kernel errors.

use cortex_m::asm;
use cortex_m::interrupt;
use cortex_m::peripheral::NVIC;
use lm3s6965::Interrupt;
use oncilla_bare::{Block, Pl011, Print};

use crate::Registers;

#[expect(unsafe_code, reason = "the addresses are from the chip's manual")]
// SAFETY: the registers of the UARTs.
const UARTS: [Pl011; 3] = unsafe {
    [Pl011::new(Block::at(0x4000_C000)), Pl011::new(Block::at(0x4000_D000)), Pl011::new(Block::at(0x4000_E000))]
};

/// UART 0, for its interrupt handler.
pub const UART0: Pl011 = UARTS[0];
/// UART 1, for its interrupt handler.
pub const UART1: Pl011 = UARTS[1];
/// UART 2, for its interrupt handler.
pub const UART2: Pl011 = UARTS[2];

impl Registers for Pl011 {
    fn received(&mut self) -> Option<u8> {
        self.has_received().then(|| Pl011::received(*self))
    }

    fn has_room(&mut self) -> bool {
        Pl011::has_room(*self)
    }

    fn send(&mut self, byte: u8) {
        Pl011::send(*self, byte);
    }

    fn interrupts(&mut self, receive: bool, send: bool) {
        Pl011::interrupts(*self, receive, send);
    }
}

/// Starts the UARTs and enables their interrupts, with a priority whose handlers may call the kernel.
///
/// Open the ports before.
pub fn start(nvic: &mut NVIC) {
    /// Numerically above `configMAX_SYSCALL_INTERRUPT_PRIORITY`.
    const PRIORITY: u8 = 0x80;

    for (uart, interrupt) in UARTS.into_iter().zip([Interrupt::UART0, Interrupt::UART1, Interrupt::UART2]) {
        uart.start();
        #[expect(unsafe_code, reason = "priorities and masks can break critical sections")]
        // SAFETY: the kernel masks this priority in its critical sections, and nothing relies on the mask changed here.
        unsafe {
            nvic.set_priority(interrupt, PRIORITY);
            NVIC::unmask(interrupt);
        }
    }
}

/// Reports wrong use of the kernel and stops. `line` is the failed assertion's line in `c/kernel.c` or the kernel.
#[expect(unsafe_code, reason = "named by c/FreeRTOSConfig.h")]
// SAFETY: no other function has this name.
#[unsafe(no_mangle)]
extern "C" fn kernel_assertion_failed(line: u32) -> ! {
    { UART0 }.figure("wrong use of the kernel: failed assertion in line", line);
    stop()
}

/// Bytes of a task's name with its zero, as in c/FreeRTOSConfig.h.
const NAME: usize = 12;

/// Reports a task that has overflowed its stack, and stops.
#[expect(unsafe_code, reason = "named by c/kernel.c")]
// SAFETY: no other function has this name.
#[unsafe(no_mangle)]
extern "C" fn stack_overflowed(name: &[u8; NAME]) -> ! {
    { UART0 }.text("stack overflow; enlarge the stack of task ");
    // The stack may have overwritten the name, so it may have no zero.
    for &byte in name.iter().take_while(|&&byte| byte != 0) {
        { UART0 }.byte(byte);
    }
    stop()
}

fn stop() -> ! {
    interrupt::disable();
    loop {
        asm::wfi();
    }
}
