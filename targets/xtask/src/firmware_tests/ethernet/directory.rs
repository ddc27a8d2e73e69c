//! rpcinfo, the standard's own tool, with the firmware's rpcbind.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Result, ensure};
use oncilla::rpcbind::PROGRAM as RPCBIND;
use oncilla_suite::{bulk_1, compact, suite_1, suite_3, types_1};

use super::network::BOARD;
use crate::{install::RPCINFO, process::output_within};

/// The time limit. rpcinfo itself waits a shorter time for a reply.
const LIMIT: Duration = Duration::from_secs(60);

/// The port of all programs but rpcbind.
const PORT: u16 = 1111;
const PORT_BYTES: &str = "4.87";

/// Programs and versions, besides rpcbind.
const SERVED: [(u32, u32); 5] = [
    (suite_1::PROGRAM, suite_1::VERSION),
    (suite_3::PROGRAM, suite_3::VERSION),
    (types_1::PROGRAM, types_1::VERSION),
    (bulk_1::PROGRAM, bulk_1::VERSION),
    (compact::PROGRAM, compact::VERSION),
];

fn rpcinfo(arguments: &[&str]) -> Result<String> {
    output_within(LIMIT, RPCINFO.command()?.args(arguments))
}

/// Returns the first columns of rpcinfo's output, without the header.
fn rows(arguments: &[&str], columns: usize) -> Result<BTreeSet<String>> {
    let row = |line: &str| line.split_whitespace().take(columns).collect::<Vec<_>>().join(" ");
    Ok(rpcinfo(arguments)?.lines().skip(1).map(row).collect())
}

/// Lists the programs. Version 2 of rpcbind returns ports, version 4 universal addresses.
pub fn lists() -> Result<()> {
    let (mut ports, mut addresses) = (BTreeSet::new(), BTreeSet::new());
    for netid in ["tcp", "udp"] {
        for version in 2..=4 {
            ports.insert(format!("{RPCBIND} {version} {netid} 111"));
            addresses.insert(format!("{RPCBIND} {version} {netid} {BOARD}.0.111"));
        }
        for (program, version) in SERVED {
            ports.insert(format!("{program} {version} {netid} {PORT}"));
            addresses.insert(format!("{program} {version} {netid} {BOARD}.{PORT_BYTES}"));
        }
    }
    let told = rows(&["-p", BOARD], 4)?;
    ensure!(told == ports, "rpcinfo -p: {told:?}");
    let told = rows(&[BOARD], 4)?;
    ensure!(told == addresses, "rpcinfo: {told:?}");
    Ok(())
}

/// Asks for the address of each program, and calls it.
pub fn pings() -> Result<()> {
    for how in [&["-t"][..], &["-u"], &["-T", "tcp"], &["-T", "udp"]] {
        let rpcbind = [(RPCBIND, 2), (RPCBIND, 3), (RPCBIND, 4)];
        // With -t and -u it finds programs by version 2 alone, and rpcbind like any other.
        for (program, version) in SERVED.into_iter().chain(rpcbind) {
            let numbers = [program.to_string(), version.to_string()];
            let said = rpcinfo(&[how, &[BOARD, &numbers[0], &numbers[1]]].concat())?;
            let expected = format!("program {program} version {version} ready and waiting");
            ensure!(said == expected, "rpcinfo {how:?}: {said:?}");
        }
    }
    Ok(())
}
