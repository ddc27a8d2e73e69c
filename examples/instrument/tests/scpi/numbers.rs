//! Numbers and other parameters: IEEE 488.2 §7.7 and SCPI-99 volume 1, §7.

use crate::controller::Controller;

#[test]
fn decimal_numbers_in_every_form() {
    // IEEE 488.2 §7.7.2.
    let mut controller = Controller::new();
    for number in
        ["10", "+10", "10.0", "10.", "1E1", "1e+1", "100E-1", ".1E2", "00010", "9.6", "10.0000000000000000001"]
    {
        controller.send(&format!("AVER:COUN {number}"));
        assert_eq!(controller.ask("AVER:COUN?"), "10", "{number}");
    }
    controller.is_fine();
}

#[test]
fn suffixes_multiply() {
    // IEEE 488.2 §7.7.3.
    let mut controller = Controller::new();
    for (number, range) in [("1V", "E+00"), ("1 V", "E+00"), ("100mV", "E-01"), ("1000 MV", "E+00"), ("0.1 kv", "E+02")]
    {
        controller.send(&format!("VOLT:RANG {number}"));
        assert_eq!(controller.ask("VOLT:RANG?"), format!("+1.00000000{range}"), "{number}");
    }
    for suffix in ["A", "VV", "xV", "m"] {
        controller.send(&format!("VOLT:RANG 1{suffix}"));
        assert_eq!(controller.error(), -131, "{suffix}");
    }
}

#[test]
fn what_is_no_number() {
    let mut controller = Controller::new();
    let cases = [
        ("AVER:COUN", -109),
        ("AVER:COUN 1,2", -108),
        ("AVER:COUN many", -104),
        ("AVER:COUN -", -121),
        ("AVER:COUN .", -121),
        ("AVER:COUN 1E99999", -123),
        ("AVER:COUN 1E30", -222),
        ("AVER:COUN 99999999999999999999999999", -222),
        ("AVER:COUN 0", -222),
        ("AVER:COUN -5", -222),
        ("AVER:COUN 1001", -222),
        ("AVER:COUN 1 V", -131),
        ("*ESE 256", -222),
        ("*ESE #HG", -121),
        ("*ESE #X1", -104),
        ("*ESE #H", -121),
        ("TRIG:SOUR NEVER", -224),
        ("FORM REAL,64", -224),
        ("*RST 1", -108),
        ("*IDN? 1", -108),
        ("AVER(COUN", -102),
    ];
    for (message, error) in cases {
        controller.send(message);
        assert_eq!(controller.error(), error, "{message}");
        controller.is_fine();
    }
    assert_eq!(controller.ask("AVER:COUN?"), "1");
    assert!(controller.exchange.write(&mut controller.meter, b"AVER:COUN \xFF\n", false) == 12);
    assert_eq!(controller.error(), -101);
}

#[test]
fn minimum_maximum_default() {
    // SCPI-99 volume 1, §7.2.1.
    let mut controller = Controller::new();
    assert_eq!(controller.ask("AVER:COUN? MIN;COUN? MAXIMUM;COUN? def"), "1;1000;1");
    assert_eq!(controller.ask("AVER:COUN MAX;COUN?"), "1000");
    controller.send("AVER:COUN? 5");
    assert_eq!(controller.error(), -224);
}

#[test]
fn other_bases_and_booleans() {
    // IEEE 488.2 §7.7.4; SCPI-99 volume 1, §7.3.
    let mut controller = Controller::new();
    for bits in ["#H3C", "#h3c", "#Q74", "#B111100", "60"] {
        assert_eq!(controller.ask(&format!("*ESE 0;*ESE {bits};*ESE?")), "60", "{bits}");
    }
    for (word, value) in [("OFF", "0"), ("on", "1"), ("0", "0"), ("1", "1")] {
        assert_eq!(controller.ask(&format!("VOLT:RANG:AUTO {word};AUTO?")), value);
    }
    controller.is_fine();
}
