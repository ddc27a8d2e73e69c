//! The queue of errors: SCPI-99 volume 2, §21.8.

use crate::controller::Controller;

#[test]
fn oldest_first_and_then_none() {
    let mut controller = Controller::new();
    controller.send("FOO;AVER:COUN 0;*TRG");
    assert_eq!(controller.ask("SYST:ERR:COUN?"), "3");
    assert_eq!(controller.ask("SYSTem:ERRor:NEXT?"), "-113,\"Undefined header\"");
    assert_eq!([controller.error(), controller.error(), controller.error()], [-222, -211, 0]);
}

#[test]
fn a_full_queue_says_so_in_its_newest_entry() {
    // §21.8.
    let mut controller = Controller::new();
    for _ in 0..20 {
        controller.send("FOO");
    }
    let errors: Vec<_> = (0..9).map(|_| controller.error()).collect();
    assert_eq!(errors, [-113, -113, -113, -113, -113, -113, -113, -350, 0]);
}

#[test]
fn after_an_error_the_rest_of_the_message_is_executed() {
    let mut controller = Controller::new();
    assert_eq!(controller.ask("*ESE 1;FOO;*ESE?;BAR?;*SRE?"), "1;0");
    assert_eq!([controller.error(), controller.error(), controller.error()], [-113, -113, 0]);
}
