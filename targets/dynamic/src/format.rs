//! How values look as JSON, and the limits of a value.

use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};

/// The form of opaque data in JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bytes {
    /// Two hexadecimal digits for each byte: `"00ff"`. Decoding writes small letters; encoding accepts capitals, too.
    #[default]
    Hex,
    /// Base64 with padding (RFC 4648 §4): `"AP8="`.
    Base64,
}

impl Bytes {
    pub(crate) fn write(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex => HEXLOWER.encode(bytes),
            Self::Base64 => BASE64.encode(bytes),
        }
    }

    pub(crate) fn read(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Hex => HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok(),
            Self::Base64 => BASE64.decode(text.as_bytes()).ok(),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hex => "hexadecimal digits",
            Self::Base64 => "base64",
        }
    }
}

/// How a `string` that is not UTF-8 is decoded.
///
/// C peers may send any bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Texts {
    /// Such a string is an error.
    #[default]
    Utf8,
    /// It decodes to an object with each byte as a character of Latin-1: `{"latin1": "caf\u00e9"}`.
    ///
    /// Such an object is encoded to the same bytes, in any character set. A string that is UTF-8 remains a text.
    Latin1,
}

/// The name in an object for a text that is not UTF-8.
pub(crate) const LATIN1: &str = "latin1";

/// The encoding of arguments and results. A `.x` file does not state it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Payload {
    /// XDR (RFC 4506), the standard.
    #[default]
    Xdr,
    /// postcard, for servers in Rust whose interface has `payload Postcard`.
    Postcard,
}

/// The limits of a decoded or encoded value.
///
/// ```
/// use oncilla_dynamic::Limits;
///
/// let limits = Limits { memory: 1 << 20, ..Limits::default() };
/// assert_eq!(limits.depth, 100);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest number of levels of nested values. 100 unless set.
    ///
    /// The nodes of a linked list are on one level. A level takes about a kilobyte of stack.
    pub depth: usize,
    /// The largest estimated memory of a decoded value, in bytes. 16 MiB unless set.
    pub memory: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 100, memory: 16 << 20 }
    }
}

/// All choices of a conversion.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Format {
    pub bytes: Bytes,
    pub texts: Texts,
    pub payload: Payload,
    pub limits: Limits,
}
