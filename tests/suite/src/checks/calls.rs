//! Calls of SUITE, which every board has.

use std::format;
use std::string::String;
use std::vec::Vec;

use super::carrier::Reach;
use super::lab::Lab;
use super::{Check, Outcome, ensure, equal};
use crate::{DATA_SIZE, NAME_SIZE, Parts, bulk_1, callbacks_1, suite_1, suite_3, text_1, types_1};

pub fn checks<T: Reach>() -> Vec<Check<T>> {
    [
        Check::new("the board answers", answers),
        Check::new("it has the parts that it should have, and tells them in both versions", parts),
        Check::new("each of its programs has a procedure 0", null),
        Check::new("arguments keep their order, and integers wrap around", subtract),
        Check::new("opaque data of every length come back", echo),
        Check::new("text is kept from call to call", names),
        Check::new("a call is executed once", once),
    ]
    .into()
}

fn answers<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    suite_1::Client::new(&mut lab.client()?).nothing()?;
    Ok(())
}

fn parts<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    for parts in [suite_1::Client::new(&mut client).parts()?, suite_3::Client::new(&mut client).parts()?] {
        let parts = Parts(parts);
        ensure!(parts == lab.parts(), "the board has {parts}; it should have {}", lab.parts());
    }
    Ok(())
}

fn null<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    let parts = lab.parts();
    suite_1::Client::new(&mut client).null()?;
    suite_3::Client::new(&mut client).null()?;
    if parts.has(Parts::TYPES) {
        types_1::Client::new(&mut client).null()?;
    }
    if parts.has(Parts::BULK) {
        bulk_1::Client::new(&mut client).null()?;
    }
    if parts.has(Parts::CALLBACKS) {
        callbacks_1::Client::new(&mut client).null()?;
    }
    if parts.has(Parts::TEXT) {
        text_1::Client::new(&mut client).null()?;
    }
    #[cfg(feature = "postcard")]
    if parts.has(Parts::POSTCARD) {
        crate::compact::Client::new(&mut client).null()?;
    }
    Ok(())
}

fn subtract<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    const NUMBERS: [i32; 7] = [i32::MIN, -256, -1, 0, 1, 0x0102_0304, i32::MAX];
    let mut client = lab.client()?;
    for minuend in NUMBERS {
        for subtrahend in NUMBERS {
            let came = suite_1::Client::new(&mut client).subtract(minuend, subtrahend)?;
            equal(&format!("{minuend} - {subtrahend}"), came, minuend.wrapping_sub(subtrahend))?;
        }
    }
    Ok(())
}

fn echo<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    for length in 0..=DATA_SIZE {
        // Zeros and other bytes, since framings treat them differently.
        let counted: Vec<_> = (0..length).map(|i| i as u8 % 5).collect();
        for bytes in [&[0; DATA_SIZE][..length], &[0xff; DATA_SIZE][..length], &counted] {
            equal(&format!("{length} bytes"), suite_1::Client::new(&mut client).echo(bytes)?, bytes)?;
        }
    }
    Ok(())
}

fn names<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    let full = "x".repeat(NAME_SIZE);
    let wide = "ü€𝄞".chars().cycle().take(9).collect::<String>();
    for name in ["board", "", "a", "grüße", &wide, &full] {
        suite_1::Client::new(&mut client).rename(name)?;
        // A call in between takes the board's buffers.
        suite_1::Client::new(&mut client).echo(&[b'.'; DATA_SIZE])?;
        equal("the name", suite_1::Client::new(&mut client).name()?, name)?;
    }
    Ok(())
}

fn once<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    let mut sum = suite_1::Client::new(&mut client).sum()?;
    for amount in [1, 0, 1000, u32::MAX, 0x8000_0000] {
        sum = sum.wrapping_add(amount);
        equal("the sum told", suite_1::Client::new(&mut client).add(amount)?, sum)?;
        equal("the sum kept", suite_1::Client::new(&mut client).sum()?, sum)?;
    }
    Ok(())
}
