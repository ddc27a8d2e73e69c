//! The multimeter on VXI-11: it has checks of its own instead of the suite.

use std::{net::SocketAddr, path::Path};

use anyhow::Result;
use oncilla_suite::checks::{Report, Row, Verdict};
use oncilla_vxi11::{Client, Error};

use super::{LIMIT, entries::Reported};
use crate::{boards::Model, firmware_tests::ethernet::instrument::forwarded};

/// A claim, a message, and whether a response to it is right.
type Case = (&'static str, &'static str, fn(&str) -> bool);

/// Boots the firmware and asks it over its core channel. `cargo xtask test --only instrument` has all checks.
pub fn check(model: &Model, file: &Path) -> Result<Vec<Reported>> {
    let (_board, address) = forwarded(model, file, LIMIT)?;
    let cases: [Case; 4] = [
        ("the multimeter identifies itself", "*IDN?", |response| response == "ONCILLA,METER,0,1.0"),
        ("the multimeter measures", "MEAS:VOLT?", |response| {
            response.starts_with("+1.2") && response.ends_with("E+00")
        }),
        ("the multimeter sends a waveform", "CURV?", |response| response.split(',').count() == 512),
        ("the multimeter reports errors", "FOO;:SYST:ERR?", |response| response == "-113,\"Undefined header\""),
    ];
    let rows = cases.map(|(claim, message, is_right)| {
        let verdict = match ask(address, message) {
            Ok(response) if is_right(response.trim_end()) => Verdict::Passed,
            Ok(response) => Verdict::Failed(format!("{message} returns {response:?}")),
            Err(error) => Verdict::Failed(format!("{message}: {error}")),
        };
        Row { claim, verdict }
    });
    Ok(vec![Reported { carrier: "VXI-11", report: Report { rows: rows.into() } }])
}

fn ask(address: SocketAddr, message: &str) -> Result<String, Error> {
    let client = Client::options().core_port(address.port()).timeout(LIMIT);
    client.open(&address.ip().to_string(), "inst0")?.query(message)
}
