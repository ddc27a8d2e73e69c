//! What a firmware takes of the chip.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use object::{
    LittleEndian,
    elf::{FileHeader32, SHF_ALLOC, SHF_WRITE, SHT_NOBITS},
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
    /// Reads it from the sections of a linked firmware.
    pub fn of(file: &Path) -> Result<Self> {
        let data = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let header = FileHeader32::<LittleEndian>::parse(&*data)?;
        let endian = header.endian()?;
        let mut footprint = Self { flash: 0, static_ram: 0 };
        for section in header.section_headers(endian, &*data)? {
            let flags = section.sh_flags(endian);
            let size = u64::from(section.sh_size(endian));
            if flags & SHF_ALLOC != SHF_ALLOC {
                continue; // Debugging information stays on the host.
            }
            if section.sh_type(endian) != SHT_NOBITS {
                footprint.flash += size;
            }
            if flags & SHF_WRITE == SHF_WRITE {
                footprint.static_ram += size;
            }
        }
        ensure!(footprint.flash > 0, "{} has nothing to load", file.display());
        Ok(footprint)
    }
}
