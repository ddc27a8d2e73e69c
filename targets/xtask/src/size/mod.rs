//! `cargo xtask size`: the costs of the firmware, with their budget and those of other servers.

mod budget;
mod c;
mod figures;
mod probes;
mod small;
mod table;

use anyhow::{Result, bail};
use serde_json::json;

use crate::{boards::LM3S6965EVB, peers, process::step, setup};
use budget::Budget;

/// The percentage by which figures of another compiler may exceed the budget.
const ALLOWANCE: u64 = 5;

/// Measures and prints the figures. Fails if one exceeds its budget.
pub fn run(print_json: bool, update: bool) -> Result<()> {
    // Always this toolchain: figures of two compilers cannot be compared but roughly.
    let firmware = setup::for_firmware(&LM3S6965EVB, true)?;
    let compiler = firmware.toolchain().version()?;
    let mut budget = Budget::read()?;
    if update {
        budget.require_toolchain(&compiler)?;
    } else if !budget.is_of(&compiler) {
        println!("note: the budget is of another compiler; this one, {compiler}, is allowed {ALLOWANCE} % more");
        budget = budget.widened(ALLOWANCE);
    }

    let mut figures = probes::measure(firmware)?;
    figures.extend(c::measure(firmware.toolchain())?);
    figures.extend(small::measure()?);
    let peers = peers::read()?;
    let problems = if update { budget.lower(&figures) } else { budget.problems(&figures) };
    if print_json {
        let all = json!({
            "toolchain": compiler,
            "figures": figures,
            "budget": budget.figures,
            "problems": problems,
            "peers": peers,
        });
        println!("{all:#}");
    } else {
        println!("Built with {compiler}.\n{}", table::render(&figures, &peers));
    }
    if !problems.is_empty() {
        bail!("{}", problems.join("\n       "));
    }
    if update {
        budget.write()?;
        step("the budget is set to the current figures");
    } else {
        step("all figures are within their budget");
    }
    Ok(())
}
