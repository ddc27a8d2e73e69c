//! The memory of a gateway, and of the broker, for each device and each connection.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use oncilla_fleet::Fleet;

use super::{
    Plan,
    report::Report,
    site::{broker_settings, online},
};
use crate::{
    broker::Broker,
    gateway::{Gateway, Settings},
    park::Park,
};

/// The time after which memory is looked at: what was needed at the start only has been freed.
const REST: Duration = Duration::from_secs(2);

/// The idle connections with which the broker's memory is measured.
const CONNECTIONS: u16 = 500;

/// Measures a gateway without devices, with a quarter of them, and with half of them.
pub fn measure(plan: &Plan, report: &mut Report) -> Result<()> {
    let numbers = [0, plan.devices / 4, plan.devices / 2];
    let mut memory = Vec::new();
    let mut broker_memory = Vec::new();
    for devices in numbers {
        let (gateway, broker) = with_devices(devices)?;
        report.figure(format!("memory of a gateway with {devices} devices"), gateway / 1024.0, "KiB");
        memory.push(gateway);
        broker_memory.push(broker);
    }
    let [none, quarter, half] = memory[..] else { unreachable!("three were measured") };
    let each = (half - none) / numbers[2] as f64;
    let (first, second) = ((quarter - none) / numbers[1] as f64, (half - quarter) / (numbers[2] - numbers[1]) as f64);
    report.figure("memory of a gateway for each device", each, "bytes");
    if plan.is_judged {
        report.at_most("the second quarter of devices to the first", second / first, "times", 1.3);
    }
    report.figure(
        "memory of the broker for each device",
        (broker_memory[2] - broker_memory[0]) / numbers[2] as f64,
        "bytes",
    );
    report.figure("memory of the broker for each idle client", connections()?, "bytes");
    Ok(())
}

/// Returns the memory of a gateway and of its broker.
fn with_devices(devices: usize) -> Result<(f64, f64)> {
    let park = Park::start(devices, 1, |_| false)?;
    let broker = Broker::start(&broker_settings())?;
    let settings = Settings::new("west", broker.port()).own().meters(park.addresses());
    let mut gateway = Gateway::start(broker.folder(), &settings)?;
    let fleet = Fleet::connect(&format!("mqtt://127.0.0.1:{}/plant", broker.port()))?;
    online(&fleet, devices).with_context(|| gateway.log())?;
    thread::sleep(REST);
    let memory = gateway.process()?.memory()? as f64;
    let of_broker = broker.process().context("the broker runs")?.memory()? as f64;
    gateway.end()?;
    Ok((memory, of_broker))
}

/// Returns the broker's memory for a connection without a subscription.
fn connections() -> Result<f64> {
    let broker = Broker::start(&broker_settings())?;
    let memory = || broker.process().context("the broker runs")?.memory();
    let before = memory()?;
    let mut all = Vec::new();
    for number in 0..CONNECTIONS {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, broker.port()))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let name = format!("idle-{number:05}");
        // CONNECT of MQTT 5: clean start, keep-alive of a minute, no properties, and the client's name.
        let mut packet = vec![0x10, 13 + u8::try_from(name.len())?, 0, 4];
        packet.extend(b"MQTT\x05\x02\x00\x3c\x00\x00");
        packet.push(u8::try_from(name.len())?);
        packet.extend(name.as_bytes());
        stream.write_all(&packet)?;
        let mut answer = [0; 4];
        stream.read_exact(&mut answer)?;
        ensure!((answer[0], answer[3]) == (0x20, 0), "the broker refused a connection: {answer:?}");
        all.push(stream);
    }
    thread::sleep(REST);
    Ok((memory()? - before) as f64 / f64::from(CONNECTIONS))
}
