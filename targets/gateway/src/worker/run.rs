//! The thread of a worker.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use oncilla_device::connect::{Device as Connected, How, connect};
use oncilla_fleet::wire::Trouble;

use super::describe::{self, Found};
use super::execute::{Shown, execute, id_of, keeps_order};
use super::happened::happened;
use super::lane::Taken;
use super::{Job, Lane, PAUSE, Shared, What};
use crate::reply::Answer;
use crate::settings::Device;

/// The size of the stack of a worker in bytes. Only what is used takes memory.
const STACK: usize = 512 << 10;

/// How long a device may take to answer a probe.
const PROBE: Duration = Duration::from_secs(2);

/// After how long without a reply a connection is probed before a call.
const IDLE: Duration = Duration::from_secs(1);

/// How many probes in a row a device may leave without an answer.
const PROBES: u32 = 2;

/// Starts the worker of a device. It ends when the lane is closed.
///
/// # Errors
/// The system has no more threads.
pub fn start(shared: Arc<Shared>, device: Arc<Device>, lane: Arc<Lane>, number: u64) -> std::io::Result<()> {
    let worker = Worker { shared, device, lane, number, boot: 0, kept: None };
    thread::Builder::new().name("device".to_owned()).stack_size(STACK).spawn(move || worker.run())?;
    Ok(())
}

struct Worker {
    shared: Arc<Shared>,
    device: Arc<Device>,
    lane: Arc<Lane>,
    number: u64,
    /// How often the device was connected or has restarted.
    boot: u32,
    /// A call that was not sent, since the connection was lost already. It is made on the next one.
    kept: Option<Box<Job>>,
}

impl Worker {
    fn tell(&self, what: What) {
        self.shared.tell(&self.device, self.number, what);
    }

    fn run(mut self) {
        let mut pause = PAUSE.0;
        while !self.lane.is_closed() {
            // What a device or a caller sends can panic nothing that is known. If it does, one device is lost for a moment.
            let served = catch_unwind(AssertUnwindSafe(|| self.serve()));
            let (was_up, reason) = served.unwrap_or_else(|_| {
                self.shared.metrics.panic();
                tracing::error!(device = %self.device.name, "the worker of the device panicked; it begins again");
                (false, "the gateway failed; its log has more".to_owned())
            });
            if self.lane.is_closed() {
                break;
            }
            if was_up {
                pause = PAUSE.0;
                // The call waits while the device is connected again, once.
                if self.kept.is_some() {
                    continue;
                }
            }
            self.tell(What::Down(reason.clone()));
            self.refuse_kept(&reason);
            self.refuse_until(Instant::now() + pause, &reason);
            pause = (pause * 2).min(PAUSE.1);
        }
        self.refuse_kept("the gateway does not serve the device any more");
        self.refuse(self.lane.close(), "the gateway does not serve the device any more");
        self.tell(What::Gone);
    }

