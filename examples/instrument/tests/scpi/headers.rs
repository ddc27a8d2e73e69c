//! Headers: SCPI-99 volume 1, §6.2.

use crate::controller::Controller;

const VERSION: &str = "1999.0";

#[test]
fn short_and_long_forms_in_any_case() {
    // §6.2.1: short or long form, nothing between, in capitals or not.
    let mut controller = Controller::new();
    for header in ["SYST:VERS?", "SYSTEM:VERSION?", "system:vers?", "sYsT:version?", ":SYST:VERS?", " syst:vers? "] {
        assert_eq!(controller.ask(header), VERSION, "{header}");
    }
    for header in ["SYSTE:VERS?", "SYS:VERS?", "SYST:VERSI?", "SYST:VERS", "VERS?", "SYST::VERS?", "SYST:VERS:?", "?"] {
        controller.send(header);
        assert_eq!(controller.error(), -113, "{header}");
    }
}

#[test]
fn optional_nodes() {
    // §5.1: nodes in brackets may be left out.
    let mut controller = Controller::new();
    for header in ["SENS:VOLT:DC:RANG:UPP", "VOLT:RANG", "SENSe:VOLTage:RANGe", "VOLT:DC:RANG"] {
        controller.send(&format!("{header} 100"));
        assert_eq!(controller.ask(&format!("{header}?")), "+1.00000000E+02", "{header}");
    }
    controller.send("SENS:SENS:VOLT:RANG 1");
    assert_eq!(controller.error(), -113);
    controller.is_fine();
}

#[test]
fn a_unit_continues_the_path_of_the_one_before() {
    // §6.2.4.
    let mut controller = Controller::new();
    assert_eq!(controller.ask("SENS:VOLT:RANG 10;NPLC 10;NPLC?;RANG?"), "+1.00000000E+01;+1.00000000E+01");
    // A common command does not change the path.
    assert_eq!(controller.ask("SYST:VERS?;*STB?;ERR?"), "1999.0;16;0,\"No error\"");
    // A colon begins at the root.
    assert_eq!(controller.ask("SYST:VERS?;:SYST:VERS?"), "1999.0;1999.0");
    controller.send("SYST:ERR?;SYST:VERS?");
    assert_eq!(controller.read(), b"0,\"No error\"\n");
    assert_eq!(controller.error(), -113);
    // Every message begins at the root.
    assert_eq!(controller.ask("SYST:VERS?\nSYST:VERS?"), VERSION);
}

#[test]
fn empty_units_do_nothing() {
    // IEEE 488.2 §7.3.3.
    let mut controller = Controller::new();
    for message in ["", ";", "\n", " ; ; \n", ";;"] {
        controller.send(message);
    }
    assert_eq!(controller.ask(";*ESR?;"), "128");
    controller.is_fine();
}
