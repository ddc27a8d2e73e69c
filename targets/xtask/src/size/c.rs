//! The firmware in C: what the C library takes of the chip.

use anyhow::Result;

use super::figures::{All, of_footprint};
use crate::{capi, install, install::ARM_GCC, toolchain::Toolchain};

/// Measures each, under its name with `c_` before it.
pub fn measure(toolchain: Toolchain) -> Result<All> {
    install::tools(&[&ARM_GCC])?;
    let footprints = capi::footprints(toolchain)?;
    Ok(footprints.into_iter().map(|(program, footprint)| (format!("c_{program}"), of_footprint(footprint))).collect())
}
