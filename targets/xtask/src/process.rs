//! Other programs: found, run, and stopped when they take too long.

use std::{
    env,
    io::{self, Read},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

/// Says what is being done. On the error stream, so that a command's output stays its own.
pub fn step(what: &str) {
    eprintln!("==> {what}");
}

/// Where a program is, if it is there.
pub fn find(program: &str) -> Option<PathBuf> {
    // Debian keeps some tools where an ordinary user's PATH does not look.
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// Runs a command to its end; anything but success is an error.
pub fn run(command: &mut Command) -> Result<()> {
    let line = line(command);
    eprintln!("    {line}");
    let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
    succeeded(&line, status)
}

/// Runs a command like [`run`], with its output on the error stream, and stops it after `limit`.
pub fn run_within(limit: Duration, command: &mut Command) -> Result<()> {
    let line = line(command);
    eprintln!("    {line}    (at most {} s)", limit.as_secs());
    let child = command.stdout(io::stderr()).spawn().with_context(|| format!("cannot start `{line}`"))?;
    let (_, status) = wait(child, limit, &line)?;
    succeeded(&line, status)
}

/// Runs a command that prints little, says so, and returns what it printed; stops it after `limit`.
pub fn output_within(limit: Duration, command: &mut Command) -> Result<String> {
    let line = line(command);
    eprintln!("    {line}    (at most {} s)", limit.as_secs());
    let child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start `{line}`"))?;
    let (mut child, status) = wait(child, limit, &line)?;
    let mut printed = String::new();
    // The pipe has kept it.
    child.stdout.take().map(|mut pipe| pipe.read_to_string(&mut printed)).transpose()?;
    succeeded(&line, status)?;
    Ok(printed.trim().to_owned())
}

fn wait(mut child: Child, limit: Duration, line: &str) -> Result<(Child, ExitStatus)> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok((child, status));
        }
        if started.elapsed() >= limit {
            child.kill()?;
            child.wait()?;
            bail!("`{line}` took longer than {} s and was stopped", limit.as_secs());
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Runs a command and returns what it printed, without the spaces around.
pub fn output(command: &mut Command) -> Result<String> {
    let line = line(command);
    let output = command.output().with_context(|| format!("cannot start `{line}`"))?;
    ensure!(
        output.status.success(),
        "`{line}` failed ({}): {}",
        output.status,
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn succeeded(line: &str, status: ExitStatus) -> Result<()> {
    ensure!(status.success(), "`{line}` failed ({status}); what it printed says why");
    Ok(())
}

/// The command as one would type it.
fn line(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    [name].into_iter().chain(command.get_args()).map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_too_long_is_stopped() {
        let started = Instant::now();
        let error = run_within(Duration::from_millis(100), Command::new("sleep").arg("60"));
        assert!(error.unwrap_err().to_string().contains("took longer than"));
        assert!(started.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn failure_is_an_error_that_names_the_command() {
        let error = run(Command::new("false").arg("-x")).unwrap_err().to_string();
        assert!(error.starts_with("`false -x` failed"), "{error}");
        assert!(output(&mut Command::new("/nowhere/at-all")).is_err());
    }

    #[test]
    fn programs_are_found_by_name() {
        assert!(find("sleep").is_some());
        assert!(find("no such program").is_none());
    }
}
