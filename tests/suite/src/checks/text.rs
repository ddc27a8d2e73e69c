//! Text on the line that carries the calls.

use std::format;
use std::string::String;
use std::vec::Vec;

use super::carrier::{On, Reach};
use super::lab::Lab;
use super::{Check, Outcome, equal};
use crate::{NAME_SIZE, Parts, suite_1, text_1};

pub fn checks<T: Reach>() -> Vec<Check<T>> {
    let check = Check::new("what the board prints comes beside the calls", prints);
    [check.needs(Parts::TEXT).on(On::Line)].into()
}

fn prints<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    let mut expected = String::new();
    for length in (0..=NAME_SIZE).chain(0..3) {
        let line = &"the board prints, and serves on\r\n"[..length];
        let told = text_1::Client::new(&mut client).print(line)?;
        equal("the bytes of the line", told, length as u32)?;
        // The text is on the line before the reply to this call.
        equal("the next call", suite_1::Client::new(&mut client).subtract(length as i32, 1)?, length as i32 - 1)?;
        expected.push_str(line);
        let printed = String::from_utf8_lossy(client.link().transport().text()).into_owned();
        equal(&format!("what was printed after {length} bytes"), printed, expected.clone())?;
    }
    Ok(())
}
