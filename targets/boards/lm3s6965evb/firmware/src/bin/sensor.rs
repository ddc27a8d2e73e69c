//! A sensor on a serial line with the interface `examples/sensor/sensor.x`. It also returns the text of that file.
#![no_std]
#![no_main]

use oncilla::framing::Cobs;
use oncilla::{Forever, Link, Stream, Table};
use oncilla_lm3s6965evb::Uart;
use oncilla_sensor::{History, Reading, Sample, Status, description, sensor_1};
use panic_never as _;

/// The measurements of its only channel.
struct Sensor(History);

impl sensor_1::Service for Sensor {
    fn read(&mut self, channel: u32) -> Reading {
        match self.0.last() {
            Some(sample) if channel == 0 => Reading::Ok(sample.clone()),
            _ => Reading::Default(Status::NoSuchChannel.number()),
        }
    }
    fn history(&mut self, channel: u32) -> History {
        if channel == 0 { self.0.clone() } else { History::new() }
    }
    fn rename(&mut self, channel: u32, _name: &str) -> bool {
        channel == 0
    }
}

/// The table, in flash.
static TABLE: Table<Sensor> = oncilla::table![sensor_1::program(), description::program()];

/// Bytes of the largest call and reply of both programs, framed.
const CALL: usize =
    Cobs::buffer(if sensor_1::CALL_MAX > description::CALL_MAX { sensor_1::CALL_MAX } else { description::CALL_MAX });
const REPLY: usize = Cobs::buffer(TABLE.reply_max());

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: [u8; CALL] = [0; CALL];
    static mut TX: [u8; REPLY] = [0; REPLY];

    let mut sensor = Sensor(History::new());
    // There is room for two samples.
    let _ = sensor.0.push(Sample { time: 1000, value: 21_500 });
    let _ = sensor.0.push(Sample { time: 2000, value: 21_625 });
    let stream = Stream::<Cobs, _>::new(Uart::start(), Forever);
    let mut link = Link::new(stream, &mut RX[..], &mut TX[..]);
    loop {
        // This UART never fails or ends. If another one does, it is served again. `REPLY` holds every reply of the table.
        let _ = link.serve(&TABLE, &mut sensor);
    }
}
