//! The second: a procedure more in the same version, and a way back for firmware that has it not.

use oncilla_generations::{MEASURED, Result, run};

oncilla::program! {
    mod sensor = 0x2000_0d1e, version 1 {
        fn channels() -> u32 = 1;
        fn read(channel: u32) -> Option<i32> = 2;
        fn read_all() -> heapless::Vec<i32, 16> = 3;
    }
}

#[derive(Default)]
struct Device;

impl sensor::Service for Device {
    fn channels(&mut self) -> u32 {
        MEASURED.len() as u32
    }
    fn read(&mut self, channel: u32) -> Option<i32> {
        MEASURED.get(channel as usize).copied()
    }
    fn read_all(&mut self) -> heapless::Vec<i32, 16> {
        MEASURED.into_iter().collect()
    }
}

static TABLE: oncilla::Table<Device> = oncilla::table![sensor::program()];

fn read(mut client: oncilla_host::Client) -> Result<String> {
    let mut sensor = sensor::Client::new(&mut client);
    match sensor.read_all() {
        Ok(values) => return Ok(format!("version 1, all at once: {values:?}")),
        Err(error) if error.is_unserved() => {}
        Err(error) => return Err(error.into()),
    }
    let mut values = Vec::new();
    for channel in 0..sensor.channels()? {
        values.push(sensor.read(channel)?.ok_or("it has no such channel")?);
    }
    Ok(format!("version 1, one by one: {values:?}"))
}

fn main() -> Result<()> {
    run(&TABLE, read)
}
