//! The records of speed.x for the crate xdr-codec, as its generator would write them.

use std::hint::black_box;

use xdr_codec::{Pack, Read, Result, Unpack, Write};

use crate::ours::measured;
use crate::ratio::Run;
use crate::records::{self, Kind, ROOM, bytes};

#[derive(Debug, PartialEq)]
enum Last {
    Value(i64),
    Reason(String),
    Other(i32),
}

#[derive(Debug, PartialEq)]
struct Record {
    id: u32,
    time: i64,
    value: f64,
    error: f32,
    valid: bool,
    class: Kind,
    name: String,
    raw: Vec<u8>,
    samples: Vec<i32>,
    last: Last,
    previous: Option<Box<i64>>,
}

impl<Out: Write> Pack<Out> for Last {
    fn pack(&self, out: &mut Out) -> Result<usize> {
        Ok(match self {
            Self::Value(value) => 0i32.pack(out)? + value.pack(out)?,
            Self::Reason(reason) => 1i32.pack(out)? + xdr_codec::pack_string(reason, Some(24), out)?,
            Self::Other(status) => status.pack(out)?,
        })
    }
}

impl<In: Read> Unpack<In> for Last {
    fn unpack(input: &mut In) -> Result<(Self, usize)> {
        let (status, size) = i32::unpack(input)?;
        Ok(match status {
            0 => i64::unpack(input).map(|(value, more)| (Self::Value(value), size + more))?,
            1 => {
                let (reason, more) = xdr_codec::unpack_string(input, Some(24))?;
                (Self::Reason(reason), size + more)
            }
            other => (Self::Other(other), size),
        })
    }
}

impl<Out: Write> Pack<Out> for Record {
    fn pack(&self, out: &mut Out) -> Result<usize> {
        Ok(self.id.pack(out)?
            + self.time.pack(out)?
            + self.value.pack(out)?
            + self.error.pack(out)?
            + self.valid.pack(out)?
            + self.class.number().pack(out)?
            + xdr_codec::pack_string(&self.name, Some(24), out)?
            + xdr_codec::pack_opaque_flex(&self.raw, Some(24), out)?
            + xdr_codec::pack_flex(&self.samples, Some(8), out)?
            + self.last.pack(out)?
            + self.previous.pack(out)?)
    }
}

impl<In: Read> Unpack<In> for Record {
    fn unpack(input: &mut In) -> Result<(Self, usize)> {
        let mut total = 0;
        // Every part tells its size, and they are summed up.
        let mut sum = |size| total += size;
        macro_rules! take {
            ($unpacked:expr) => {{
                let (value, size) = $unpacked?;
                sum(size);
                value
            }};
        }
        let record = Self {
            id: take!(u32::unpack(input)),
            time: take!(i64::unpack(input)),
            value: take!(f64::unpack(input)),
            error: take!(f32::unpack(input)),
            valid: take!(bool::unpack(input)),
            class: Kind::from_number(take!(i32::unpack(input))).ok_or("no such kind")?,
            name: take!(xdr_codec::unpack_string(input, Some(24))),
            raw: take!(xdr_codec::unpack_opaque_flex(input, Some(24))),
            samples: take!(xdr_codec::unpack_flex(input, Some(8))),
            last: take!(Last::unpack(input)),
            previous: take!(Option::unpack(input)),
        };
        Ok((record, total))
    }
}

fn samples() -> Vec<Record> {
    let own = |it: records::Record<'_>| Record {
        id: it.id,
        time: it.time,
        value: it.value,
        error: it.error,
        valid: it.valid,
        class: it.class,
        name: it.name.to_owned(),
        raw: it.raw.to_owned(),
        samples: it.samples.to_vec(),
        last: match it.last {
            records::Last::Value(value) => Last::Value(value),
            records::Last::Reason(reason) => Last::Reason(reason.to_owned()),
            records::Last::Other(status) => Last::Other(status),
        },
        previous: it.previous.map(Box::new),
    };
    records::samples().into_iter().map(own).collect()
}

/// Into a vector that has room already: it is slower into a slice.
fn pack(records: &[Record], room: &mut Vec<u8>) -> usize {
    room.clear();
    xdr_codec::pack_flex(records, Some(1000), room).unwrap()
}

fn unpack(mut bytes: &[u8]) -> Vec<Record> {
    xdr_codec::unpack_flex(&mut bytes, Some(1000)).unwrap().0
}

/// That it encodes and decodes as we do.
pub fn check() {
    let mut room = Vec::with_capacity(ROOM);
    let used = pack(&samples(), &mut room);
    assert!(room[..used] == bytes(), "xdr-codec encodes the records in another way");
    assert!(unpack(&bytes()) == samples(), "xdr-codec decodes the records in another way");
}

pub fn encode() -> Run {
    let (records, mut room) = (samples(), Vec::with_capacity(ROOM));
    Box::new(move |times| {
        measured(times, || {
            black_box(pack(black_box(&records), black_box(&mut room)));
        })
    })
}

pub fn decode() -> Run {
    let bytes = bytes();
    Box::new(move |times| {
        measured(times, || {
            black_box(unpack(black_box(&bytes)));
        })
    })
}
