//! Firmware whose arguments and results are protobuf messages, called with messages of prost.

use anyhow::{Result, ensure};
use oncilla::{CallError, Caller, ProcedureId, Refusal};
use oncilla_three::host::{Data, Pair, Sum, three};

use super::{Case, line::client};
use crate::qemu::Board;

pub const CASES: &[&Case] = &[
    &Case { claim: "protobuf messages are served", program: "protobuf", check: served },
    &Case {
        claim: "what is no protobuf message is refused, and the next one is served",
        program: "protobuf",
        check: refused,
    },
];

fn served(board: &Board) -> Result<String> {
    let mut client = client(board)?;
    let mut client = three::Client::new(&mut client);
    client.null()?;
    let mut calls = 0;
    for (a, b) in [(0, 0), (1, 2), (-1, -1), (i32::MAX, 1), (i32::MIN, -1)] {
        let came = client.add(&Pair { a, b })?;
        ensure!(came == Sum { sum: a.wrapping_add(b) }, "the sum of {a} and {b} came as {came:?}");
        calls += 1;
    }
    for length in 0..=64 {
        // Zeros and other bytes, because the framing treats them differently.
        for data in [vec![0; length], (0..length).map(|i| i as u8 % 5).collect()] {
            let sent = Data { data };
            let came = client.echo(&sent)?;
            ensure!(came == sent, "{sent:?} came as {came:?}");
            calls += 1;
        }
    }
    Ok(format!("{calls} calls"))
}

fn refused(board: &Board) -> Result<String> {
    let mut client = client(board)?;
    let echo = ProcedureId { program: three::PROGRAM, version: three::VERSION, procedure: 2 };
    let bad: [(&str, &[u8]); 6] = [
        ("more bytes than the bound", &[&[10, 65][..], &[7; 65]].concat()),
        ("a cut field", &[10, 64, 1]),
        ("a cut number", &[16, 0x80]),
        ("field 0", &[2, 0]),
        ("another type of field 1", &[8, 1]),
        ("a length without end", &[10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    ];
    for (what, arguments) in bad {
        let came = client.call(echo, |room| room.append(arguments), |_| Ok(()));
        ensure!(matches!(came, Err(CallError::Refused(Refusal::GarbageArguments))), "{what}: {came:?}");
        let sum = three::Client::new(&mut client).add(&Pair { a: 1, b: 2 })?;
        ensure!(sum == Sum { sum: 3 }, "after {what}, the sum of 1 and 2 came as {sum:?}");
    }
    // A field of a later version of the interface is skipped.
    let unknown: &[u8] = &[10, 2, 7, 7, 122, 3, 1, 2, 3];
    let came = client.call(echo, |room| room.append(unknown), |results| Ok(results.to_vec()))?;
    ensure!(came == [10, 2, 7, 7], "the field 15 was not skipped: {came:?}");
    Ok(format!("{} bad calls", bad.len()))
}
