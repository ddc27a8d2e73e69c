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

/// Phases that alternate, in microseconds of the line's clock.
#[derive(Clone, Copy, Debug)]
pub struct Phases {
    pub interfere: u64,
    pub quiet: u64,
    pub inject: u64,
}

impl Phases {
    /// The three phases.
    pub const ALL: Self = Self { interfere: 3_000_000, quiet: 300_000, inject: 500_000 };

    const fn length(self) -> u64 {
        self.interfere + self.quiet + self.inject
    }

    /// Returns the phase at a time.
    pub const fn at(self, time: Time) -> Phase {
        let since = time.as_micros() % self.length();
        if since < self.interfere {
            Phase::Interfere
        } else if since < self.interfere + self.quiet {
            Phase::Quiet
        } else {
            Phase::Inject
        }
    }

    /// Returns the end of the phase, or `None` if it is quiet.
    pub const fn end(self, time: Time) -> Option<Time> {
        let began = time.as_micros() - time.as_micros() % self.length();
        match self.at(time) {
            Phase::Quiet => None,
            Phase::Interfere => Some(Time::from_micros(began + self.interfere)),
            Phase::Inject => Some(Time::from_micros(began + self.length())),
        }
    }

    /// Returns whether nobody delays or drops a message between two times.
    pub const fn is_clear(self, from: Time, to: Time) -> bool {
        let spent = from.as_micros() % self.length();
        spent >= self.interfere && to.as_micros() - from.as_micros() < self.length() - spent
    }
}
