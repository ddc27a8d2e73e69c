//! dRPC and protobuf messages with peers that have their messages from Python's protobuf library.

use anyhow::Result;

use crate::{
    process::{run, step},
    python_clients::PROTOBUF,
    workspace::cargo,
};

/// Runs the tests of the crate with peers in Python, as clients and as servers, and compares messages of both libraries.
pub fn test() -> Result<()> {
    let python = PROTOBUF.python()?;
    step("testing dRPC with peers in Python");
    let mut test = cargo();
    test.args(["test", "--package", "oncilla-drpc", "--features", "host", "--test", "peers"]);
    run(test.env("ONCILLA_DRPC_PYTHON", &python))?;
    step("comparing protobuf messages with those of Python");
    let mut test = cargo();
    test.args(["test", "--package", "oncilla-protobuf-tests", "--test", "python"]);
    run(test.env("ONCILLA_DRPC_PYTHON", &python))
}
