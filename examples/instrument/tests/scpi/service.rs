//! Service requests: IEEE 488.2 §11.3.

use std::time::Duration;

use oncilla_instrument::scpi::Device;

use crate::controller::Controller;

impl Controller {
    fn poll(&mut self) -> u8 {
        self.requests();
        let available = self.exchange.message_available();
        self.request.poll(self.meter.status(), available)
    }

    fn requests(&mut self) -> bool {
        self.request.update(self.meter.status(), self.exchange.message_available());
        self.request.is_made()
    }
}

#[test]
fn when_a_measurement_has_ended() {
    let mut controller = Controller::new();
    controller.send("*CLS;*ESE 1;*SRE 32;INIT;*OPC");
    assert!(!controller.requests());
    controller.pass(Duration::from_millis(20));
    assert!(controller.requests());
    assert!(controller.requests(), "it lasts until it is polled");
    // §11.3.3.2: a serial poll ends the request, and leaves its reason.
    assert_eq!(controller.poll(), 64 + 32);
    assert_eq!(controller.poll(), 32);
    assert!(!controller.requests());
    assert_eq!(controller.ask("*ESR?"), "1");
    assert_eq!(controller.poll(), 0);
    controller.send("INIT;*OPC");
    controller.pass(Duration::from_millis(20));
    assert!(controller.requests(), "a new reason is a new request");
}

#[test]
fn when_a_message_is_available() {
    let mut controller = Controller::new();
    controller.send("*SRE 16;*IDN?");
    assert!(controller.requests());
    assert_eq!(controller.poll(), 64 + 16);
    controller.read();
    assert_eq!(controller.poll(), 0);
    controller.send("*IDN?");
    assert!(controller.requests());
    // The reason has gone before the poll.
    controller.read();
    assert!(!controller.requests());
    assert_eq!(controller.poll(), 0);
}

#[test]
fn not_for_what_is_not_enabled() {
    let mut controller = Controller::new();
    controller.send("FOO");
    assert!(!controller.requests());
    assert_eq!(controller.poll(), 4);
    // §11.3.3.1: enabling a reason that is there requests service, too.
    controller.send("*SRE 4");
    assert!(controller.requests());
    assert_eq!(controller.poll(), 64 + 4);
}

#[test]
fn operation_status() {
    // SCPI-99 volume 1, §9.3.
    let mut controller = Controller::new();
    controller.send("STAT:OPER:ENAB 16;*SRE 128;:INIT");
    assert!(controller.requests());
    assert_eq!(controller.poll(), 64 + 128);
    controller.pass(Duration::from_millis(20));
    assert_eq!(controller.ask("STAT:OPER?"), "16");
    assert_eq!(controller.ask("STAT:OPER?;OPER:COND?;ENAB?"), "0;0;16");
    assert_eq!(controller.ask("STAT:PRES;OPER:ENAB?;:STAT:QUES?;QUES:COND?;ENAB?"), "0;0;0;0");
    controller.is_fine();
}
