//! The ported programs with programs of the systems they come from.

#[path = "../../../tests/support/namespace.rs"]
mod namespace;

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a program may take until it serves.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process that is ended when the test is over.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until a server listens.
fn wait_for(address: &str) {
    let begun = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(begun.elapsed() < PATIENCE, "no server listens on {address}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Runs a command and returns its output. The command must succeed.
fn run(command: &mut Command) -> String {
    let name = format!("{command:?}");
    let output = command.output().unwrap_or_else(|error| panic!("cannot run {name}: {error}"));
    let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name} ended with {}: {errors}{text}", output.status);
    text.into_owned()
}

/// Returns the blocks of shell commands in a chapter of the guide.
fn commands(chapter: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src/guide").join(chapter);
    let text = fs::read_to_string(path).unwrap();
    let blocks = text.split("```sh\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap_or_default().to_owned()).collect()
}

/// Returns the sessions of a chapter: each command and its output.
fn sessions(chapter: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src/guide").join(chapter);
    let text = fs::read_to_string(path).unwrap();
    let mut sessions: Vec<(String, String)> = Vec::new();
    for block in text.split("```console\n").skip(1) {
        for line in block.split("```").next().unwrap_or_default().lines() {
            match (line.strip_prefix("$ "), sessions.last_mut()) {
                (Some(command), _) => sessions.push((command.to_owned(), String::new())),
                (None, Some((_, output))) => *output += &format!("{line}\n"),
                (None, None) => panic!("a session begins with a command, not with {line}"),
            }
        }
    }
    sessions
}

/// Returns a new folder with these files of the repository.
fn folder(name: &str, files: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // Usually the folder does not exist.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for file in files {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        fs::copy(&file, folder.join(file.file_name().unwrap())).unwrap();
    }
    folder
}

#[test]
fn the_c_client_of_the_phone_book_calls_the_ported_server() {
    let folder = folder("phonebook", &["phonebook.x", "c/phonebook_client.c", "c/phonebook_server.c"]);
    for block in commands("from_rpcgen.md") {
        run(Command::new("sh").args(["-ec", &block]).current_dir(&folder));
    }
    let mut server = Command::new(env!("CARGO_BIN_EXE_phonebook_server"));
    let mut server = Running(server.arg("0").stdout(Stdio::piped()).spawn().unwrap());
    let mut line = String::new();
    BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let (_, port) = line.trim().rsplit_once(':').unwrap();

    let printed = run(Command::new(folder.join("phonebook_client")).arg(port));
    assert_eq!(printed, "Ada has 1815\n");
    let printed = run(Command::new(env!("CARGO_BIN_EXE_phonebook_client")).arg(port));
    assert_eq!(printed, "Grace has 1906\n2 entries\n");
}

#[test]
fn the_dispatch_function_of_sun_rpc_compiles() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("c/adder_dispatch.c");
    let compile = "gcc -Wall -Werror -c -o /dev/null \"$0\" $(pkg-config --cflags libtirpc)";
    run(Command::new("sh").args(["-ec", compile]).arg(source));
}

#[test]
fn the_tools_print_what_the_guide_shows() {
    namespace::alone("the_tools_print_what_the_guide_shows", || {
        let folder = folder("tools", &["../sensor/sensor.x", "c/sensor_client.c"]);
        let mut server = Command::new(env!("CARGO_BIN_EXE_sensor_server"));
        let _server = Running(server.arg("20051").stdout(Stdio::null()).spawn().unwrap());
        wait_for("127.0.0.1:20051");
        // Debian keeps rpcinfo where an ordinary user's path does not look.
        let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap());
        let sessions = sessions("tools.md");
        assert!(sessions.len() > 5, "only {} commands are shown", sessions.len());
        for (command, expected) in sessions {
            let mut shell = Command::new("sh");
            // What a tool complains of is shown, too; whether it succeeds is not.
            shell.args(["-c", &format!("{command} 2>&1 || true")]).current_dir(&folder).env("PATH", &path);
            assert_eq!(run(&mut shell), expected, "{command}");
        }
    });
}
