//! The whole path in memory: a client, framing, the server, and back.

use oncilla::framing::{Cobs, Datagram, Framing, Record, RecordAhead};
use oncilla::{CallError, Client, Link, Received, Refusal, Table, Time, Transport, answer};

oncilla::xdr_enum! { pub enum Fault { NoSuchChannel = 1 } }

oncilla::program! {
    /// Measures temperatures.
    pub mod thermostat = 0x2000_0042, version 1 {
        fn read(channel: u32) -> Result<i32, Fault> = 1;
        fn name(channel: u32) -> &str [..16] = 2;
        fn echo(data: &[u8] [..64]) -> &[u8] [..64] = 3;
        fn add(a: i32, b: i32) -> i32 = 5;
        fn reset() = 9;
    }
}

oncilla::program! {
    mod compact = 0x2000_0043, version 1, payload Postcard {
        fn add(a: u32, b: u32) -> u32 = 1;
    }
}

struct Device {
    name: String,
}

impl thermostat::Service for Device {
    fn read(&mut self, channel: u32) -> Result<i32, Fault> {
        if channel == 3 { Ok(21_500) } else { Err(Fault::NoSuchChannel) }
    }
    fn name(&mut self, _: u32) -> &str {
        &self.name
    }
    fn echo<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        data
    }
    fn add(&mut self, a: i32, b: i32) -> i32 {
        a.wrapping_add(b)
    }
    fn reset(&mut self) {}
}

impl compact::Service for Device {
    fn add(&mut self, a: u32, b: u32) -> u32 {
        a + b
    }
}

static TABLE: Table<Device> = oncilla::table![thermostat::program(), compact::program()];

/// A carrier whose other end is a server in the same memory.
struct Direct<F> {
    server: F,
    device: Device,
    rx: [u8; 256],
    replies: Vec<u8>,
}

impl<F: Framing> Transport for Direct<F> {
    type Error = std::convert::Infallible;
    type Framing = F;
    fn now(&mut self) -> Time {
        Time::ZERO
    }
    fn receive(&mut self, into: &mut [u8], _: Time) -> Result<Received, Self::Error> {
        let n = into.len().min(self.replies.len());
        into[..n].copy_from_slice(&self.replies[..n]);
        self.replies.drain(..n);
        Ok(if n == 0 { Received::TimeUp } else { Received::Bytes(n) })
    }
    fn send(&mut self, frame: &[u8], _: Time) -> Result<usize, Self::Error> {
        let mut rest = frame;
        loop {
            match self.server.next(&mut self.rx) {
                oncilla::framing::Progress::Message { start, length } => {
                    let mut tx = [0; 256];
                    let n = answer(&TABLE, &mut self.device, &self.rx[start..start + length], F::room(&mut tx));
                    if let Some(n) = n {
                        self.replies.extend(F::seal(&mut tx, n).unwrap());
                    }
                }
                _ if rest.is_empty() => break,
                _ => {
                    let window = self.server.window(&mut self.rx);
                    let n = window.len().min(rest.len());
                    window[..n].copy_from_slice(&rest[..n]);
                    self.server.filled(n);
                    rest = &rest[n..];
                }
            }
        }
        Ok(frame.len())
    }
}

fn calls<F: Framing>() {
    let direct = Direct { server: F::default(), device: Device { name: "hall".into() }, rx: [0; 256], replies: vec![] };
    let mut client = Client::new(Link::new(direct, [0; 256], [0; 256]), 7);
    let mut thermostat = thermostat::Client::new(&mut client);
    assert_eq!(thermostat.read(3).unwrap(), Ok(21_500));
    assert_eq!(thermostat.read(4).unwrap(), Err(Fault::NoSuchChannel));
    assert_eq!(thermostat.name(4).unwrap(), "hall");
    assert_eq!(thermostat.echo(&[7; 63]).unwrap(), [7; 63]);
    assert!(matches!(thermostat.echo(&[7; 65]), Err(CallError::Arguments(_))));
    assert_eq!(thermostat.add(1, -3).unwrap(), -2);
    thermostat.reset().unwrap();
    thermostat.null().unwrap();
    let mut compact = compact::Client::new(&mut client);
    assert_eq!(compact.add(300, 4).unwrap(), 304);
}

#[test]
fn calls_go_through_every_framing() {
    calls::<Record>();
    calls::<RecordAhead>();
    calls::<Cobs>();
    calls::<Datagram>();
    let _ = Refusal::SystemError;
}
