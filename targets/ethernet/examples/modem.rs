//! A client on a stack of embedded-nal: `modem HOST:PORT` raises a temperature of the quickstart's thermostat.

use core::net::SocketAddr;
use core::time::Duration;

use oncilla::{Client, Clock, Link, Time};
use oncilla_ethernet::nal::Tcp;
use oncilla_ethernet::nal::embedded_nal::TcpClientStack;

oncilla::program! {
    /// A part of the quickstart's thermostat.
    pub mod thermostat = 0x2000_0042, version 1 {
        /// Raises or lowers the temperature of a channel and returns it.
        fn adjust(channel: u32, by: i32) -> Result<i32, i32> = 3;
    }
}

/// Asks a host on any stack with the blocking traits of embedded-nal.
fn adjust<S: TcpClientStack, C: Clock>(stack: S, mut timer: C, host: SocketAddr) -> Option<Result<i32, i32>> {
    let deadline = timer.now().after(Duration::from_secs(10));
    let socket = Tcp::connect(stack, host, timer, deadline).ok()?;
    let mut client = Client::new(Link::new(socket, [0; 128], [0; 128]), 0x5eed_0000);
    client.set_timeout(Duration::from_secs(2));
    thermostat::Client::new(&mut client).adjust(0, 500).ok()
}

/// A clock whose `idle` lets the stack work.
struct Timer(std::time::Instant);

impl Clock for Timer {
    fn now(&mut self) -> Time {
        Time::ZERO.after(self.0.elapsed())
    }

    fn idle(&mut self, _until: Time) {
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let host = std::env::args().nth(1).ok_or("usage: modem HOST:PORT")?.parse()?;
    let timer = Timer(std::time::Instant::now());
    println!("{:?}", adjust(std_embedded_nal::Stack, timer, host).ok_or("no reply")?);
    Ok(())
}
