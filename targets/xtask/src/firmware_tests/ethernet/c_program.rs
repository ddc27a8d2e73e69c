//! A C program compiled by rpcgen and gcc from the suite's interface. It knows only the firmware's address.

use std::{path::Path, process::Command, time::Duration};

use anyhow::{Result, ensure};
use oncilla_test_support::libtirpc;

use super::{alone::folder, network::BOARD};
use crate::{process::output_within, workspace};

/// The time limit. The program's own limits are shorter.
const LIMIT: Duration = Duration::from_secs(60);

const PROGRAM: &str = "suite_client";

/// Compiles the program.
pub fn compile() {
    let own = workspace::own("src/firmware_tests/ethernet/client.c");
    let own = own.to_str().expect("paths of the workspace are text");
    let parts = [own, "suite_xdr.c"];
    std::fs::create_dir_all(folder()).expect("a folder in the target folder");
    libtirpc::compile(Path::new(&workspace::root().join("tests/suite")), "suite", &folder(), &[(PROGRAM, &parts)]);
}

pub fn over_tcp() -> Result<()> {
    call("tcp")
}

pub fn over_udp() -> Result<()> {
    call("udp")
}

fn call(transport: &str) -> Result<()> {
    let said = output_within(LIMIT, Command::new(folder().join(PROGRAM)).args([BOARD, transport]))?;
    let expected = "subtract -2\necho 64 the same\nname firmware\nnegate true\nbulk 1024 the same";
    ensure!(said == expected, "it says {said:?}");
    Ok(())
}
