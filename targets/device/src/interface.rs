//! The interface of a device, from the device itself or from a text.

use std::io;

use oncilla::Caller;
use oncilla_dynamic::{DescriptionError, Interface, Texts};
use oncilla_rpcgen::Parsed;

use crate::connect::Device;
use crate::failure::{Done, Exit, Failure};
use crate::settings::Settings;

/// Asks a device for the text of its interface.
pub fn text_of_device(name: &str, device: &mut Device) -> Done<Parsed> {
    if let Some(text) = device.description() {
        return Ok(oncilla_rpcgen::parse_received(name, &text));
    }
    text_of_caller(name, device)
}

/// Asks a device for the text of its interface, by calls.
pub fn text_of_caller(name: &str, caller: &mut impl Caller<Error = io::Error>) -> Done<Parsed> {
    oncilla_rpcgen::read_description(name, caller).map_err(|error| {
        let failure = Failure::from(DescriptionError::Read(error));
        // A device that was not reached would not answer the call itself.
        if failure.exit() == Exit::NotReached {
            return failure;
        }
        failure.help("give the interface with `--interface FILE.x`, or `interface = …` in the configuration file")
    })
}

/// Creates the interface from its text, with the settings of the target.
pub fn interface_of(parsed: Parsed, settings: &Settings) -> Done<Interface> {
    // C peers send texts of any character set.
    Ok(Interface::new(parsed)?.texts(Texts::Latin1).payload(settings.payload.value.into()))
}
