//! The common commands that need only the status (IEEE 488.2 §10), and the subsystems STATus and SYSTem.

use super::{Device, Error, Ran, Register, Step, Unit};

/// The year of the SCPI that the device follows.
const SCPI_VERSION: &str = "1999.0";

fn answer<D: Device>(unit: &mut Unit<'_>, number: impl Into<i64>) -> Ran<D> {
    unit.reply.integer(number.into());
    Ok(Step::Done)
}

/// Takes a register of eight bits.
fn bits(unit: &mut Unit<'_>) -> Result<u8, Error> {
    Ok(unit.parameters.required()?.bits(0xFF)? as u8)
}

/// `*ESE` (§10.10).
pub fn set_event_enable<D: Device>(device: &mut D, unit: &mut Unit<'_>) -> Ran<D> {
    device.status().event_enable = bits(unit)?;
    Ok(Step::Done)
}

/// `*ESE?` (§10.11).
pub fn event_enable<D: Device>(device: &mut D, unit: &mut Unit<'_>) -> Ran<D> {
    answer::<D>(unit, device.status().event_enable)
}

/// `*ESR?` (§10.12).
pub fn events<D: Device>(device: &mut D, unit: &mut Unit<'_>) -> Ran<D> {
    answer::<D>(unit, device.status().take_events())
}

/// `*SRE` (§10.34).
pub fn set_service_enable<D: Device>(device: &mut D, unit: &mut Unit<'_>) -> Ran<D> {
    let bits = bits(unit)?;
    device.status().set_service_enable(bits);
    Ok(Step::Done)
}

/// `*SRE?` (§10.35).
pub fn service_enable<D: Device>(device: &mut D, unit: &mut Unit<'_>) -> Ran<D> {
    answer::<D>(unit, device.status().service_enable())
}

/// `*STB?` (§10.36).
pub fn status_byte<D: Device>(device: &mut D, unit: &mut Unit<'_>) -> Ran<D> {
    answer::<D>(unit, device.status().master(unit.message_available))
}

/// `*TST?` (§10.38): 0, because there is nothing to test.
pub fn self_test<D: Device>(_: &mut D, unit: &mut Unit<'_>) -> Ran<D> {
    answer::<D>(unit, 0)
}

/// `SYSTem:ERRor[:NEXT]?` (SCPI-99 volume 2, §21.8).
pub fn next_error<D: Device>(device: &mut D, unit: &mut Unit<'_>) -> Ran<D> {
    let error = device.status().errors.pop();
    unit.reply.integer(error.code().into());
    unit.reply.text(",");
    unit.reply.quoted(error.text());
    Ok(Step::Done)
}

/// `SYSTem:ERRor:COUNt?` (SCPI-99 volume 2, §21.8).
pub fn error_count<D: Device>(device: &mut D, unit: &mut Unit<'_>) -> Ran<D> {
    answer::<D>(unit, device.status().errors.count() as i64)
}

/// `SYSTem:VERSion?` (SCPI-99 volume 2, §21.21).
pub fn version<D: Device>(_: &mut D, unit: &mut Unit<'_>) -> Ran<D> {
    unit.reply.text(SCPI_VERSION);
    Ok(Step::Done)
}

/// `STATus:PRESet` (SCPI-99 volume 2, §20.2).
pub fn preset<D: Device>(device: &mut D, _: &mut Unit<'_>) -> Ran<D> {
    let status = device.status();
    status.operation.enable = 0;
    status.questionable.enable = 0;
    Ok(Step::Done)
}

fn enable<D: Device>(register: &mut Register, unit: &mut Unit<'_>) -> Ran<D> {
    // Bit 15 is never used (SCPI-99 volume 2, §20.1).
    register.enable = unit.parameters.required()?.bits(0xFFFF)? & 0x7FFF;
    Ok(Step::Done)
}

/// `STATus:OPERation[:EVENt]?` (SCPI-99 volume 2, §20.1).
pub fn operation<D: Device>(device: &mut D, unit: &mut Unit<'_>) -> Ran<D> {
    answer::<D>(unit, device.status().operation.take())
}

/// `STATus:OPERation:CONDition?`.
pub fn operation_condition<D: Device>(device: &mut D, unit: &mut Unit<'_>) -> Ran<D> {
    answer::<D>(unit, device.status().operation.condition())
}

/// `STATus:OPERation:ENABle`.
pub fn set_operation_enable<D: Device>(device: &mut D, unit: &mut Unit<'_>) -> Ran<D> {
    enable::<D>(&mut device.status().operation, unit)
}

/// `STATus:OPERation:ENABle?`.
pub fn operation_enable<D: Device>(device: &mut D, unit: &mut Unit<'_>) -> Ran<D> {
    answer::<D>(unit, device.status().operation.enable)
}

/// `STATus:QUEStionable[:EVENt]?` (SCPI-99 volume 2, §20.3).
pub fn questionable<D: Device>(device: &mut D, unit: &mut Unit<'_>) -> Ran<D> {
    answer::<D>(unit, device.status().questionable.take())
}

/// `STATus:QUEStionable:CONDition?`.
pub fn questionable_condition<D: Device>(device: &mut D, unit: &mut Unit<'_>) -> Ran<D> {
    answer::<D>(unit, device.status().questionable.condition())
}

/// `STATus:QUEStionable:ENABle`.
pub fn set_questionable_enable<D: Device>(device: &mut D, unit: &mut Unit<'_>) -> Ran<D> {
    enable::<D>(&mut device.status().questionable, unit)
}

/// `STATus:QUEStionable:ENABle?`.
pub fn questionable_enable<D: Device>(device: &mut D, unit: &mut Unit<'_>) -> Ran<D> {
    answer::<D>(unit, device.status().questionable.enable)
}
