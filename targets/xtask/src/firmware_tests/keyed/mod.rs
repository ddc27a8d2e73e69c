//! Firmware with keys on its UART, called by a host with a key, and by strangers.

pub mod attack;
mod bad_line;
pub mod host;

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use oncilla::framing::Cobs;
use oncilla::keys::{Key, KeyId};
use oncilla::message::AuthStatus;
use oncilla::{CallError, Client, Link, Refusal, Transport};
use oncilla_firmware_tests::keyed::{GUEST, KEYS, OWNER, PRINTED, STARTED, WRONG, digest, guarded};
use oncilla_host::Socket;

use super::Case;
use crate::qemu::Board;
use host::{Heard, KeyedClient, client};

pub(super) const CASES: &[&Case] = &[
    &Case { claim: "firmware with keys serves each key what it may call", program: "keyed", check: rights },
    &Case { claim: "firmware with keys is silent to strangers", program: "keyed", check: strangers },
    &Case {
        claim: "logs of firmware are under the key, save what comes before a session",
        program: "keyed",
        check: logs,
    },
    &Case { claim: "a host with a key goes on when the firmware is reset", program: "keyed", check: reset },
    &Case { claim: "calls under a key on a bad UART, with resets amid calls", program: "keyed", check: bad_line::run },
    &Case {
        claim: "an attacker on the UART of firmware with keys has no effect",
        program: "keyed",
        check: attack::check,
    },
];

/// The time limit for a slow machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long a stranger waits for an answer that must not come.
pub const SILENCE: Duration = Duration::from_millis(600);

/// A key that the firmware does not have.
static UNKNOWN: Key = Key::new(KeyId(13), *b"sixteen bytes !!");

fn owner(board: &Board) -> Result<KeyedClient<Socket<Cobs>>> {
    Ok(client(board.socket()?, &KEYS[0]))
}

/// Makes calls of both keys, one after the other. The clients are of the carrier that `connect` returns.
pub fn both_keys<T: Transport>(mut connect: impl FnMut() -> Result<T>) -> Result<()>
where
    T::Error: std::error::Error + Send + Sync + 'static,
{
    let mut owner = client(connect()?, &KEYS[0]);
    let mut device = guarded::Client::new(&mut owner);
    device.begin()?;
    let data: Vec<u8> = (0..100).collect();
    for length in [0, 1, 63, 100] {
        let came = device.once(7, &data[..length])?;
        ensure!(came == digest(7, &data[..length]), "{length} bytes gave {came:#010x}");
    }
    device.push(8)?;
    ensure!(device.echo(&data)? == data, "other bytes came back");
    ensure!(device.who()? == u32::from(OWNER.0), "the owner is not known by its key");
    device.null()?;

    let mut guest = client(connect()?, &KEYS[1]);
    let mut device = guarded::Client::new(&mut guest);
    device.null()?;
    ensure!(device.echo(&data)? == data, "other bytes came back to the guest");
    ensure!(device.who()? == u32::from(GUEST.0), "the guest is not known by its key");
    for refused in [device.once(7, &data).err(), device.begin().err(), device.done(0).err(), device.print().err()] {
        let Some(CallError::Refused(Refusal::Authentication(AuthStatus::REJECTED_CREDENTIAL))) = refused else {
            bail!("a call that the guest may not make ended as {refused:?}");
        };
    }
    // It may be sent, and is not executed.
    device.push(8)?;
    device.null()?;

    // The session of the first key has not ended.
    let mut device = guarded::Client::new(&mut owner);
    let done = device.done(0)?;
    ensure!(done[7] == 4 && done[8] == 1, "the calls were executed {} and {} times, not 4 and 1", done[7], done[8]);
    Ok(())
}

/// Calls as strangers: with another secret, with an unknown key, and without keys. None gets a byte.
///
/// `connect` returns a carrier on which nothing else arrives.
pub fn silence<T: Transport>(mut connect: impl FnMut() -> Result<T>) -> Result<()>
where
    T::Error: std::error::Error + Send + Sync + 'static,
{
    for (stranger, key) in [("another secret", &WRONG), ("an unknown key", &UNKNOWN)] {
        let mut client = client(Heard::new(connect()?), key);
        client.set_timeout(SILENCE);
        let outcome = guarded::Client::new(&mut client).once(9, &[]);
        ensure!(matches!(outcome, Err(CallError::TimedOut { .. })), "a call with {stranger} gave {outcome:?}");
        let heard = client.link().transport().inner().bytes;
        ensure!(heard == 0, "a peer with {stranger} received {heard} bytes");
    }
    let mut client = Client::new(Link::new(Heard::new(connect()?), vec![0; 512], vec![0; 512]), 1);
    client.set_timeout(SILENCE);
    let outcome = guarded::Client::new(&mut client).null();
    ensure!(matches!(outcome, Err(CallError::TimedOut { .. })), "a call without keys gave {outcome:?}");
    let outcome = guarded::Client::new(&mut client).once(9, &[]);
    ensure!(matches!(outcome, Err(CallError::TimedOut { .. })), "a call without keys gave {outcome:?}");
    let heard = client.link().transport().bytes;
    ensure!(heard == 0, "a peer without keys received {heard} bytes");
    Ok(())
}

fn rights(board: &Board) -> Result<String> {
    both_keys(|| Ok(board.socket::<Cobs>()?))?;
    Ok(String::new())
}

fn strangers(board: &Board) -> Result<String> {
    let mut owner = owner(board)?;
    // This call also receives what the firmware has printed at its start.
    guarded::Client::new(&mut owner).begin()?;
    silence(|| Ok(board.socket::<Cobs>()?))?;
    let mut device = guarded::Client::new(&mut owner);
    ensure!(device.done(0)?[9] == 0, "a stranger's call was executed");
    ensure!(device.who()? == u32::from(OWNER.0), "the session of the owner has changed");
    Ok(String::new())
}

fn logs(board: &Board) -> Result<String> {
    let (socket, log) = host::logged(board.socket::<Cobs>()?);
    let mut owner = client(socket, &KEYS[0]);
    let mut device = guarded::Client::new(&mut owner);
    device.print()?;
    device.print()?;
    device.null()?;
    let host::Logs { verified, clear } = log.take();
    ensure!(clear == STARTED, "in the clear came {clear:?}");
    ensure!(verified == PRINTED.repeat(2), "under the key came {verified:?}");
    Ok(String::new())
}

fn reset(board: &Board) -> Result<String> {
    let mut owner = owner(board)?;
    guarded::Client::new(&mut owner).begin()?;
    let resets = host::calls_over_resets(&mut owner, || board.reset())?;
    Ok(format!("{resets} resets"))
}

/// Waits until `holds`, at most [`PATIENCE`].
pub fn until(what: &str, mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
    let start = Instant::now();
    while !holds()? {
        ensure!(start.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
    }
    Ok(())
}
