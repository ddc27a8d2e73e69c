//! The test of a UART in loopback: a right driver passes, each wrong one is told what it does wrong.
#![cfg(feature = "conformance")]

mod simulated;

use std::panic::{AssertUnwindSafe, catch_unwind};

use oncilla_hal::conformance::{Baud, Fault, Report, Step, check};
use simulated::{Chip, Clockwork, HANG, Quirk, Uart, Wrong};

/// Runs the test of a driver. A driver that would hang ends by a panic; then the last step is returned.
fn run(chip: Chip, quirk: Quirk, wrong: Wrong) -> Result<Report, Step> {
    let mut uart = Uart::new(chip, quirk);
    let mut clock = Clockwork::new(&uart, wrong);
    let mut last = Step::Clock;
    let outcome = catch_unwind(AssertUnwindSafe(|| check(&mut uart, &mut clock, Baud(115_200), |step| last = step)));
    outcome.map_err(|panic| {
        assert_eq!(panic.downcast_ref::<&str>(), Some(&HANG), "it must not panic but by the simulated hang");
        last
    })
}

fn faults(quirk: Quirk) -> Vec<Fault> {
    let report = run(Chip::FIFO, quirk, Wrong::Nothing).unwrap_or_else(|step| panic!("{quirk:?} hangs in {step:?}"));
    println!("{quirk:?}:\n{report}");
    report.faults().collect()
}

#[test]
fn right_drivers_pass_and_their_size_is_reported() {
    for (chip, held) in [(Chip::FIFO, 16), (Chip::BARE, 1), (Chip::RING, 64)] {
        let report = run(chip, Quirk::None, Wrong::Nothing).unwrap();
        assert!(report.is_good(), "{chip:?}: {report}");
        assert_eq!(report.held(), held, "{chip:?}");
        assert!(report.to_string().starts_with("good"), "{report}");
    }
}

#[test]
fn wrong_drivers_are_told() {
    let has = |quirk: Quirk, expected: fn(&Fault) -> bool| {
        let found = faults(quirk);
        assert!(found.iter().any(expected), "{quirk:?}: {found:?}");
    };
    has(Quirk::ZeroWhileEmpty, |fault| matches!(fault, Fault::ZeroWhileEmpty));
    has(Quirk::AlwaysReady, |fault| matches!(fault, Fault::ReadyWithoutBytes));
    has(Quirk::NeverReady, |fault| matches!(fault, Fault::NeverReady));
    has(Quirk::SlowReady, |fault| matches!(fault, Fault::ReadyWaits { .. }));
    has(Quirk::ClaimsTooMuchRead, |fault| matches!(fault, Fault::ReadMore { .. }));
    has(Quirk::WritesBehind, |fault| matches!(fault, Fault::WroteBehind { .. }));
    has(Quirk::DropsWhatDoesNotFit, |fault| matches!(fault, Fault::Lost { .. }));
    has(Quirk::WritesZero, |fault| matches!(fault, Fault::WroteNothing));
    has(Quirk::ClaimsTooMuchWritten, |fault| matches!(fault, Fault::WroteMore { .. }));
    has(Quirk::FlushesNothing, |fault| matches!(fault, Fault::FlushEarly { .. }));
    has(Quirk::SevenBits, |fault| matches!(fault, Fault::Changed { sent: 0x80, received: 0 }));
    has(Quirk::LineEnds, |fault| matches!(fault, Fault::Changed { sent: b'\r', received: b'\n' }));
    has(Quirk::LosesEveryTenth, |fault| matches!(fault, Fault::Lost { .. }));
    has(Quirk::Doubles, |fault| matches!(fault, Fault::BytesOfNobody));
    has(Quirk::ErrorStays, |fault| matches!(fault, Fault::ErrorStays));
    has(Quirk::FailsToWrite, |fault| matches!(fault, Fault::WriteFailed));
    has(Quirk::SlowWrite, |fault| matches!(fault, Fault::SlowWrite { .. }));
    has(Quirk::WaitsForEmptyWrite, |fault| matches!(fault, Fault::WroteMore { given: 0, .. }));
}

#[test]
fn the_last_step_names_what_hangs() {
    for (quirk, step) in [
        (Quirk::FillsBuffer, Step::OneByte),
        (Quirk::WaitsForEmptyRead, Step::EmptyBuffers),
        (Quirk::FlushHangs, Step::OneByte),
        (Quirk::WriteHangsWhenFull, Step::LongWrite),
        (Quirk::LyingReady, Step::Silence),
    ] {
        assert_eq!(run(Chip::FIFO, quirk, Wrong::Nothing), Err(step), "{quirk:?}");
    }
}

#[test]
fn wrong_clocks_are_told() {
    let first = |wrong| run(Chip::FIFO, Quirk::None, wrong).unwrap().faults().next().unwrap();
    assert_eq!(first(Wrong::Stands), Fault::ClockStands);
    assert!(matches!(first(Wrong::Wraps), Fault::ClockWentBack { .. }));
    assert!(matches!(first(Wrong::Oversleeps), Fault::IdleLate { micros: 50_000.. }));
}
