//! The records of speed.x with data on the heap.

use std::hint::black_box;

use oncilla::xdr;

use crate::ours::measured;
use crate::ratio::Run;
use crate::records::{self, Kind, ROOM, bytes};

oncilla::xdr_union! {
    #[derive(Clone, Debug, PartialEq)]
    enum Last {
        Value(i64) = 0,
        Reason(String [..24]) = 1,
        _ => Other,
    }
}

oncilla::xdr_struct! {
    #[derive(Clone, Debug, PartialEq)]
    struct Record {
        id: u32,
        time: i64,
        value: f64,
        error: f32,
        valid: bool,
        class: Kind,
        name: String [..24],
        raw: Vec<u8> [..24],
        samples: Vec<i32> [..8],
        last: Last,
        previous: Option<i64>,
    }
}

oncilla::xdr_struct! {
    #[derive(Clone, Debug, PartialEq)]
    struct Records {
        records: Vec<Record> [..1000],
    }
}

fn samples() -> Records {
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
        previous: it.previous,
    };
    Records { records: records::samples().into_iter().map(own).collect() }
}

/// Checks that data on the heap have the bytes of borrowed data.
pub fn check() {
    let mut room = vec![0; ROOM];
    let used = xdr::encode(&samples(), &mut room).unwrap();
    assert!(room[..used] == bytes(), "the records on the heap have other bytes");
    assert!(xdr::decode::<Records>(&bytes()).unwrap() == samples(), "the records on the heap have other values");
}

pub fn encode() -> Run {
    let (records, mut room) = (samples(), vec![0; ROOM]);
    Box::new(move |times| {
        measured(times, || {
            black_box(xdr::encode(black_box(&records), black_box(&mut room)).unwrap());
        })
    })
}

/// The values are dropped within the time, as those of xdr-codec are.
pub fn decode() -> Run {
    let bytes = bytes();
    Box::new(move |times| {
        measured(times, || {
            black_box(xdr::decode::<Records>(black_box(&bytes)).unwrap());
        })
    })
}
