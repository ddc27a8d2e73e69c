//! The command `oncilla` as users install it, by `cargo install`.

use std::{fs, process::Command, thread, time::Duration};

use anyhow::{Context, Result, anyhow, ensure};
use oncilla_host::Server;
use oncilla_suite::{Parts, Suite, TABLE};

use crate::{
    process::{output_within, run, step},
    workspace,
};

/// The time limit of one command.
const LIMIT: Duration = Duration::from_secs(60);

/// Installs the command into a folder of its own, and calls a server with it.
pub fn test() -> Result<()> {
    step("installing the command oncilla");
    let root = workspace::target().join("installed");
    if root.exists() {
        fs::remove_dir_all(&root)?;
    }
    let mut install = workspace::cargo();
    // The build of the workspace's tests is used again.
    install.args(["install", "--path", "targets/cli", "--locked", "--debug", "--no-track", "--root"]);
    run(install.arg(&root).arg("--target-dir").arg(workspace::target()))?;
    let oncilla = |arguments: &[&str]| {
        let mut command = Command::new(root.join("bin").join("oncilla"));
        command
            .env("HOME", "/dev/null")
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_STATE_HOME")
            .current_dir(workspace::root());
        output_within(LIMIT, command.args(arguments))
    };
    let version = oncilla(&["--version"])?;
    ensure!(version == format!("oncilla {}", env!("CARGO_PKG_VERSION")), "the command printed {version:?}");
    let pages = root.join("man");
    oncilla(&["man", "--output", &pages.to_string_lossy()])?;
    ensure!(pages.join("oncilla-call.1").is_file(), "no page of `oncilla call` in {}", pages.display());
    ensure!(oncilla(&["completions", "bash"])?.contains("complete "), "no completions");
    let mut server = Server::new()?.tcp("127.0.0.1:0")?;
    let target = server.tcp_addresses().first().context("the server has an address")?.to_string();
    let stopper = server.stopper();
    let serving = thread::spawn(move || server.serve(&TABLE, &mut Suite::new(Parts::NONE)));
    let called = oncilla(&["-t", &target, "-x", "tests/suite/suite.x", "call", "suite.subtract", "3", "5"]);
    stopper.stop();
    serving.join().map_err(|_| anyhow!("the server panicked"))??;
    let called = called?;
    ensure!(called == "-2", "the installed command printed {called:?}");
    println!("{version} was installed, and calls");
    Ok(())
}
