//! The handler of processor faults.

use oncilla_bare::semihosting::fault;
use riscv::register::{mcause, mepc, mtval};
use riscv_rt::TrapFrame;

#[expect(unsafe_code, reason = "the runtime crate calls it by this name")]
// SAFETY: it has the signature that the runtime crate documents, and nothing else has the name.
#[unsafe(export_name = "ExceptionHandler")]
fn exception(_: &TrapFrame) -> ! {
    fault(&[("mcause", mcause::read().bits()), ("mepc", mepc::read()), ("mtval", mtval::read())])
}
