//! `cargo xtask packages`: checks the crates that are published, and builds them from their packages alone.

mod builds;
mod contents;
mod manifests;
mod minimal;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{
    process::{output, step},
    workspace::{self, cargo},
};

/// A crate that is published.
pub struct Published {
    pub name: &'static str,
    /// Its folder in the repository.
    folder: &'static str,
    /// What its package has beside its sources, its manifest, its README and the licences.
    extra: &'static [&'static str],
}

/// All that is published, in the order in which it must be: each crate after those that it depends on.
pub const PUBLISHED: [Published; 16] = [
    Published { name: "oncilla", folder: ".", extra: &["CHANGELOG.md"] },
    Published {
        name: "oncilla-host",
        folder: "targets/host",
        extra: &[
            "examples/keys.rs",
            "examples/metrics.rs",
            "examples/systemd/clock.service",
            "examples/systemd/clock.socket",
            "examples/tls.rs",
        ],
    },
    Published { name: "oncilla-rpcgen", folder: "targets/rpcgen", extra: &["examples/describe.rs"] },
    Published { name: "oncilla-dynamic", folder: "targets/dynamic", extra: &[] },
    Published { name: "oncilla-fleet", folder: "targets/fleet", extra: &[] },
    Published { name: "oncilla-device", folder: "targets/device", extra: &[] },
    Published { name: "oncilla-gateway", folder: "targets/gateway", extra: &["deploy/oncilla-gateway.service"] },
    Published {
        name: "oncilla-web",
        folder: "targets/web",
        extra: &[
            "page/alone.js",
            "page/chart.js",
            "page/client.js",
            "page/code.js",
            "page/csv.js",
            "page/device.js",
            "page/dom.js",
            "page/form.js",
            "page/history.js",
            "page/icon.svg",
            "page/index.html",
            "page/json.js",
            "page/link.js",
            "page/lists.js",
            "page/log.js",
            "page/main.js",
            "page/opaque.js",
            "page/page.js",
            "page/panels.css",
            "page/panels.js",
            "page/plots.js",
            "page/serial.js",
            "page/series.js",
            "page/socket.js",
            "page/style.css",
            "page/template.js",
            "page/theme.js",
            "page/unions.js",
            "page/value.js",
            "page/zoom.js",
        ],
    },
    Published { name: "oncilla-cli", folder: "targets/cli", extra: &[] },
    Published { name: "oncilla-ethernet", folder: "targets/ethernet", extra: &[] },
    Published { name: "oncilla-hal", folder: "targets/hal", extra: &[] },
    Published { name: "oncilla-protobuf", folder: "targets/protobuf", extra: &[] },
    Published { name: "oncilla-protobuf-build", folder: "targets/protobuf-build", extra: &[] },
    Published { name: "oncilla-vxi11", folder: "targets/vxi11", extra: &["build.rs", "vxi11.x"] },
    Published { name: "oncilla-drpc", folder: "targets/drpc", extra: &["examples/pools.rs"] },
    Published {
        name: "oncilla-capi",
        folder: "targets/capi",
        extra: &[
            "c/adder.h",
            "c/adder_client.c",
            "c/adder_server.c",
            "c/endpoint.c",
            "c/keyed.c",
            "c/nested.c",
            "c/oncilla_fd.c",
            "c/oncilla_fd.h",
            "include/oncilla.h",
        ],
    },
];

impl Published {
    fn folder(&self) -> PathBuf {
        workspace::root().join(self.folder)
    }

    /// Returns whether other packages can depend on it.
    fn is_library(&self) -> bool {
        self.folder().join("src/lib.rs").is_file()
    }
}

/// Checks the manifests, makes the packages, checks their contents, and builds each from the packages alone: plainly, with all
/// features, its documentation, and, of libraries, with the oldest dependencies that the manifest allows.
pub fn check() -> Result<()> {
    step(&format!("packaging {}", PUBLISHED.map(|published| published.name).join(", ")));
    let version = manifests::check()?;
    let folder = unpack(&version)?;
    contents::check(&folder, &version)?;
    builds::check(&folder)?;
    minimal::check(&folder, &version)
}

/// Where a package is unpacked.
fn unpacked(folder: &Path, published: &Published, version: &str) -> PathBuf {
    folder.join(format!("{}-{version}", published.name))
}

/// Makes the packages, and unpacks them into a workspace of their own; returns its folder.
fn unpack(version: &str) -> Result<PathBuf> {
    offline_first(|| {
        let mut command = cargo();
        // Without the build that cargo makes of each package: it is made here, in more ways.
        command.args(["package", "--no-verify", "--allow-dirty"]);
        command.args(PUBLISHED.iter().flat_map(|published| ["--package", published.name]));
        command
    })
    .context("cargo made no packages; of crates that depend on each other, 1.90 is the first that does")?;
    let folder = workspace::target().join("packages");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    // What a dependency would take from crates.io is taken from the package of the same name.
    let mut manifest = String::from("[workspace]\nmembers = [\"oncilla*\"]\nresolver = \"3\"\n\n[patch.crates-io]\n");
    for published in &PUBLISHED {
        let name = format!("{}-{version}", published.name);
        let package = workspace::target().join("package").join(format!("{name}.crate"));
        // With the time of now: a package has a fixed one, by which cargo would not see that a file has changed.
        output(Command::new("tar").arg("-xmzf").arg(package).arg("-C").arg(&folder))?;
        manifest += &format!("{} = {{ path = \"{name}\" }}\n", published.name);
    }
    fs::write(folder.join("Cargo.toml"), manifest)?;
    Ok(folder)
}

/// Runs a command of cargo without the network, and with it if that fails, as on a machine that has not downloaded everything.
/// Returns what it printed.
pub fn offline_first(command: impl Fn() -> Command) -> Result<String> {
    output(command().arg("--offline")).or_else(|_| output(&mut command()))
}

/// The cargo that runs this program, in the workspace of the packages, with the workspace's compiled dependencies at hand.
fn cargo_in(folder: &Path) -> Command {
    let mut cargo = cargo();
    cargo.current_dir(folder).env("CARGO_TARGET_DIR", workspace::target());
    cargo
}
