//! Runs other programs, and stops them at a time limit.

use std::{
    env,
    io::{self, Read},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

/// Prints the current step on standard error, so that a command's output stays its own.
pub fn step(what: &str) {
    eprintln!("==> {what}");
}

/// Returns the path of a program, if it exists.
pub fn find(program: &str) -> Option<PathBuf> {
    // Debian keeps some tools where an ordinary user's PATH does not look.
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// The time limit of a build or a test run, on the slowest machine.
pub const LIMIT: Duration = Duration::from_secs(2 * 3600);

/// The time limit of a command whose output is wanted.
const OUTPUT_LIMIT: Duration = Duration::from_secs(600);

/// Runs a command for at most [`LIMIT`]. Returns an error unless it succeeds.
pub fn run(command: &mut Command) -> Result<()> {
    run_for(LIMIT, command)
}

/// Runs a command for at most `limit`. Returns an error unless it succeeds.
pub fn run_for(limit: Duration, command: &mut Command) -> Result<()> {
    let line = line(command);
    eprintln!("    {line}");
    let child = command.spawn().with_context(|| format!("cannot start `{line}`"))?;
    let (_, status) = wait(child, limit, &line)?;
    succeeded(&line, status)
}

/// Runs a command like [`run_for`], with its output on standard error.
pub fn run_within(limit: Duration, command: &mut Command) -> Result<()> {
    let line = line(command);
    eprintln!("    {line}    (at most {} s)", limit.as_secs());
    let child = command.stdout(io::stderr()).spawn().with_context(|| format!("cannot start `{line}`"))?;
    let (_, status) = wait(child, limit, &line)?;
    succeeded(&line, status)
}

/// Runs a command for at most `limit` and returns its output without surrounding blanks. Prints the command.
pub fn output_within(limit: Duration, command: &mut Command) -> Result<String> {
    let line = line(command);
    eprintln!("    {line}    (at most {} s)", limit.as_secs());
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start `{line}`"))?;
    // Read while it runs: more than a pipe holds would stop it.
    let out = read(child.stdout.take());
    let (_, status) = wait(child, limit, &line)?;
    succeeded(&line, status)?;
    Ok(String::from_utf8(out.recv()??)?.trim().to_owned())
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

/// Runs a command for at most ten minutes and returns its output without surrounding blanks.
pub fn output(command: &mut Command) -> Result<String> {
    output_for(OUTPUT_LIMIT, command)
}

/// Runs a command for at most `limit`, without input, and returns its output without surrounding blanks.
pub fn output_for(limit: Duration, command: &mut Command) -> Result<String> {
    let line = line(command);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot start `{line}`"))?;
    // Read while it runs: more than a pipe holds would stop it. What a process holds that it has left behind is not waited for.
    let (out, errors) = (read(child.stdout.take()), read(child.stderr.take()));
    let (_, status) = wait(child, limit, &line)?;
    ensure!(status.success(), "`{line}` failed ({status}): {}", String::from_utf8_lossy(&errors.recv()??).trim());
    Ok(String::from_utf8(out.recv()??)?.trim().to_owned())
}

/// Reads a pipe to its end in its own thread.
fn read(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = pipe.map_or(Ok(0), |mut pipe| pipe.read_to_end(&mut bytes));
        // The receiver is gone if the command took too long.
        let _ = sender.send(read.map(|_| bytes));
    });
    receiver
}

fn succeeded(line: &str, status: ExitStatus) -> Result<()> {
    ensure!(status.success(), "`{line}` failed ({status}); what it printed says why");
    Ok(())
}

/// Returns the command as it would be typed.
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
        let error = run_for(Duration::from_millis(100), Command::new("sleep").arg("60"));
        assert!(error.unwrap_err().to_string().contains("took longer than"));
        let error = output_for(Duration::from_millis(100), Command::new("sleep").arg("60"));
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
    fn more_than_a_pipe_holds_is_returned() {
        let printed = output(Command::new("seq").arg("100000")).unwrap();
        assert!(printed.starts_with("1\n") && printed.ends_with("\n100000"));
    }

    #[test]
    fn programs_are_found_by_name() {
        assert!(find("sleep").is_some());
        assert!(find("no such program").is_none());
    }
}
