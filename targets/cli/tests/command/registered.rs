//! `--register` of `oncilla serve` and `oncilla bridge`: rpcbind knows the programs while the command runs.

use std::process::Command;

use crate::daemon::{Daemon, alone};
use crate::namespace::found;
use crate::running::Running;
use crate::support::{SENSOR_X, run};

/// Returns the programs that rpcbind knows, as rpcinfo prints them.
fn registered() -> String {
    let output = Command::new(found("rpcinfo")).args(["-p", "127.0.0.1"]).output();
    let output = output.unwrap_or_else(|error| panic!("cannot run rpcinfo: {error}; apt install rpcbind"));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn rpcbind_knows_a_stand_in_and_a_bridge_while_they_run() {
    alone("registered::rpcbind_knows_a_stand_in_and_a_bridge_while_they_run", || {
        let _rpcbind = Daemon::start(&[]);
        let place = "tcp://127.0.0.1:20051";
        let mut standin = Running::start(["serve", SENSOR_X, "--listen", place, "--register"]);
        standin.target();
        let sensor = |version: u32, port: u16| format!("{:>10} {version:>4}   tcp  {port:>5}", 0x2000_0051);
        assert!(registered().contains(&sensor(1, 20051)), "{}", registered());
        // The programs of a bridge are those that the device describes; it must not take the place of a server.
        let (code, _, err) = run(["bridge", place, "tcp://127.0.0.1:20052", "--register"]);
        assert_eq!(code, 2, "{err}");
        let arguments = ["bridge", place, "tcp://127.0.0.1:20052", "--program", "0x20000051.7"];
        let mut bridge = Running::start(arguments);
        bridge.target();
        assert!(registered().contains(&sensor(7, 20052)), "{}", registered());
        assert_eq!((bridge.interrupt().0, standin.interrupt().0), (0, 0));
        assert!(!registered().contains("536870993"), "{}", registered());
        // A bridge registers the self-description, too: callers need no file.
        let mut standin = Running::start(["serve", SENSOR_X, "--listen", place]);
        standin.target();
        let mut bridge = Running::start(["bridge", place, "tcp://127.0.0.1:20052", "--register"]);
        bridge.target();
        assert!(registered().contains(&sensor(1, 20052)), "{}", registered());
        let (code, out, err) = run(["-t", "rpc://127.0.0.1", "call", "sensor.rename", "0", "hall"]);
        assert_eq!((code, out.as_str()), (0, "false\n"), "{err}");
        // rpcbind answers that it does not know a program. No connection is lost.
        let (code, out, err) = run(["-t", "rpc://127.0.0.1", "ping", "nfs.3", "-c", "2", "-i", "1ms"]);
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        assert!(out.contains("call=2 time=") && out.contains("(PROG_UNAVAIL)"), "{out}");
        let (code, _, err) = run(["-t", "rpc://127.0.0.1", "--json", "call", "100003.3.1", "--raw-arguments", ""]);
        assert_eq!(code, 1, "{err}");
        assert!(err.contains("does not know program 100003 version 3") && err.contains(r#""refusal":"PROG_UNAVAIL""#));
    });
}
