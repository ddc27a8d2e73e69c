//! Reads the description of a device, on the host.

use std::fmt;
use std::time::{Duration, Instant};

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
use oncilla::{CallError, Caller};

use crate::parse::RECEIVED_MAX;
use crate::{Parsed, parse_received};

// Generated from description.x. A test compares.
mod generated {
    #![allow(dead_code)]
    include!("generated.rs");
}

use generated::{DescriptionInfo, DescriptionPacking, description_1};

/// The largest text in bytes. The limit keeps a device from using up memory here.
const TEXT_MAX: u32 = RECEIVED_MAX as u32;
/// The largest time. 100 kB, compressed to a fifth, take 20 s at 9600 baud.
const TIME_MAX: Duration = Duration::from_secs(120);

/// Reads the interface that a device describes itself with, and parses it like
/// [`parse_received`](crate::parse_received).
///
/// No file is opened, sizes and depths are limited, and the text may be printed safely. It makes one call for the sizes
/// and one for each piece, each with the time-out of `caller`, for at most two minutes. `name` stands for the device in
/// errors. Errors in the text are in the report. The report's only source is the text itself, made harmless.
///
/// ```no_run
/// let mut device = oncilla_host::tcp("sensor.local:20049")?;
/// let parsed = oncilla_rpcgen::read_description("sensor.local", &mut device)?;
/// println!("{} definitions", parsed.tree.items.len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ReadError::Call`] with a refusal when the device does not describe itself. Other [`ReadError`]s when its
/// description is too large, too slow or damaged.
pub fn read_description<C: Caller>(name: &str, caller: C) -> Result<Parsed, ReadError<C::Error>> {
    let text = read(caller, Instant::now() + TIME_MAX)?;
    Ok(parse_received(name, &text))
}

fn read<C: Caller>(mut caller: C, deadline: Instant) -> Result<String, ReadError<C::Error>> {
    let mut reader = DescriptionReader::new();
    loop {
        if let Some(text) = reader.step(&mut caller)? {
            return Ok(text);
        }
        if Instant::now() >= deadline {
            let (read, of) = reader.progress();
            return Err(ReadError::TooSlow { read, of });
        }
    }
}

/// Reads a description one call at a time, for programs that must not wait: [`read_description`] does all at once.
///
/// ```no_run
/// use oncilla_rpcgen::{DescriptionReader, parse_received};
///
/// let mut device = oncilla_host::tcp("sensor.local:20049")?;
/// let mut reader = DescriptionReader::new();
/// let text = loop {
///     if let Some(text) = reader.step(&mut device)? {
///         break text;
///     }
///     let (read, of) = reader.progress();
///     println!("{read} of {of} bytes");
/// };
/// println!("{} definitions", parse_received("sensor.local", &text).tree.items.len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct DescriptionReader {
    info: Option<DescriptionInfo>,
    packed: Vec<u8>,
}

impl DescriptionReader {
    /// Begins to read. Nothing is called yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { info: None, packed: Vec::new() }
    }

    /// Makes the next call. Returns the text after the last one.
    ///
    /// A call that failed changes nothing: the next step makes it again.
    ///
    /// # Errors
    /// As [`read_description`], but never [`ReadError::TooSlow`].
    pub fn step<C: Caller>(&mut self, caller: C) -> Result<Option<String>, ReadError<C::Error>> {
        let mut client = description_1::Client::new(caller);
        let Some(packed_size) = self.info.as_ref().map(|info| info.packed_size as usize) else {
            let info = client.info().map_err(ReadError::Call)?;
            let largest = info.size.max(info.packed_size);
            if largest > TEXT_MAX {
                return Err(ReadError::TooLarge(largest));
            }
            let is_empty = info.packed_size == 0;
            self.info = Some(info);
            return if is_empty { self.text().map(Some) } else { Ok(None) };
        };
        let piece = client.read(self.packed.len() as u32).map_err(ReadError::Call)?;
        if piece.is_empty() {
            return Err(ReadError::Damaged);
        }
        self.packed.extend_from_slice(piece);
        if self.packed.len() < packed_size { Ok(None) } else { self.text().map(Some) }
    }

    /// Returns how many bytes were read, and of how many. Both are compressed bytes, and 0 before the first call.
    #[must_use]
    pub fn progress(&self) -> (u32, u32) {
        (self.packed.len() as u32, self.info.as_ref().map_or(0, |info| info.packed_size))
    }

    /// Unpacks the text.
    fn text<E>(&mut self) -> Result<String, ReadError<E>> {
        let Some(DescriptionInfo { size, packing, .. }) = self.info.take() else { return Err(ReadError::Damaged) };
        let packed = std::mem::take(&mut self.packed);
        let text = match packing {
            DescriptionPacking::Plain => packed,
            DescriptionPacking::Zlib => {
                decompress_to_vec_zlib_with_limit(&packed, size as usize).map_err(|_| ReadError::Damaged)?
            }
        };
        let text = Some(text).filter(|text| text.len() == size as usize).ok_or(ReadError::Damaged)?;
        String::from_utf8(text).map_err(|_| ReadError::Damaged)
    }
}

/// Why a description cannot be read.
#[derive(Debug)]
pub enum ReadError<E> {
    /// A call failed. A device that does not describe itself refuses the program.
    Call(CallError<E>),
    /// The device reports a description of this many bytes, more than 1 MiB.
    TooLarge(u32),
    /// The description did not arrive within two minutes.
    TooSlow {
        /// Bytes that arrived, compressed.
        read: u32,
        /// Bytes that the device reported.
        of: u32,
    },
    /// The received bytes are not the text that the device reported.
    Damaged,
}

impl<E: fmt::Display> fmt::Display for ReadError<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => write!(formatter, "cannot read the description: {error}"),
            Self::TooLarge(bytes) => {
                write!(formatter, "the device reports a description of {bytes} bytes; at most {TEXT_MAX} are read")
            }
            Self::TooSlow { read, of } => write!(
                formatter,
                "only {read} of {of} bytes of the description arrived within {} s; use a faster line or larger pieces",
                TIME_MAX.as_secs()
            ),
            Self::Damaged => formatter.write_str("the description is damaged; read it again"),
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
