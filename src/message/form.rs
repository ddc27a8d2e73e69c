//! The full form and the short form of a message.

/// The form of a message header: full or short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The standard header of RFC 5531.
    ///
    /// It has at least 40 bytes before arguments, and at least 24 before results.
    Full,
    /// The compact header of serial links with a session.
    ///
    /// It has 4 to 18 bytes before arguments, and 3 before results.
    ///
    /// Messages with a credential or a verifier, refusals, and messages whose xid is above 16 bits have no short form,
    /// and travel in the full form. [`lengthen`] converts a message to the full form without loss.
    ///
    /// | message | first byte: upper three bits, lower five | then |
    /// |---|---|---|
    /// | call of version 1, procedure up to 31 | 0, procedure | xid, program, arguments |
    /// | call of a procedure up to 31 | 1, procedure | xid, program, version, arguments |
    /// | call | 2, 0 | xid, program, version, procedure, arguments |
    /// | reply with results | 3, 0 | xid, results |
    /// | hello | 4, 1 if an answer is wanted + 2 if a hello was received | boot number, boot number of the peer or 0, size of the largest message in bytes |
    /// | log | 5, 0 | bytes |
    ///
    /// The xid has two bytes, and each number of a hello has four. Program, version and procedure have 7 bits in each
    /// byte, the most significant first; the top bit is set in all bytes but the last. Bit 29 of the program is
    /// inverted, so that programs in the range for users (0x2000_0000, RFC 5531 §13.1) become small numbers.
    ///
    /// The call of procedure 0 (NULL) of a program such as 0x2000_0042 has 4 bytes, and its reply 3 bytes.
    ///
    /// Each message has exactly one encoding; others are refused.
    ///
    /// [`lengthen`]: super::lengthen
    Short,
}
