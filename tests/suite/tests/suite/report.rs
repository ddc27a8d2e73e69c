//! What is told of the checks.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use oncilla_suite::Parts;
use oncilla_suite::checks::{Board, Report, Row, Verdict, run};

use crate::carriers::tcp;

#[test]
fn a_report_is_a_table() {
    let rows = vec![
        Row { claim: "it works", verdict: Verdict::Passed },
        Row { claim: "it counts", verdict: Verdict::Failed("3 and not 4".into()) },
        Row { claim: "grüßt", verdict: Verdict::NotOfBoard(Parts::TEXT | Parts::REPLAY) },
        Row { claim: "it calls", verdict: Verdict::NotOnCarrier },
    ];
    let report = Report { rows };
    let table = "it works   ok\n\
                 it counts  FAILED: 3 and not 4\n\
                 grüßt      not of this board, which has no part replay, text\n\
                 it calls   not on this carrier\n\
                 1 passed, 1 failed, 2 left out";
    assert_eq!(report.to_string(), table);
    assert!(!report.is_good());
    assert_eq!(report.failures().collect::<Vec<_>>(), [("it counts", "3 and not 4")]);
}

#[test]
fn nothing_checked_is_not_good() {
    let rows = vec![Row { claim: "it calls", verdict: Verdict::NotOnCarrier }];
    assert!(!Report { rows }.is_good());
}

/// Nobody is there: nothing passes, and it does not take long.
#[test]
fn a_board_that_cannot_be_reached_fails_every_check() {
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let board = Board::new(Parts::BUILT);
    let report = run(&board, || tcp(address));
    assert_eq!(report.passed(), 0, "{report}");
    assert!(report.failed() > 40, "{report}");
}

/// It takes calls and says nothing: it is waited for twice, and not for every check.
#[test]
fn a_silent_board_fails_every_check() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let board = Board { parts: Parts::BUILT, patience: Duration::from_millis(10) };
    let report = run(&board, || tcp(address));
    assert_eq!(report.passed(), 0, "{report}");
    let not_tried = report.failures().filter(|(_, why)| why.starts_with("not tried")).count();
    assert_eq!(report.failed() - not_tried, 2, "{report}");
}

#[test]
fn parts_are_written_as_they_are_read() {
    for parts in (0..=Parts::ALL.0).map(Parts).filter(|parts| *parts != Parts::NONE) {
        assert_eq!(parts.to_string().parse(), Ok(parts));
    }
    assert_eq!(" types ,replay".parse(), Ok(Parts::TYPES | Parts::REPLAY));
    assert_eq!("".parse(), Ok(Parts::NONE));
    assert!("types, others".parse::<Parts>().is_err());
}
