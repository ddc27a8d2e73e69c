//! The exchange of messages: IEEE 488.2 §6.

use std::time::Duration;

use oncilla_instrument::{IDENTITY, scpi::INPUT};

use crate::controller::Controller;

#[test]
fn a_message_in_parts() {
    let mut controller = Controller::new();
    for byte in b"*ese 1" {
        controller.exchange.write(&mut controller.meter, &[*byte], false);
    }
    controller.exchange.write(&mut controller.meter, b"2;*E", false);
    controller.exchange.write(&mut controller.meter, b"SE?", true);
    assert_eq!(controller.read(), b"12\n");
    // A line feed ends a message, too, and with END there is one end.
    controller.exchange.write(&mut controller.meter, b"*ESE?\n", false);
    assert_eq!(controller.read(), b"12\n");
    controller.send("*ESE?\r\n");
    assert_eq!(controller.read(), b"12\n");
    controller.is_fine();
}

#[test]
fn a_message_longer_than_the_input_buffer() {
    let mut controller = Controller::new();
    let message = format!("{}*ESE?", "*ESE 3;*ESE 5;".repeat(INPUT));
    controller.send(&message);
    assert_eq!(controller.read(), b"5\n");
    controller.is_fine();
}

#[test]
fn a_response_byte_by_byte() {
    let mut controller = Controller::new();
    controller.send("*IDN?");
    let mut response = Vec::new();
    loop {
        let mut byte = [0];
        let (count, end) = controller.exchange.read(&mut controller.meter, &mut byte);
        assert_eq!(count, 1);
        response.extend(byte);
        if end {
            break;
        }
    }
    assert_eq!(response, format!("{IDENTITY}\n").as_bytes());
}

#[test]
fn interrupted() {
    // §6.3.2.3: a new message before the response was read, or read to its end.
    let mut controller = Controller::new();
    controller.send("*IDN?");
    assert_eq!(controller.ask("*ESR?"), "132");
    assert_eq!(controller.error(), -410);
    controller.send("*IDN?");
    controller.exchange.read(&mut controller.meter, &mut [0; 3]);
    assert_eq!(controller.ask("*ESE?"), "0");
    assert_eq!(controller.error(), -410);
    controller.is_fine();
}

#[test]
fn interrupted_while_a_query_waits() {
    let mut controller = Controller::new();
    controller.send("AVER:COUN 1000;:READ?");
    assert_eq!(controller.read_now(), (vec![], false));
    assert_eq!(controller.error(), -410);
    controller.pass(Duration::from_secs(60));
    assert_eq!(controller.read_now(), (vec![], false));
    // That read had no query.
    assert_eq!(controller.error(), -420);
}

#[test]
fn unterminated() {
    // §6.3.2.2: a read without a query, or amid one. Asking again for the same response is one error.
    let mut controller = Controller::new();
    for message in ["", "*CLS", "FOO?"] {
        controller.send(message);
        controller.send("*CLS");
        for _ in 0..3 {
            assert_eq!(controller.read_now(), (vec![], false));
        }
        assert_eq!([controller.error(), controller.error()], [-420, 0], "{message}");
    }
    controller.exchange.write(&mut controller.meter, b"*ID", false);
    assert_eq!(controller.read_now(), (vec![], false));
    // The beginning was dropped.
    assert_eq!(controller.ask("*IDN?"), IDENTITY);
    assert_eq!([controller.error(), controller.error()], [-420, 0]);
}

#[test]
fn deadlocked() {
    // §6.3.1.7: more responses than the output queue holds, and a message that does not end.
    let mut controller = Controller::new();
    controller.send(&format!("{}*ESE 9", "*ESE?;".repeat(INPUT)));
    assert_eq!(controller.read_now(), (vec![], false));
    assert_eq!([controller.error(), controller.error(), controller.error()], [-430, -420, 0]);
    // The rest was executed, without responses.
    assert_eq!(controller.ask("*ESE?"), "9");
}

#[test]
fn many_responses_that_are_read() {
    let mut controller = Controller::new();
    // They fit in the input buffer, so the device needs not read on.
    assert_eq!(controller.ask(&["VOLT:RANG?"; 20].join(";:")), ["+1.00000000E+01"; 20].join(";"));
    controller.is_fine();
}

#[test]
fn a_unit_longer_than_the_input_buffer() {
    let mut controller = Controller::new();
    controller.send(&format!("*ESE 7;FOO{};*ESE 8", "O".repeat(3 * INPUT)));
    assert_eq!([controller.error(), controller.error()], [-363, 0]);
    assert_eq!(controller.ask("*ESE?"), "7");
    // One that is just as long as the buffer with its delimiter.
    controller.send(&format!("*ESE{}6", " ".repeat(INPUT - 6)));
    assert_eq!(controller.ask("*ESE?"), "6");
    controller.is_fine();
    controller.send(&format!("*ESE{}5", " ".repeat(INPUT - 5)));
    assert_eq!(controller.error(), -363);
    assert_eq!(controller.ask("*ESE?"), "6");
}

#[test]
fn what_follows_a_query_that_waits() {
    let mut controller = Controller::new();
    controller.send("AVER:COUN 5;:READ?;*ESE?;:READ?");
    let response = String::from_utf8(controller.read()).unwrap();
    let fields: Vec<_> = response.trim_end().split(';').collect();
    assert_eq!((fields.len(), fields[1]), (3, "0"), "{response}");
    assert!(fields[0].starts_with("+1.2") && fields[2].starts_with("+1.2"), "{response}");
}

#[test]
fn input_waits_while_the_device_is_busy() {
    let mut controller = Controller::new();
    let message = format!("AVER:COUN 5;:INIT;*WAI;{}*ESE?", "*ESE 4;".repeat(INPUT));
    let taken = controller.exchange.write(&mut controller.meter, message.as_bytes(), true);
    assert!(taken < message.len() && taken >= INPUT, "{taken}");
    controller.pass(Duration::from_secs(1));
    let rest = &message[taken..];
    assert_eq!(controller.exchange.write(&mut controller.meter, rest.as_bytes(), true), rest.len());
    assert_eq!(controller.read(), b"4\n");
    controller.is_fine();
}

#[test]
fn the_end_of_a_message_has_no_room() {
    let mut controller = Controller::new();
    // Behind `*WAI` the input buffer is full without the end.
    let message = format!("INIT;*WAI;{}*RST", "*ESE 4;".repeat(36));
    assert_eq!(message.len(), "INIT;*WAI;".len() + INPUT);
    let taken = controller.exchange.write(&mut controller.meter, message.as_bytes(), true);
    assert!(taken < message.len(), "{taken}");
    controller.pass(Duration::from_secs(1));
    let rest = &message[taken..];
    assert_eq!(controller.exchange.write(&mut controller.meter, rest.as_bytes(), true), rest.len());
    assert_eq!(controller.ask("*ESE?"), "4");
    controller.is_fine();
}

#[test]
fn device_clear() {
    // §5.8: input and output are empty, and nothing waits; settings and status stay.
    let mut controller = Controller::new();
    controller.send("*ESE 3;AVER:COUN 1000;:READ?;*IDN?");
    controller.exchange.write(&mut controller.meter, b"*ES", false);
    controller.exchange.clear();
    assert!(!controller.exchange.message_available());
    assert_eq!(controller.ask("*ESE?;:AVER:COUN?"), "3;1000");
    controller.is_fine();
}
