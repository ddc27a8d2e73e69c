//! Self-description: what a device that was made with [`Options::describe`](crate::Options::describe) tells of itself.

#[cfg(feature = "read")]
mod read;

#[cfg(feature = "read")]
pub use read::{ReadError, read_description};

/// The program by which a device describes itself: in the range that RFC 5531 §13 leaves to users.
pub(crate) const PROGRAM: u32 = 0x3fff_de5c;
pub(crate) const VERSION: u32 = 1;

/// The most bytes that a device of ours gives at a time: a reply of 156 bytes.
pub(crate) const PIECE: usize = 128;

/// The interface of the program, for those who write other servers or readers of it.
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
