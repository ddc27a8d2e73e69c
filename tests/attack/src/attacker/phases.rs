//! The phases of an attack.

use oncilla::Time;

/// What the attacker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing.
    Quiet,
    /// It sends messages between those of the peers: a stranger who can write to the line.
    Inject,
    /// It also drops, delays and changes the messages of the peers: a stranger in the middle of the line.
    Interfere,
}

/// When the attacker does what.
#[derive(Clone, Copy, Debug)]
pub enum Phases {
    /// All three in turn, each for so many microseconds of the line's clock.
    InTurn { interfere: u64, quiet: u64, inject: u64 },
    /// One of them until it is set anew.
    Only(Phase),
}

impl Phases {
    /// The three phases.
    pub const ALL: Self = Self::InTurn { interfere: 3_000_000, quiet: 300_000, inject: 500_000 };

    /// Returns the phase at a time, and when it ends.
    pub const fn at(self, time: Time) -> (Phase, Time) {
        let (interfere, quiet, inject) = match self {
            Self::Only(phase) => return (phase, Time::NEVER),
            Self::InTurn { interfere, quiet, inject } => (interfere, quiet, inject),
        };
        let since = time.as_micros() % (interfere + quiet + inject);
        let began = time.as_micros() - since;
        let (phase, end) = if since < interfere {
            (Phase::Interfere, interfere)
        } else if since < interfere + quiet {
            (Phase::Quiet, interfere + quiet)
        } else {
            (Phase::Inject, interfere + quiet + inject)
        };
        (phase, Time::from_micros(began + end))
    }

    /// Returns whether nobody delays or drops a message between two times.
    pub fn is_clear(self, from: Time, to: Time) -> bool {
        match self.at(from) {
            (Phase::Interfere, _) => false,
            (Phase::Inject, end) => to < end,
            (Phase::Quiet, end) => to < end || self.is_clear(end, to),
        }
    }
}
