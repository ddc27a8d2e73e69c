//! The good host, which calls the firmware while both are attacked.

use std::{
    os::unix::net::UnixStream,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use anyhow::{Result, ensure};
use oncilla::{Beside, Retry, framing::Cobs};
use oncilla_attack::{
    attacker::{Phase, Shown, middle::Middle},
    calls::{Outcome, Sort},
    ends::Report,
    figures::Figures,
};
use oncilla_firmware_tests::keyed::{DATA_MAX, KEYS, NUMBERS, PAGE, digest, guarded, payload};
use oncilla_host::Socket;
use oncilla_test_support::faults::Random;

use super::super::{
    PATIENCE,
    host::{KeyedClient, renewing_client},
};
use crate::qemu::Board;

/// The phases of a round, and the calls in each. Without an attack, calls succeed at once.
const ROUND: [(Phase, u32); 4] = [(Phase::Interfere, 40), (Phase::Quiet, 5), (Phase::Inject, 40), (Phase::Quiet, 5)];

/// Time for some retransmissions while the attacker drops and delays messages, so that some calls fail.
const TIMEOUT: Duration = Duration::from_millis(200);
const RETRY: Retry = Retry::doubling(Duration::from_millis(10));

/// Calls of one client at most.
const LIFE: u64 = 40;

/// Messages after which a client renews its keys, at most.
const RENEWED: u64 = 100;

type Caller<'h> = KeyedClient<&'h mut Socket<Cobs>>;

pub struct Host<'b> {
    board: &'b Board,
    middle: &'b Middle,
    line: Socket<Cobs>,
    random: Random,
    /// What has arrived under the key beside replies.
    shown: Arc<Mutex<Vec<Shown>>>,
    /// What this host did, and what the firmware did.
    reports: [Report; 2],
}

impl<'b> Host<'b> {
    pub fn new(board: &'b Board, middle: &'b Middle, line: UnixStream, seed: u64) -> Self {
        let shown = Arc::<Mutex<Vec<Shown>>>::default();
        let kept = Arc::clone(&shown);
        let line = Socket::from(line).with_log(move |what| {
            let what = match what {
                Beside::Text(text) => Shown::Text(text.to_vec()),
                Beside::Log(log) => Shown::Log(log.to_vec()),
                _ => return,
            };
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(what);
        });
        Self { board, middle, line, random: Random::new(seed), shown, reports: Default::default() }
    }

    /// Calls in rounds until `is_enough` of the figures so far.
    pub fn attacked(mut self, mut is_enough: impl FnMut(&Figures) -> bool) -> Result<Figures> {
        let mut keyholders = self.middle.before().each_mut().map(|attacker| attacker.forger.take());
        for round in 1.. {
            // The attackers have keys in every second round.
            for (attacker, keyholder) in self.middle.before().iter_mut().zip(&mut keyholders) {
                std::mem::swap(&mut attacker.forger, keyholder);
            }
            self.round()?;
            let figures = self.figures();
            if round % 2 == 0 && is_enough(&figures) {
                return Ok(figures);
            }
        }
        unreachable!("there are always more rounds")
    }

    fn figures(&self) -> Figures {
        let mut before = self.middle.before();
        before[0].shown.clone_from(&self.shown.lock().unwrap_or_else(PoisonError::into_inner));
        Figures::of(self.reports.each_ref(), &before)
    }

    /// Calls in each phase of the attack, and compares with what the firmware has executed.
    fn round(&mut self) -> Result<()> {
        self.middle.set(Phase::Quiet);
        let first = self.reports[0].calls.len() as u32;
        guarded::Client::new(&mut self.client(Phase::Quiet)).expect(first)?;
        for (phase, calls) in ROUND {
            self.middle.set(phase);
            self.phase(phase, calls)?;
        }
        self.middle.set(Phase::Quiet);
        self.compare()
    }

    /// Creates a client: the host starts anew.
    fn client(&mut self, phase: Phase) -> Caller<'_> {
        let renewed = 10 + self.random.below(RENEWED) as u32;
        let mut client = renewing_client(&mut self.line, &KEYS[0], renewed);
        if phase == Phase::Interfere {
            client.set_timeout(TIMEOUT);
            client.set_retry(RETRY);
        } else {
            client.set_timeout(PATIENCE);
        }
        client
    }

    /// Makes calls, with restarts of the host between them and of the firmware during them.
    fn phase(&mut self, phase: Phase, calls: u32) -> Result<()> {
        let mut left = calls;
        while left > 0 {
            let life = left.min(1 + self.random.below(LIFE) as u32);
            left -= life;
            let (board, mut random) = (self.board, Random::new(self.random.next()));
            let (first, mut written) = (self.reports[0].calls.len() as u32, self.reports[1].written);
            let mut client = self.client(phase);
            let mut made = Vec::new();
            let mut resets = 0;
            for number in first..first + life {
                let reset = phase != Phase::Quiet && random.percent(3);
                let call = if reset {
                    resets += 1;
                    with_reset(board, &mut random, |random| call(&mut client, number, &mut written, random))?
                } else {
                    call(&mut client, number, &mut written, &mut random)
                };
                made.push((call, phase != Phase::Interfere && !reset));
            }
            drop(client);
            for (call, clear) in made {
                self.reports[0].add(call, clear);
            }
            self.reports[0].restarts += 1;
            self.reports[1].restarts += resets;
            self.reports[1].written = written;
        }
        Ok(())
    }

    /// Asks how often the firmware has executed each call of this round.
    fn compare(&mut self) -> Result<()> {
        let mut client = self.client(Phase::Quiet);
        let mut device = guarded::Client::new(&mut client);
        let mut executed: Vec<u8> = Vec::new();
        for first in (0..NUMBERS).step_by(PAGE) {
            executed.extend(device.done(first as u32)?);
        }
        let stray = device.stray()?;
        let [host, device] = &mut self.reports;
        let round = host.calls.len() - device.ledger.executed.len();
        ensure!(round <= NUMBERS, "{round} calls are more than the firmware counts");
        let others = executed.split_off(round);
        device.ledger.executed.extend(executed);
        device.ledger.strange += u64::from(stray) + others.into_iter().map(u64::from).sum::<u64>();
        Ok(())
    }
}

/// Runs `call` and resets the firmware meanwhile.
fn with_reset<R>(board: &Board, random: &mut Random, call: impl FnOnce(&mut Random) -> R) -> Result<R> {
    let soon = Duration::from_micros(random.below(5_000));
    thread::scope(|scope| {
        let reset = scope.spawn(move || {
            thread::sleep(soon);
            board.reset()
        });
        let made = call(random);
        reset.join().expect("the thread that resets does not panic")?;
        Ok(made)
    })
}

/// Makes the call with this number. `written` counts the logs that the firmware was asked for.
fn call(client: &mut Caller<'_>, number: u32, written: &mut u32, random: &mut Random) -> (Sort, Outcome) {
    let mut device = guarded::Client::new(client);
    match random.below(10) {
        0..7 => {
            let data: Vec<u8> = payload(number).take(random.below(1 + DATA_MAX as u64) as usize).collect();
            let result = device.once(number, &data).map(|came| came == digest(number, &data));
            (Sort::Once, Outcome::of(result))
        }
        7 | 8 => {
            *written += 1;
            (Sort::Once, Outcome::of(device.note(number, *written - 1).map(|()| true)))
        }
        _ => (Sort::Push, Outcome::of(device.push(number).map(|()| true))),
    }
}
