//! The records of speed.x, for our XDR.

use std::fs;
use std::hint::black_box;
use std::path::PathBuf;

use oncilla::xdr;

use crate::ours::measured;
use crate::peers::folder;
use crate::ratio::Run;

oncilla::xdr_enum! {
    pub enum Kind {
        Temperature = 1,
        Pressure = 2,
        Humidity = 7,
    }
}

oncilla::xdr_union! {
    #[derive(Clone, Debug, PartialEq)]
    pub enum Last<'a> {
        Value(i64) = 0,
        Reason(&'a str [..24]) = 1,
        _ => Other,
    }
}

oncilla::xdr_struct! {
    #[derive(Clone, Debug, PartialEq)]
    pub struct Record<'a> {
        pub id: u32,
        pub time: i64,
        pub value: f64,
        pub error: f32,
        pub valid: bool,
        pub class: Kind,
        pub name: &'a str [..24],
        pub raw: &'a [u8] [..24],
        pub samples: heapless::Vec<i32, 8>,
        pub last: Last<'a>,
        pub previous: Option<i64>,
    }
}

/// Room for all of them.
pub const ROOM: usize = 1 << 18;

/// A thousand records, of every length and arm.
pub fn samples() -> Vec<Record<'static>> {
    const TEXT: &str = "abcdefghijklmnopqrstuvwxyz";
    (0..1000u32)
        .map(|id| {
            let number = id as usize;
            Record {
                id,
                time: 1_700_000_000_000_000 + i64::from(id) * 1_000_003,
                value: f64::from(id) * 0.37 - 20.0,
                error: 0.5 / (id + 1) as f32,
                valid: id % 3 != 0,
                class: [Kind::Temperature, Kind::Pressure, Kind::Humidity][number % 3],
                name: &TEXT[..number % 25],
                raw: &TEXT.as_bytes()[..number * 7 % 25],
                samples: (0..id as i32 * 5 % 9).map(|sample| sample * 1000 - 3000).collect(),
                last: match id % 5 {
                    0 | 1 => Last::Value(-i64::from(id)),
                    2 | 3 => Last::Reason(&TEXT[..number * 11 % 25]),
                    _ => Last::Other(id as i32),
                },
                previous: (id % 2 == 0).then_some(i64::from(id) << 20),
            }
        })
        .collect()
}

/// The records as XDR.
pub fn bytes() -> Vec<u8> {
    let mut bytes = vec![0; ROOM];
    let used = xdr::encode(&samples(), &mut bytes).unwrap();
    bytes.truncate(used);
    assert_eq!(xdr::decode::<Vec<Record<'_>>>(&bytes).unwrap(), samples());
    bytes
}

/// The same in a file, for the C program.
pub fn file() -> PathBuf {
    let file = folder().join("records.xdr");
    fs::write(&file, bytes()).unwrap();
    file
}

pub fn encode() -> Run {
    let (records, mut room) = (samples(), vec![0; ROOM]);
    Box::new(move |times| {
        measured(times, || {
            black_box(xdr::encode(black_box(&records), black_box(&mut room)).unwrap());
        })
    })
}

/// Text and opaque data of the records are borrowed from the bytes.
pub fn decode() -> Run {
    let bytes = bytes();
    Box::new(move |times| {
        measured(times, || {
            black_box(xdr::decode::<Vec<Record<'_>>>(black_box(&bytes)).unwrap());
        })
    })
}
