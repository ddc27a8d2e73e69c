//! `oncilla watch`.

use serde_json::Value;

use crate::support::{DESCRIBED, SENSOR_X, Serving, run};

/// Returns the arguments of a watch of the sensor's channel 0.
fn watch<'a>(target: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["-t", target, "watch", "sensor.read", "0", "--interval", "2ms"], more].concat()
}

#[test]
fn lines_have_the_time_and_the_fields() {
    let serving = Serving::start(&DESCRIBED);
    let (code, out, err) = run(watch(&serving.target(), &["--count", "3"]));
    assert_eq!(code, 0, "{err}");
    let lines: Vec<_> = out.lines().map(|line| line.split_once("  ").unwrap()).collect();
    let fields: Vec<_> = lines.iter().map(|(_, fields)| *fields).collect();
    let expected = [1, 2, 3].map(|time| format!("STATUS_OK.time={time} STATUS_OK.value=21500"));
    assert_eq!(fields, expected);
    assert!(lines.iter().all(|(time, _)| humantime::parse_rfc3339(time).is_ok()), "{out}");
    assert!(err.contains("3 polls, 3 answers"), "{err}");
}

#[test]
fn csv_has_a_column_for_each_field() {
    let serving = Serving::start(&DESCRIBED);
    let target = serving.target();
    let (code, out, err) = run(watch(&target, &["--count", "3", "--csv"]));
    assert_eq!(code, 0, "{err}");
    let mut reader = csv::Reader::from_reader(out.as_bytes());
    assert_eq!(reader.headers().unwrap(), ["time", "target", "STATUS_OK.time", "STATUS_OK.value", "error"].as_slice());
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    for (index, row) in rows.iter().enumerate() {
        assert_eq!(&row[1], target);
        assert_eq!([&row[2], &row[3], &row[4]], [&*(index + 1).to_string(), "21500", ""]);
    }
    // Channel 9 has no measurement, so the column that is asked for is empty.
    let (code, out, _) = run([
        "-t",
        &target,
        "watch",
        "sensor.read",
        "9",
        "-c",
        "1",
        "--csv",
        "--field",
        "time",
        "--field",
        "STATUS_BROKEN",
    ]);
    assert_eq!(code, 0);
    assert_eq!(out.lines().next().unwrap(), "time,target,time,STATUS_BROKEN,error");
}

/// Starts a device that never replies to `sensor.read`.
fn without_replies() -> (std::net::UdpSocket, String) {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = format!("udp://{}", socket.local_addr().unwrap());
    (socket, target)
}

#[test]
fn a_device_that_never_answers_is_a_failure() {
    let (_socket, target) = without_replies();
    let watch = ["-t", &target, "-x", SENSOR_X, "--timeout", "50ms", "watch", "sensor.read", "0", "-i", "1ms"];
    let (code, out, err) = run([&watch[..], &["-c", "2"]].concat());
    assert_eq!((code, out.matches("error: ").count()), (4, 2), "{out}{err}");
    assert!(err.contains("2 polls, no answer: "), "{err}");
    // Rows that wait for the columns are printed at the end.
    let (code, out, err) = run([&watch[..], &["-c", "2", "--csv"]].concat());
    assert_eq!(code, 4, "{err}");
    let mut reader = csv::Reader::from_reader(out.as_bytes());
    assert_eq!(reader.headers().unwrap(), ["time", "target", "error"].as_slice());
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2, "{out}");
    assert!(rows.iter().all(|row| row[1] == *target && row[2].contains("no reply within")), "{out}");
    // A device that answers does not hide one that never does.
    let serving = Serving::start(&DESCRIBED);
    let (code, _, err) = run([&["-t", &serving.target()], &watch[..], &["-c", "1"]].concat());
    assert_eq!(code, 4, "{err}");
    // Each call is refused.
    let refused = ["-t", &serving.target(), "watch", "0x20000099.1.1", "-i", "1ms", "-c", "2"];
    let (code, _, err) = run(refused);
    assert_eq!(code, 1, "{err}");
}

