//! The processors of the answering side: the gateways, or the threads that answer the bare requests.
//!
//! A call wakes a thread eight times, in four processes, and what it costs to wake one on another processor differs between
//! machines. An operator who gives the gateways a processor, by `CPUAffinity=` in the unit, avoids most of that.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use nix::{
    errno::Errno,
    sched::{CpuSet, sched_getaffinity, sched_setaffinity},
    unistd::Pid,
};

use crate::process::Process;

/// A set of processors.
#[derive(Clone, Copy, Debug)]
pub struct Processors(CpuSet);

impl Processors {
    /// Returns those of this program.
    pub fn all() -> Result<Self> {
        Ok(Self(sched_getaffinity(Pid::from_raw(0)).context("cannot ask for the processors")?))
    }

    /// Returns the last one alone, if there are others.
    pub fn last(&self) -> Result<Option<Self>> {
        let numbers = (0..CpuSet::count()).filter(|number| self.0.is_set(*number).unwrap_or(false));
        let numbers: Vec<_> = numbers.collect();
        let [_, .., last] = *numbers else { return Ok(None) };
        let mut set = CpuSet::new();
        set.set(last).context("the processor has a number")?;
        Ok(Some(Self(set)))
    }

    /// Puts a process there, with all its threads.
    pub fn take(&self, process: &Process) -> Result<()> {
        let threads = Path::new("/proc").join(process.id().to_string()).join("task");
        for thread in fs::read_dir(&threads).with_context(|| format!("cannot read {}", threads.display()))? {
            let number = thread?.file_name().to_string_lossy().parse().context("threads have numbers")?;
            match sched_setaffinity(Pid::from_raw(number), &self.0) {
                // The thread has ended meanwhile.
                Err(Errno::ESRCH) => {}
                set => set.context("cannot choose the processor of a gateway")?,
            }
        }
        Ok(())
    }

    /// Puts this thread there.
    pub fn take_this_thread(&self) -> Result<()> {
        sched_setaffinity(Pid::from_raw(0), &self.0).context("cannot choose a processor")
    }
}
