//! `oncilla shell`: scripts, and a terminal with its keys.

use std::io::Write as _;

use crate::support::{DESCRIBED, SENSOR_X, SILENT, Serving, oncilla, outcome, run};

#[test]
fn a_script_makes_calls_and_ends_at_the_first_failure() {
    let device = Serving::start(&DESCRIBED);
    let target = device.target();
    let shell = |options: &[&str], text: &str| {
        let arguments = [&["-t", &target], options].concat();
        outcome(oncilla(arguments).write_stdin(text).output().unwrap())
    };
    let script =
        "# The channels.\nsensor.read 0; json on\n\nsensor.read channel=1\nsensor.rename 0 'hall'\njson off; json";
    let (code, out, err) = shell(&["shell"], script);
    let expected = "STATUS_OK:\n  time: 1\n  value: 21500\n{\"STATUS_NO_SUCH_CHANNEL\":null}\ntrue\n";
    assert_eq!((code, out.as_str()), (0, expected), "{err}");
    assert!(err.contains("json is off"), "{err}");

    let script = "sensor.read 0\nsensor.raed 0\nsensor.rename 0 hall\nsensor.rename 0\n";
    let (code, out, err) = shell(&["--json", "shell"], script);
    assert_eq!((code, out.lines().count()), (2, 1), "{out}{err}");
    assert!(err.contains("line 2: ") && err.contains("sensor.read"), "{err}");
    let (code, out, err) = shell(&["--json", "shell", "--keep-going"], script);
    assert_eq!((code, out.lines().count()), (2, 2), "{out}{err}");
    assert!(err.contains("2 of 4 commands failed") && err.contains("line 4: "), "{err}");

    let (code, out, err) = run(["-t", &target, "shell", "sensor.read 0; last; again channel=1; exit; sensor.read 0"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("sensor.read {\"channel\":0}\n"), "{out}");
    let (code, _, err) = run(["-t", &target, "shell", "sensor.read {"]);
    assert_eq!(code, 2);
    assert!(err.contains("a `{` has no end"), "{err}");
    // A bracket or a quote that is open continues a command, as at the prompt.
    let script =
        "# {\nsensor.rename {\"channel\":\n\n0, \"name\":\n \"hall\"}\nsensor.rename 0 'ha\nll'\nsensor.read [\n";
    let (code, out, err) = shell(&["--json", "shell"], script);
    assert_eq!((code, out.as_str()), (2, "true\nfalse\n"), "{err}");
    assert!(err.contains("line 8: a `[` has no end"), "{err}");
    let (code, _, err) = shell(&["shell"], "sensor.read {\n\n\n}\nsensor.raed 0\n");
    assert!(code == 2 && err.contains("line 1: "), "the number is that of the first line: {err}");
    let (code, _, err) = run(["-t", "tcp://127.0.0.1:1", "shell", "sensor.read 0"]);
    assert_eq!(code, 3, "{err}");
    let (code, _, err) = run(["-t", &target, "shell", "json maybe"]);
    assert_eq!(code, 2);
    assert!(err.contains("write `json [on|off]`"), "{err}");
}

#[test]
fn help_is_that_of_the_interface() {
    let device = Serving::start(&SILENT);
    let shell = |commands: &str| run(["-t", &device.target(), "-x", SENSOR_X, "shell", commands]);
    let (code, out, _) = shell("help");
    assert_eq!(code, 0);
    assert!(out.contains("sensor.read CHANNEL") && out.contains("timeout [TIME]"), "{out}");
    let (_, out, _) = shell("help sensor.rename; ?sample; help again; describe; types");
    for part in
        ["sensor.rename CHANNEL NAME", "SENSOR_RENAME", "hyper", "again [NAME] [CHANGE…]", "sensor.history CHANNEL"]
    {
        assert!(out.contains(part), "{part} is not in {out}");
    }
    let (code, _, err) = shell("help sensor.renam");
    assert_eq!(code, 2);
    assert!(err.contains("the most similar is `sensor.rename`"), "{err}");
    let (_, _, err) = shell("pong");
    assert!(err.contains("the most similar command is `ping`"), "{err}");
    let (code, out, _) = shell("ping 2");
    assert_eq!((code, out.lines().filter(|line| line.starts_with("answered in ")).count()), (0, 2));
}

#[test]
fn another_device_and_a_stored_call() {
    let (first, second) = (Serving::start(&DESCRIBED), Serving::start(&DESCRIBED));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    let mut config = std::fs::File::create(&file).unwrap();
    write!(config, "[targets.second]\naddress = \"{}\"\n", second.target()).unwrap();
    let commands = "json on; sensor.read 0; sensor.read 0; connect second; sensor.read 0; save hall; again hall; last";
    let mut command = oncilla(["-t", &first.target(), "--config", file.to_str().unwrap(), "shell", commands]);
    let (code, out, err) = outcome(command.env("XDG_STATE_HOME", folder.path()).output().unwrap());
    assert_eq!(code, 0, "{err}");
    let times: Vec<i64> = out
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter_map(|value| value["STATUS_OK"]["time"].as_i64())
        .collect();
    assert_eq!(times, [1, 2, 1, 2], "{out}");
    assert!(out.ends_with("{\"call\":\"sensor.read\",\"arguments\":{\"channel\":0},\"target\":\"second\"}\n"), "{out}");
    // A device that is not there changes nothing.
    let commands = "connect nowhere\nconnect tcp://127.0.0.1:1\nsensor.read 0\n";
    let mut command = oncilla(["-t", &first.target(), "--json", "shell", "--keep-going"]);
    let (code, out, err) = outcome(command.write_stdin(commands).output().unwrap());
    assert_eq!((code, out.lines().count()), (2, 1), "{err}");
    assert!(out.contains("\"time\":3") && err.contains("2 of 3 commands failed"), "{out}{err}");
}

#[cfg(unix)]
mod keys {
    use std::io::{Read as _, copy};
    use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
    use std::path::Path;
    use std::sync::mpsc::channel;
    use std::thread;

    use nix::sys::signal::Signal;
    use oncilla_host::Server;

    use crate::support::{DESCRIBED, LIMIT, SENSOR_X, SILENT, Sensor, Serving, process};
    use crate::terminal::Terminal;

    const CTRL_C: &str = "\x03";
    const CTRL_D: &str = "\x04";
    const UP: &str = "\x1b[A";

    /// Starts a shell on a terminal. `state` is the folder of its history.
    fn shell(options: &[&str], state: &Path) -> Terminal {
        let mut command = process([options, &["--timeout", "1h", "shell"]].concat());
        command.env("HOME", state).env("XDG_STATE_HOME", state).env("NO_COLOR", "1");
        let shell = Terminal::of(command);
        prompts(&shell, 1);
        shell
    }

    /// Waits until a number of prompts are on the screen, and the last is empty.
    fn prompts(shell: &Terminal, count: usize) {
        shell.wait_for(|screen| {
            let prompt = |line: &&str| line.starts_with("tcp://") && line.contains('>');
            let lines: Vec<_> = screen.lines().filter(prompt).collect();
            lines.len() >= count && lines.last().is_some_and(|line| line.trim_end().ends_with('>'))
        });
    }

    /// Leaves at an empty prompt: while a command runs, its terminal reads lines, and takes the key for their end.
    fn leave(mut shell: Terminal) {
        prompts(&shell, 1);
        shell.press(CTRL_D);
        let (status, screen) = shell.end();
        assert_eq!(status.code(), Some(0), "{screen}");
    }

    #[test]
    fn the_tab_key_completes_and_the_history_is_kept() {
        let device = Serving::start(&DESCRIBED);
        let state = tempfile::tempdir().unwrap();
        let mut first = shell(&["-t", &device.target()], state.path());
        assert!(first.text().contains("SENSOR (version 1)"), "{}", first.text());
        // The declaration is a hint.
        first.press("sensor.his\t");
        first.wait_for(|screen| screen.contains("(channel: unsigned int) returns"));
        first.press(CTRL_C);
        prompts(&first, 2);
        // Two names are possible, and shown.
        first.press("sensor.re\t\t");
        first.wait_for(|screen| screen.contains("sensor.read") && screen.contains("sensor.rename"));
        first.press("a\tcha\t0\r");
        first.wait_for(|screen| screen.contains("sensor.read channel=0") && screen.contains("value: 21500"));
        prompts(&first, 4);
        leave(first);

        let mut second = shell(&["-t", &device.target()], state.path());
        second.press(UP);
        second.wait_for(|screen| screen.contains("> sensor.read channel=0"));
        second.press("\r");
        second.wait_for(|screen| screen.contains("time: 2"));
        second.press("exit\r");
        assert_eq!(second.end().0.code(), Some(0));
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_left_out_and_the_line_stays() {
        let device = Serving::start(&DESCRIBED);
        let state = tempfile::tempdir().unwrap();
        let mut shell = shell(&["-t", &device.target()], state.path());
        shell.send(b"sensor.re\xff\xfe");
        shell.wait_for(|screen| screen.contains("is not UTF-8") && screen.matches("> sensor.re").count() == 2);
        shell.press("ad 0\r");
        shell.wait_for(|screen| screen.contains("time: 1"));
        prompts(&shell, 3);
        // The end of what was pasted is no command.
        shell.send(b"sensor.rename 0 M\xfcnchen\rsensor.read 0\r");
        shell.wait_for(|screen| screen.matches("> sensor.rename 0 M").count() == 2);
        shell.press(CTRL_C);
        prompts(&shell, 5);
        shell.press("sensor.read 0\r");
        shell.wait_for(|screen| screen.contains("time: 2"));
        prompts(&shell, 6);
        leave(shell);
    }

    #[test]
    fn a_signal_at_the_prompt_restores_the_terminal() {
        let device = Serving::start(&DESCRIBED);
        for signal in [Signal::SIGTERM, Signal::SIGHUP] {
            let state = tempfile::tempdir().unwrap();
            let mut shell = shell(&["-t", &device.target()], state.path());
            shell.press("sensor.re");
            shell.wait_for(|screen| screen.contains("> sensor.re"));
            shell.signal(signal);
            // This also checks the state of the terminal.
            let (status, screen) = shell.end();
            assert_eq!(status.code(), Some(130), "{screen}");
        }
    }

    #[test]
    fn json_may_take_several_lines() {
        let device = Serving::start(&DESCRIBED);
        let state = tempfile::tempdir().unwrap();
        let mut shell = shell(&["-t", &device.target()], state.path());
        shell.press("sensor.read {\"channel\":\r0}; json on; sensor.read 0\r");
        shell.wait_for(|screen| screen.contains("time: 1") && screen.contains("{\"STATUS_OK\":{\"time\":2,"));
        leave(shell);
    }

    #[test]
    fn lines_that_arrive_at_once_are_commands_of_their_own() {
        let device = Serving::start(&DESCRIBED);
        let state = tempfile::tempdir().unwrap();
        // Typed ahead, as from a script that drives a terminal.
        let mut ahead = shell(&["-t", &device.target()], state.path());
        ahead.press("json on\nsensor.read 0\nsensor.read 0\nsensor.read 0\nexit\n");
        let (status, screen) = ahead.end();
        assert_eq!(status.code(), Some(0), "{screen}");
        for time in 1..=3 {
            assert!(screen.contains(&format!("{{\"STATUS_OK\":{{\"time\":{time},")), "{screen}");
        }
        // Pasted, as a terminal marks it.
        let mut pasted = shell(&["-t", &device.target()], state.path());
        pasted.press("\x1b[200~json on\nsensor.read 0\nsensor.rename 0 hall\n\x1b[201~\r");
        pasted.wait_for(|screen| screen.contains("{\"STATUS_OK\":{\"time\":4,") && screen.contains("\ntrue"));
        leave(pasted);
    }

    #[test]
    fn ctrl_c_cancels_a_call_and_the_next_one_reconnects() {
        let device = Serving::start(&SILENT);
        let state = tempfile::tempdir().unwrap();
        let gate = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, behind) = (gate.local_addr().unwrap(), device.tcp);
        let (asked, is_asked) = channel();
        // A gate to the device: its first connection is never answered, the second is passed on.
        let passing = thread::spawn(move || {
            let (mut silent, _) = gate.accept().unwrap();
            silent.read_exact(&mut [0; 4]).unwrap();
            asked.send(()).unwrap();
            // Ends when the shell closes the connection.
            let mut rest = Vec::new();
            let _ = silent.read_to_end(&mut rest);
            pass(&gate.accept().unwrap().0, behind);
        });
        let mut shell = shell(&["-t", &format!("tcp://{address}"), "-x", SENSOR_X], state.path());
        shell.press("sensor.read 0\r");
        is_asked.recv_timeout(LIMIT).unwrap();
        shell.interrupt();
        shell.wait_for(|screen| screen.contains("cancelled"));
        prompts(&shell, 2);
        shell.press("sensor.read 0\r");
        shell.wait_for(|screen| screen.contains("time: 1"));
        prompts(&shell, 3);
        leave(shell);
        passing.join().unwrap();
    }

    /// Passes bytes both ways until the client is gone.
    fn pass(client: &TcpStream, to: SocketAddr) {
        let server = TcpStream::connect(to).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| copy(&mut &server, &mut &*client));
            // The client may end with an error, too.
            let _ = copy(&mut &*client, &mut &server);
            let _ = server.shutdown(Shutdown::Both);
        });
    }

    #[test]
    fn a_restarted_device_is_connected_again() {
        let state = tempfile::tempdir().unwrap();
        let serve = |address: SocketAddr| {
            let mut server = Server::new().unwrap().tcp(address).unwrap();
            let (address, stopper) = (server.tcp_addresses()[0], server.stopper());
            let thread = thread::spawn(move || server.serve(&DESCRIBED, &mut Sensor::default()).unwrap());
            (address, stopper, thread)
        };
        let (address, stopper, thread) = serve("127.0.0.1:0".parse().unwrap());
        let mut shell = shell(&["-t", &format!("tcp://{address}")], state.path());
        shell.press("sensor.read 0; sensor.read 0\r");
        shell.wait_for(|screen| screen.contains("time: 2"));
        prompts(&shell, 2);
        stopper.stop();
        thread.join().unwrap();
        let (_, stopper, thread) = serve(address);
        shell.press("sensor.read 0\r");
        shell.wait_for(|screen| screen.contains("reconnected to") && screen.matches("time: 1").count() == 2);
        prompts(&shell, 3);
        leave(shell);
        stopper.stop();
        thread.join().unwrap();
    }
}
