//! Any bytes: the exchange neither panics nor hangs, and is usable afterwards.

use std::time::Duration;

use oncilla_instrument::{IDENTITY, scpi::Device};
use proptest::prelude::*;

use crate::controller::Controller;

/// Pieces of which a message may consist.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "*IDN?",
        "*RST",
        "*CLS",
        "*OPC?",
        "*WAI",
        "*TRG",
        "*STB?",
        "READ?",
        "INIT",
        "FETC?",
        "CURV?",
        "FORM INT",
        "FORM ASC",
        "DATA:POIN 1000",
        "SYST:ERR?",
        "AVER:COUN 3",
        "AVER:COUN MAX",
        "TRIG:SOUR BUS",
        "VOLT:RANG 1E-",
        ";",
        ";",
        ";",
        "\n",
        "\n",
        ":",
        "?",
        " ",
        ",",
        "\"",
        "'",
        "#H",
        "9",
        "E9",
        "MEAS:VOLT?",
        "*ESE #B1",
        "*SRE 255",
    ];
    prop_oneof![
        8 => proptest::sample::select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..300),
    ]
}

/// What a controller does.
#[derive(Clone, Debug)]
enum Act {
    Write(Vec<Vec<u8>>, bool),
    Read(usize),
    Pass(u64),
    Poll,
    Clear,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (proptest::collection::vec(piece(), 0..20), any::<bool>()).prop_map(|(pieces, end)| Act::Write(pieces, end)),
        4 => (0..600_usize).prop_map(Act::Read),
        2 => (0..100_000_u64).prop_map(Act::Pass),
        1 => Just(Act::Poll),
        1 => Just(Act::Clear),
    ]
}

proptest! {
    #[test]
    fn usable_after_anything(acts in proptest::collection::vec(act(), 0..40)) {
        let mut controller = Controller::new();
        for act in acts {
            match act {
                Act::Write(pieces, end) => {
                    let data = pieces.concat();
                    let taken = controller.exchange.write(&mut controller.meter, &data, end);
                    prop_assert!(taken <= data.len());
                }
                Act::Read(size) => {
                    let mut room = vec![0; size];
                    let (count, _) = controller.exchange.read(&mut controller.meter, &mut room);
                    prop_assert!(count <= size);
                }
                Act::Pass(micros) => controller.pass(Duration::from_micros(micros)),
                Act::Poll => {
                    let available = controller.exchange.message_available();
                    controller.request.poll(controller.meter.status(), available);
                }
                Act::Clear => controller.exchange.clear(),
            }
        }
        controller.exchange.clear();
        controller.send("*RST;*CLS");
        prop_assert_eq!(controller.ask("*IDN?"), IDENTITY);
        controller.is_fine();
    }
}
