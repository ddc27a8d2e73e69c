//! Each firmware works with each host, older or newer, as well as the older of the two can.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

const BINARIES: [&str; 3] = [env!("CARGO_BIN_EXE_first"), env!("CARGO_BIN_EXE_second"), env!("CARGO_BIN_EXE_third")];

/// A firmware at work, ended when this is dropped.
struct Firmware {
    process: Child,
    address: String,
}

impl Firmware {
    fn start(binary: &str) -> Self {
        let mut process =
            Command::new(binary).arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { process, address: address.trim().to_owned() }
    }
}

impl Drop for Firmware {
    fn drop(&mut self) {
        // Its input ends with this process, too, so that it outlives nobody.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// What a host of this generation prints.
fn read(binary: &str, firmware: &Firmware) -> String {
    let output = Command::new(binary).args(["call", &firmware.address]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn every_firmware_with_every_host() {
    let one_by_one = "version 1, one by one: [20500, -5000, 0]";
    let all_at_once = "version 1, all at once: [20500, -5000, 0]";
    let version_2 = "version 2: 20500±100 -5000±100 0±100";
    // By the firmware's generation, and then the host's.
    let expected = [
        [one_by_one, one_by_one, one_by_one],
        [one_by_one, all_at_once, all_at_once],
        [one_by_one, all_at_once, version_2],
    ];
    for (firmware, expected) in BINARIES.into_iter().zip(expected) {
        let firmware_at_work = Firmware::start(firmware);
        for (host, expected) in BINARIES.into_iter().zip(expected) {
            assert_eq!(read(host, &firmware_at_work), expected, "{host} reads {firmware}");
        }
    }
}
