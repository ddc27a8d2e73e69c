//! Waveforms, which are sent while they are made.

use super::{
    Input, Later,
    settings::{Data, Format, Settings},
};
use crate::scpi::{NUMBER_MAX, Reply, Step};

/// The rest of a waveform: only its place is kept, so that it needs no memory.
#[derive(Clone, Copy, Debug)]
pub struct Waveform {
    format: Format,
    next: u16,
    points: u16,
    /// Whether the head of the block was written.
    begun: bool,
}

impl Waveform {
    /// Begins a waveform in the present format.
    pub fn new(settings: &Settings) -> Self {
        Self { format: settings.format, next: 0, points: settings.points, begun: false }
    }

    /// Writes as many points as there is room for.
    pub fn write(mut self, input: &mut impl Input, reply: &mut Reply<'_>) -> Step<Later> {
        let is_ascii = self.format.data == Data::Ascii;
        if !self.begun {
            self.begun = true;
            if !is_ascii {
                reply.block(u32::from(self.points).wrapping_mul(4));
            }
        }
        // One byte is left for the end of the response.
        while self.next < self.points && reply.room() > NUMBER_MAX {
            let microvolts = input.point(self.next);
            if is_ascii {
                if self.next > 0 {
                    reply.text(",");
                }
                reply.millionths(microvolts.into());
            } else {
                reply.bytes(&self.format.bytes(microvolts));
            }
            self.next = self.next.wrapping_add(1);
        }
        if self.next < self.points { Step::Later(Later::Waveform(self)) } else { Step::Done }
    }
}
