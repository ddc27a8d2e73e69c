//! The flash and RAM that a firmware takes.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail, ensure};
use object::{
    Endianness, FileKind,
    elf::{FileHeader32, FileHeader64, SHF_ALLOC, SHF_WRITE, SHT_NOBITS},
    read::elf::{FileHeader, SectionHeader},
};

/// What a firmware takes of the chip, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Footprint {
    /// Code, constants, and the initial values of variables.
    pub flash: u64,
    /// Variables, without the stack.
    pub static_ram: u64,
}

impl Footprint {
    /// Reads the sections of a linked firmware, of 32 or 64 bits and either byte order.
    pub fn of(file: &Path) -> Result<Self> {
        let data = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let footprint = match FileKind::parse(&*data)? {
            FileKind::Elf32 => Self::of_sections::<FileHeader32<Endianness>>(&data),
            FileKind::Elf64 => Self::of_sections::<FileHeader64<Endianness>>(&data),
            kind => bail!("{} is {kind:?} and not ELF", file.display()),
        }?;
        ensure!(footprint.flash > 0, "{} has nothing to load", file.display());
        Ok(footprint)
    }

    fn of_sections<Header: FileHeader>(data: &[u8]) -> Result<Self> {
        let header = Header::parse(data)?;
        let endian = header.endian()?;
        let mut footprint = Self { flash: 0, static_ram: 0 };
        let sections = header.sections(endian, data)?;
        for section in sections.iter() {
            let flags = section.sh_flags(endian);
            let size: u64 = section.sh_size(endian).into();
            if flags & SHF_ALLOC != SHF_ALLOC {
                continue; // Debugging information stays on the host.
            }
            if section.sh_type(endian) != SHT_NOBITS {
                footprint.flash += size;
            }
            // Some runtime crates give the stack a section.
            let is_stack = sections.section_name(endian, section)?.starts_with(b".stack");
            if flags & SHF_WRITE == SHF_WRITE && !is_stack {
                footprint.static_ram += size;
            }
        }
        Ok(footprint)
    }
}
