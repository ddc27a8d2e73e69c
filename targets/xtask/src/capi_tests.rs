//! Tests of the firmware in C in QEMU, from the host's side of its serial line.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, anyhow, bail, ensure};
use oncilla::{
    CallError, Caller, ProcedureId, Refusal, Served, Table,
    framing::{Cobs, Serial},
    keys::{Key, KeyId},
    message::AuthStatus,
    xdr::DecodeError,
};
use oncilla_host::{Connector, Socket};
use oncilla_sensor::{History, Reading, Sample, Status, sensor_1};

use crate::{
    boards::LM3S6965EVB,
    c_package, capi,
    firmware_tests::keyed::{
        SILENCE,
        host::{self, Heard},
    },
    install,
    install::ARM_GCC,
    process::step,
    qemu::Board,
    toolchain::Toolchain,
};

oncilla::program! {
    /// The interface that `three.h` declares in C.
    mod three = 0x2000_0042, version 1 {
        fn add(a: i32, b: i32) -> i32 = 1;
        fn echo(data: &[u8] [..64]) -> &[u8] [..64] = 2;
    }
}

/// The time limit of a case, with booting.
const LIMIT: Duration = Duration::from_secs(60);

/// The number of calls in a case.
const CALLS: i32 = 50;

/// A claim about a firmware, and the check.
struct Case {
    claim: &'static str,
    program: &'static str,
    check: fn(&Board) -> Result<()>,
}

const CASES: [Case; 7] = [
    Case { claim: "firmware in C serves every procedure", program: "server", check: serves },
    Case {
        claim: "firmware in C refuses what it does not serve and what it cannot read",
        program: "server",
        check: refuses,
    },
    Case { claim: "firmware in C calls the host, also after a reset", program: "client", check: calls },
    Case { claim: "firmware in C and the host call each other on one line", program: "endpoint", check: both },
    Case {
        claim: "firmware in C serves each key what it may call, also after a reset",
        program: "keyed",
        check: keyed,
    },
    Case { claim: "firmware in C of a .x file serves it", program: "sensor_device", check: serves_sensor },
    Case { claim: "firmware in C of a .x file calls the host", program: "sensor_display", check: calls_sensor },
];

/// Builds the firmware and runs each case on its own board.
pub fn run(from_source: bool) -> Result<()> {
    let target = LM3S6965EVB.target;
    let toolchain = if from_source { Toolchain::from_source(target) } else { Toolchain::any(target)? };
    install::tools(&[&[LM3S6965EVB.qemu, &ARM_GCC], &*toolchain.tools()].concat())?;
    let files = capi::firmware(toolchain)?;
    step("testing the firmware in C");
    let mut failed = 0;
    match capi::misbuilt_library_is_named(toolchain) {
        Ok(()) => println!("test the library of a plain build does not link, and the linker says what to do ... ok"),
        Err(error) => {
            println!(
                "test the library of a plain build does not link, and the linker says what to do ... FAILED: {error:#}"
            );
            failed += 1;
        }
    }
    for Case { claim, program, check } in CASES {
        match on_board(files.get(program).context("it was built")?, check) {
            Ok(()) => println!("test {claim} ... ok"),
            Err(error) => {
                println!("test {claim} ... FAILED: {error:#}");
                failed += 1;
            }
        }
    }
    c_package::test()?;
    ensure!(failed == 0, "{failed} of {} tests of firmware in C failed; the reasons are above", CASES.len() + 1);
    Ok(())
}

fn on_board(file: &Path, check: fn(&Board) -> Result<()>) -> Result<()> {
    check(&Board::boot(&LM3S6965EVB, file, LIMIT)?)
}

fn client(board: &Board) -> Result<oncilla::Client<Socket<Serial>, Box<[u8]>>> {
    Ok(oncilla::Client::new(Connector::new().link(board.socket()?), 1))
}

fn serves(board: &Board) -> Result<()> {
    let mut client = client(board)?;
    let mut three = three::Client::new(&mut client);
    three.null()?;
    for number in 0..CALLS {
        ensure!(three.add(number, i32::MAX)? == number.wrapping_add(i32::MAX), "the sum is wrong");
    }
    let bytes: Vec<u8> = (0..64).map(|number| number * 4).collect();
    for length in 0..=bytes.len() {
        ensure!(three.echo(&bytes[..length])? == &bytes[..length], "the echo of {length} bytes is wrong");
    }
    Ok(())
}

