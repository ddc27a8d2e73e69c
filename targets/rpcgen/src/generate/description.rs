//! Self-description: the text of the interface in firmware, and the program that returns it.

use std::fmt::Write as _;

use miniz_oxide::deflate::compress_to_vec_zlib;

use super::Generator;
use crate::description::{PIECE, PROGRAM, VERSION};
use crate::options::Description;
use crate::tree::{Definition, Item, Passed, Specification};

/// The highest level of zlib. It takes some milliseconds here, and nothing on the device, which does not decompress.
const LEVEL: u8 = 10;

/// The names of generated items.
pub(super) const TYPES: [&str; 2] = ["DescriptionInfo", "DescriptionPacking"];
pub(super) const CONSTANT: &str = "DESCRIPTION";
pub(super) const MODULE: &str = "description";

impl Generator<'_, '_> {
    pub fn description(&self) {
        let text = match self.options.description {
            Description::None => return,
            Description::Bare => bare(self.interface.tree).to_string(),
            Description::Commented => of_interest(self.interface.tree).to_string(),
        };
        let packed = compress_to_vec_zlib(text.as_bytes(), LEVEL);
        let pays = packed.len() < text.len();
        let (bytes, packing) = if pays { (packed.as_slice(), "Zlib") } else { (text.as_bytes(), "Plain") };
        self.separate();
        self.docs(
            0,
            &[format!("The text of this interface: {} bytes as stored, {} bytes of text.", bytes.len(), text.len())],
        );
        self.line(0, &format!("pub const {CONSTANT}: &[u8] = b\"\\"));
        literal(bytes).iter().for_each(|line| self.line(1, line));
        self.line(0, "\";");
        let rest = TEMPLATE.replace("@SIZE", &text.len().to_string()).replace("@PACKING", packing);
        let rest = rest.replace("@PROGRAM", &format!("{PROGRAM:#x}")).replace("@VERSION", &VERSION.to_string());
        self.text.borrow_mut().push_str(&rest.replace("@PIECE", &PIECE.to_string()));
    }
}

/// Returns the lines of a byte string. All but the last end with a `\`.
fn literal(bytes: &[u8]) -> Vec<String> {
    let mut lines = vec![String::new()];
    for &byte in bytes {
        // A blank at the beginning of a line would be lost.
        let escaped = if byte == b' ' { "\\x20".to_owned() } else { byte.escape_ascii().to_string() };
        if lines.last().is_none_or(|line| 4 + line.len() + escaped.len() + 1 > super::WIDTH) {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            let _ = write!(line, "{escaped}");
        }
    }
    lines.iter_mut().for_each(|line| line.push('\\'));
    lines
}

/// Removes lines for C, except those that define numbers or types.
fn of_interest(tree: &Specification) -> Specification {
    let defines = |line: &Passed| line.gives().is_some() || line.text().trim_start().starts_with("#define");
    let mut tree = tree.clone();
    tree.items.retain(|item| !matches!(&item.definition, Definition::Passed(line) if !defines(line)));
    tree
}

/// Removes comments as well.
fn bare(tree: &Specification) -> Specification {
    let mut tree = of_interest(tree);
    tree.comments.clear();
    tree.items.iter_mut().for_each(Item::strip_comments);
    tree
}

/// The Rust for `description.x`, without most of its comments, and a service for every state.
const TEMPLATE: &str = r#"
oncilla::xdr_enum! {
    /// How the text is stored.
    pub enum DescriptionPacking {
        /// As it is.
        Plain = 0,
        /// Compressed with zlib (RFC 1950).
        Zlib = 1,
    }
}

oncilla::xdr_struct! {
    /// The sizes of the text.
    #[derive(Clone, Debug, PartialEq)]
    pub struct DescriptionInfo {
        /// The size of the text in bytes.
        pub size: u32,
        /// The size of the stored text in bytes.
        pub packed_size: u32,
        /// How the text is stored.
        pub packing: DescriptionPacking,
    }
}

oncilla::program! {
    /// Returns the text of this interface. Any state serves it: list it in the table.
    pub mod description = @PROGRAM, version @VERSION {
        /// Returns the sizes of the text.
        fn info() -> DescriptionInfo = 1, idempotent;
        /// Returns a piece of the stored text from an offset on. Returns no bytes at its end.
        fn read(offset: u32) -> &[u8] [..@PIECE] = 2, idempotent;
    }
}

impl<S> description::Service for S {
    fn info(&mut self) -> DescriptionInfo {
        DescriptionInfo {
            size: @SIZE,
            packed_size: DESCRIPTION.len() as u32,
            packing: DescriptionPacking::@PACKING,
        }
    }

    fn read(&mut self, offset: u32) -> &[u8] {
        let rest = DESCRIPTION.get(offset as usize..).unwrap_or_default();
        rest.get(..@PIECE).unwrap_or(rest)
    }
}
"#;
