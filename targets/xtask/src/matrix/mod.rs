//! `cargo xtask matrix`: the portable suite (`tests/suite`) on every board.

mod entries;
mod ethernet;
mod examples;
mod instrument;
mod line;
mod row;

use std::{sync::Mutex, thread, time::Duration};

use anyhow::{Result, ensure};
use serde_json::json;

use crate::{
    firmware::{Features, Firmware, Profile},
    footprint::Footprint,
    portability,
    process::step,
    setup,
};
use entries::{ENTRIES, Entry};
use row::Row;

/// The time limit of a firmware with all its checks and booting.
const LIMIT: Duration = Duration::from_secs(300);

/// The number of boards that run at the same time. Each takes about one processor.
const AT_ONCE: usize = 2;

/// Runs the suite on every board and prints the table.
pub fn run(from_source: bool, print_json: bool) -> Result<()> {
    setup::for_test(from_source)?;
    let (boards, compiled) = (rows(from_source)?, portability::rows()?);
    // Its table is for people; with `--json` it goes with the messages.
    let examples = examples::test(from_source, print_json);
    if print_json {
        println!("{:#}", json!({ "boards": boards, "compiled": compiled }));
    } else {
        println!("\n{}\n{}", row::table(&boards), portability::table(&compiled));
    }
    judge(&boards).and(portability::judge(&compiled)).and(examples)
}

/// Runs the suite on every board, as a test.
pub fn test(from_source: bool) -> Result<()> {
    let rows = rows(from_source)?;
    println!("\n{}", row::table(&rows));
    let examples = examples::test(from_source, false);
    judge(&rows).and(examples)
}

fn judge(rows: &[Row]) -> Result<()> {
    let failed = rows.iter().filter(|row| !row.is_good()).count();
    ensure!(failed == 0, "{failed} of {} rows of the matrix failed; the reasons are above", rows.len());
    Ok(())
}

/// Builds every firmware, without panics also when overflows are checked, and runs its checks.
fn rows(from_source: bool) -> Result<Vec<Row>> {
    let mut built = Vec::new();
    let mut rows = Vec::new();
    for entry in ENTRIES.iter().copied() {
        match build(entry, from_source) {
            Ok(files) => built.push((entry, files)),
            // The other boards are tried all the same.
            Err(error) => {
                let row = Row::failed(entry, &error);
                println!("suite on {}", row.whole());
                rows.push(row);
            }
        }
    }
    step(&format!("running the suite on {} boards, {AT_ONCE} at a time", built.len()));
    let waiting = Mutex::new(built.into_iter());
    let done = Mutex::new(rows);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    // Not in the loop's condition, which would keep the lock.
                    let next = waiting.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).next();
                    let Some((entry, built)) = next else { break };
                    let rows = checked(entry, &built);
                    done.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).extend(rows);
                }
            });
        }
    });
    let mut rows = done.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    rows.sort_by_key(|row| row.place);
    Ok(rows)
}

/// A built firmware.
struct Built {
    file: std::path::PathBuf,
    footprint: Footprint,
}

fn build(entry: &Entry, from_source: bool) -> Result<Built> {
    let firmware = Firmware::of(entry.board, from_source)?;
    firmware.build(Profile::Checked, Features::All, &[entry.program])?;
    let file = firmware.build(Profile::Plain, Features::All, &[entry.program])?.swap_remove(0);
    let footprint = Footprint::of(&file)?;
    Ok(Built { file, footprint })
}

/// Runs the checks of one firmware, and prints each row when it is done.
fn checked(entry: &Entry, built: &Built) -> Vec<Row> {
    let rows = match (entry.check)(entry.board, &built.file) {
        Ok(reports) => reports.into_iter().map(|report| Row::of(entry, built.footprint, report)).collect(),
        Err(error) => vec![Row::failed(entry, &error)],
    };
    for row in &rows {
        println!("suite on {}", row.whole());
    }
    rows
}
