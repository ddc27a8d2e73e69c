//! A multimeter for DC voltages, which also captures a waveform.

mod commands;
mod input;
mod measurement;
mod settings;
mod waveform;

use oncilla::Time;

use crate::scpi::{Command, Device, Error, Reply, Status, Step, event};
pub use input::{Input, Simulated};
use measurement::Measurement;
use settings::Settings;
use waveform::Waveform;

/// The response to `*IDN?`: manufacturer, model, serial number and version (IEEE 488.2 §10.14).
pub const IDENTITY: &str = "ONCILLA,METER,0,1.0";

/// The multimeter: what all its controllers share.
#[derive(Debug)]
pub struct Meter<I> {
    input: I,
    now: Time,
    settings: Settings,
    measurement: Measurement,
    status: Status,
    /// Whether `*OPC` waits for the end of the measurement.
    tells_completion: bool,
}

/// What is left to do of a unit.
#[derive(Clone, Copy, Debug)]
pub enum Later {
    /// The reading is the response.
    Reading,
    /// The response is 1 when the measurement has ended: `*OPC?`.
    Complete,
    /// The unit ends with the measurement: `*WAI`.
    Idle,
    /// The rest of a waveform is the response.
    Waveform(Waveform),
}

impl<I: Input> Meter<I> {
    /// Creates a multimeter that was switched on now.
    #[must_use]
    pub fn new(input: I) -> Self {
        Self {
            input,
            now: Time::ZERO,
            settings: Settings::default(),
            measurement: Measurement::default(),
            status: Status::new(),
            tells_completion: false,
        }
    }

    /// Sets the present time, and measures what is due.
    pub fn tick(&mut self, now: Time) {
        self.now = now;
        if self.measurement.tick(now, &mut self.input, &self.settings) {
            self.has_ended();
        }
        self.show_condition();
    }

    /// Returns when [`tick`](Self::tick) must be called next.
    #[must_use]
    pub fn deadline(&self) -> Time {
        self.measurement.deadline()
    }

    /// Triggers the measurement: `*TRG`, and the trigger of an interface (IEEE 488.2 §10.37).
    ///
    /// # Errors
    /// -211, if it waits for no trigger.
    pub fn trigger(&mut self) -> Result<(), Error> {
        if !self.measurement.is_armed() {
            return Err(Error::TRIGGER_IGNORED);
        }
        self.measurement.start(self.now, &self.settings);
        self.show_condition();
        Ok(())
    }

    /// Ends what `*OPC` waits for: device clear (IEEE 488.2 §5.8).
    pub fn forget_completion(&mut self) {
        self.tells_completion = false;
    }

    /// Begins a measurement, or waits for a trigger.
    fn initiate(&mut self) -> Result<(), Error> {
        if self.measurement.is_pending() {
            return Err(Error::INIT_IGNORED);
        }
        if self.settings.triggered_by_bus {
            self.measurement.arm();
        } else {
            self.measurement.start(self.now, &self.settings);
        }
        self.show_condition();
        Ok(())
    }

    /// Ends a measurement without a result: `ABORt`.
    pub fn abort(&mut self) {
        if self.measurement.is_pending() {
            self.measurement.abort();
            self.has_ended();
        }
        self.show_condition();
    }

    /// Sets everything but the status back: `*RST` (IEEE 488.2 §10.32).
    fn reset(&mut self) {
        self.settings = Settings::default();
        self.measurement = Measurement::default();
        self.tells_completion = false;
        self.show_condition();
    }

    fn has_ended(&mut self) {
        if core::mem::take(&mut self.tells_completion) {
            self.status.raise(event::OPERATION_COMPLETE);
        }
    }

    fn show_condition(&mut self) {
        /// Bits of the operation status (SCPI-99 volume 1, §9.3).
        const MEASURING: u16 = 1 << 4;
        const WAITING_FOR_TRIGGER: u16 = 1 << 5;
        let (pending, armed) = (self.measurement.is_pending(), self.measurement.is_armed());
        self.status.operation.set(MEASURING, pending && !armed);
        self.status.operation.set(WAITING_FOR_TRIGGER, armed);
    }
}

impl<I: Input> Device for Meter<I> {
    type Later = Later;

    const COMMANDS: &'static [Command<Self>] = Self::TABLE;

    fn status(&mut self) -> &mut Status {
        &mut self.status
    }

    fn resume(&mut self, later: Later, reply: &mut Reply<'_>) -> Result<Step<Later>, Error> {
        if let Later::Waveform(waveform) = later {
            return Ok(waveform.write(&mut self.input, reply));
        }
        if self.measurement.is_pending() {
            return Ok(Step::Later(later));
        }
        match later {
            Later::Reading => self.settings.format.number(self.measurement.reading()?, reply),
            Later::Complete => reply.integer(1),
            Later::Idle | Later::Waveform(_) => {}
        }
        Ok(Step::Done)
    }
}
