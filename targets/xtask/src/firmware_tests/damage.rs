//! Every damage of several kinds to a frame, followed directly by a good frame. All results must be right.

use std::{cell::Cell, rc::Rc};

use anyhow::{Context, Result, ensure};
use oncilla::framing::crc32;
use oncilla_thermostat::thermostat;

use super::{
    Case,
    line::{LineClient, client},
};
use crate::qemu::Board;

pub const CASES: &[&Case] = &[
    &Case { claim: "no bit flipped in a call gives a wrong result", program: "thermostat", check: bits_of_calls },
    &Case { claim: "no bit flipped in a reply gives a wrong result", program: "thermostat", check: bits_of_replies },
    &Case { claim: "a call cut anywhere harms no other", program: "thermostat", check: cuts },
    &Case { claim: "a byte of garbage harms no call", program: "thermostat", check: any_byte },
    &Case { claim: "calls that come faster than they are served wait", program: "thermostat", check: burst },
];

fn bits_of_calls(board: &Board) -> Result<String> {
    let (mut client, mut target) = (client(board)?, 20_000);
    let (short, long) = (size(&mut client, |client| adjusts(client, &mut target))?, size(&mut client, shows)?);
    for bit in 0..8 * short {
        damage_call(&mut client, move |frame| flipped(frame, bit));
        adjusts(&mut client, &mut target).with_context(|| format!("bit {bit} of a short call"))?;
    }
    for bit in 0..8 * long {
        damage_call(&mut client, move |frame| flipped(frame, bit));
        shows(&mut client).with_context(|| format!("bit {bit} of a long call"))?;
    }
    Ok(format!("{} bits", 8 * (short + long)))
}

fn bits_of_replies(board: &Board) -> Result<String> {
    let (mut client, mut target) = (client(board)?, 20_000);
    let size = Rc::new(Cell::new(1));
    let mut bit = 0;
    while bit < 8 * size.get() {
        let told = Rc::clone(&size);
        client.link().transport().damage_reply(move |frame| {
            told.set(frame.len());
            [flipped(frame, bit), frame.to_vec()].concat()
        });
        adjusts(&mut client, &mut target).with_context(|| format!("bit {bit} of a reply"))?;
        bit += 1;
    }
    Ok(format!("{bit} bits"))
}

fn cuts(board: &Board) -> Result<String> {
    let mut client = client(board)?;
    let size = size(&mut client, shows)?;
    for length in 0..size {
        damage_call(&mut client, move |frame| frame[..length].to_vec());
        shows(&mut client).with_context(|| format!("after {length} bytes of a call"))?;
    }
    Ok(format!("{size} cuts"))
}

fn any_byte(board: &Board) -> Result<String> {
    let (mut client, mut target) = (client(board)?, 20_000);
    for byte in 0..=u8::MAX {
        damage_call(&mut client, move |_| vec![byte]);
        adjusts(&mut client, &mut target).with_context(|| format!("after the byte {byte:#04x}"))?;
    }
    Ok(String::new())
}

/// Sends a call many times at once, many times the size of the UART's buffers. All are executed. The client accepts the
/// first reply and drops the others at its next call.
fn burst(board: &Board) -> Result<String> {
    const CALLS: i32 = 100;
    let (mut client, mut target) = (client(board)?, 20_000);
    damage_call(&mut client, |frame| frame.repeat(CALLS as usize - 1));
    adjusts(&mut client, &mut target)?;
    target += (CALLS - 1) * STEP;
    adjusts(&mut client, &mut target)?;
    Ok(format!("{CALLS} calls"))
}

/// Sends damaged bytes directly before the next call. So no call waits for a time-out, and a reply to the damaged bytes
/// would be mistaken for the call's.
fn damage_call(client: &mut LineClient, damage: impl FnOnce(&[u8]) -> Vec<u8> + 'static) {
    client.link().transport().damage_call(move |frame| [damage(frame), frame.to_vec()].concat());
}

/// Returns the size of a call's frame. With this framing it does not depend on the content.
fn size(client: &mut LineClient, call: impl FnOnce(&mut LineClient) -> Result<()>) -> Result<usize> {
    let size = Rc::new(Cell::new(0));
    let told = Rc::clone(&size);
    client.link().transport().damage_call(move |frame| {
        told.set(frame.len());
        frame.to_vec()
    });
    call(client)?;
    Ok(size.get())
}

fn flipped(frame: &[u8], bit: usize) -> Vec<u8> {
    let mut frame = frame.to_vec();
    frame[bit / 8] ^= 1 << (bit % 8);
    frame
}

/// The change of the target temperature by each call.
const STEP: i32 = 3;

/// Makes a call that changes the device. Its result depends on every call executed before.
fn adjusts(client: &mut LineClient, target: &mut i32) -> Result<()> {
    let came = thermostat::Client::new(client).adjust(0, STEP)?;
    *target += STEP;
    ensure!(came == Ok(*target), "the target is {came:?} and should be {target}");
    Ok(())
}

/// Makes a call with large arguments.
fn shows(client: &mut LineClient) -> Result<()> {
    let picture: [u8; 64] = std::array::from_fn(|i| (i * 37) as u8);
    let came = thermostat::Client::new(client).show(&picture)?;
    ensure!(came == crc32(&picture), "a picture gave {came:#010x} and should give {:#010x}", crc32(&picture));
    Ok(())
}
