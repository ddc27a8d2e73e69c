//! The page for devices: its tests in a browser, its figures and its pictures, and the page without a server.

mod folder;

use std::{fs, process::Command, time::Duration};

use anyhow::{Context, Result};

use crate::{
    boards::LM3S6965EVB,
    firmware::{Features, Firmware, Profile},
    firmware_tests::command,
    install::{self, CHROMIUM},
    process::{LIMIT, run_for, step},
    python_clients::Clients,
    qemu,
    workspace::{self, cargo},
};

pub use folder::Arguments;

/// The time limit of all tests in the browser, on a machine that is busy.
const TESTS: Duration = Duration::from_secs(1200);

/// The folder of the tests, in the workspace.
const FOLDER: &str = "targets/web/tests/browser";

/// What drives the browser, and the accessibility checker.
const DRIVER: Clients = Clients { list: "targets/web/tests/browser/requirements.txt", name: "browser" };

/// The firmware that the tests boot.
const BOARDS: [&str; 3] = ["sensor", "suite", "keyed"];

/// Tests the page in Debian's Chromium, with firmware in QEMU.
pub fn test(from_source: bool) -> Result<()> {
    step("testing the crates of the page");
    let packages = ["--package", "oncilla-web", "--package", "oncilla-web-wasm"];
    run_for(LIMIT, cargo().args(["test", "--quiet", "--all-features"]).args(packages))?;
    command::build()?;
    let mut pytest = python("debug", &["-m", "pytest", "-q", "-p", "no:cacheprovider", FOLDER])?;
    let firmware = Firmware::of(&LM3S6965EVB, from_source)?;
    for (program, file) in BOARDS.iter().zip(firmware.build(Profile::Plain, Features::All, &BOARDS)?) {
        // A test boots a board itself, since it resets and unplugs it.
        let boot = qemu::command(&LM3S6965EVB, &file)?;
        let words: Vec<_> = std::iter::once(boot.get_program()).chain(boot.get_args()).collect();
        let words: Option<Vec<_>> = words.iter().map(|word| word.to_str()).collect();
        let words = serde_json::to_string(&words.context("a path is no text")?)?;
        pytest.env(format!("ONCILLA_BOOT_{}", program.to_uppercase()), words);
    }
    let folders = workspace::target().join("web-folders");
    for (name, arguments) in [("FOLDER", Arguments::default()), ("PRODUCT", product())] {
        let path = folders.join(name.to_lowercase());
        folder::make(&path, &arguments, from_source)?;
        pytest.env(format!("ONCILLA_{name}"), path);
    }
    step("testing the page in a browser");
    run_for(TESTS, &mut pytest)
}

/// The choices of a maker in the tests.
fn product() -> Arguments {
    let file = |name: &str| Some(workspace::root().join(name));
    Arguments {
        interface: file("tests/suite/suite.x"),
        panels: file("targets/web/tests/browser/panels.toml"),
        title: Some("Suite board".to_owned()),
        ..Arguments::default()
    }
}

/// Prints the figures of the page, makes the pictures of README and guide, or makes the page without a server.
pub fn run(pictures: bool, arguments: &Arguments) -> Result<()> {
    if let Some(path) = &arguments.folder {
        return folder::make(path, arguments, false);
    }
    install::tools(&[&CHROMIUM])?;
    step("building the command, optimised");
    run_for(LIMIT, cargo().args(["build", "--release", "--package", "oncilla-cli"]))?;
    let script = if pictures { "pictures.py" } else { "figures.py" };
    run_for(TESTS, &mut python("release", &[&format!("{FOLDER}/{script}")])?)
}

/// Returns the command that runs Python with the driver, for the command `oncilla` of a profile.
fn python(profile: &str, arguments: &[&str]) -> Result<Command> {
    let mut python = Command::new(DRIVER.python()?);
    let home = workspace::target().join("web-home");
    fs::create_dir_all(&home).with_context(|| format!("cannot create {}", home.display()))?;
    python.args(arguments).current_dir(workspace::root());
    python.env("ONCILLA_ROOT", workspace::root()).env("ONCILLA_CHROMIUM", CHROMIUM.file);
    python.env("ONCILLA_PROGRAM", workspace::target().join(profile).join("oncilla"));
    // Nothing is written to the sources, or to the home of who runs it.
    python.env("PYTHONDONTWRITEBYTECODE", "1").env("HOME", home);
    for settings in ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "ONCILLA_TARGET", "ONCILLA_CONFIG"] {
        python.env_remove(settings);
    }
    Ok(python)
}
