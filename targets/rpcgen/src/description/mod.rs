//! Self-description: devices that return the text of their interface, see
//! [`Options::describe`](crate::Options::describe).

#[cfg(feature = "read")]
mod read;

#[cfg(feature = "read")]
pub use read::{DescriptionReader, ReadError, read_description};

/// The program number for self-description, in the range that RFC 5531 §13 leaves to users.
pub(crate) const PROGRAM: u32 = 0x3fff_de5c;
pub(crate) const VERSION: u32 = 1;

/// The largest piece in bytes that a generated server returns. The reply has 156 bytes.
pub(crate) const PIECE: usize = 128;

/// The interface of the program for self-description, for other servers or readers of it.
pub const DESCRIPTION_X: &str = include_str!("description.x");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Definition, Value};
    use crate::{Preprocessor, parse_text};

    #[test]
    fn numbers_are_those_of_the_interface() {
        let tree = parse_text("description.x", DESCRIPTION_X, &Preprocessor::default()).tree;
        let Some(Definition::Program(program)) = tree.items.last().map(|item| &item.definition) else { panic!() };
        let number = |value: &Value| match value {
            Value::Number(number) => number.value,
            Value::Name(_) => panic!(),
        };
        assert_eq!((number(&program.number), number(&program.versions[0].number)), (PROGRAM.into(), VERSION.into()));
    }
}
