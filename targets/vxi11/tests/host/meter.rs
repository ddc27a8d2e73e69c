//! An instrument that returns what it is sent, when the test allows it.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use oncilla_vxi11::{
    Client, ErrorCode, Instrument, InstrumentServer, Link, Options, Part, PortMapping, Serving, Unfinished,
};

/// More than anything takes here.
pub const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Default)]
pub struct Meter {
    /// The message of each link, and whether it is complete.
    messages: HashMap<Link, (Vec<u8>, bool)>,
    /// Whether it responds.
    pub held: bool,
    pub service: bool,
    pub triggers: usize,
    pub is_remote: bool,
    pub given_up: usize,
    /// How often it was asked for a response.
    pub reads: usize,
    /// The links whose clients wait for a response.
    pub readers: HashSet<Link>,
    pub panics: bool,
}

impl Instrument for Meter {
    fn write(&mut self, link: Link, data: &[u8], end: bool) -> Result<usize, Unfinished> {
        let (message, complete) = self.messages.entry(link).or_default();
        if std::mem::take(complete) {
            message.clear();
        }
        message.extend_from_slice(data);
        *complete = end;
        Ok(data.len())
    }

    fn read(&mut self, link: Link, room: &mut [u8]) -> Result<Part, Unfinished> {
        self.reads += 1;
        self.readers.insert(link);
        assert!(!self.panics, "the test wants it");
        let (message, complete) = self.messages.entry(link).or_default();
        if self.held || !*complete || message.is_empty() {
            return Err(Unfinished::NotYet);
        }
        let count = message.len().min(room.len());
        for (place, byte) in room.iter_mut().zip(message.drain(..count)) {
            *place = byte;
        }
        Ok(Part { count, end: message.is_empty() })
    }

    fn status_byte(&mut self, _: Link) -> u8 {
        if std::mem::take(&mut self.service) { 0x40 } else { 0 }
    }

    fn trigger(&mut self, _: Link) -> Result<(), Unfinished> {
        self.triggers += 1;
        Ok(())
    }

    fn clear(&mut self, link: Link) -> Result<(), Unfinished> {
        self.messages.remove(&link);
        Ok(())
    }

    fn wants_service(&mut self) -> bool {
        self.service
    }

    fn remote(&mut self, _: Link, remote: bool) -> Result<(), Unfinished> {
        self.is_remote = remote;
        Ok(())
    }

    fn closed(&mut self, link: Link) {
        self.readers.remove(&link);
        self.messages.remove(&link);
    }

    fn given_up(&mut self, _: Link, why: ErrorCode) {
        assert!(matches!(why, ErrorCode::TIMED_OUT | ErrorCode::ABORTED));
        self.given_up += 1;
    }
}

/// Serves a meter on loopback.
pub fn serve() -> Serving<Meter> {
    serve_parts(1 << 16)
}

/// Serves a meter that takes this many bytes in one call.
pub fn serve_parts(receive_max: u32) -> Serving<Meter> {
    let server = InstrumentServer::new(Meter::default()).address([127, 0, 0, 1]).receive_max(receive_max);
    server.port_mapping(PortMapping::None).start().unwrap()
}

pub fn options(serving: &Serving<Meter>) -> Options {
    Client::options().core_port(serving.core_address().port()).timeout(PATIENCE)
}

pub fn client(serving: &Serving<Meter>) -> Client {
    options(serving).open("127.0.0.1", "inst0").unwrap()
}

/// Waits until something is so.
pub fn until(mut what: impl FnMut() -> bool) {
    let start = std::time::Instant::now();
    while !what() {
        assert!(start.elapsed() < PATIENCE, "it does not happen");
        std::thread::sleep(Duration::from_millis(2));
    }
}
