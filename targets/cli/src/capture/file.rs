//! Packets of a capture: pcap and pcapng, from a file or as they arrive.

use std::fmt;
use std::io::{self, Cursor, Read};
use std::time::Duration;

use pcap_parser::traits::{PcapNGPacketBlock, PcapReaderIterator};
use pcap_parser::{Block, LegacyPcapReader, PcapBlockOwned, PcapError, PcapNGReader};

use super::Time;

/// The size of the buffer at first, in bytes.
const BUFFER: usize = 1 << 18;
/// The largest block that is read, in bytes.
const BLOCK_MAX: usize = 16 << 20;
/// The largest number of interfaces in a section.
const INTERFACES_MAX: usize = 1 << 12;
/// The size of a pcap header, and the least part of a pcapng header.
const HEADER: usize = 24;
/// The block type of a section header, which is the same in both byte orders.
const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

/// Why a capture cannot be read to its end.
#[derive(Debug)]
pub enum FileError {
    Read(io::Error),
    /// The first bytes are not those of a capture.
    NoCapture,
    /// The capture ends within a packet.
    Cut,
    /// A block is larger than [`BLOCK_MAX`].
    Large,
    /// A block is malformed.
    Malformed,
}

impl fmt::Display for FileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => error.fmt(formatter),
            Self::NoCapture => formatter.write_str("this is not a capture: it is neither pcap nor pcapng"),
            Self::Cut => formatter.write_str("the capture ends within a packet"),
            Self::Large => write!(formatter, "a block of the capture has more than {BLOCK_MAX} bytes"),
            Self::Malformed => formatter.write_str("a block of the capture is malformed"),
        }
    }
}

/// A packet, with the link type of its interface (a LINKTYPE_ number).
#[derive(Debug)]
pub struct Packet<'a> {
    pub time: Time,
    pub link: i32,
    pub bytes: &'a [u8],
}

/// What is known of an interface.
#[derive(Clone, Copy, Debug)]
struct Interface {
    link: i32,
    /// As in pcapng: an exponent of 10, or of 2 with the top bit.
    resolution: u8,
    /// In seconds.
    offset: i64,
}

/// The packets of a capture.
pub struct Packets<'r> {
    reader: Box<dyn PcapReaderIterator + Send + 'r>,
    /// The interfaces of the present section. A pcap file has one.
    interfaces: Vec<Interface>,
    capacity: usize,
    /// The bytes of the last block, which is still in the buffer.
    last: usize,
}

impl<'r> Packets<'r> {
    /// Reads the header.
    pub fn new(mut input: impl Read + Send + 'r) -> Result<Self, FileError> {
        let head = head(&mut input)?;
        let is_pcapng = head.starts_with(&SECTION);
        let input = Cursor::new(head).chain(input);
        let reader: Box<dyn PcapReaderIterator + Send + 'r> = if is_pcapng {
            Box::new(PcapNGReader::new(BUFFER, input).map_err(|_| FileError::NoCapture)?)
        } else {
            Box::new(LegacyPcapReader::new(BUFFER, input).map_err(|_| FileError::NoCapture)?)
        };
        Ok(Self { reader, interfaces: Vec::new(), capacity: BUFFER, last: 0 })
    }

    /// Passes the next packet to `take`. Returns false at the end.
    pub fn next(&mut self, take: impl FnOnce(Packet<'_>)) -> Result<bool, FileError> {
        let mut take = Some(take);
        while take.is_some() {
            let last = std::mem::take(&mut self.last);
            if last > 0 {
                self.reader.consume(last);
            }
            let wanted = match self.reader.next() {
                Ok((size, block)) => {
                    self.last = size;
                    if let Some(packet) = packet(&block, &mut self.interfaces)
                        && let Some(take) = take.take()
                    {
                        take(packet);
                    }
                    // An empty block would repeat for ever.
                    if size == 0 { Err(FileError::Malformed) } else { Ok(Wanted::Nothing) }
                }
                Err(PcapError::Eof) => return Ok(false),
                Err(PcapError::Incomplete(_)) => Ok(Wanted::Bytes),
                Err(PcapError::BufferTooSmall) => Ok(Wanted::Room),
                Err(PcapError::UnexpectedEof) => Err(FileError::Cut),
                Err(_) => Err(FileError::Malformed),
            }?;
            match wanted {
                Wanted::Nothing => {}
                Wanted::Bytes => self.refill()?,
                Wanted::Room if self.capacity < BLOCK_MAX => {
                    self.capacity *= 4;
                    self.reader.grow(self.capacity);
                    self.refill()?;
                }
                Wanted::Room => return Err(FileError::Large),
            }
        }
        Ok(true)
    }

    fn refill(&mut self) -> Result<(), FileError> {
        // The cause is not kept by the parser.
        let failed = |_| FileError::Read(io::Error::other("the capture cannot be read further"));
        self.reader.refill().map_err(failed)
    }
}

