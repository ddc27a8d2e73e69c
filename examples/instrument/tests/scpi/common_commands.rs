//! The common commands: IEEE 488.2 §10.

use std::time::Duration;

use crate::controller::Controller;

#[test]
fn identity_has_four_fields() {
    // §10.14.
    let mut controller = Controller::new();
    assert_eq!(controller.ask("*IDN?"), oncilla_instrument::IDENTITY);
    assert_eq!(controller.ask("*idn?").split(',').count(), 4);
    assert_eq!(controller.ask("*TST?"), "0");
}

#[test]
fn no_query_after_arbitrary_text() {
    // §10.14: `*IDN?` is the last query of a message.
    let mut controller = Controller::new();
    assert_eq!(controller.ask("*IDN?;*ESR?"), oncilla_instrument::IDENTITY);
    assert_eq!(controller.error(), -440);
    assert_eq!(controller.ask("*ESR?;*IDN?"), format!("132;{}", oncilla_instrument::IDENTITY));
}

#[test]
fn the_event_register_is_read_once() {
    // §10.12 and §11.5.1: power on, then each class of errors.
    let mut controller = Controller::new();
    assert_eq!(controller.ask("*ESR?"), "128");
    assert_eq!(controller.ask("*ESR?"), "0");
    for (message, bit) in [("FOO", "32"), ("*TRG", "16")] {
        controller.send(message);
        assert_eq!(controller.ask("*ESR?"), bit, "{message}");
    }
    controller.send("*OPC");
    assert_eq!(controller.ask("*ESR?"), "1");
}

#[test]
fn enable_registers() {
    // §10.10, §10.34: bit 6 of `*SRE` is ignored.
    let mut controller = Controller::new();
    assert_eq!(controller.ask("*ESE 255;*SRE 255;*ESE?;*SRE?"), "255;191");
    assert_eq!(controller.ask("*CLS;*RST;*ESE?;*SRE?"), "255;191");
}

#[test]
fn the_status_byte() {
    // §11.2; SCPI-99 volume 1, §9: bit 2 is the queue of errors.
    let mut controller = Controller::new();
    assert_eq!(controller.ask("*CLS;*STB?"), "0");
    controller.send("FOO");
    assert_eq!(controller.ask("*STB?"), "4");
    controller.send("*ESE 32");
    assert_eq!(controller.ask("*STB?"), "36");
    controller.send("*SRE 32");
    assert_eq!(controller.ask("*STB?"), "100");
    assert_eq!(controller.ask("*ESE?;*STB?"), "32;116");
    assert_eq!(controller.ask("*CLS;*STB?"), "0");
}

#[test]
fn completion() {
    // §10.18, §10.19, §10.39, §12.5.
    let mut controller = Controller::new();
    controller.send("*CLS;AVER:COUN 10;:INIT;*OPC");
    assert_eq!(controller.ask("*ESR?"), "0");
    controller.pass(Duration::from_millis(200));
    assert_eq!(controller.ask("*ESR?"), "1");

    controller.send("INIT;*OPC?");
    controller.pass(Duration::from_millis(199));
    assert_eq!(controller.read_now(), (vec![], false));
    controller.pass(Duration::from_millis(1));
    assert_eq!(controller.read_now(), (b"1\n".to_vec(), true));

    // After `*WAI` the measurement has ended.
    assert_eq!(controller.ask("INIT;*WAI;STAT:OPER:COND?"), "0");
    assert_eq!(controller.ask("INIT;STAT:OPER:COND?"), "16");
    // `*CLS` and `*RST` end what `*OPC` waits for.
    controller.send("ABOR;INIT;*OPC;*CLS");
    controller.pass(Duration::from_secs(1));
    assert_eq!(controller.ask("*ESR?"), "0");
    controller.send("INIT;*OPC;*RST");
    controller.pass(Duration::from_secs(1));
    assert_eq!(controller.ask("*ESR?"), "0");
}

#[test]
fn reset_keeps_status_and_queues() {
    // §10.32.
    let mut controller = Controller::new();
    controller.send("FOO");
    controller.send("AVER:COUN 7;:FORM INT;FORM:BORD SWAP;:DATA:POIN 9;:TRIG:SOUR BUS;*RST");
    assert_eq!(controller.ask("AVER:COUN?;:FORM?;:FORM:BORD?;:DATA:POIN?;:TRIG:SOUR?"), "1;ASC,0;NORM;512;IMM");
    assert_eq!(controller.error(), -113);
}
