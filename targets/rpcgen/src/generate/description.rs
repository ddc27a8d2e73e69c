//! Self-description: the text of the interface in the firmware, and the program that hands it out.

use std::fmt::Write as _;

use miniz_oxide::deflate::compress_to_vec_zlib;

use super::Generator;
use crate::description::{PIECE, PROGRAM, VERSION};
use crate::options::Description;
use crate::tree::{Definition, Item, Passed, Specification};

/// The most that zlib can do. It takes some milliseconds here, and nothing on the device, which does not unpack.
const LEVEL: u8 = 10;

/// Names that are taken by what is generated for it.
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
        self.docs(0, &[format!("The text of this interface: {} bytes, which hold {}.", bytes.len(), text.len())]);
        self.line(0, &format!("pub const {CONSTANT}: &[u8] = b\"\\"));
        literal(bytes).iter().for_each(|line| self.line(1, line));
        self.line(0, "\";");
        let rest = TEMPLATE.replace("@SIZE", &text.len().to_string()).replace("@PACKING", packing);
        let rest = rest.replace("@PROGRAM", &format!("{PROGRAM:#x}")).replace("@VERSION", &VERSION.to_string());
        self.text.borrow_mut().push_str(&rest.replace("@PIECE", &PIECE.to_string()));
    }
}

/// The lines of a byte string, of which all but the last end with a `\`.
fn literal(bytes: &[u8]) -> Vec<String> {
    let mut lines = vec![String::new()];
    for &byte in bytes {
        // At the beginning of a line a blank would be lost.
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

/// Without lines for C, but for numbers that they define and types that they give.
fn of_interest(tree: &Specification) -> Specification {
    let defines = |line: &Passed| line.gives().is_some() || line.text().trim_start().starts_with("#define");
    let mut tree = tree.clone();
    tree.items.retain(|item| !matches!(&item.definition, Definition::Passed(line) if !defines(line)));
    tree
}

/// Without comments, too.
fn bare(tree: &Specification) -> Specification {
    let mut tree = of_interest(tree);
    tree.comments.clear();
    tree.items.iter_mut().for_each(Item::strip_comments);
    tree
}

/// What is made of `description.x`, short of its comments, with the service implemented for every state.
const TEMPLATE: &str = r#"
oncilla::xdr_enum! {
    /// How the text is packed.
    pub enum DescriptionPacking {
        /// Not at all.
        Plain = 0,
        /// By zlib (RFC 1950).
        Zlib = 1,
    }
}

oncilla::xdr_struct! {
    /// What there is to read.
    #[derive(Clone, Debug, PartialEq)]
    pub struct DescriptionInfo {
        /// Bytes of the text.
        pub size: u32,
        /// Bytes of the text as it is packed.
        pub packed_size: u32,
        /// How it is packed.
        pub packing: DescriptionPacking,
    }
}

oncilla::program! {
    /// Hands out the text of this interface. Every state serves it: name it in the table.
    pub mod description = @PROGRAM, version @VERSION {
        /// What there is to read.
        fn info() -> DescriptionInfo = 1, idempotent;
        /// The packed text from an offset on, as much as fits; nothing from its end on.
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
