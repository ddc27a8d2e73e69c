//! An instrument that identifies itself, and returns every other message: `echo [ADDRESS]`.

use std::error::Error;
use std::net::IpAddr;

use oncilla_vxi11::{ErrorCode, Instrument, InstrumentServer, Link, Part, Unfinished};

/// The most links of the server.
const LINKS: usize = InstrumentServer::<()>::LINKS;

/// The most bytes of a message.
const MESSAGE_MAX: usize = 1 << 16;

struct Echo {
    links: [Buffers; LINKS],
}

/// What the client of a link has sent, and what is left of its response.
#[derive(Default)]
struct Buffers {
    message: Vec<u8>,
    response: Vec<u8>,
}

impl Instrument for Echo {
    fn write(&mut self, link: Link, data: &[u8], end: bool) -> Result<usize, Unfinished> {
        let Buffers { message, response } = &mut self.links[link.index()];
        if message.len() + data.len() > MESSAGE_MAX {
            message.clear();
            return Err(ErrorCode::PARAMETER.into());
        }
        message.extend_from_slice(data);
        if end {
            let message = std::mem::take(message);
            let identify = message.trim_ascii() == b"*IDN?";
            *response = if identify { b"ONCILLA,ECHO,0,1\n".to_vec() } else { message };
        }
        Ok(data.len())
    }

    fn read(&mut self, link: Link, room: &mut [u8]) -> Result<Part, Unfinished> {
        let response = &mut self.links[link.index()].response;
        if response.is_empty() {
            return Err(Unfinished::NotYet);
        }
        let count = response.len().min(room.len());
        for (place, byte) in room.iter_mut().zip(response.drain(..count)) {
            *place = byte;
        }
        Ok(Part { count, end: response.is_empty() })
    }

    fn status_byte(&mut self, link: Link) -> u8 {
        // A message is available (IEEE 488.2: MAV).
        if self.links[link.index()].response.is_empty() { 0 } else { 0x10 }
    }

    fn trigger(&mut self, _: Link) -> Result<(), Unfinished> {
        Err(ErrorCode::UNSUPPORTED.into())
    }

    fn clear(&mut self, link: Link) -> Result<(), Unfinished> {
        self.links[link.index()] = Buffers::default();
        Ok(())
    }

    fn closed(&mut self, link: Link) {
        // The next client of this link must not read it.
        self.links[link.index()] = Buffers::default();
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let echo = Echo { links: std::array::from_fn(|_| Buffers::default()) };
    let mut server = InstrumentServer::new(echo);
    if let Some(address) = std::env::args().nth(1) {
        server = server.address(address.parse::<IpAddr>()?);
    }
    let serving = server.start()?;
    println!("core channel {}, abort channel {}", serving.core_address(), serving.abort_address());
    Ok(serving.wait()?)
}
