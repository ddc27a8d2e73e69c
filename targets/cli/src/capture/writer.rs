//! Writes messages as a pcapng capture for Wireshark, in generated UDP or TCP packets.

use std::collections::HashMap;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use etherparse::{IpHeaders, PacketBuilder, PacketBuilderStep, TcpHeader};

use super::{Carrier, Message, Place};

/// The largest message that a datagram carries here. Larger ones become TCP segments.
const DATAGRAM_MAX: usize = 60_000;
/// The largest part of a message in one TCP segment.
const SEGMENT_MAX: usize = 32_000;
/// The number of directions of TCP connections that are remembered.
const FLOWS_MAX: usize = 1 << 14;
/// The addresses of serial ports, from a network for documentation (RFC 5737), and their port.
const PORTS: [u8; 3] = [192, 0, 2];
const PORT: u16 = 49_111;
/// The largest value of an option in bytes.
const OPTION_MAX: usize = 4096;
const HOPS: u8 = 64;
const WINDOW: u16 = u16::MAX;
/// Raw IP (LINKTYPE_RAW).
const LINK: u16 = 101;
/// Times in nanoseconds: the exponent of 10.
const RESOLUTION: u8 = 9;

// Block types, and the number that shows the byte order.
const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 6;
const ORDER: u32 = 0x1a2b_3c4d;

// Options. Their codes depend on the block.
const COMMENT: u16 = 1;
const INTERFACE_NAME: u16 = 2;
const APPLICATION: u16 = 4;
const INTERFACE_RESOLUTION: u16 = 9;

/// A capture that is written. Packets have the times and addresses of their messages.
///
/// Messages of a serial line become datagrams between addresses of 192.0.2.0/24: that of the first port that is seen is
/// 192.0.2.1. A comment in its first packet names the port.
pub struct Writer<W> {
    out: W,
    /// The serial ports that were seen.
    ports: Vec<Place>,
    /// The next sequence number of each direction.
    flows: HashMap<(SocketAddr, SocketAddr), u32>,
}

impl<W: Write> Writer<W> {
    /// Writes the header of the capture.
    pub fn new(mut out: W) -> io::Result<Self> {
        let mut section = [ORDER.to_le_bytes(), [1, 0, 0, 0]].concat();
        // The section has any length.
        section.extend(u64::MAX.to_le_bytes());
        put_option(&mut section, APPLICATION, concat!("oncilla ", env!("CARGO_PKG_VERSION")).as_bytes());
        write_block(&mut out, SECTION, section)?;
        // The link type, two reserved bytes, and no limit to the size of packets.
        let mut interface = [&LINK.to_le_bytes()[..], &[0; 2], &[0; 4]].concat();
        put_option(&mut interface, INTERFACE_NAME, b"oncilla");
        put_option(&mut interface, INTERFACE_RESOLUTION, &[RESOLUTION]);
        write_block(&mut out, INTERFACE, interface)?;
        Ok(Self { out, ports: Vec::new(), flows: HashMap::new() })
    }

    /// Writes a message.
    pub fn message(&mut self, message: &Message) -> io::Result<()> {
        let comment = [&message.from, &message.to].into_iter().filter_map(|place| self.comment(place)).reduce(
            |mut comments, comment| {
                comments.push_str("; ");
                comments.push_str(&comment);
                comments
            },
        );
        let (from, to) = same_family(self.address(&message.from), self.address(&message.to));
        if message.carrier != Carrier::Tcp && message.bytes.len() <= DATAGRAM_MAX {
            let mut packet = Vec::new();
            network(from.ip(), to.ip())
                .udp(from.port(), to.port())
                .write(&mut packet, &message.bytes)
                .map_err(io::Error::other)?;
            return self.packet(message, &packet, comment);
        }
        // As one record.
        let mark = u32::try_from(message.bytes.len()).map_err(io::Error::other)? | 1 << 31;
        let record = [&mark.to_be_bytes(), &*message.bytes].concat();
        let mut comment = comment;
        for part in record.chunks(SEGMENT_MAX) {
            let packet = self.segment(from, to, part)?;
            self.packet(message, &packet, comment.take())?;
        }
        Ok(())
    }

