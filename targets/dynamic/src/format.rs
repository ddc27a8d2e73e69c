//! How values look as JSON, and the limits of a value.

use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};

/// How opaque data are written as text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bytes {
    /// Two hexadecimal digits for each byte: `"00ff"`. Decodes to small letters, and encodes both.
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

/// What becomes of a `string` that is not UTF-8. C peers send any bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Texts {
    /// It is refused.
    #[default]
    Utf8,
    /// It decodes to an object with each byte as a character of Latin-1: `{"latin1": "caf\u00e9"}`.
    ///
    /// Such an object is encoded to the same bytes, whatever the true character set is. UTF-8 stays a text.
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
    /// The largest number of values within each other. Nodes of a linked list are beside each other. 100 unless set; a
    /// level takes about a kilobyte of stack.
    pub depth: usize,
    /// The largest memory in bytes that a decoded value may take, estimated. 16 MiB unless set.
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
