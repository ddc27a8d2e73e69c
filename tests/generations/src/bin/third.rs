//! The third: results of another type, and so another version, beside the one that older hosts know.

use oncilla::highest_version;
use oncilla_generations::{MEASURED, Result, run};

oncilla::xdr_struct! {
    /// What was measured, and how well.
    #[derive(Clone, Debug)]
    struct Reading {
        value: i32,
        tolerance: u32,
    }
}

oncilla::program! {
    mod sensor = 0x2000_0d1e, version 1 {
        fn channels() -> u32 = 1;
        fn read(channel: u32) -> Option<i32> = 2;
        fn read_all() -> heapless::Vec<i32, 16> = 3;
    }
}

oncilla::program! {
    mod sensor_2 = 0x2000_0d1e, version 2 {
        fn read_all() -> heapless::Vec<Reading, 16> = 1;
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

impl sensor_2::Service for Device {
    fn read_all(&mut self) -> heapless::Vec<Reading, 16> {
        MEASURED.into_iter().map(|value| Reading { value, tolerance: 100 }).collect()
    }
}

static TABLE: oncilla::Table<Device> = oncilla::table![sensor::program(), sensor_2::program()];

fn read(mut client: oncilla_host::Client) -> Result<String> {
    if highest_version(&mut client, sensor::PROGRAM, sensor::VERSION..=sensor_2::VERSION)? == 2 {
        let readings = sensor_2::Client::new(&mut client).read_all()?;
        let values: Vec<_> =
            readings.iter().map(|Reading { value, tolerance }| format!("{value}±{tolerance}")).collect();
        return Ok(format!("version 2: {}", values.join(" ")));
    }
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
