//! Runs parts of the tests side by side: while one waits for a board or for one compiler, another one computes.
//!
//! Each part is a process. What it prints goes to a file, and is printed whole when it ends. A part that fails is run once
//! more when no other one runs: a test that fails only beside others is reported, and does not hide whether the change is good.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::PathBuf,
    process::{Child, Command, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use crate::{columns, parts::Part, process::step, workspace};

/// The number of parts that run at the same time, on a machine with as many processors.
const AT_ONCE: usize = 2;

/// How often the end of a part is looked for.
const INTERVAL: Duration = Duration::from_millis(100);

/// The number of failed parts that are run again. When more fail, what else runs is not the reason.
const AGAIN_MAX: usize = 3;

/// Runs all parts, also when one fails, and then those that failed once more. A single part prints while it runs, once.
pub fn run(parts: &[&'static Part], from_source: bool) -> Result<()> {
    if let [part] = parts {
        return (part.run)(from_source);
    }
    let at_once = thread::available_parallelism().map_or(1, usize::from).min(AT_ONCE);
    let start = Instant::now();
    let (mut waiting, mut running, mut ended) = (parts.to_vec(), Vec::<Running>::new(), Vec::new());
    while !waiting.is_empty() || !running.is_empty() {
        while running.len() < at_once
            && let Some(next) = next(&waiting, &running)
        {
            running.push(Running::start(waiting.remove(next), from_source, "log")?);
        }
        thread::sleep(INTERVAL);
        let mut place = 0;
        while let Some(part) = running.get_mut(place) {
            match part.child.try_wait()? {
                Some(status) => ended.push(running.remove(place).end(status, "")?),
                None => place += 1,
            }
        }
    }
    let mut failed: Vec<_> = ended.iter_mut().filter(|part| part.outcome == Outcome::Failed).collect();
    if failed.len() <= AGAIN_MAX {
        failed.iter_mut().try_for_each(|part| part.run_alone(from_source))?;
    }
    judge(&ended, start.elapsed())
}

/// Returns the place of the first part that can start.
fn next(waiting: &[&Part], running: &[Running]) -> Option<usize> {
    let collide = |part: &Part| running.iter().any(|other| part.collides_with(other.part));
    waiting.iter().position(|part| !collide(part))
}

/// A part that runs.
struct Running {
    part: &'static Part,
    child: Child,
    started: Instant,
    output: PathBuf,
}

/// How a part has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Outcome {
    Passed,
    /// It failed beside another part, and passed when it ran alone.
    PassedAlone,
    Failed,
}

/// A part that has ended.
struct Ended {
    part: &'static Part,
    outcome: Outcome,
    time: Duration,
    /// The most useful lines of its output, if it failed.
    why: String,
}

impl Running {
    /// Starts a part. `extension` is that of the file for what it prints.
    fn start(part: &'static Part, from_source: bool, extension: &str) -> Result<Self> {
        let folder = workspace::target().join("parts");
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let output = folder.join(part.name).with_extension(extension);
        step(&format!("{} runs; its output is in {}", part.name, output.display()));
        let file = File::create(&output).with_context(|| format!("cannot create {}", output.display()))?;
        // Not by its path: a part may build this program anew.
        let mut command = Command::new("/proc/self/exe");
        command.args(["part", part.name]).args(from_source.then_some("--from-source"));
        let child = command.stdout(file.try_clone()?).stderr(file).spawn().context("cannot start another xtask")?;
        Ok(Self { part, child, started: Instant::now(), output })
    }

    /// Prints what the part has printed.
    fn end(self, status: ExitStatus, how: &str) -> Result<Ended> {
        let time = self.started.elapsed();
        let printed = fs::read(&self.output)?;
        let (outcome, why) = match status.success() {
            true => (Outcome::Passed, String::new()),
            false => (Outcome::Failed, summary(&String::from_utf8_lossy(&printed))),
        };
        let ended = Ended { part: self.part, outcome, time, why };
        step(&format!("{} {}{how} after {:.0} s:", self.part.name, outcome.name(), time.as_secs_f64()));
        let mut out = io::stdout().lock();
        out.write_all(&printed)?;
        out.flush()?;
        Ok(ended)
    }
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::PassedAlone => "FAILED, passed alone",
            Self::Failed => "FAILED",
        }
    }
}

