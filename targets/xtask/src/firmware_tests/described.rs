//! Firmware whose interface is a `.x` file, and which returns the text of that file.

use anyhow::{Result, ensure};
use oncilla_rpcgen::{Preprocessor, parse_file, read_description};
use oncilla_sensor::{Reading, Sample, Status, sensor_1};

use super::{Case, line::client};
use crate::{qemu::Board, workspace};

pub const CASES: &[&Case] = &[
    &Case { claim: "an interface compiled from a .x file is served", program: "sensor", check: served },
    &Case { claim: "the device returns its .x file", program: "sensor", check: described },
];

fn served(board: &Board) -> Result<String> {
    let mut client = client(board)?;
    let mut sensor = sensor_1::Client::new(&mut client);
    let latest = Sample { time: 2000, value: 21_625 };
    let came = sensor.read(0)?;
    ensure!(came == Reading::Ok(latest.clone()), "channel 0 has {came:?}");
    let came = sensor.read(1)?;
    ensure!(came == Reading::Default(Status::NoSuchChannel.number()), "channel 1 has {came:?}");
    let history = sensor.history(0)?;
    ensure!(history.len() == 2 && history.last() == Some(&latest), "channel 0 had {history:?}");
    ensure!(sensor.rename(0, "attic")? && !sensor.rename(1, "cellar")?, "a channel that is there has another name");
    Ok(String::new())
}

fn described(board: &Board) -> Result<String> {
    let told = read_description("the device", &mut client(board)?)?;
    let bytes = told.report.sources.all().first().map_or(0, |source| source.text.len());
    let written = parse_file(workspace::root().join("examples/sensor/sensor.x"), &Preprocessor::default())?;
    ensure!(told.tree == written.tree, "the device returned another file:\n{}", told.tree);
    Ok(format!("{bytes} bytes"))
}