#[test]
fn csv_rows_without_columns_state_their_fields() {
    let serving = Serving::start(&DESCRIBED);
    let target = serving.target();
    let (code, out, _) = run(["-t", &target, "watch", "sensor.read", "9", "-c", "1", "--csv", "--field", "time"]);
    assert_eq!(code, 0);
    assert_eq!(out.lines().next().unwrap(), "time,target,time,error");
    // The chosen field has no value here, and no other field is chosen.
    assert!(out.lines().nth(1).unwrap().ends_with(",,"), "{out}");
}

#[test]
fn a_field_that_no_result_has_is_an_error() {
    let serving = Serving::start(&DESCRIBED);
    for option in ["--field", "--plot"] {
        let (code, out, err) = run(watch(&serving.target(), &["-c", "1", option, "tmie"]));
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.contains(&format!("{option}: the result has no field \"tmie\"")), "{err}");
        assert!(err.contains("the most similar is `time`") && err.contains("STATUS_OK.time, STATUS_OK.value"), "{err}");
    }
    let history = ["-t", &serving.target(), "watch", "sensor.history", "3", "-c", "1", "--field"];
    for name in ["time", "[0].time", "[2]"] {
        let (code, out, err) = run([&history[..], &[name]].concat());
        assert!(code == 0 && out.contains("=-1") | out.contains("time="), "{name}: {out}{err}");
    }
    assert_eq!(run([&history[..], &["[0].tiem"]].concat()).0, 2);
}

#[test]
fn json_has_the_target_of_each_of_several() {
    let (one, two) = (Serving::start(&DESCRIBED), Serving::start(&DESCRIBED));
    let (one, two) = (one.target(), two.target());
    let (code, out, err) =
        run(["-t", &one, "-t", &two, "--json", "watch", "sensor.read", "0", "-i", "2ms", "-c", "4", "--on-change"]);
    assert_eq!(code, 0, "{err}");
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for target in [&one, &two] {
        let times: Vec<_> = lines
            .iter()
            .filter(|line| line["target"] == **target)
            .map(|line| &line["value"]["STATUS_OK"]["time"])
            .collect();
        assert_eq!(times, [1, 2, 3, 4]);
    }
}

#[test]
fn the_interval_may_be_short_and_must_not_be_endless() {
    let serving = Serving::start(&DESCRIBED);
    let target = serving.target();
    let polls = ["-t", &target, "watch", "sensor.read", "0", "--count", "5", "--interval"];
    let (code, out, err) = run([&polls[..], &["1ns"]].concat());
    assert_eq!((code, out.lines().count()), (0, 5), "{err}");
    let (code, out, err) = run([&polls[..], &["1e19"]].concat());
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    assert!(err.contains("the longest time is 1000days"), "{err}");
}

#[test]
fn only_changes_are_printed_if_asked_for() {
    let serving = Serving::start(&DESCRIBED);
    let (code, out, _) = run(watch(&serving.target(), &["-c", "5", "--on-change", "--field", "value"]));
    assert_eq!((code, out.lines().count()), (0, 1), "{out}");
    let (code, out, _) = run(watch(&serving.target(), &["-c", "5", "--field", "value"]));
    assert_eq!((code, out.lines().count()), (0, 5), "{out}");
}

#[test]
fn until_ends_when_the_condition_is_true() {
    let serving = Serving::start(&DESCRIBED);
    let (code, out, err) = run(watch(&serving.target(), &["--until", "STATUS_OK.time >= 3 && STATUS_OK.value > 0"]));
    assert_eq!((code, out.lines().count()), (0, 3), "{out}{err}");
}

#[test]
fn until_fails_when_the_condition_is_never_true() {
    let serving = Serving::start(&DESCRIBED);
    let (code, out, err) = run(watch(&serving.target(), &["--until", "STATUS_OK.value > 99999", "--for", "200ms"]));
    assert_eq!(code, 1, "{err}");
    assert!(!out.is_empty() && err.contains("was not true in"), "{err}");
    let (code, _, err) = run(watch(&serving.target(), &["--until", "STATUS_BROKEN.code > 1", "--count", "2"]));
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("`STATUS_BROKEN` has no fields"), "{err}");
    for wrong in ["STATUS_OK.value >", "STATUS_OK.value"] {
        assert_eq!(run(watch(&serving.target(), &["--until", wrong])).0, 2, "{wrong}");
    }
}

