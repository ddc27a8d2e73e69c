//! The suites, and starts for them.

use oncilla::framing::Framing;
use oncilla::keys::{Carrier, ForwardSecret, Light, SecretStart, Side, Suite};

use oncilla_test_support::faults::Random;

/// A suite for whose ends this program makes starts.
pub trait Started: Suite<Start: Send, Keys: Send, Opening: Send, Name: Send> + Send + 'static {
    /// Makes the start of an end in one of its lives. No other has the same.
    fn start(side: Side, life: u32) -> Self::Start;

    /// Returns the boot number of an end in one of its lives. It is part of what keys are derived from.
    fn boot(life: u32) -> u32 {
        life
    }
}

impl Started for Light {
    fn start(side: Side, life: u32) -> [u8; 16] {
        let mut start = [side as u8; 16];
        start[..4].copy_from_slice(&life.to_be_bytes());
        start
    }
}

impl Started for ForwardSecret {
    fn start(side: Side, life: u32) -> SecretStart {
        let mut random = Random::new(u64::from(life) << 8 | side as u64);
        SecretStart::new([0; 32].map(|_: u8| random.next() as u8))
    }
}

/// Returns the carrier of a framing, as the protocol counts them.
pub const fn carrier<F: Framing>() -> Carrier {
    match (F::DATAGRAMS, F::RESYNCHRONIZES) {
        (true, _) => Carrier::Datagrams,
        (false, true) => Carrier::Serial,
        (false, false) => Carrier::Connection,
    }
}
