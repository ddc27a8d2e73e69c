//! The first: one version, one channel at a time.

use oncilla_generations::{MEASURED, Result, run};

oncilla::program! {
    mod sensor = 0x2000_0d1e, version 1 {
        fn channels() -> u32 = 1;
        fn read(channel: u32) -> Option<i32> = 2;
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
}

static TABLE: oncilla::Table<Device> = oncilla::table![sensor::program()];

fn read(mut client: oncilla_host::Client) -> Result<String> {
    let mut sensor = sensor::Client::new(&mut client);
    let mut values = Vec::new();
    for channel in 0..sensor.channels()? {
        values.push(sensor.read(channel)?.ok_or("it has no such channel")?);
    }
    Ok(format!("version 1, one by one: {values:?}"))
}

fn main() -> Result<()> {
    run(&TABLE, read)
}
