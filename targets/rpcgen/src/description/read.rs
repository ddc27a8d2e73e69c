//! The host's side: reads the text back.

use std::fmt;
use std::time::{Duration, Instant};

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
use oncilla::{CallError, Caller};

use crate::parse::RECEIVED_MAX;
use crate::{Parsed, parse_received};

// Made of description.x; a test compares.
mod generated {
    #![allow(dead_code)]
    include!("generated.rs");
}

use generated::{DescriptionInfo, DescriptionPacking, description_1};

/// No interface is larger, and a device must not decide how much memory is taken here.
const TEXT_MAX: u32 = RECEIVED_MAX as u32;
/// 100 kB, packed to a fifth, take 20 s at 9600 baud.
const TIME_MAX: Duration = Duration::from_secs(120);

/// Reads the interface that a device describes itself with, and parses it as [`parse_received`](crate::parse_received)
/// does: no file is opened, sizes and depths are limited, and what it holds may be printed.
///
/// It makes one call for what there is, and one for each piece, each with the time-out of `caller`, for two minutes at
/// most. `name` stands for the device in errors. What is wrong in the text is in the report. The text itself, made harmless, is its only source.
///
/// ```no_run
/// let mut device = oncilla_host::tcp("sensor.local:20049")?;
/// let parsed = oncilla_rpcgen::read_description("sensor.local", &mut device)?;
/// println!("{} definitions", parsed.tree.items.len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The device does not describe itself, which is a refusal in [`ReadError::Call`], or not as it should.
pub fn read_description<C: Caller>(name: &str, caller: C) -> Result<Parsed, ReadError<C::Error>> {
    let text = read(caller, Instant::now() + TIME_MAX)?;
    Ok(parse_received(name, &text))
}

fn read<C: Caller>(caller: C, deadline: Instant) -> Result<String, ReadError<C::Error>> {
    let mut client = description_1::Client::new(caller);
    let DescriptionInfo { size, packed_size, packing } = client.info().map_err(ReadError::Call)?;
    if size.max(packed_size) > TEXT_MAX {
        return Err(ReadError::TooLarge(size.max(packed_size)));
    }
    let mut packed = Vec::new();
    while packed.len() < packed_size as usize {
        if Instant::now() >= deadline {
            return Err(ReadError::TooSlow { read: packed.len() as u32, of: packed_size });
        }
        let piece = client.read(packed.len() as u32).map_err(ReadError::Call)?;
        if piece.is_empty() {
            return Err(ReadError::Damaged);
        }
        packed.extend_from_slice(piece);
    }
    let text = match packing {
        DescriptionPacking::Plain => packed,
        DescriptionPacking::Zlib => {
            decompress_to_vec_zlib_with_limit(&packed, size as usize).map_err(|_| ReadError::Damaged)?
        }
    };
    let text = Some(text).filter(|text| text.len() == size as usize).ok_or(ReadError::Damaged)?;
    String::from_utf8(text).map_err(|_| ReadError::Damaged)
}

/// Why a description cannot be read.
#[derive(Debug)]
pub enum ReadError<E> {
    /// A call gave no results. A device that does not describe itself refuses the program.
    Call(CallError<E>),
    /// The device says that there are so many bytes, more than 1 MiB.
    TooLarge(u32),
    /// After two minutes only these bytes of it have come, packed.
    TooSlow {
        /// Bytes that came.
        read: u32,
        /// Bytes that were announced.
        of: u32,
    },
    /// What came is not the text that was announced.
    Damaged,
}

impl<E: fmt::Display> fmt::Display for ReadError<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => write!(formatter, "the description cannot be read: {error}"),
            Self::TooLarge(bytes) => {
                write!(formatter, "the device announces a description of {bytes} bytes; {TEXT_MAX} at most are read")
            }
            Self::TooSlow { read, of } => write!(
                formatter,
                "only {read} of {of} bytes of the description came within {} s; use a faster line or larger pieces",
                TIME_MAX.as_secs()
            ),
            Self::Damaged => formatter.write_str("the description is not what the device announced; read it again"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for ReadError<E> {}

#[cfg(test)]
mod tests {
    use crate::{Data, Options};

    #[test]
    fn the_generated_client_is_up_to_date() {
        let options = Options::new().data(Data::Borrowed);
        let rust = options.generate("src/description/description.x").unwrap().rust;
        assert!(
            rust == include_str!("generated.rs"),
            "run: oncilla-rpcgen --data borrowed src/description/description.x"
        );
    }
}
