//! Datagrams and TCP segments in packets.

use std::cell::Cell;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use etherparse::defrag::IpDefragPool;
use etherparse::{
    EtherType, LaxNetSlice, LaxSlicedPacket, SlicedPacket, TcpSlice, TransportSlice, UdpHeader, UdpSlice, ip_number,
};

use super::Time;
use super::file::Packet;

/// The largest number of datagrams that wait for fragments.
const FRAGMENTED_MAX: usize = 256;
/// How long a datagram waits for its fragments.
const PATIENCE: Duration = Duration::from_secs(30);

// LINKTYPE_ numbers.
const ETHERNET: i32 = 1;
const NULL: i32 = 0;
const LOOP: i32 = 108;
const RAW: [i32; 5] = [12, 14, 101, 228, 229];
const LINUX_COOKED: i32 = 113;
const LINUX_COOKED_2: i32 = 276;

/// The two ends of a datagram or segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ends {
    pub from: SocketAddr,
    pub to: SocketAddr,
}

/// A TCP segment.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    pub ends: Ends,
    pub sequence: u32,
    pub acknowledged: Option<u32>,
    pub syn: bool,
    pub fin: bool,
    pub rst: bool,
    pub bytes: &'a [u8],
}

/// What a packet carries.
#[derive(Clone, Copy, Debug)]
pub enum Carried<'a> {
    /// A datagram, of which some bytes may not have been captured.
    Datagram {
        ends: Ends,
        bytes: &'a [u8],
        missing: usize,
    },
    Segment(Segment<'a>),
}

/// Where the headers of a packet begin.
#[derive(Clone, Copy)]
enum Start<'a> {
    Ethernet(&'a [u8]),
    Type(EtherType, &'a [u8]),
    Ip(&'a [u8]),
}

impl<'a> Start<'a> {
    /// Returns `None` for links that are not known.
    fn new(link: i32, bytes: &'a [u8]) -> Option<Self> {
        let of_type = |at: usize, size: usize| {
            let number = u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?);
            Some(Self::Type(EtherType(number), bytes.get(size..)?))
        };
        match link {
            ETHERNET => Some(Self::Ethernet(bytes)),
            LINUX_COOKED => of_type(14, 16),
            LINUX_COOKED_2 => of_type(0, 20),
            NULL | LOOP => Some(Self::Ip(bytes.get(4..)?)),
            _ if RAW.contains(&link) => Some(Self::Ip(bytes)),
            _ => None,
        }
    }

    fn lax(self) -> Option<LaxSlicedPacket<'a>> {
        match self {
            Self::Ethernet(bytes) => LaxSlicedPacket::from_ethernet(bytes).ok(),
            Self::Type(number, bytes) => Some(LaxSlicedPacket::from_ether_type(number, bytes)),
            Self::Ip(bytes) => LaxSlicedPacket::from_ip(bytes).ok(),
        }
    }

    fn strict(self) -> Option<SlicedPacket<'a>> {
        match self {
            Self::Ethernet(bytes) => SlicedPacket::from_ethernet(bytes).ok(),
            Self::Type(number, bytes) => SlicedPacket::from_ether_type(number, bytes).ok(),
            Self::Ip(bytes) => SlicedPacket::from_ip(bytes).ok(),
        }
    }
}

/// Finds datagrams and segments, also in fragments of IP.
#[derive(Default)]
pub struct Decoder {
    fragments: Fragments,
}

impl Decoder {
    /// Passes what the packet carries to `take`. Packets of other protocols carry nothing.
    pub fn decode(&mut self, packet: &Packet<'_>, take: impl FnOnce(Carried<'_>)) {
        let Some(start) = Start::new(packet.link, packet.bytes) else { return };
        let Some(lax) = start.lax() else { return };
        let Some((from, to)) = addresses(&lax) else { return };
        let is_fragment = lax.ip_payload().is_some_and(|payload| payload.fragmented);
        match lax.transport {
            _ if is_fragment => {
                let whole = start.strict().and_then(|packet_| self.fragments.add(&packet_, packet.time));
                let Some((number, payload)) = whole else { return };
                if let Some(carried) = carried(number, &payload, from, to) {
                    take(carried);
                }
            }
            Some(TransportSlice::Udp(udp)) => take(datagram(&udp, from, to)),
            Some(TransportSlice::Tcp(tcp)) => take(segment(&tcp, from, to)),
            _ => {}
        }
    }
}

fn addresses(packet: &LaxSlicedPacket<'_>) -> Option<(IpAddr, IpAddr)> {
    match packet.net.as_ref()? {
        LaxNetSlice::Ipv4(ip) => Some((ip.header().source_addr().into(), ip.header().destination_addr().into())),
        LaxNetSlice::Ipv6(ip) => Some((ip.header().source_addr().into(), ip.header().destination_addr().into())),
        LaxNetSlice::Arp(_) => None,
    }
}

fn carried(number: u8, payload: &[u8], from: IpAddr, to: IpAddr) -> Option<Carried<'_>> {
    match number {
        number if number == ip_number::UDP.0 => Some(datagram(&UdpSlice::from_slice_lax(payload).ok()?, from, to)),
        number if number == ip_number::TCP.0 => Some(segment(&TcpSlice::from_slice(payload).ok()?, from, to)),
        _ => None,
    }
}

fn ends(from: IpAddr, from_port: u16, to: IpAddr, to_port: u16) -> Ends {
    Ends { from: SocketAddr::new(from, from_port), to: SocketAddr::new(to, to_port) }
}

fn datagram<'a>(udp: &UdpSlice<'a>, from: IpAddr, to: IpAddr) -> Carried<'a> {
    let bytes = udp.payload();
    let missing = usize::from(udp.length()).saturating_sub(UdpHeader::LEN + bytes.len());
    Carried::Datagram { ends: ends(from, udp.source_port(), to, udp.destination_port()), bytes, missing }
}

fn segment<'a>(tcp: &TcpSlice<'a>, from: IpAddr, to: IpAddr) -> Carried<'a> {
    Carried::Segment(Segment {
        ends: ends(from, tcp.source_port(), to, tcp.destination_port()),
        sequence: tcp.sequence_number(),
        acknowledged: tcp.ack().then(|| tcp.acknowledgment_number()),
        syn: tcp.syn(),
        fin: tcp.fin(),
        rst: tcp.rst(),
        bytes: tcp.payload(),
    })
}

/// Datagrams with missing fragments.
#[derive(Default)]
struct Fragments {
    pool: IpDefragPool<Time>,
}

impl Fragments {
    /// Adds a fragment. Returns the protocol and the payload when it is whole.
    fn add(&mut self, packet: &SlicedPacket<'_>, time: Time) -> Option<(u8, Vec<u8>)> {
        let waiting = Cell::new(0);
        self.pool.retain(|&last| {
            waiting.set(waiting.get() + 1);
            time.since(last) < PATIENCE
        });
        if waiting.get() >= FRAGMENTED_MAX {
            self.pool = IpDefragPool::new();
        }
        // A fragment that does not fit the others is dropped.
        let whole = self.pool.process_sliced_packet(packet, time, ()).ok()??;
        Some((whole.ip_number.0, whole.payload))
    }
}
