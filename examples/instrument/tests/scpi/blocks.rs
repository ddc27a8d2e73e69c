//! Data in every encoding: IEEE 488.2 §8.7.9, SCPI-99 volume 2, §9 (FORMat).

use oncilla_instrument::{Input, Simulated};

use crate::controller::Controller;

fn points(count: u16) -> Vec<i32> {
    (0..count).map(|index| Simulated::new().point(index)).collect()
}

/// Sends a message and returns the bytes of the block in the response.
fn block(controller: &mut Controller, message: &str) -> Vec<u8> {
    controller.send(message);
    let response = controller.read();
    let [b'#', digits, rest @ ..] = &response[..] else { panic!("{response:?} is no block") };
    let (length, rest) = rest.split_at(usize::from(digits - b'0'));
    let length: usize = std::str::from_utf8(length).unwrap().parse().unwrap();
    assert_eq!(rest.len(), length + 1);
    assert_eq!(rest[length], b'\n');
    rest[..length].to_vec()
}

#[test]
fn a_wave_as_text() {
    let mut controller = Controller::new();
    for message in ["CURV?", "DATA?", "DATA:DATA?", "TRACE?", "TRAC:DATA?"] {
        let response = controller.ask(message);
        let volts: Vec<f64> = response.split(',').map(|number| number.parse().unwrap()).collect();
        let expected: Vec<_> = points(512).iter().map(|point| f64::from(*point) / 1e6).collect();
        assert!(volts == expected, "{message}");
    }
    controller.is_fine();
}

#[test]
fn a_wave_as_a_block() {
    let mut controller = Controller::new();
    controller.send("FORM INT,32;:CURV?");
    let (first, _) = controller.read_now();
    assert_eq!(&first[..6], b"#42048");
    let words = |order: fn([u8; 4]) -> i32, bytes: &[u8]| -> Vec<_> {
        bytes.chunks(4).map(|bytes| order(bytes.try_into().unwrap())).collect()
    };
    assert_eq!(words(i32::from_be_bytes, &block(&mut controller, "CURV?")), points(512));
    assert_eq!(words(i32::from_le_bytes, &block(&mut controller, "FORM:BORD SWAP;:CURV?")), points(512));
    assert_eq!(controller.ask("FORM?;:FORM:BORD?"), "INT,32;SWAP");
}

#[test]
fn a_wave_of_floating_point_numbers() {
    let mut controller = Controller::new();
    let expected: Vec<_> = points(1024).iter().map(|point| *point as f32 / 1e6).collect();
    for (order, read) in [("NORM", f32::from_be_bytes as fn([u8; 4]) -> f32), ("SWAP", f32::from_le_bytes)] {
        let bytes = block(&mut controller, &format!("FORM REAL,32;FORM:BORD {order};:DATA:POIN 1024;:DATA?"));
        let volts: Vec<_> = bytes.chunks(4).map(|bytes| read(bytes.try_into().unwrap())).collect();
        assert!(volts == expected, "{order}");
    }
}

#[test]
fn blocks_of_any_length() {
    let mut controller = Controller::new();
    controller.send("FORM INT");
    for count in [1_u16, 2, 3, 63, 64, 65, 250, 1000, 1024] {
        let bytes = block(&mut controller, &format!("DATA:POIN {count};:DATA?"));
        assert_eq!(bytes.len(), 4 * usize::from(count));
    }
}

#[test]
fn a_reading_as_a_block() {
    let mut controller = Controller::new();
    let bytes = block(&mut controller, "FORM INT;:READ?");
    let microvolts = i32::from_be_bytes(bytes.try_into().unwrap());
    assert!((microvolts - Simulated::MICROVOLTS).abs() <= Simulated::NOISE, "{microvolts}");
}

#[test]
fn a_block_between_other_responses() {
    let mut controller = Controller::new();
    controller.send("FORM INT;:DATA:POIN 100;:FORM?;:DATA?;*ESE?");
    let response = controller.read();
    assert_eq!(&response[..12], b"INT,32;#3400");
    assert_eq!(&response[response.len() - 3..], b";0\n");
    assert_eq!(response.len(), 12 + 400 + 3);
}
