//! The thermostat's device, in fixed memory.

use heapless::{String, Vec};

use crate::{Fault, Reading, thermostat};

/// A simulated thermostat with two channels. One sensor is in the hall; the one in the cellar is broken.
pub struct Device {
    channels: [Channel; 2],
    display: [u8; 64],
}

struct Channel {
    place: String<16>,
    sensor: Option<i32>,
    target: i32,
}

impl Default for Device {
    fn default() -> Self {
        Self { channels: [Channel::new("hall", Some(21_500)), Channel::new("cellar", None)], display: [0; 64] }
    }
}

impl Channel {
    fn new(place: &str, sensor: Option<i32>) -> Self {
        Self { place: text(place), sensor, target: 20_000 }
    }
}

/// Copies a text. Returns an empty one if it has more than 16 bytes.
fn text(from: &str) -> String<16> {
    let mut bytes = Vec::new();
    // `push_str` would be shorter, but a build with overflow checks has an addition in it that could panic.
    for byte in from.bytes() {
        if bytes.push(byte).is_err() {
            return String::new();
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}

impl Device {
    fn channel(&mut self, number: u32) -> Result<&mut Channel, Fault> {
        self.channels.get_mut(number as usize).ok_or(Fault::NoSuchChannel)
    }
}

impl thermostat::Service for Device {
    fn read(&mut self, channel: u32) -> Result<Reading<'_>, Fault> {
        let channel = self.channel(channel)?;
        let millidegrees = channel.sensor.ok_or(Fault::Broken)?;
        Ok(Reading { place: &channel.place, millidegrees })
    }

    fn rename(&mut self, channel: u32, place: &str) -> Result<(), Fault> {
        // The interface has the same bound as the string, so every place fits.
        self.channel(channel)?.place = text(place);
        Ok(())
    }

    fn adjust(&mut self, channel: u32, by: i32) -> Result<i32, Fault> {
        let channel = self.channel(channel)?;
        channel.target = channel.target.saturating_add(by);
        Ok(channel.target)
    }

    fn show(&mut self, picture: &[u8]) -> u32 {
        for (shown, byte) in self.display.iter_mut().zip(picture) {
            *shown = *byte;
        }
        oncilla::framing::crc32(picture)
    }

    fn model(&mut self) -> &str {
        "oncilla's thermostat"
    }
}