    /// Writes what is buffered.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn segment(&mut self, from: SocketAddr, to: SocketAddr, part: &[u8]) -> io::Result<Vec<u8>> {
        if self.flows.len() >= FLOWS_MAX {
            self.flows.clear();
        }
        let acknowledged = self.flows.get(&(to, from)).copied().unwrap_or(1);
        let next = self.flows.entry((from, to)).or_insert(1);
        let mut header = TcpHeader::new(from.port(), to.port(), *next, WINDOW);
        *next = next.wrapping_add(part.len() as u32);
        (header.ack, header.psh, header.acknowledgment_number) = (true, true, acknowledged);
        let mut packet = Vec::new();
        network(from.ip(), to.ip()).tcp_header(header).write(&mut packet, part).map_err(io::Error::other)?;
        Ok(packet)
    }

    fn packet(&mut self, message: &Message, packet: &[u8], comment: Option<String>) -> io::Result<()> {
        let ticks = message.time.since_1970().as_nanos();
        let length = u32::try_from(packet.len()).map_err(io::Error::other)?;
        // The interface, the upper and the lower half of the time, the captured and the whole size.
        let words = [0, (ticks >> 32) as u32, ticks as u32, length, length];
        let mut block: Vec<u8> = words.into_iter().flat_map(u32::to_le_bytes).chain(packet.iter().copied()).collect();
        pad(&mut block);
        if let Some(comment) = comment {
            put_option(&mut block, COMMENT, comment.as_bytes());
        }
        write_block(&mut self.out, PACKET, block)
    }

    /// Returns a comment that names a port, if it is new.
    fn comment(&mut self, place: &Place) -> Option<String> {
        let Place::Port(name) = place else { return None };
        if self.ports.contains(place) || self.ports.len() >= 250 {
            return None;
        }
        self.ports.push(place.clone());
        let [a, b, c] = PORTS;
        Some(format!("{a}.{b}.{c}.{} is {name}", self.ports.len()))
    }

    fn address(&self, place: &Place) -> SocketAddr {
        match place {
            Place::Socket(address) => *address,
            Place::Port(_) => {
                let index = self.ports.iter().position(|port| port == place).unwrap_or(250);
                let [a, b, c] = PORTS;
                (Ipv4Addr::new(a, b, c, index as u8 + 1), PORT).into()
            }
        }
    }
}

/// Writes both addresses as IPv6 if either is.
fn same_family(from: SocketAddr, to: SocketAddr) -> (SocketAddr, SocketAddr) {
    let long = |address: SocketAddr| match address.ip() {
        IpAddr::V4(ip) => (ip.to_ipv6_mapped(), address.port()).into(),
        IpAddr::V6(_) => address,
    };
    if from.is_ipv4() == to.is_ipv4() { (from, to) } else { (long(from), long(to)) }
}

fn network(from: IpAddr, to: IpAddr) -> PacketBuilderStep<IpHeaders> {
    let long = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    };
    match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => PacketBuilder::ipv4(from.octets(), to.octets(), HOPS),
        (from, to) => PacketBuilder::ipv6(long(from).octets(), long(to).octets(), HOPS),
    }
}

/// Adds an option to a block.
fn put_option(block: &mut Vec<u8>, code: u16, value: &[u8]) {
    // A path may be long.
    let value = value.get(..OPTION_MAX).unwrap_or(value);
    block.extend(code.to_le_bytes());
    block.extend((value.len() as u16).to_le_bytes());
    block.extend(value);
    pad(block);
}

fn pad(block: &mut Vec<u8>) {
    block.resize(block.len().next_multiple_of(4), 0);
}

/// Writes a block of whole words. An empty option ends its options, if it has any.
fn write_block(out: &mut impl Write, kind: u32, mut body: Vec<u8>) -> io::Result<()> {
    put_option(&mut body, 0, &[]);
    let length = u32::try_from(body.len() + 12).map_err(io::Error::other)?;
    let frame = [&kind.to_le_bytes()[..], &length.to_le_bytes(), &body, &length.to_le_bytes()];
    out.write_all(&frame.concat())
}
