//! The two forms of a message.

/// In which of its two forms a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As in RFC 5531: 40 bytes before the arguments of a call, 24 before the results of a reply, or more.
    Full,
    /// With a short header of 4 to 18 bytes and 3, on serial links whose both ends understand it. What it has no
    /// place for goes in the full form: credentials, verifiers, refusals, xids over 16 bits.
    Short,
}
