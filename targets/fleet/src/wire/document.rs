//! Documents in JSON, of limited size.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The largest document about presence, a gateway, a state or a cap in bytes.
pub const DOCUMENT_MAX: usize = 64 << 10;

/// A document in JSON. Unknown members are ignored, so that later versions can add some.
pub trait Document: Serialize + DeserializeOwned {
    /// Parses a document, which may come from a peer.
    ///
    /// # Errors
    /// [`DocumentError`]: it is too large, or not such a document.
    fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        if bytes.len() > DOCUMENT_MAX {
            return Err(DocumentError(format!(
                "the document has {} bytes, and at most {DOCUMENT_MAX} are read",
                bytes.len()
            )));
        }
        serde_json::from_slice(bytes).map_err(|error| DocumentError(error.to_string()))
    }

    /// Returns the bytes of the document.
    fn to_bytes(&self) -> Vec<u8> {
        // Nothing in these documents fails to be written: no map has keys other than texts.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// Why bytes are not a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentError(pub(super) String);

impl fmt::Display for DocumentError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for DocumentError {}
