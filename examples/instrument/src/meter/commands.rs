//! The commands of the multimeter.

use super::{
    IDENTITY, Input, Later, Meter,
    settings::{COUNT, Data, LINE_CYCLES, POINTS, RANGE, RESOLUTION},
    waveform::Waveform,
};
use crate::scpi::{Bounds, Command, Error, Parameter, Step, Unit, common, event};

type Ran = Result<Step<Later>, Error>;

const fn command<I: Input>(
    header: &'static str,
    parameters: usize,
    run: fn(&mut Meter<I>, &mut Unit<'_>) -> Ran,
) -> Command<Meter<I>> {
    Command { header, parameters, run }
}

impl<I: Input> Meter<I> {
    /// All commands.
    pub(super) const TABLE: &'static [Command<Self>] = &[
        command("*IDN?", 0, identity),
        command("*RST", 0, reset),
        command("*CLS", 0, clear_status),
        command("*ESE", 1, common::set_event_enable),
        command("*ESE?", 0, common::event_enable),
        command("*ESR?", 0, common::events),
        command("*OPC", 0, complete),
        command("*OPC?", 0, is_complete),
        command("*SRE", 1, common::set_service_enable),
        command("*SRE?", 0, common::service_enable),
        command("*STB?", 0, common::status_byte),
        command("*TRG", 0, trigger),
        command("*TST?", 0, common::self_test),
        command("*WAI", 0, wait),
        command("MEASure[:SCALar]:VOLTage[:DC]?", 2, measure),
        command("CONFigure[:SCALar]:VOLTage[:DC]", 2, configure),
        command("CONFigure?", 0, configuration),
        command("READ?", 0, read),
        command("INITiate[:IMMediate]", 0, initiate),
        command("FETCh?", 0, fetch),
        command("ABORt", 0, abort),
        command("[SENSe:]VOLTage[:DC]:RANGe[:UPPer]", 1, set_range),
        command("[SENSe:]VOLTage[:DC]:RANGe[:UPPer]?", 1, range),
        command("[SENSe:]VOLTage[:DC]:RANGe:AUTO", 1, set_auto_range),
        command("[SENSe:]VOLTage[:DC]:RANGe:AUTO?", 0, is_auto_range),
        command("[SENSe:]VOLTage[:DC]:NPLCycles", 1, set_line_cycles),
        command("[SENSe:]VOLTage[:DC]:NPLCycles?", 1, line_cycles),
        command("[SENSe:]AVERage:COUNt", 1, set_count),
        command("[SENSe:]AVERage:COUNt?", 1, count),
        command("TRIGger[:SEQuence]:SOURce", 1, set_trigger_source),
        command("TRIGger[:SEQuence]:SOURce?", 0, trigger_source),
        command("FORMat[:DATA]", 2, set_format),
        command("FORMat[:DATA]?", 0, format),
        command("FORMat:BORDer", 1, set_byte_order),
        command("FORMat:BORDer?", 0, byte_order),
        command("DATA:POINts", 1, set_points),
        command("DATA:POINts?", 1, points),
        command("DATA[:DATA]?", 0, waveform),
        command("TRACe[:DATA]?", 0, waveform),
        command("CURVe?", 0, waveform),
        command("SYSTem:ERRor[:NEXT]?", 0, common::next_error),
        command("SYSTem:ERRor:COUNt?", 0, common::error_count),
        command("SYSTem:VERSion?", 0, common::version),
        command("STATus:PRESet", 0, common::preset),
        command("STATus:OPERation[:EVENt]?", 0, common::operation),
        command("STATus:OPERation:CONDition?", 0, common::operation_condition),
        command("STATus:OPERation:ENABle", 1, common::set_operation_enable),
        command("STATus:OPERation:ENABle?", 0, common::operation_enable),
        command("STATus:QUEStionable[:EVENt]?", 0, common::questionable),
        command("STATus:QUEStionable:CONDition?", 0, common::questionable_condition),
        command("STATus:QUEStionable:ENABle", 1, common::set_questionable_enable),
        command("STATus:QUEStionable:ENABle?", 0, common::questionable_enable),
    ];
}

/// Answers with a setting, or with the bound that a parameter asks for.
fn setting(unit: &mut Unit<'_>, value: i64, bounds: Bounds) -> Result<i64, Error> {
    let words = [("MINimum", bounds.min), ("MAXimum", bounds.max), ("DEFault", bounds.default)];
    unit.parameters.optional().map_or(Ok(value), |parameter| parameter.one_of(&words))
}

