//! The client of a device, by its options.

use oncilla::framing::{Cobs, Serial};
use oncilla::keys::{self, ForwardSecret, Light, Opens, SecretStart, Suite};
use oncilla::{CallsInFlight, Client, Link, Transport};

use crate::Options;
use crate::flight::{Flight, SLOT_SIZE};
use crate::wire::{Line, Wire};

/// The largest message in the clear: results, and a header with the longest verifier.
const MESSAGE_MAX: usize = SLOT_SIZE + 1024;

/// Random bytes of the browser for one connection, fit for keys.
pub struct Random {
    /// From which the session keys follow.
    pub start: [u8; 32],
    /// The boot number of this page.
    pub boot: u32,
    /// The number of the first call.
    pub xid: u32,
}

impl Random {
    /// The number of random bytes.
    pub const BYTES: usize = 40;

    /// Divides random bytes.
    pub fn new(bytes: &[u8; Self::BYTES]) -> Self {
        let [.., a, b, c, d, e, f, g, h] = *bytes;
        let mut start = [0; 32];
        start.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
        Self { start, boot: u32::from_ne_bytes([a, b, c, d]), xid: u32::from_ne_bytes([e, f, g, h]) }
    }
}

/// Returns the client on a line. `boot` is the boot number of the keyed link, the same for all connections of a page.
pub fn flight(options: &Options, wire: &Wire, boot: u32, random: &Random) -> Box<dyn Flight> {
    let mut flight: Box<dyn Flight> = match &options.key {
        None => {
            let (rx, tx) = buffers(MESSAGE_MAX);
            in_flight(Link::with_boot_number(Line::<Serial>::new(wire.clone()), rx, tx, random.boot), random)
        }
        Some(key) => {
            let (rx, tx) = buffers(keys::sealed_call_by::<ForwardSecret>(MESSAGE_MAX));
            let line = Line::<Cobs>::new(wire.clone());
            if options.is_forward_secret {
                let start = SecretStart::new(random.start);
                let ends = Opens::<_, ForwardSecret>::new(options.side, key.clone(), start, boot);
                in_flight(Link::with_keys(line, rx, tx, ends), random)
            } else {
                let mut start: <Light as Suite>::Start = [0; 16];
                start.iter_mut().zip(&random.start).for_each(|(place, byte)| *place = *byte);
                let ends = Opens::<_, Light>::new(options.side, key.clone(), start, boot);
                in_flight(Link::with_keys(line, rx, tx, ends), random)
            }
        }
    };
    flight.set_timeout(options.timeout);
    flight
}

fn buffers(message: usize) -> (Box<[u8]>, Box<[u8]>) {
    let buffer = || vec![0; Cobs::buffer(message).max(Serial::buffer(message))].into_boxed_slice();
    (buffer(), buffer())
}

fn in_flight<T: Transport<Error = std::convert::Infallible> + 'static>(
    link: Link<T, Box<[u8]>>,
    random: &Random,
) -> Box<dyn Flight> {
    Box::new(CallsInFlight::<_, 1, SLOT_SIZE>::new(Client::new(link, random.xid)))
}
