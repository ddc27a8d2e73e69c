//! Five faults on the UART, each followed by good calls. Other servers were tested in the same way.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use oncilla::{CallError, Caller, ProcedureId, Refusal, Xdr, framing::crc32};
use oncilla_thermostat::thermostat::{self, PROGRAM, VERSION};

use super::{
    Case,
    line::{LineClient, client},
};
use crate::{columns, peers, qemu::Board};

/// The faults, named as in the list of peers.
pub const CASES: &[&Case] = &[
    &Case { claim: "5 bytes of garbage", program: "thermostat", check: garbage },
    &Case { claim: "a bit flipped in an argument", program: "thermostat", check: flipped_argument },
    &Case { claim: "unknown procedure", program: "thermostat", check: unknown_procedure },
    &Case { claim: "truncated frame", program: "thermostat", check: truncated },
    &Case { claim: "oversize frame", program: "thermostat", check: oversize },
];

/// The number of good calls after each fault.
const GOOD: u8 = 20;

/// How long to wait for a reply that must not arrive.
const QUIET: Duration = Duration::from_millis(300);

fn garbage(board: &Board) -> Result<String> {
    let mut client = client(board)?;
    client.link().transport().damage_call(|frame| [&[0xA5, 0x01, 0xFF, 0x7E, 0x42], frame].concat());
    then_good_calls(&mut client, "")
}

fn flipped_argument(board: &Board) -> Result<String> {
    const BY: i32 = 0x0102_0304;
    let mut client = client(board)?;
    client.link().transport().damage_call(|frame| {
        let mut frame = frame.to_vec();
        // Stuffing leaves bytes other than zero as they are.
        let argument = frame.windows(4).position(|bytes| bytes == BY.to_be_bytes());
        frame[argument.expect("the argument is in the frame") + 3] ^= 0x10;
        frame
    });
    unanswered(&mut client, |client| thermostat::Client::new(client).adjust(0, BY).map(|_| ()))?;
    let target = thermostat::Client::new(&mut client).adjust(0, 0)?;
    ensure!(target == Ok(20_000), "the damaged call was carried out: the target is {target:?}");
    then_good_calls(&mut client, "dropped, ")
}

fn unknown_procedure(board: &Board) -> Result<String> {
    let mut client = client(board)?;
    let id = ProcedureId { program: PROGRAM, version: VERSION, procedure: 99 };
    match client.call(id, |_| Ok(()), |_| Ok(())) {
        Err(CallError::Refused(Refusal::ProcedureUnavailable)) => then_good_calls(&mut client, "error reply, "),
        other => bail!("a call of procedure 99 gave {other:?}"),
    }
}

fn truncated(board: &Board) -> Result<String> {
    let mut client = client(board)?;
    client.link().transport().damage_call(|frame| frame[..frame.len() / 2].to_vec());
    unanswered(&mut client, |client| thermostat::Client::new(client).adjust(0, 1).map(|_| ()))?;
    then_good_calls(&mut client, "")
}

fn oversize(board: &Board) -> Result<String> {
    let mut client = client(board)?;
    let show = ProcedureId { program: PROGRAM, version: VERSION, procedure: 4 };
    match client.call(show, |arguments| arguments.put::<Xdr, _>(&[0x5Au8; 2000][..]), |_| Ok(())) {
        Err(CallError::Refused(Refusal::GarbageArguments)) => then_good_calls(&mut client, "error reply, "),
        other => bail!("a call larger than the buffer gave {other:?}"),
    }
}

/// Makes a call that must not be answered.
fn unanswered<E: std::fmt::Debug>(
    client: &mut LineClient,
    call: impl FnOnce(&mut LineClient) -> Result<(), CallError<E>>,
) -> Result<()> {
    client.set_timeout(QUIET);
    let result = call(client);
    client.set_timeout(LineClient::DEFAULT_TIMEOUT);
    ensure!(matches!(result, Err(CallError::TimedOut { .. })), "the damaged call gave {result:?}");
    Ok(())
}

/// Makes the good calls. A wrong result or a lost call is an error, because the damage was sent before.
fn then_good_calls(client: &mut LineClient, fate: &str) -> Result<String> {
    let mut thermostat = thermostat::Client::new(client);
    for i in 0..GOOD {
        let picture = [i; 16];
        let came = thermostat.show(&picture).with_context(|| format!("good call {i} after the fault was lost"))?;
        ensure!(came == crc32(&picture), "good call {i} after the fault gave the wrong result {came:#010x}");
    }
    Ok(format!("{fate}loses 0"))
}

/// Returns the table of lost calls, with those of other servers.
pub fn table(told: &[(&str, String)]) -> Result<String> {
    let peers = peers::read()?;
    let ours = |name: &str| told.iter().find(|(claim, _)| *claim == name).map_or("FAILED", |(_, what)| what).to_owned();
    let mut head = vec!["the fault, then good calls".to_owned(), "oncilla".to_owned()];
    head.extend(peers.servers.iter().map(|server| server.name.clone()));
    let mut rows = vec![head];
    for fault in &peers.faults {
        let mut row = vec![fault.name.clone(), ours(&fault.name)];
        row.extend(fault.outcomes.iter().cloned());
        rows.push(row);
    }
    Ok(columns::align(&rows))
}
