//! Processes that end with the value that stands for them.

use std::{
    fs,
    path::Path,
    process::{Child, Command, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use nix::{
    sys::{
        resource::{Resource, getrlimit, setrlimit},
        signal::{Signal, kill},
    },
    unistd::Pid,
};

/// A child process. It is killed when this value is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    name: String,
}

impl Process {
    /// Starts a command.
    pub fn start(name: &str, command: &mut Command) -> Result<Self> {
        let child = command.spawn().with_context(|| format!("cannot start {name}"))?;
        Ok(Self { child, name: name.to_owned() })
    }

    /// Returns the number of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let pid = Pid::from_raw(i32::try_from(self.child.id())?);
        kill(pid, signal).with_context(|| format!("cannot send {signal} to {}", self.name))
    }

    /// Kills it, and waits until it is gone.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to end, and waits for at most `limit`.
    pub fn end(&mut self, limit: Duration) -> Result<ExitStatus> {
        self.signal(Signal::SIGTERM)?;
        let start = Instant::now();
        while start.elapsed() < limit {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(5));
        }
        self.kill()?;
        bail!("{} did not end within {} s and was killed", self.name, limit.as_secs())
    }

    /// Returns the exit code if it has ended.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Returns the memory that only this process has, in bytes.
    pub fn memory(&self) -> Result<u64> {
        let path = Path::new("/proc").join(self.child.id().to_string()).join("smaps_rollup");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let kibibytes = |name: &str| -> Option<u64> {
            text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok())
        };
        let (clean, dirty) = (kibibytes("Private_Clean:"), kibibytes("Private_Dirty:"));
        Ok((clean.unwrap_or(0) + dirty.context("no line Private_Dirty")?) * 1024)
    }

    /// Returns the processor time that it has used, in seconds.
    pub fn processor_time(&self) -> Result<f64> {
        let path = Path::new("/proc").join(self.child.id().to_string()).join("stat");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        // After the name, which is in brackets: utime and stime are the fields 14 and 15 of the whole line.
        let fields = text.rsplit_once(") ").context("a line without a name")?.1.split_whitespace();
        let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        Ok(ticks as f64 / 100.0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only for a process that has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Raises the number of files that this process and its children may open, as far as the system allows.
pub fn many_files() -> Result<u64> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
    Ok(most)
}

/// Waits until `is_so` returns `true`, for at most `limit`.
pub fn wait_until(what: &str, limit: Duration, mut is_so: impl FnMut() -> Result<bool>) -> Result<Duration> {
    let start = Instant::now();
    while !is_so()? {
        if start.elapsed() > limit {
            bail!("{what}: not within {} s", limit.as_secs());
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(start.elapsed())
}
