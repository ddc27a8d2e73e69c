//! Indirect calls through this library's table.

use oncilla::Refusal;

use crate::procedures::machine;
use crate::{PROGRAM, opaque, text, words};

const CALLIT: u32 = 5;
const INDIRECT: u32 = 10;

fn indirect(program: u32, version: u32, procedure: u32, arguments: &[u8]) -> Vec<u8> {
    [words(&[program, version, procedure]), opaque(arguments)].concat()
}

#[test]
fn null_is_called_indirectly() {
    let port = [words(&[20_050]), opaque(&[])].concat();
    assert_eq!(machine().results(2, CALLIT, &indirect(PROGRAM, 2, 0, &[])), port);
    let address = [text("192.0.2.7.78.82"), opaque(&[])].concat();
    for (version, procedure) in [(3, CALLIT), (4, CALLIT), (4, INDIRECT)] {
        assert_eq!(machine().results(version, procedure, &indirect(PROGRAM, 2, 0, &[])), address);
    }
}

#[test]
fn nothing_else_is_called_indirectly() {
    for arguments in [
        // Another procedure, NULL with arguments, another program, another version, a program on TCP alone.
        indirect(PROGRAM, 2, 1, &[]),
        indirect(PROGRAM, 2, 0, &[0; 4]),
        indirect(PROGRAM + 2, 2, 0, &[]),
        indirect(PROGRAM, 1, 0, &[]),
        indirect(PROGRAM, 5, 0, &[]),
        // Malformed arguments.
        vec![],
        words(&[PROGRAM, 2, 0]),
        words(&[PROGRAM, 2, 0, u32::MAX]),
        words(&[PROGRAM, 2, 0, 0, 0]),
    ] {
        for version in 2..=4 {
            assert_eq!(machine().ask(version, CALLIT, &arguments), None, "version {version}, {arguments:?}");
        }
        // This version reports the failure.
        assert!(matches!(machine().ask(4, INDIRECT, &arguments), Some(Err(_))), "{arguments:?}");
    }
    assert_eq!(machine().ask(4, INDIRECT, &[]), Some(Err(Refusal::GarbageArguments)));
    assert_eq!(machine().ask(4, INDIRECT, &indirect(PROGRAM, 2, 1, &[])), Some(Err(Refusal::SystemError)));
}

/// A caller of the port mapper would try the port over IPv4.
#[test]
fn the_port_mapper_makes_no_indirect_calls_on_ipv6() {
    assert_eq!(machine().ask(2, CALLIT, &indirect(PROGRAM + 1, 1, 0, &[])), None);
}
