//! The firmware as a client, served from this machine.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use oncilla::{
    Link, Received, Table, Time, Transport, answer,
    framing::{Cobs, Framing, Progress},
    message::{REFUSAL_MAX, write_reply},
};
use oncilla_host::Socket;
use oncilla_thermostat::{Device, thermostat};

use super::Case;
use crate::qemu::Board;

pub const CASES: &[&Case] = &[
    &Case { claim: "a call of the firmware ends when nobody answers", program: "caller", check: nobody },
    &Case { claim: "strangers' replies do not stretch a call of the firmware", program: "caller", check: strangers },
    &Case { claim: "bytes without end do not stretch a call of the firmware", program: "caller", check: noise },
    &Case { claim: "the firmware calls a host that was silent at first", program: "caller", check: served_later },
    &Case {
        claim: "the firmware has several calls under way, answered in any order",
        program: "several",
        check: turned,
    },
];

static TABLE: Table<Device> = oncilla::table![thermostat::program()];

/// The time limit for a slow machine. The firmware's time-out is a fraction of a second.
const PATIENCE: Duration = Duration::from_secs(30);

const TIMED_OUT: &str = "timed out\n";
const READ: &str = "hall 21500\n";

/// Repeats an action until the firmware has printed a line this number of times.
fn until(board: &Board, line: &str, times: usize, mut again: impl FnMut() -> Result<()>) -> Result<()> {
    let start = Instant::now();
    while board.log().matches(line).count() < times {
        ensure!(start.elapsed() < PATIENCE, "the firmware did not write {line:?} {times} times in {PATIENCE:?}");
        again()?;
    }
    Ok(())
}

fn pause() -> Result<()> {
    thread::sleep(Duration::from_millis(5));
    Ok(())
}

fn nobody(board: &Board) -> Result<String> {
    until(board, TIMED_OUT, 2, pause)?;
    Ok(String::new())
}

fn strangers(board: &Board) -> Result<String> {
    let mut buffer = [0; Cobs::buffer(REFUSAL_MAX)];
    let length = write_reply(0xDEAD_BEEF, Ok(()), Cobs::room(&mut buffer)).context("the buffer fits")?;
    let stranger = Cobs::seal(&mut buffer, length).context("the buffer fits")?;
    flood(board, &stranger.repeat(1000))
}

fn noise(board: &Board) -> Result<String> {
    flood(board, &[0x55; 1 << 16])
}

/// Sends without pause until two successive calls have timed out.
fn flood(board: &Board, bytes: &[u8]) -> Result<String> {
    let mut socket = board.socket::<Cobs>()?;
    until(board, TIMED_OUT, 2, || {
        // The line is always full, so this waits, and the firmware never finds it empty.
        let deadline = socket.now().after(Duration::from_millis(5));
        socket.send(bytes, deadline)?;
        Ok(())
    })?;
    Ok(String::new())
}

fn served_later(board: &Board) -> Result<String> {
    until(board, TIMED_OUT, 1, pause)?;
    let socket: Socket<Cobs> = board.socket()?;
    let mut link = Link::new(socket, vec![0; 256], vec![0; 256]);
    let mut device = Device::default();
    until(board, READ, 20, || {
        let deadline = link.transport().now().after(Duration::from_millis(100));
        link.serve_next(&TABLE, &mut device, deadline)?;
        Ok(())
    })?;
    Ok(String::new())
}

/// Answers calls in reverse order, once three have arrived or no more arrive.
fn turned(board: &Board) -> Result<String> {
    let mut socket: Socket<Cobs> = board.socket()?;
    let (mut framing, mut received, mut frames) = (Cobs::default(), [0; 256], Vec::new());
    let mut device = Device::default();
    until(board, "level 20000\n", 20, || {
        while let Progress::Message { start, length } = framing.next(&mut received) {
            let mut frame = [0; 256];
            let reply = answer(&TABLE, &mut device, &received[start..start + length], Cobs::room(&mut frame));
            let reply = reply.context("every call is answered")?;
            frames.push(Cobs::seal(&mut frame, reply).context("the buffer fits")?.to_vec());
        }
        let deadline = socket.now().after(Duration::from_millis(20));
        let quiet = match socket.receive(framing.window(&mut received), deadline)? {
            Received::Bytes(length) => {
                framing.filled(length);
                false
            }
            _ => true,
        };
        if quiet || frames.len() >= 3 {
            for frame in frames.drain(..).rev() {
                socket.send(&frame, Time::NEVER)?;
            }
        }
        Ok(())
    })?;
    for line in [READ, "oncilla's thermostat\n"] {
        ensure!(board.log().matches(line).count() >= 10, "the firmware did not write {line:?} as often");
    }
    Ok(String::new())
}
