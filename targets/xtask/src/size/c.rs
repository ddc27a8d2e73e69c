//! The firmware in C: the flash and RAM of the C library.

use anyhow::Result;

use super::figures::{All, of_footprint};
use crate::{capi, install, install::ARM_GCC, toolchain::Toolchain};

/// Measures each firmware. Its name is preceded by `c_`.
pub fn measure(toolchain: Toolchain) -> Result<All> {
    install::tools(&[&ARM_GCC])?;
    let footprints = capi::footprints(toolchain)?;
    Ok(footprints.into_iter().map(|(program, footprint)| (format!("c_{program}"), of_footprint(footprint))).collect())
}