#[test]
fn until_with_a_misspelt_field_is_an_error_before_anything_is_polled() {
    let serving = Serving::start(&DESCRIBED);
    let (code, out, err) = run(watch(&serving.target(), &["--until", "STATUS_OK.vlaue > 1"]));
    assert_eq!((code, &*out), (2, ""), "{err}");
    assert!(err.contains("no field `STATUS_OK.vlaue`") && err.contains("the most similar is `value`"), "{err}");
    let (code, out, _) = run(watch(&serving.target(), &["--until", "STATUS_OK.time == 1"]));
    assert_eq!((code, out.lines().count()), (0, 1), "the first poll is the first call: {out}");
    // Channel 9 has another case of the union.
    let channel_9 = ["-t", &serving.target(), "watch", "sensor.read", "9", "-i", "2ms", "-c", "2"];
    let (code, _, err) = run([&channel_9[..], &["--until", "STATUS_OK.value > 1"]].concat());
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("the result has no STATUS_OK.value"), "{err}");
}

#[test]
fn bad_names_and_absent_devices_are_errors_before_anything_is_polled() {
    let serving = Serving::start(&DESCRIBED);
    let (code, _, err) = run(["-t", &serving.target(), "watch", "sensor.raed", "0"]);
    assert_eq!(code, 2);
    assert!(err.contains("`sensor.read`"), "{err}");
    assert_eq!(run(["-t", "tcp://127.0.0.1:1", "watch", "sensor.read", "0"]).0, 3);
    assert_eq!(run(watch(&serving.target(), &["--count", "0"])).0, 2);
}

#[cfg(unix)]
mod unix {
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::process::ExitStatusExt;
    use std::process::Stdio;
    use std::sync::mpsc;
    use std::thread;

    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    use crate::support::{DESCRIBED, LIMIT, Serving, process};
    use crate::terminal::Terminal;

    use super::watch;