fn integer(unit: &mut Unit<'_>, value: i64, bounds: Bounds) -> Ran {
    let number = setting(unit, value, bounds)?;
    unit.reply.integer(number);
    Ok(Step::Done)
}

fn word(unit: &mut Unit<'_>, word: &str) -> Ran {
    unit.reply.text(word);
    Ok(Step::Done)
}

fn volts(parameter: Parameter<'_>, bounds: Bounds) -> Result<i64, Error> {
    parameter.number(6, "V", bounds)
}

fn identity<I: Input>(_: &mut Meter<I>, unit: &mut Unit<'_>) -> Ran {
    unit.reply.arbitrary(IDENTITY);
    Ok(Step::Done)
}

fn reset<I: Input>(meter: &mut Meter<I>, _: &mut Unit<'_>) -> Ran {
    meter.reset();
    Ok(Step::Done)
}

/// It also ends what `*OPC` waits for (IEEE 488.2 §10.3).
fn clear_status<I: Input>(meter: &mut Meter<I>, _: &mut Unit<'_>) -> Ran {
    meter.status.clear();
    meter.forget_completion();
    Ok(Step::Done)
}

fn complete<I: Input>(meter: &mut Meter<I>, _: &mut Unit<'_>) -> Ran {
    if meter.measurement.is_pending() {
        meter.tells_completion = true;
    } else {
        meter.status.raise(event::OPERATION_COMPLETE);
    }
    Ok(Step::Done)
}

fn is_complete<I: Input>(_: &mut Meter<I>, _: &mut Unit<'_>) -> Ran {
    Ok(Step::Later(Later::Complete))
}

fn wait<I: Input>(_: &mut Meter<I>, _: &mut Unit<'_>) -> Ran {
    Ok(Step::Later(Later::Idle))
}

fn trigger<I: Input>(meter: &mut Meter<I>, _: &mut Unit<'_>) -> Ran {
    meter.trigger()?;
    Ok(Step::Done)
}

fn configure<I: Input>(meter: &mut Meter<I>, unit: &mut Unit<'_>) -> Ran {
    let range = unit.parameters.optional().map(|parameter| volts(parameter, RANGE)).transpose()?;
    let resolution = unit.parameters.optional().map(|parameter| volts(parameter, RESOLUTION)).transpose()?;
    meter.abort();
    meter.settings.configure(range, resolution);
    Ok(Step::Done)
}

fn configuration<I: Input>(meter: &mut Meter<I>, unit: &mut Unit<'_>) -> Ran {
    let settings = &meter.settings;
    unit.reply.text("\"VOLT ");
    unit.reply.millionths(settings.range);
    unit.reply.text(",");
    unit.reply.millionths(settings.resolution);
    unit.reply.text("\"");
    Ok(Step::Done)
}

fn measure<I: Input>(meter: &mut Meter<I>, unit: &mut Unit<'_>) -> Ran {
    configure(meter, unit)?;
    read(meter, unit)
}

fn read<I: Input>(meter: &mut Meter<I>, _: &mut Unit<'_>) -> Ran {
    if meter.settings.triggered_by_bus {
        // The trigger could come only after the response.
        return Err(Error::TRIGGER_DEADLOCK);
    }
    meter.abort();
    meter.initiate()?;
    Ok(Step::Later(Later::Reading))
}

fn initiate<I: Input>(meter: &mut Meter<I>, _: &mut Unit<'_>) -> Ran {
    meter.initiate()?;
    Ok(Step::Done)
}

fn fetch<I: Input>(meter: &mut Meter<I>, _: &mut Unit<'_>) -> Ran {
    if !meter.measurement.is_pending() {
        meter.measurement.reading()?;
    }
    Ok(Step::Later(Later::Reading))
}

fn abort<I: Input>(meter: &mut Meter<I>, _: &mut Unit<'_>) -> Ran {
    meter.abort();
    Ok(Step::Done)
}

fn set_range<I: Input>(meter: &mut Meter<I>, unit: &mut Unit<'_>) -> Ran {
    let range = volts(unit.parameters.required()?, RANGE)?;
    meter.settings.set_range(range);
    Ok(Step::Done)
}

fn range<I: Input>(meter: &mut Meter<I>, unit: &mut Unit<'_>) -> Ran {
    let range = setting(unit, meter.settings.range, RANGE)?;
    unit.reply.millionths(range);
    Ok(Step::Done)
}

