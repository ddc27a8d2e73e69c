//! Builds, checks and measures the probes.
//!
//! A probe is two programs in the board's crate. `probe_NAME.rs` is a complete firmware with null, add(int, int) and
//! echo(opaque<64>) on the UART; its flash and static RAM count. `measure_NAME.rs` makes the same calls in memory and
//! prints their costs. `empty.rs` is the start-up code alone. To add a probe, add its two programs.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Context, Result, ensure};

use super::figures::{self, All, of_footprint};
use crate::{
    firmware::{Features, Firmware, Profile},
    footprint::Footprint,
    process::step,
    qemu,
};

const EMPTY: &str = "empty";

/// Firmware with the board's clock, a feature of its crate. Other firmware does not pay for its interrupt.
const WITH_CLOCK: [&str; 2] = ["probe_cobs_client", "probe_cobs_endpoint"];

/// Firmware with the feature `keys` of its crate, by which other firmware would grow a little.
const WITH_KEYS: [&str; 2] = ["probe_keyed", "measure_keyed"];

/// Firmware with protobuf messages, whose build script compiles the compiler of `.proto` files.
const WITH_PROTOBUF: [&str; 2] = ["probe_protobuf", "measure_protobuf"];

/// Firmware with the forward secret suite.
const FORWARD_SECRET: [&str; 2] = ["probe_keyed_secret", "measure_keyed_secret"];

/// Measures every probe.
pub fn measure(firmware: Firmware) -> Result<All> {
    let names = names(firmware)?;
    let prefixed = |prefix: &str| names.iter().map(|name| format!("{prefix}{name}")).collect::<Vec<_>>();
    let (probes, measures) = (prefixed("probe_"), prefixed("measure_"));
    let shipped: Vec<_> = [EMPTY].into_iter().chain(probes.iter().map(String::as_str)).collect();

    // Linking is the check: neither build may contain a panic. With overflow checks, the crates of the forward secret suite
    // do, which SECURITY.md says.
    let checked: Vec<_> = shipped.iter().copied().filter(|program| !FORWARD_SECRET.contains(program)).collect();
    build(firmware, Profile::Checked, &checked)?;
    let programs = shipped.iter().copied().chain(measures.iter().map(String::as_str)).collect::<Vec<_>>();
    let files = build(firmware, Profile::Plain, &programs)?;
    let file = |program: &str| files.get(program).with_context(|| format!("{program} was not built"));

    let empty = Footprint::of(file(EMPTY)?)?;
    let mut all = All::from([(EMPTY.to_owned(), of_footprint(empty))]);
    for ((name, probe), measure) in names.into_iter().zip(&probes).zip(&measures) {
        step(&format!("measuring {name}"));
        let probe = Footprint::of(file(probe)?)?;
        ensure!(
            probe.flash > empty.flash,
            "probe_{name} takes {} bytes of flash and the empty firmware {}: the probe serves nothing",
            probe.flash,
            empty.flash
        );
        let mut figures = of_footprint(Footprint {
            flash: probe.flash - empty.flash,
            static_ram: probe.static_ram.saturating_sub(empty.static_ram),
        });
        let printed = qemu::measure(firmware.board, file(measure)?)?;
        figures.extend(figures::parse(&printed).with_context(|| format!("measure_{name}"))?);
        all.insert(name, figures);
    }
    Ok(all)
}

/// Builds programs, each with the features it needs. Returns their paths.
fn build<'p>(firmware: Firmware, profile: Profile, programs: &[&'p str]) -> Result<BTreeMap<&'p str, PathBuf>> {
    let features_of = |program: &&str| match program {
        timed if WITH_CLOCK.contains(timed) => Features::Clock,
        keyed if WITH_KEYS.contains(keyed) => Features::Keys,
        secret if FORWARD_SECRET.contains(secret) => Features::ForwardSecret,
        messages if WITH_PROTOBUF.contains(messages) => Features::Protobuf,
        _ => Features::None,
    };
    let mut files = BTreeMap::new();
    for features in [Features::None, Features::Clock, Features::Keys, Features::ForwardSecret, Features::Protobuf] {
        let programs: Vec<_> = programs.iter().copied().filter(|program| features_of(program) == features).collect();
        if programs.is_empty() {
            continue;
        }
        let built = firmware.build(profile, features, &programs)?;
        files.extend(programs.into_iter().zip(built));
    }
    Ok(files)
}

/// Returns the names of the probes. Each must have both programs.
fn names(firmware: Firmware) -> Result<Vec<String>> {
    let (probes, measures) = (firmware.names("probe_")?, firmware.names("measure_")?);
    ensure!(
        probes == measures,
        "every probe needs both its programs; there are probe_ {probes:?} and measure_ {measures:?}"
    );
    Ok(probes)
}
