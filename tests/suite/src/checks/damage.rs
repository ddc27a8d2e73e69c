//! Lines that damage what passes. A whole call stands right behind each damage, so that nothing has to wait for a time-out.

use std::format;
use std::vec;
use std::vec::Vec;

use super::carrier::{Carrier, On, Reach};
use super::lab::{Lab, LabClient};
use super::wire::{Wire, good};
use super::{Check, Failure, Outcome, ensure, equal};
use crate::suite_1;

pub fn checks<T: Reach>() -> Vec<Check<T>> {
    [
        Check::new("no bit that is flipped in a call makes it another one", bits),
        Check::new("a call that is cut anywhere harms no other", cuts),
        Check::new("noise between calls harms none of them", noise),
        Check::new("zeros between calls harm none of them", zeros),
        Check::new("text that the host prints harms no call", host_prints),
    ]
    .map(|check| check.on(On::Line))
    .into_iter()
    .chain([Check::new("the two ends introduce themselves, and see a restart", introduced).on(On::Introduced)])
    .collect()
}

/// Damages the next frame, with the frame as it should be behind.
fn damage<T: Reach>(client: &mut LabClient<T>, damage: impl FnOnce(&mut Vec<u8>) + 'static) {
    client.link().transport().change(|frame| {
        let mut damaged = frame.to_vec();
        damage(&mut damaged);
        damaged.extend(frame);
        damaged
    });
}

/// Bytes of the frame of an addition, on a link whose ends have introduced themselves.
fn frame_of_addition<T: Reach>(client: &mut LabClient<T>, sum: &mut u32) -> Result<usize, Failure> {
    let (told, hears) = std::sync::mpsc::channel();
    client.link().transport().change(move |frame| {
        let _ = told.send(frame.len());
        frame.to_vec()
    });
    add(client, sum)?;
    Ok(hears.recv()?)
}

/// A call whose result tells of every one that was executed before.
fn add<T: Reach>(client: &mut LabClient<T>, sum: &mut u32) -> Outcome {
    const AMOUNT: u32 = 0x0001_0203;
    *sum = sum.wrapping_add(AMOUNT);
    equal("the sum", suite_1::Client::new(client).add(AMOUNT)?, *sum)
}

fn bits<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    let mut sum = suite_1::Client::new(&mut client).sum()?;
    let size = frame_of_addition(&mut client, &mut sum)?;
    for bit in 0..8 * size {
        damage(&mut client, move |frame| frame[bit / 8] ^= 1 << (bit % 8));
        add(&mut client, &mut sum).map_err(|error| format!("bit {bit}: {error}"))?;
    }
    Ok(())
}

fn cuts<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    let mut sum = suite_1::Client::new(&mut client).sum()?;
    let size = frame_of_addition(&mut client, &mut sum)?;
    // Without its last byte, a zero, it is whole: the next frame begins with one.
    for length in 0..size - 1 {
        damage(&mut client, move |frame| frame.truncate(length));
        add(&mut client, &mut sum).map_err(|error| format!("cut after {length} bytes: {error}"))?;
    }
    Ok(())
}

fn noise<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    let mut pseudo = 1_u32;
    let mut any = || {
        pseudo = pseudo.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (pseudo >> 24) as u8
    };
    for length in [1, 2, 5, 40, 300, 3000] {
        wire.send_bytes(&Vec::from_iter((0..length).map(|_| any())))?;
        wire.good()?;
    }
    for byte in 0..=u8::MAX {
        wire.send_bytes(&[byte])?;
        wire.good()?;
    }
    Ok(())
}

fn zeros<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    for length in [1, 2, 3, 100, 3000] {
        wire.send_bytes(&vec![0; length])?;
        wire.good()?;
    }
    // A frame and the next may share one.
    let (first, second) = (wire.xid(), wire.xid());
    let mut shared = wire.frame(&good(first))?;
    shared.pop();
    shared.extend(wire.frame(&good(second))?);
    wire.send_bytes(&shared)?;
    equal("the first reply", wire.reply_to(&[first, second])?.0, first)?;
    equal("the second reply", wire.reply_to(&[first, second])?.0, second)
}

fn host_prints<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire: Wire<T> = lab.wire()?;
    for text in ["", "a", "a line of text\r\n", &"x".repeat(5000)] {
        let text = [&[0, oncilla::framing::TEXT], text.as_bytes(), &[0]].concat();
        wire.send_bytes(&text)?;
        wire.good()?;
    }
    Ok(())
}

/// Each client is another program to the board, which has begun with another boot number.
fn introduced<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut boot = None;
    for _ in 0..3 {
        let mut client = lab.client()?;
        for _ in 0..3 {
            suite_1::Client::new(&mut client).nothing()?;
        }
        let peer = T::Framing::peer(client.link());
        ensure!(peer.is_some(), "the board has not introduced itself");
        ensure!(boot.is_none() || boot == peer, "the board has restarted: {boot:?} became {peer:?}");
        boot = peer;
    }
    Ok(())
}
