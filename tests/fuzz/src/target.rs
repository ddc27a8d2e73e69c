//! What `capture` uses of the command's targets.

/// How messages are delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    Serial,
    Cobs,
    Record,
}
