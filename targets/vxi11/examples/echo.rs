//! An instrument that identifies itself, and returns every other message: `echo [ADDRESS]`.

use std::error::Error;
use std::net::IpAddr;

use oncilla_vxi11::{ErrorCode, Instrument, InstrumentServer, Link, Part, Unfinished};

/// What the clients of all links have sent, and what is left of the response.
#[derive(Default)]
struct Echo {
    message: Vec<u8>,
    response: Vec<u8>,
}

impl Instrument for Echo {
    fn write(&mut self, _: Link, data: &[u8], end: bool) -> Result<usize, Unfinished> {
        self.message.extend_from_slice(data);
        if end {
            let message = std::mem::take(&mut self.message);
            let identify = message.trim_ascii() == b"*IDN?";
            self.response = if identify { b"ONCILLA,ECHO,0,1\n".to_vec() } else { message };
        }
        Ok(data.len())
    }

    fn read(&mut self, _: Link, room: &mut [u8]) -> Result<Part, Unfinished> {
        if self.response.is_empty() {
            return Err(Unfinished::NotYet);
        }
        let count = self.response.len().min(room.len());
        for (place, byte) in room.iter_mut().zip(self.response.drain(..count)) {
            *place = byte;
        }
        Ok(Part { count, end: self.response.is_empty() })
    }

    fn status_byte(&mut self, _: Link) -> u8 {
        // A message is available (IEEE 488.2: MAV).
        if self.response.is_empty() { 0 } else { 0x10 }
    }

    fn trigger(&mut self, _: Link) -> Result<(), Unfinished> {
        Err(ErrorCode::UNSUPPORTED.into())
    }

    fn clear(&mut self, _: Link) -> Result<(), Unfinished> {
        *self = Self::default();
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut server = InstrumentServer::new(Echo::default());
    if let Some(address) = std::env::args().nth(1) {
        server = server.address(address.parse::<IpAddr>()?);
    }
    let serving = server.start()?;
    println!("core channel {}, abort channel {}", serving.core_address(), serving.abort_address());
    Ok(serving.wait()?)
}
