//! The suite on a serial line.

use std::{io, path::Path};

use anyhow::Result;
use oncilla::framing::Serial;
use oncilla_suite::{
    Parts,
    checks::{self, Board},
};

use super::{LIMIT, entries::Reported};
use crate::{boards::Model, qemu};

/// Boots a firmware and runs the checks over its serial line.
pub fn check(model: &Model, file: &Path, parts: Parts) -> Result<Vec<Reported>> {
    let board = qemu::Board::boot(model, file, LIMIT)?;
    let report = checks::run(&Board::new(parts), || board.socket::<Serial>().map_err(io::Error::other));
    Ok(vec![Reported { carrier: "UART", report }])
}