fn set_auto_range<I: Input>(meter: &mut Meter<I>, unit: &mut Unit<'_>) -> Ran {
    meter.settings.is_auto_range = unit.parameters.required()?.boolean()?;
    Ok(Step::Done)
}

fn is_auto_range<I: Input>(meter: &mut Meter<I>, unit: &mut Unit<'_>) -> Ran {
    unit.reply.integer(meter.settings.is_auto_range.into());
    Ok(Step::Done)
}

fn set_line_cycles<I: Input>(meter: &mut Meter<I>, unit: &mut Unit<'_>) -> Ran {
    meter.settings.line_cycles = unit.parameters.required()?.number(2, "", LINE_CYCLES)?;
    Ok(Step::Done)
}

fn line_cycles<I: Input>(meter: &mut Meter<I>, unit: &mut Unit<'_>) -> Ran {
    let hundredths = setting(unit, meter.settings.line_cycles, LINE_CYCLES)?;
    unit.reply.millionths(hundredths.saturating_mul(10_000));
    Ok(Step::Done)
}

fn set_count<I: Input>(meter: &mut Meter<I>, unit: &mut Unit<'_>) -> Ran {
    let count = unit.parameters.required()?.number(0, "", COUNT)?;
    // The mean of a measurement in progress would be wrong.
    meter.abort();
    meter.settings.count = count as u16;
    Ok(Step::Done)
}

fn count<I: Input>(meter: &mut Meter<I>, unit: &mut Unit<'_>) -> Ran {
    integer(unit, meter.settings.count.into(), COUNT)
}

fn set_trigger_source<I: Input>(meter: &mut Meter<I>, unit: &mut Unit<'_>) -> Ran {
    let sources = [("IMMediate", false), ("BUS", true)];
    meter.settings.triggered_by_bus = unit.parameters.required()?.one_of(&sources)?;
    Ok(Step::Done)
}

fn trigger_source<I: Input>(meter: &mut Meter<I>, unit: &mut Unit<'_>) -> Ran {
    word(unit, if meter.settings.triggered_by_bus { "BUS" } else { "IMM" })
}

/// `ASCii`, `REAL[,32]` or `INTeger[,32]` (SCPI-99 volume 2, §9.2).
fn set_format<I: Input>(meter: &mut Meter<I>, unit: &mut Unit<'_>) -> Ran {
    let encodings = [("ASCii", Data::Ascii), ("REAL", Data::Real), ("INTeger", Data::Integer)];
    let data = unit.parameters.required()?.one_of(&encodings)?;
    let length = unit.parameters.optional().map(|length| length.bits(64)).transpose()?;
    match (data, length) {
        (_, None) | (Data::Ascii, Some(0)) | (Data::Real | Data::Integer, Some(32)) => {}
        _ => return Err(Error::ILLEGAL_PARAMETER),
    }
    meter.settings.format.data = data;
    Ok(Step::Done)
}

fn format<I: Input>(meter: &mut Meter<I>, unit: &mut Unit<'_>) -> Ran {
    word(
        unit,
        match meter.settings.format.data {
            Data::Ascii => "ASC,0",
            Data::Real => "REAL,32",
            Data::Integer => "INT,32",
        },
    )
}

/// `NORMal` or `SWAPped` (SCPI-99 volume 2, §9.1).
fn set_byte_order<I: Input>(meter: &mut Meter<I>, unit: &mut Unit<'_>) -> Ran {
    let orders = [("NORMal", false), ("SWAPped", true)];
    meter.settings.format.is_swapped = unit.parameters.required()?.one_of(&orders)?;
    Ok(Step::Done)
}

fn byte_order<I: Input>(meter: &mut Meter<I>, unit: &mut Unit<'_>) -> Ran {
    word(unit, if meter.settings.format.is_swapped { "SWAP" } else { "NORM" })
}

fn set_points<I: Input>(meter: &mut Meter<I>, unit: &mut Unit<'_>) -> Ran {
    meter.settings.points = unit.parameters.required()?.number(0, "", POINTS)? as u16;
    Ok(Step::Done)
}

fn points<I: Input>(meter: &mut Meter<I>, unit: &mut Unit<'_>) -> Ran {
    integer(unit, meter.settings.points.into(), POINTS)
}

fn waveform<I: Input>(meter: &mut Meter<I>, _: &mut Unit<'_>) -> Ran {
    Ok(Step::Later(Later::Waveform(Waveform::new(&meter.settings))))
}