    #[test]
    fn a_device_that_goes_away_is_lost_and_comes_back() {
        let serving = Serving::start(&DESCRIBED);
        let (address, target) = (serving.tcp, serving.target());
        let mut command = process(watch(&target, &[]));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, notes) = mpsc::channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        // The pipe must not be full.
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (answered, answers) = mpsc::channel();
        let reader = thread::spawn(move || {
            stdout.lines().map_while(Result::ok).inspect(|line| drop(answered.send(line.clone()))).collect::<Vec<_>>()
        });
        answers.recv_timeout(LIMIT).unwrap();
        drop(serving);
        let lost = notes.recv_timeout(LIMIT).unwrap();
        assert!(lost.contains(&format!("{target}: lost since ")) && lost.contains("UTC"), "{lost}");
        let serving = Serving::start_at(address, &DESCRIBED);
        let back = notes.recv_timeout(LIMIT).unwrap();
        assert!(back.contains("back after"), "{back}");
        kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
        assert!(child.wait().unwrap().success());
        let summary = notes.recv_timeout(LIMIT).unwrap();
        assert!(summary.contains("lost 1 time "), "{summary}");
        let lines = reader.join().unwrap();
        assert!(lines.iter().any(|line| line.contains("error: ")), "{lines:?}");
        // The first answer of the server that was started again, and of the one before.
        assert_eq!(lines.iter().filter(|line| line.contains("STATUS_OK.time=1 ")).count(), 2, "{lines:?}");
        drop(serving);
    }

    oncilla::program! {
        /// A device whose name clears the screen, on a terminal that obeys.
        mod hostile = 0x2000_0052, version 1 {
            fn name() -> &str [..32] = 1;
        }
    }

    struct Hostile;

    impl hostile::Service for Hostile {
        fn name(&mut self) -> &str {
            "\u{1b}[2J\u{9b}2Jhall"
        }
    }

    static HOSTILE: oncilla::Table<Hostile> = oncilla::table![hostile::program()];

    #[test]
    fn text_of_a_device_is_harmless() {
        let mut server = oncilla_host::Server::new().unwrap().tcp("127.0.0.1:0").unwrap();
        let (target, stopper) = (format!("tcp://{}", server.tcp_addresses()[0]), server.stopper());
        let serving = thread::spawn(move || server.serve(&HOSTILE, &mut Hostile).unwrap());
        let mut file = tempfile::NamedTempFile::with_suffix(".x").unwrap();
        let text = "program HOSTILE { version HOSTILE_1 { string NAME(void) = 1; } = 1; } = 0x20000052;";
        file.write_all(text.as_bytes()).unwrap();
        let arguments = ["-t", &target, "-x", file.path().to_str().unwrap(), "watch", "name", "--interval", "5ms"];
        let mut terminal = Terminal::start(arguments);
        terminal.wait_for(|screen| screen.contains("hall") && screen.contains("answers"));
        assert!(terminal.text().contains("name"), "the title is there: {}", terminal.text());
        terminal.press("q");
        assert!(terminal.end().0.success());
        let lines = Terminal::start([&arguments[..], &["--lines", "--count", "3"]].concat());
        let (_, text) = lines.end();
        assert_eq!(text.matches("hall").count(), 3, "no line was cleared: {text}");
        let csv = Terminal::start([&arguments[..], &["--csv", "--count", "3"]].concat());
        let (_, text) = csv.end();
        assert_eq!(text.matches("hall").count(), 3, "no line was cleared: {text}");
        stopper.stop();
        serving.join().unwrap();
    }

    #[test]
    fn a_terminal_shows_a_table_and_plots_and_is_restored() {
        let serving = Serving::start(&DESCRIBED);
        let target = serving.target();
        let mut terminal = Terminal::start(watch(&target, &[]));
        terminal.wait_for(|screen| screen.contains("STATUS_OK.value") && screen.contains("21500"));
        assert!(terminal.is_taken_over());
        // The plots of both numbers, drawn in dots of braille.
        terminal.wait_for(|screen| screen.matches("┌STATUS_OK.").count() == 2);
        terminal.wait_for(|screen| screen.chars().any(|dots| ('\u{2801}'..='\u{28ff}').contains(&dots)));
        terminal.press("\u{3}");
        let (status, text) = terminal.end();
        assert!(status.success(), "{text}");
        assert!(text.contains("answer"), "{text}");
    }

    #[test]
    fn signals_in_quick_succession_restore_the_terminal() {
        let serving = Serving::start(&DESCRIBED);
        let target = serving.target();
        let terminal = Terminal::start(watch(&target, &[]));
        terminal.wait_for(|screen| screen.contains("STATUS_OK.value"));
        terminal.signal(Signal::SIGHUP);
        terminal.signal(Signal::SIGTERM);
        // This also checks the state of the terminal.
        let (status, text) = terminal.end();
        assert!(matches!(status.code(), Some(0 | 130)), "{status}: {text}");
        let terminal = Terminal::start(watch(&target, &[]));
        terminal.wait_for(|screen| screen.contains("STATUS_OK.value"));
        terminal.signal(Signal::SIGUSR1);
        let (status, text) = terminal.end();
        assert_eq!(status.signal(), Some(Signal::SIGUSR1 as i32), "{text}");
    }

    #[test]
    fn a_terminal_that_states_an_impossible_size_is_an_error() {
        let serving = Serving::start(&DESCRIBED);
        let target = serving.target();
        let terminal = Terminal::stating(process(watch(&target, &[])), u16::MAX, u16::MAX);
        let (status, text) = terminal.end();
        assert_eq!(status.code(), Some(2), "{text}");
        assert!(text.contains("65535 x 65535") && text.contains("--lines"), "{text}");
    }

    #[test]
    fn a_terminal_shows_since_when_a_device_is_lost() {
        let (lost, stays) = (Serving::start(&DESCRIBED), Serving::start(&DESCRIBED));
        let (address, target, other) = (lost.tcp, lost.target(), stays.target());
        let mut terminal = Terminal::start([&["-t", &other][..], &watch(&target, &["--plot", "time"])].concat());
        terminal.wait_for(|screen| screen.matches("answers, the latest").count() == 2);
        drop(lost);
        terminal.wait_for(|screen| screen.contains("lost since") && screen.matches("answers, the latest").count() == 1);
        let _again = Serving::start_at(address, &DESCRIBED);
        terminal.wait_for(|screen| !screen.contains("lost since") && screen.contains("┌STATUS_OK.time"));
        assert!(!terminal.text().contains("┌STATUS_OK.value"));
        terminal.press("q");
        let (status, text) = terminal.end();
        assert!(status.success() && text.contains("lost 1 time "), "{text}");
    }
}