fn refuses(board: &Board) -> Result<()> {
    let mut client = client(board)?;
    let mut refusal = |program, version, procedure, arguments: &'static [u8]| {
        let id = ProcedureId { program, version, procedure };
        let nothing = |_| Ok::<(), DecodeError>(());
        match client.call(id, |writer| writer.append(arguments), nothing) {
            Err(CallError::Refused(refusal)) => Ok(refusal),
            other => Err(anyhow!("it should have been refused, and came to {other:?}")),
        }
    };
    let number = three::PROGRAM;
    ensure!(refusal(number + 1, 1, 1, &[])? == Refusal::ProgramUnavailable);
    ensure!(refusal(number, 2, 1, &[])? == Refusal::ProgramMismatch { low: 1, high: 1 });
    ensure!(refusal(number, 1, 3, &[])? == Refusal::ProcedureUnavailable);
    // Too short, too long, and a length beyond the end.
    ensure!(refusal(number, 1, 1, &[0; 4])? == Refusal::GarbageArguments);
    ensure!(refusal(number, 1, 1, &[0; 12])? == Refusal::GarbageArguments);
    ensure!(refusal(number, 1, 2, &[0, 0, 0, 9, 1, 2, 3, 4])? == Refusal::GarbageArguments);
    ensure!(three::Client::new(&mut client).add(2, 3)? == 5, "it does not go on");
    Ok(())
}

/// The host of the firmware: it adds, and notes what was added.
#[derive(Default)]
struct Host {
    added: Vec<(i32, i32)>,
}

impl three::Service for Host {
    fn add(&mut self, a: i32, b: i32) -> i32 {
        self.added.push((a, b));
        a.wrapping_add(b)
    }

    fn echo<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        data
    }
}

static TABLE: Table<Host> = oncilla::table![three::program()];

fn calls(board: &Board) -> Result<()> {
    let mut link = Connector::new().link(board.socket::<Serial>()?);
    let mut host = Host::default();
    for round in 0..2 {
        host.added.clear();
        while host.added.len() < CALLS as usize {
            let served = link.serve_next(&TABLE, &mut host, oncilla::Time::NEVER)?;
            ensure!(served != Served::End, "the firmware made {} calls, then its line ended", host.added.len());
        }
        ensure!(round == 0 || host.added.iter().any(|&(sum, _)| sum == 0), "after the reset it did not begin anew");
        // A call that came twice was executed twice; each sum came back as the next call's argument.
        host.added.dedup();
        for (&(sum, _), &(next, one)) in host.added.iter().zip(host.added.iter().skip(1)) {
            ensure!(one == 1 && (next == sum + 1 || next == 0), "after {sum} it should have added to {}", sum + 1);
        }
        ensure!(host.added.last().is_some_and(|&(sum, _)| sum > 0), "no sum has come to the firmware");
        board.reset()?;
    }
    Ok(())
}

/// Calls the firmware by the Rust that is generated of the same file.
fn serves_sensor(board: &Board) -> Result<()> {
    let mut client = client(board)?;
    let mut sensor = sensor_1::Client::new(&mut client);
    ensure!(sensor.history(0)?.is_empty(), "there is a history before the first reading");
    let mut seen: Vec<Sample> = Vec::new();
    for number in 0..10 {
        let Reading::Ok(sample) = sensor.read(0)? else { bail!("channel 0 has no reading") };
        ensure!(sample.value == 21_500 + number.min(8), "reading {number} is {}", sample.value);
        ensure!(seen.last().is_none_or(|before| before.time <= sample.time), "time ran backwards");
        seen.push(sample);
    }
    ensure!(sensor.history(0)?[..] == seen[..8], "the history is not what was read");
    let missing = sensor.read(7)?;
    ensure!(missing == Reading::Default(Status::NoSuchChannel.number()), "channel 7 gave {missing:?}");
    ensure!(sensor.history(1)?.is_empty(), "channel 1 has a history");
    ensure!(
        sensor.rename(0, "sixteen letters!")? && !sensor.rename(1, "")?,
        "the names are not taken as they should be"
    );
    Ok(())
}

