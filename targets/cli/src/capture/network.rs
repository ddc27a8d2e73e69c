//! Messages in packets of a network.

use super::file::Packet;
use super::packet::{Carried, Decoder, Ends};
use super::records::is_message;
use super::sealed::SealedDatagrams;
use super::stream::Streams;
use super::{Carrier, Message, Place, Time};

/// Finds calls and replies in packets.
pub struct Network {
    decoder: Decoder,
    streams: Streams,
    sealed: SealedDatagrams,
    /// The time of the last packet.
    time: Time,
}

impl Network {
    /// `largest` is the size of the largest message that is kept whole.
    pub fn new(largest: usize) -> Self {
        let (decoder, sealed) = (Decoder::default(), SealedDatagrams::default());
        Self { decoder, streams: Streams::new(largest), sealed, time: Time::default() }
    }

    /// Takes a packet. `take` receives the messages that it completes.
    pub fn push(&mut self, packet: &Packet<'_>, take: &mut dyn FnMut(Message)) {
        self.time = packet.time;
        let (streams, sealed, time) = (&mut self.streams, &mut self.sealed, packet.time);
        self.decoder.decode(packet, |carried| match carried {
            Carried::Datagram { ends, bytes, missing } if is_message(bytes) == Some(true) => {
                take(message(time, ends, Carrier::Udp, bytes.to_vec(), missing));
            }
            Carried::Datagram { ends, bytes, missing } if missing == 0 && sealed.is_sealed(ends, bytes) => {
                take(message(time, ends, Carrier::Udp, bytes.to_vec(), 0));
            }
            Carried::Datagram { .. } => {}
            Carried::Segment(segment) => streams.push(&segment, &mut |ends, bytes, missing| {
                take(message(time, ends, Carrier::Tcp, bytes, missing));
            }),
        });
    }

    /// Completes what still waits for lost packets.
    pub fn finish(&mut self, take: &mut dyn FnMut(Message)) {
        let time = self.time;
        self.streams.finish(&mut |ends, bytes, missing| take(message(time, ends, Carrier::Tcp, bytes, missing)));
    }
}

fn message(time: Time, ends: Ends, carrier: Carrier, bytes: Vec<u8>, missing: usize) -> Message {
    Message { time, from: Place::Socket(ends.from), to: Place::Socket(ends.to), carrier, bytes, missing, key: None }
}