/// What the parser needs to continue.
enum Wanted {
    Nothing,
    Bytes,
    Room,
}

/// Reads the header of the file, which the parser wants whole.
fn head(input: &mut impl Read) -> Result<Vec<u8>, FileError> {
    let mut head = Vec::new();
    let mut read_to = |head: &mut Vec<u8>, size: usize| {
        let more = u64::try_from(size - head.len()).unwrap_or_default();
        input.by_ref().take(more).read_to_end(head).map_err(FileError::Read)
    };
    read_to(&mut head, HEADER)?;
    let word = |at: usize| head.get(at..)?.first_chunk::<4>().copied();
    if let (Some(SECTION), Some(length), Some(order)) = (word(0), word(4), word(8)) {
        let length =
            if order == [0x1a, 0x2b, 0x3c, 0x4d] { u32::from_be_bytes(length) } else { u32::from_le_bytes(length) };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        read_to(&mut head, length.clamp(HEADER, BUFFER / 2))?;
    }
    Ok(head)
}

/// Returns the packet of a block, or remembers an interface.
fn packet<'b>(block: &'b PcapBlockOwned<'_>, interfaces: &mut Vec<Interface>) -> Option<Packet<'b>> {
    match block {
        PcapBlockOwned::LegacyHeader(header) => {
            let resolution = if header.is_nanosecond_precision() { 9 } else { 6 };
            // The upper bits have other meanings.
            let link = header.network.0 & 0xffff;
            *interfaces = vec![Interface { link, resolution, offset: 0 }];
            None
        }
        PcapBlockOwned::Legacy(packet) => {
            let interface = interfaces.first()?;
            let fraction = u64::from(packet.ts_usec) * if interface.resolution == 9 { 1 } else { 1000 };
            let time = Time::new(Duration::from_secs(packet.ts_sec.into()) + Duration::from_nanos(fraction));
            Some(Packet { time, link: interface.link, bytes: packet.data })
        }
        PcapBlockOwned::NG(Block::SectionHeader(_)) => {
            interfaces.clear();
            None
        }
        PcapBlockOwned::NG(Block::InterfaceDescription(interface)) => {
            if interfaces.len() < INTERFACES_MAX {
                let (resolution, offset) = (interface.if_tsresol, interface.if_tsoffset);
                interfaces.push(Interface { link: interface.linktype.0, resolution, offset });
            }
            None
        }
        PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
            let interface = interfaces.get(usize::try_from(packet.if_id).ok()?)?;
            let ticks = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
            Some(Packet { time: interface.time(ticks), link: interface.link, bytes: packet.packet_data() })
        }
        // It has no time.
        PcapBlockOwned::NG(Block::SimplePacket(packet)) => {
            Some(Packet { time: Time::default(), link: interfaces.first()?.link, bytes: packet.packet_data() })
        }
        PcapBlockOwned::NG(_) => None,
    }
}

impl Interface {
    fn time(self, ticks: u64) -> Time {
        let exponent = u32::from(self.resolution & 0x7f);
        let base: u128 = if self.resolution & 0x80 == 0 { 10 } else { 2 };
        // A resolution too fine for 128 bits: the result is zero.
        let a_second = base.checked_pow(exponent).unwrap_or(u128::MAX);
        let nanoseconds = u128::from(ticks).saturating_mul(1_000_000_000) / a_second;
        let nanoseconds = i128::try_from(nanoseconds).unwrap_or(i128::MAX);
        let since_1970 = nanoseconds.saturating_add(i128::from(self.offset) * 1_000_000_000).max(0).cast_unsigned();
        let seconds = u64::try_from(since_1970 / 1_000_000_000).unwrap_or(u64::MAX);
        Time::new(Duration::new(seconds, (since_1970 % 1_000_000_000) as u32))
    }
}
