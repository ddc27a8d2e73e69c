//! Commands that run until they are interrupted.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// How long a command may take to print a line, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A command that runs. It is killed when it is dropped.
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    /// What it has written to standard error.
    errors: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Running {
    /// Starts the command, without the settings of this machine's user.
    pub fn start<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Self {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("oncilla"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ONCILLA_")) {
            command.env_remove(name);
        }
        command.env("HOME", "/dev/null").env_remove("XDG_CONFIG_HOME").env_remove("XDG_STATE_HOME").args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines() {
                if sender.send(line.unwrap()).is_err() {
                    break;
                }
            }
        });
        let errors = Arc::new(Mutex::new(String::new()));
        let written = Arc::clone(&errors);
        let reader = thread::spawn(move || {
            for line in BufReader::new(stderr).lines() {
                *written.lock().unwrap() += &format!("{}\n", line.unwrap());
            }
        });
        Self { child, lines, errors, reader: Some(reader) }
    }

    /// Returns the next line of its standard output.
    pub fn line(&mut self) -> String {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => line,
            Err(_) => {
                let _ = self.child.kill();
                panic!("the command printed no line; on standard error: {}", self.errors());
            }
        }
    }

    /// Returns what it has written to standard error so far.
    pub fn errors(&self) -> String {
        self.errors.lock().unwrap().clone()
    }

    /// Returns the end of the next line after the last blank: a target.
    pub fn target(&mut self) -> String {
        self.line().rsplit(' ').next().unwrap().to_owned()
    }

    /// Presses Ctrl-C. Returns the exit code, the lines that were not read, and standard error.
    pub fn interrupt(self) -> (i32, Vec<String>, String) {
        kill(Pid::from_raw(self.child.id() as i32), Signal::SIGINT).unwrap();
        self.ended()
    }

    /// Waits for the end. Returns the exit code, the lines that were not read, and standard error.
    pub fn ended(mut self) -> (i32, Vec<String>, String) {
        self.reader.take().unwrap().join().unwrap();
        let code = self.child.wait().unwrap().code().unwrap();
        (code, self.lines.iter().collect(), self.errors())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the socket address of a target.
pub fn address(target: &str) -> std::net::SocketAddr {
    target.split_once("://").unwrap().1.parse().unwrap()
}