/// The host of the display. It keeps what the display has sent.
#[derive(Default)]
struct Shown {
    stored: History,
    names: Vec<String>,
    time: u64,
}

impl sensor_1::Service for Shown {
    fn read(&mut self, channel: u32) -> Reading {
        if channel != 0 {
            return Reading::Default(Status::NoSuchChannel.number());
        }
        self.time += 1;
        let sample = Sample { time: self.time, value: -(self.time as i32) };
        if self.stored.is_full() {
            self.stored.remove(0);
        }
        // There is room.
        let _ = self.stored.push(sample.clone());
        Reading::Ok(sample)
    }
    fn history(&mut self, _channel: u32) -> History {
        self.stored.clone()
    }
    fn rename(&mut self, _channel: u32, name: &str) -> bool {
        self.names.push(name.to_owned());
        true
    }
}

static SHOWN: Table<Shown> = oncilla::table![sensor_1::program()];

fn calls_sensor(board: &Board) -> Result<()> {
    let mut link = Connector::new().link(board.socket::<Serial>()?);
    let mut host = Shown::default();
    while host.names.last().is_none_or(|name| name != "shown 9") {
        let served = link.serve_next(&SHOWN, &mut host, oncilla::Time::NEVER)?;
        ensure!(served != Served::End, "the firmware said {:?}, then its line ended", host.names);
    }
    // A call that came twice was executed twice.
    host.names.dedup();
    let expected: Vec<_> = (0..10).map(|number| format!("shown {number}")).collect();
    ensure!(host.names == expected, "the firmware said {:?}", host.names);
    Ok(())
}

/// The keys of `keyed.c`.
static KEYS: [Key; 2] = [Key::new(KeyId(1), *b"sixteen bytes !!"), Key::new(KeyId(2), *b"and sixteen more")];
static WRONG: Key = Key::new(KeyId(1), *b"sixteen bytes !?");

fn keyed(board: &Board) -> Result<()> {
    let mut owner = host::client(board.socket::<Cobs>()?, &KEYS[0]);
    let mut guest = host::client(board.socket::<Cobs>()?, &KEYS[1]);
    for round in 0..2 {
        let mut three = three::Client::new(&mut owner);
        if round > 0 {
            // The call that finds the firmware restarted ends so.
            ensure!(matches!(three.add(1, 1), Err(CallError::Restarted)), "the reset was not seen");
        }
        for number in 0..CALLS {
            ensure!(three.add(number, 1)? == number + 1, "the sum is wrong");
            ensure!(three.echo(&[7; 64])? == [7; 64], "the echo is wrong");
        }
        let mut three = three::Client::new(&mut guest);
        if round > 0 {
            ensure!(matches!(three.null(), Err(CallError::Restarted)), "the reset was not seen by the guest");
        }
        ensure!(three.echo(&[8; 20])? == [8; 20], "the echo of the guest is wrong");
        let added = three.add(1, 1);
        let refused = matches!(added, Err(CallError::Refused(Refusal::Authentication(AuthStatus::TOO_WEAK))));
        ensure!(refused, "the guest's addition came to {added:?}");
        board.reset()?;
    }

    let mut stranger = host::client(Heard::new(board.socket::<Cobs>()?), &WRONG);
    stranger.set_timeout(SILENCE);
    let added = three::Client::new(&mut stranger).add(1, 1);
    ensure!(matches!(added, Err(CallError::TimedOut { .. })), "a wrong key gave {added:?}");
    ensure!(stranger.link().transport().inner().bytes == 0, "a peer with a wrong key received bytes");
    Ok(())
}

fn both(board: &Board) -> Result<()> {
    let mut endpoint = Connector::new().endpoint(board.socket::<Serial>()?, &TABLE, Host::default());
    for number in 0..CALLS {
        let mut three = three::Client::new(&mut endpoint);
        ensure!(three.add(number, 1)? == number + 1, "the sum is wrong");
        ensure!(three.echo(&[7; 33])? == [7; 33], "the echo is wrong");
    }
    let host = endpoint.state();
    ensure!(host.added.len() >= CALLS as usize, "the firmware called {} times only", host.added.len());
    Ok(())
}
