//! The host's program for the soak.

use std::{thread, time::Duration};

use anyhow::{Result, ensure};
use oncilla::{Endpoint, Link, ReplayCache, Retry, Served, Table, Transport, framing::Serial};
use oncilla_firmware_tests::soak::{Own, PAGE, ROUND_MAX, SIZE, digest, errand, work};
use oncilla_host::{Connector, Socket};
use oncilla_test_support::faults::{Counts, Faults, Faulty, Random};

use super::{
    caller::{Kind, Outcome, call},
    figures::Figures,
};
use crate::qemu::Board;

/// The time of a few retransmissions, so that sometimes all are lost and a call times out.
const TIMEOUT: Duration = Duration::from_millis(200);
const RETRY: Retry = Retry::doubling(Duration::from_millis(10));

/// The faults around a reset: all but late frames.
///
/// A wire never delivers frames out of order, so a call from before a reset arrives before the hello from after it, and
/// is not mistaken for a new one.
const IN_ORDER: Faults = Faults { reorder: 0, delay: 0, ..Faults::BAD };

/// The time limit on a good line.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the host does for the firmware.
#[derive(Default)]
struct Errands {
    /// How often each call was executed, by number.
    ran: Vec<u8>,
}

impl errand::Service for Errands {
    fn run(&mut self, number: u32, data: &[u8]) -> u32 {
        let number = number as usize;
        // A number without a call counts as a call that was executed and never begun.
        self.ran.resize(self.ran.len().max(number + 1).min(1 << 20), 0);
        if let Some(times) = self.ran.get_mut(number) {
            *times = times.saturating_add(1);
        }
        digest(number as u32, data)
    }
}

static TABLE: Table<Errands> = oncilla::table![errand::program()];

type Line = Faulty<Socket<Serial>>;
type End = Endpoint<Errands, Line, Box<[u8]>, ReplayCache<16, { TABLE.reply_max() }>>;

pub struct Host {
    end: End,
    random: Random,
}

impl Host {
    pub fn new(board: &Board, seed: u64) -> Result<Self> {
        let line = Faulty::new(board.socket()?, seed);
        let end = Connector::new().buffer(Serial::buffer(SIZE)).endpoint(line, &TABLE, Errands::default());
        let mut host = Self { end: end.with_replay(ReplayCache::new()), random: Random::new(seed) };
        host.on_a_good_line(|firmware| {
            firmware.let_call(false)?;
            firmware.forget()
        })?;
        Ok(host)
    }

    /// Makes calls on a bad line, with a reset during one of the last, and checks their outcomes.
    pub fn round(&mut self, board: &Board, calls: u32, figures: &mut Figures) -> Result<()> {
        ensure!(calls as usize <= ROUND_MAX, "the firmware does not count so many");
        self.on_a_good_line(|firmware| {
            firmware.begin()?;
            firmware.let_call(true)
        })?;
        ensure!(self.end.link().peer().is_some(), "the two ends do not know each other");
        self.set_faults(Faults::BAD, TIMEOUT, RETRY);
        let made = thread::scope(|scope| {
            let mut made = Vec::new();
            let mut reset = None;
            for number in 0..calls {
                if number == calls / 2 {
                    self.set_faults(IN_ORDER, TIMEOUT, RETRY);
                }
                if number == calls / 4 * 3 {
                    let soon = Duration::from_micros(self.random.below(5_000));
                    reset = Some(scope.spawn(move || {
                        thread::sleep(soon);
                        board.reset()
                    }));
                }
                made.push(self.call(number, figures)?);
            }
            reset.map(|reset| reset.join().expect("the thread that resets does not panic")).transpose()?;
            Ok::<_, anyhow::Error>(made)
        })?;
        self.look(&made, figures)
    }

    fn call(&mut self, number: u32, figures: &mut Figures) -> Result<(Kind, Outcome)> {
        let begun = self.end.link().transport().now();
        let made = call(&mut self.end, number, &mut self.random);
        let ended = self.end.link().transport().now();
        figures.add_time(ended.since(begun), TIMEOUT);
        figures.restarts += u32::from(matches!(made.1, Outcome::Restarted));
        if self.random.percent(30) {
            let until = ended.after(Duration::from_micros(self.random.below(5_000)));
            loop {
                match self.end.serve_next(until)? {
                    Served::Message => {}
                    Served::Restart => figures.restarts += 1,
                    Served::TimeUp => break,
                    Served::End => anyhow::bail!("QEMU has closed the line"),
                }
            }
        }
        Ok(made)
    }

    /// Checks how often the calls of a round were executed.
    fn look(&mut self, made: &[(Kind, Outcome)], figures: &mut Figures) -> Result<()> {
        self.on_a_good_line(|firmware| firmware.let_call(false))?;
        for (page, made) in made.chunks(PAGE).enumerate() {
            let first = page * PAGE;
            let done = self.on_a_good_line(|firmware| Ok(firmware.done(first as u32)?.to_vec()))?;
            for (number, (call, times)) in made.iter().zip(done).enumerate() {
                figures.add(first + number, call, times);
            }
        }
        Ok(())
    }

    /// Returns the outcomes of the firmware's calls, when the last has ended.
    pub fn own(&mut self) -> Result<Own> {
        loop {
            let own = self.on_a_good_line(|firmware| firmware.own())?;
            if !own.under_way {
                return Ok(own);
            }
        }
    }

    /// Returns how often each of the firmware's calls was executed here.
    pub fn ran(&mut self) -> &[u8] {
        &self.end.state().ran
    }

    /// Returns the faults of what was sent, and of what was received.
    pub fn faults(&mut self) -> [Counts; 2] {
        let line = self.end.link().transport();
        [line.sent(), line.received()]
    }

    fn set_faults(&mut self, faults: Faults, timeout: Duration, retry: Retry) {
        let link: &mut Link<Line, _> = self.end.link();
        link.transport().set_sending(faults);
        link.transport().set_receiving(faults);
        self.end.set_timeout(timeout);
        self.end.set_retry(retry);
    }

    /// Makes calls on a line without faults.
    fn on_a_good_line<R>(
        &mut self,
        call: impl FnOnce(&mut work::Client<&mut End>) -> Result<R, oncilla::CallError<std::io::Error>>,
    ) -> Result<R> {
        self.set_faults(Faults::NONE, PATIENCE, Retry::DEFAULT);
        Ok(call(&mut work::Client::new(&mut self.end))?)
    }
}
