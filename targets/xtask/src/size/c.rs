//! The firmware in C: the flash, RAM and instructions of the C library.

use anyhow::{Context, Result};

use super::figures::{All, CALLS, of_footprint, parse_only};
use crate::{boards::LM3S6965EVB, capi, install, install::ARM_GCC, process::step, qemu, toolchain::Toolchain};

/// Measures each firmware. Its name is preceded by `c_`.
pub fn measure(toolchain: Toolchain) -> Result<All> {
    install::tools(&[&ARM_GCC])?;
    let files = capi::firmware(toolchain)?;
    let mut all = All::new();
    for (program, footprint) in capi::footprints(&files)? {
        let mut figures = of_footprint(footprint);
        if let Some(measure) = capi::measure(program) {
            step(&format!("measuring {program}.c"));
            let printed = qemu::measure(&LM3S6965EVB, files.get(measure).context("it was built")?)?;
            figures.extend(parse_only(&printed, &CALLS).with_context(|| format!("{measure}.c"))?);
        }
        all.insert(format!("c_{program}"), figures);
    }
    Ok(all)
}
