//! The two forms of a message.

/// In which of its two forms a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As in RFC 5531: 40 bytes before the arguments of a call, 24 before the results of a reply, or more.
    Full,
    /// With a short header of 4 to 18 bytes and 3, on serial links whose both ends understand it. What it has no
    /// place for goes in the full form: credentials, verifiers, refusals, xids over 16 bits. [`lengthen`] restores the
    /// full form, bit for bit.
    ///
    /// | message | first byte: upper three bits, lower five | then |
    /// |---|---|---|
    /// | call of version 1, procedure up to 31 | 0, procedure | xid, program, arguments |
    /// | call of a procedure up to 31 | 1, procedure | xid, program, version, arguments |
    /// | call | 2, 0 | xid, program, version, procedure, arguments |
    /// | reply with results | 3, 0 | xid, results |
    /// | hello | 4, 1 when an answer is wanted + 2 when a hello was heard | boot number, boot number that was heard or 0, bytes of the largest message |
    /// | log | 5, 0 | bytes |
    ///
    /// The xid has two bytes, those of a hello's numbers four. Program, version and procedure have 7 bits in each byte,
    /// the most significant first, and the top bit set in all bytes but the last. The program's bit 29 is
    /// inverted before, so that programs of the range for users (0x2000_0000, RFC 5531 §13.1) are small numbers.
    ///
    /// NULL of a program like 0x2000_0042 is 4 bytes, its reply 3.
    ///
    /// There is one encoding of each message; others are not accepted.
    ///
    /// [`lengthen`]: super::lengthen
    Short,
}
