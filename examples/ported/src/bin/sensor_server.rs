//! Serves the sensor on TCP and UDP, with its description: `sensor_server PORT`.

use oncilla_sensor::{History, Reading, Sample, Status, description, sensor_1};

struct Device(History);

impl sensor_1::Service for Device {
    fn read(&mut self, channel: u32) -> Reading {
        match self.0.last() {
            Some(sample) if channel == 0 => Reading::Ok(sample.clone()),
            _ => Reading::Default(Status::NoSuchChannel.number()),
        }
    }

    fn history(&mut self, _channel: u32) -> History {
        self.0.clone()
    }

    fn rename(&mut self, channel: u32, _name: &str) -> bool {
        channel == 0
    }
}

static TABLE: oncilla::Table<Device> = oncilla::table![sensor_1::program(), description::program()];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = std::env::args().nth(1).ok_or("usage: sensor_server PORT")?.parse()?;
    let server = oncilla_host::Server::new()?.call_max(sensor_1::CALL_MAX).stop_on_signals()?;
    let mut server = server.tcp(("127.0.0.1", port))?.udp(("127.0.0.1", port))?;
    println!("serving on {}", server.tcp_addresses()[0]);
    server.serve(&TABLE, &mut Device(History::from_iter([Sample { time: 1000, value: 21_500 }])))?;
    Ok(())
}