    /// Connects and serves until the connection is lost. Returns whether the device was reached, and why it is not.
    fn serve(&mut self) -> (bool, String) {
        let mut connected = match connect(&self.device.settings, &How::default()) {
            Ok(connected) => connected,
            Err(failure) => return (false, failure.what().to_owned()),
        };
        let mut found = match self.up(&mut connected) {
            Ok(found) => found,
            Err(reason) => return (false, reason),
        };
        let mut heard = Instant::now();
        let mut silent = 0;
        loop {
            // What is kept is given back with the others when the lane was closed meanwhile.
            if self.lane.is_closed() {
                return (true, "closed".to_owned());
            }
            let kept = self.kept.take().map(Taken::Job);
            let job = match kept.unwrap_or_else(|| self.lane.take(heard + self.device.probe)) {
                Taken::Job(job) => Some(job),
                Taken::Late => None,
                Taken::Closed => return (true, "closed".to_owned()),
            };
            let shown = match job {
                Some(job) => {
                    // What closed the connection meanwhile has executed nothing, if it is noticed before the call is sent.
                    if keeps_order(&self.device) && heard.elapsed() >= IDLE {
                        connected.set_identity(Default::default());
                        connected.set_timeout(PROBE);
                        if let Err(error) = describe::probe(&mut connected) {
                            self.kept = Some(job);
                            return (true, happened(&error));
                        }
                        heard = Instant::now();
                    }
                    let one_way = job.call.reply.is_none();
                    let shown = self.execute(&mut connected, &found, *job);
                    // A one-way call shows nothing of the device.
                    if shown == Shown::Nothing && !one_way {
                        heard = Instant::now();
                    }
                    shown
                }
                None => Shown::Silent,
            };
            // A device that does not answer, and one that was not asked for long, are probed.
            if shown == Shown::Lost {
                return (true, "the connection to the device failed".to_owned());
            }
            if shown == Shown::Restarted {
                match self.up(&mut connected) {
                    Ok(again) => (found, heard, silent) = (again, Instant::now(), 0),
                    Err(reason) => return (true, reason),
                }
                continue;
            }
            if shown == Shown::Silent || heard.elapsed() >= self.device.probe {
                connected.set_identity(Default::default());
                connected.set_timeout(PROBE);
                match describe::probe(&mut connected) {
                    Ok(()) => (heard, silent) = (Instant::now(), 0),
                    Err(oncilla::CallError::Restarted) => match self.up(&mut connected) {
                        Ok(again) => (found, heard, silent) = (again, Instant::now(), 0),
                        Err(reason) => return (true, reason),
                    },
                    Err(oncilla::CallError::TimedOut { .. }) if silent + 1 < PROBES => {
                        silent += 1;
                        heard = Instant::now();
                    }
                    Err(error) => return (true, happened(&error)),
                }
            }
        }
    }

    /// Reads what the device serves, and reports it to the hub.
    fn up(&mut self, connected: &mut Connected) -> Result<Option<Found>, String> {
        connected.set_identity(Default::default());
        connected.set_timeout(self.device.settings.timeout.value);
        describe::probe(connected).map_err(|error| happened(&error))?;
        let found = self.shared.interfaces.find(&self.device, connected)?;
        let programs = describe::programs(found.as_ref().map(|found| &*found.interface), connected)?;
        self.boot = self.boot.wrapping_add(1);
        self.tell(What::Up(describe::known(found.as_ref(), programs, self.boot)));
        Ok(found)
    }

    fn execute(&self, connected: &mut Connected, found: &Option<Found>, job: Job) -> Shown {
        let interface = found.as_ref().map(|found| &*found.interface);
        let call = &job.call;
        let id = id_of(call);
        // A span costs as much as the rest of what the gateway does for a call, so only those who look pay for it.
        let span = tracing::debug_span!(
            "call", device = %self.device.name, user = %call.user, program = format_args!("{:#010x}", call.program),
            procedure = id.map(|id| id.procedure), trace = call.trace,
        );
        let _entered = span.enter();
        let caught = catch_unwind(AssertUnwindSafe(|| execute(&self.shared, &self.device, connected, interface, &job)));
        let (answer, shown) = caught.unwrap_or_else(|_| {
            self.shared.metrics.panic();
            (Answer::Trouble(Trouble::Gateway, "the gateway failed; its log has more".to_owned()), Shown::Lost)
        });
        tracing::debug!(outcome = answer.name(), "executed");
        self.end(&job, answer);
        shown
    }

    /// Replies to a call, or reports the end of a queued one to the hub.
    fn end(&self, job: &Job, answer: Answer) {
        match job.queued {
            // The hub writes it to the journal before it replies.
            Some(number) => self.tell(What::Ended(number, answer)),
            None => self.shared.reply(&job.call, answer, Some(&self.device.name)),
        }
    }

    fn refuse_kept(&mut self, reason: &str) {
        let kept = self.kept.take().map(|job| *job);
        self.refuse(kept.into_iter().collect(), reason);
    }

    fn refuse(&self, jobs: Vec<Job>, reason: &str) {
        for job in jobs {
            self.end(&job, Answer::Trouble(Trouble::Away, reason.to_owned()));
        }
    }

    /// Refuses calls until a time, since the device is not reached.
    fn refuse_until(&self, until: Instant, reason: &str) {
        while let Taken::Job(job) = self.lane.take(until) {
            self.refuse(vec![*job], reason);
        }
    }
}
