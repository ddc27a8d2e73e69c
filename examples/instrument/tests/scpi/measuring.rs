//! Measurements: SCPI-99 volume 2, §3 (MEASure, CONFigure, READ, FETCh) and §24 (TRIGger).

use std::time::Duration;

use oncilla_instrument::Simulated;

use crate::controller::Controller;

fn volts(response: &str) -> f64 {
    response.parse().expect("a number in the form NR3")
}

fn is_near(response: &str) {
    let error = (volts(response) * 1e6 - f64::from(Simulated::MICROVOLTS)).abs();
    assert!(error <= f64::from(Simulated::NOISE), "{response}");
}

#[test]
fn every_way_to_measure() {
    let mut controller = Controller::new();
    for message in ["MEAS:VOLT?", "MEASURE:SCALAR:VOLTAGE:DC? 10,1E-5", "meas:volt:dc? def", "READ?", "INIT;FETC?"] {
        is_near(&controller.ask(message));
    }
    controller.is_fine();
}

#[test]
fn averages_are_nearer() {
    let mut controller = Controller::new();
    let spread = |controller: &mut Controller, count: u32| {
        controller.send(&format!("AVER:COUN {count}"));
        let readings: Vec<_> = (0..40).map(|_| volts(&controller.ask("READ?"))).collect();
        readings.iter().copied().fold(f64::MIN, f64::max) - readings.iter().copied().fold(f64::MAX, f64::min)
    };
    let (one, many) = (spread(&mut controller, 1), spread(&mut controller, 1000));
    assert!(many * 4.0 < one, "{one} {many}");
}

#[test]
fn a_measurement_takes_its_time() {
    let mut controller = Controller::new();
    for (cycles, count, time) in [("0.02", 1, 400), ("1", 1, 20_000), ("10", 3, 600_000), ("100", 1000, 2_000_000_000)]
    {
        controller.send(&format!("VOLT:NPLC {cycles};:AVER:COUN {count};:READ?"));
        controller.pass(Duration::from_micros(time - 1));
        assert_eq!(controller.read_now(), (vec![], false), "{cycles}");
        controller.pass(Duration::from_micros(1));
        assert!(controller.read_now().1, "{cycles}");
    }
}

#[test]
fn configuration() {
    let mut controller = Controller::new();
    controller.send("AVER:COUN 5;:CONF:VOLT 90 V,1mV");
    assert_eq!(controller.ask("CONF?"), "\"VOLT +1.00000000E+02,+1.00000000E-03\"");
    assert_eq!(controller.ask("AVER:COUN?;:VOLT:RANG:AUTO?"), "1;0");
    controller.send("CONF:VOLT");
    assert_eq!(controller.ask("CONF?;:VOLT:RANG:AUTO?"), "\"VOLT +1.00000000E+01,+1.00000000E-05\";1");
    controller.send("CONF:VOLT 1001");
    assert_eq!(controller.error(), -222);
}

#[test]
fn triggers_by_bus() {
    // IEEE 488.2 §10.37.
    let mut controller = Controller::new();
    controller.send("TRIG:SOUR BUS;:INIT");
    controller.pass(Duration::from_secs(5));
    assert_eq!(controller.ask("STAT:OPER:COND?"), "32");
    controller.send("*TRG;FETC?");
    is_near(std::str::from_utf8(&controller.read()).unwrap().trim_end());
    controller.send("INIT");
    controller.meter.trigger().expect("it waits for a trigger");
    assert!(controller.meter.trigger().is_err(), "it waits for no second one");
    assert_eq!(controller.ask("*OPC?"), "1");
    controller.is_fine();
    // A response can never come.
    controller.send("READ?");
    assert_eq!(controller.error(), -214);
}

#[test]
fn what_is_not_possible() {
    let mut controller = Controller::new();
    controller.send("FETC?");
    assert_eq!(controller.error(), -230);
    controller.send("INIT;INIT");
    assert_eq!(controller.error(), -213);
    controller.send("ABOR;FETC?");
    assert_eq!(controller.error(), -230);
    controller.send("*TRG");
    assert_eq!(controller.error(), -211);
}
