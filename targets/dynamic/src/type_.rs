//! Types: their values as JSON, their shape and their sizes.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde_json::Value;

use crate::decode::{Decoder, Whole};
use crate::encode::Encoder;
use crate::error::{NameError, ValueError};
use crate::interface::Interface;
use crate::schema::{Id, Size};
use crate::shape::{self, Shape};
use crate::similar::similar;
use crate::spelling;

/// A type of an [`Interface`].
///
/// It is a reference, which costs nothing to copy. Two are equal if they are the same type of the same interface, so a
/// program that follows a recursive type can note where it has been. `Display` writes the type in the syntax of `.x`
/// files.
///
/// ```
/// use oncilla_dynamic::Interface;
/// use serde_json::json;
///
/// let interface = Interface::parse("/* What was measured. */ struct reading { string place<16>; int millidegrees; };")?;
/// let reading = interface.type_("reading")?;
/// let value = json!({"place": "hall", "millidegrees": 21500});
/// let bytes = reading.encode(&value)?;
/// assert_eq!(bytes, *b"\0\0\0\x04hall\0\0\x53\xfc");
/// assert_eq!(reading.decode(&bytes)?, value);
/// assert_eq!(reading.documentation(), "What was measured.");
/// assert_eq!((reading.size().min, reading.size().max), (8, Some(24)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Type<'i> {
    pub(crate) interface: &'i Interface,
    pub(crate) id: Id,
    /// The name that was used for the type, which may have several.
    name: Option<&'i str>,
}

impl<'i> Type<'i> {
    pub(crate) fn new(interface: &'i Interface, id: Id) -> Self {
        Self { interface, id, name: interface.schema.name(id) }
    }

    /// Returns the name. A type that is declared where it is used has none.
    #[must_use]
    pub fn name(&self) -> Option<&'i str> {
        self.name
    }

    /// Returns the name of the definition, of which [`name`](Self::name) may be another one: after
    /// `typedef reading sample;` both types have the name of the struct, `reading`.
    #[must_use]
    pub fn defined_name(&self) -> Option<&'i str> {
        self.interface.schema.name(self.id)
    }

    /// Returns the comment of the definition in the file, which may be empty.
    #[must_use]
    pub fn documentation(&self) -> &'i str {
        let schema = &self.interface.schema;
        let named = self.name.and_then(|name| schema.find(name));
        named.map_or_else(|| schema.documentation(self.id), |named| &named.documentation)
    }

    /// Returns the parts of the type.
    #[must_use]
    pub fn shape(&self) -> Shape<'i> {
        shape::of(*self)
    }

    /// Returns the least and the largest encoded size.
    #[must_use]
    pub fn size(&self) -> Size {
        self.interface.sizes.of(self.id)
    }

    /// Encodes a value.
    ///
    /// # Errors
    /// The value does not fit the type.
    pub fn encode(&self, value: &Value) -> Result<Vec<u8>, ValueError> {
        let mut encoder = Encoder::new(self.interface, Vec::new());
        encoder.value(self.id, value)?;
        Ok(encoder.finish())
    }

    /// Decodes a value from all bytes.
    ///
    /// # Errors
    /// The bytes are not a value of the type, or exceed a limit.
    pub fn decode(&self, bytes: &[u8]) -> Result<Value, ValueError> {
        Decoder::new(self.interface, bytes).whole(Whole::Value(Some(self.id)))
    }
}

impl PartialEq for Type<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.interface, other.interface) && self.id == other.id
    }
}

impl Eq for Type<'_> {}

impl Hash for Type<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl fmt::Debug for Type<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Type({self})")
    }
}

impl fmt::Display for Type<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Some(name) => formatter.write_str(name),
            None => formatter.write_str(&spelling::of(&self.interface.schema, self.id)),
        }
    }
}

impl Interface {
    /// Returns the types that the file defines, in its order.
    pub fn types(&self) -> impl Iterator<Item = Type<'_>> {
        self.schema.named.iter().map(|named| Type { interface: self, id: named.id, name: Some(&named.name) })
    }

    /// Returns the type of this name, in capitals or small letters.
    ///
    /// # Errors
    /// No type has the name.
    pub fn type_(&self, name: &str) -> Result<Type<'_>, NameError> {
        let named = &self.schema.named;
        let found = self.schema.find(name).or_else(|| named.iter().find(|named| named.name.eq_ignore_ascii_case(name)));
        match found {
            Some(named) => Ok(Type { interface: self, id: named.id, name: Some(&named.name) }),
            None => {
                let similar = similar(name, named.iter().map(|named| &*named.name));
                Err(NameError::UnknownType { name: name.to_owned(), similar })
            }
        }
    }
}
