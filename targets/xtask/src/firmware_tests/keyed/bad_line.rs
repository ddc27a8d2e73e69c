//! Calls under a key on a bad UART, with resets of the firmware during calls.

use std::{
    io, thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};
use oncilla::{CallError, Retry, framing::Cobs};
use oncilla_firmware_tests::keyed::{DATA_MAX, KEYS, NUMBERS, PAGE, digest, guarded};
use oncilla_host::Socket;
use oncilla_test_support::faults::{Faults, Faulty, Random};

use super::{
    PATIENCE,
    host::{KeyedClient, client},
};
use crate::qemu::Board;

/// How long the calls are made at least, and their number at most.
const TIME: Duration = Duration::from_secs(5);
const CALLS: usize = NUMBERS;

/// The calls after which the firmware is reset.
const UNTIL_RESET: u32 = 150;

/// The time of a few retransmissions, so that sometimes all are lost and a call times out.
const TIMEOUT: Duration = Duration::from_millis(300);
const RETRY: Retry = Retry::doubling(Duration::from_millis(10));

const SEED: u64 = 7;

type Caller = KeyedClient<Faulty<Socket<Cobs>>>;

/// The outcome of one call.
struct Made {
    oneway: bool,
    right: bool,
}

pub fn run(board: &Board) -> Result<String> {
    let mut client = client(Faulty::new(board.socket()?, SEED), &KEYS[0]);
    guarded::Client::new(&mut client).begin()?;
    set_faults(&mut client, Faults::BAD, TIMEOUT, RETRY);
    let (made, resets) = make(board, &mut client)?;
    set_faults(&mut client, Faults::NONE, PATIENCE, Retry::DEFAULT);
    check(&mut client, &made)?;
    let line = client.link().transport().inner();
    let (sent, received) = (line.sent(), line.received());
    for counts in [sent, received] {
        ensure!(counts.dropped > counts.frames / 20, "too little went wrong: {counts:?}");
    }
    let right = made.iter().filter(|made| made.right).count();
    ensure!(right > made.len() / 2, "only {right} of {} calls succeeded", made.len());
    Ok(format!("{} calls, {right} right, {resets} resets, none executed twice", made.len()))
}

/// Makes calls for some seconds.
fn make(board: &Board, client: &mut Caller) -> Result<(Vec<Made>, u32)> {
    let mut random = Random::new(SEED);
    let (mut made, mut resets) = (Vec::new(), 0);
    let start = Instant::now();
    while made.len() < CALLS && (start.elapsed() < TIME || made.len() < 2 * UNTIL_RESET as usize) {
        let number = made.len() as u32;
        if number % UNTIL_RESET == UNTIL_RESET - 1 {
            resets += 1;
            let soon = Duration::from_micros(random.below(5_000));
            made.push(thread::scope(|scope| {
                let reset = scope.spawn(move || {
                    thread::sleep(soon);
                    board.reset()
                });
                let made = call(client, number, &mut random)?;
                reset.join().expect("the thread that resets does not panic")?;
                Ok::<_, anyhow::Error>(made)
            })?);
        } else {
            made.push(call(client, number, &mut random)?);
        }
    }
    Ok((made, resets))
}

fn call(client: &mut Caller, number: u32, random: &mut Random) -> Result<Made> {
    let mut device = guarded::Client::new(client);
    let data = random.bytes(DATA_MAX as u64);
    let oneway = random.percent(10);
    let outcome: Result<bool, CallError<io::Error>> = if oneway {
        device.push(number).map(|()| true)
    } else {
        device.once(number, &data).map(|came| came == digest(number, &data))
    };
    let right = match outcome {
        Ok(true) => true,
        Ok(false) => bail!("call {number} has a wrong result"),
        Err(CallError::TimedOut { .. } | CallError::Restarted) => false,
        Err(error) => bail!("call {number} ended as {error:?}"),
    };
    Ok(Made { oneway, right })
}

/// Checks how often each call was executed.
fn check(client: &mut Caller, made: &[Made]) -> Result<()> {
    let mut device = guarded::Client::new(client);
    for (page, made) in made.chunks(PAGE).enumerate() {
        let first = page * PAGE;
        let done = device.done(first as u32)?;
        for (index, (made, &done)) in made.iter().zip(done).enumerate() {
            let good = if made.right && !made.oneway { done == 1 } else { done <= 1 };
            ensure!(good, "call {} was executed {done} times, and was right: {}", first + index, made.right);
        }
    }
    Ok(())
}

fn set_faults(client: &mut Caller, faults: Faults, timeout: Duration, retry: Retry) {
    let line = client.link().transport().inner();
    line.set_sending(faults);
    line.set_receiving(faults);
    client.set_timeout(timeout);
    client.set_retry(retry);
}