impl Ended {
    /// Runs the part again, beside no other.
    fn run_alone(&mut self, from_source: bool) -> Result<()> {
        let mut running = Running::start(self.part, from_source, "alone.log")?;
        let status = running.child.wait()?;
        let again = running.end(status, " alone")?;
        self.time += again.time;
        match again.outcome {
            Outcome::Failed => self.why = again.why,
            // Why it failed beside another one is still printed.
            _ => self.outcome = Outcome::PassedAlone,
        }
        Ok(())
    }
}

/// Parts of lines that report a failure: of the test harness, a panic, the compiler or this program.
const SIGNS: [&str; 4] = ["FAILED", "panicked at", "error:", "error["];

/// The lines before the end of an output that are shown again.
const LAST: usize = 30;

/// The longest line that is shown whole.
const WIDTH: usize = 300;

/// Returns the lines of an output that report a failure, and the last ones.
///
/// A whole run prints more than a terminal keeps.
fn summary(output: &str) -> String {
    let lines: Vec<_> = output.lines().collect();
    let (before, last) = lines.split_at(lines.len().saturating_sub(LAST));
    let signs = before.iter().filter(|line| SIGNS.iter().any(|sign| line.contains(sign))).take(LAST);
    signs.chain(last).flat_map(|line| line.chars().take(WIDTH).chain(['\n'])).collect()
}

/// Prints the times and why parts failed, and returns an error if a part failed, also alone.
fn judge(ended: &[Ended], time: Duration) -> Result<()> {
    let seconds = |time: Duration| format!("{:.0} s", time.as_secs_f64());
    let mut lines = vec![["part", "time", "result"].map(str::to_owned)];
    lines.extend(
        ended.iter().map(|part| [part.part.name.to_owned(), seconds(part.time), part.outcome.name().to_owned()]),
    );
    lines.push(["all".to_owned(), seconds(time), String::new()]);
    println!("\n{}", columns::align(&lines));
    for part in ended.iter().filter(|part| part.outcome != Outcome::Passed) {
        step(&format!("{} {}:", part.part.name, part.outcome.name()));
        println!("{}", part.why);
    }
    let names = |outcome| {
        let those = ended.iter().filter(|part| part.outcome == outcome);
        those.map(|part| part.part.name).collect::<Vec<_>>()
    };
    let (failed, alone) = (names(Outcome::Failed), names(Outcome::PassedAlone));
    ensure!(failed.is_empty(), "{} of {} parts failed: {}", failed.len(), ended.len(), failed.join(", "));
    if alone.is_empty() {
        step("all parts passed");
    } else {
        step(&format!(
            "all parts passed, but only alone: {}. A test of theirs depends on what else runs",
            alone.join(", ")
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parts::Folder;

    #[test]
    fn a_part_that_fails_also_alone_is_an_error() {
        const A: &Part = &Part { name: "a", folders: &[], run: |_| Ok(()) };
        const B: &Part = &Part { name: "b", folders: &[], run: |_| Ok(()) };
        let ended = |part, outcome| Ended { part, outcome, time: Duration::from_secs(1), why: String::new() };
        let (good, late, bad) = (Outcome::Passed, Outcome::PassedAlone, Outcome::Failed);
        assert!(judge(&[ended(A, good), ended(B, good)], Duration::ZERO).is_ok());
        assert!(judge(&[ended(A, good), ended(B, late)], Duration::ZERO).is_ok());
        let error = judge(&[ended(A, late), ended(B, bad)], Duration::ZERO).unwrap_err();
        assert_eq!(error.to_string(), "1 of 2 parts failed: b");
        assert_eq!(late.name(), "FAILED, passed alone");
    }

    #[test]
    fn what_failed_is_told_again_with_the_last_lines() {
        let output = format!("test a ... ok\ntest b ... FAILED\n{}the end\n", "more\n".repeat(LAST));
        assert_eq!(summary(&output), format!("test b ... FAILED\n{}the end\n", "more\n".repeat(LAST - 1)));
    }

    #[test]
    fn parts_that_build_in_one_folder_wait_for_each_other() {
        let part = |folders| Part { name: "a", folders, run: |_| Ok(()) };
        let (host, both, none) = (part(&[Folder::Host]), part(&[Folder::Firmware, Folder::Host]), part(&[]));
        assert!(host.collides_with(&both) && both.collides_with(&host));
        assert!(!both.collides_with(&part(&[Folder::Fuzz])));
        assert!(!none.collides_with(&none));
    }
}
