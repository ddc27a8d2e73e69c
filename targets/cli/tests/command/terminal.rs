//! The command on a terminal: a pseudo-terminal whose screen the tests read.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::pty::{OpenptyResult, Winsize, openpty};
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{Termios, tcgetattr};
use nix::unistd::Pid;

use crate::support::{LIMIT, process};

/// The size of the terminal.
const ROWS: u16 = 40;
const COLUMNS: u16 = 100;

/// The command, running on a terminal of its own.
pub struct Terminal {
    child: Child,
    keyboard: File,
    /// The end that the command has, and what reads the other one.
    line: Option<File>,
    reader: Option<JoinHandle<()>>,
    before: Termios,
    screen: Arc<Mutex<vt100::Parser>>,
}

impl Terminal {
    pub fn start<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Self {
        Self::of(process(arguments))
    }

    /// Starts a command on a terminal.
    pub fn of(command: Command) -> Self {
        Self::stating(command, ROWS, COLUMNS)
    }

    /// Starts a command on a terminal that states this size, whatever its own is.
    pub fn stating(mut command: Command, ws_row: u16, ws_col: u16) -> Self {
        let size = Winsize { ws_row, ws_col, ws_xpixel: 0, ws_ypixel: 0 };
        let OpenptyResult { master, slave } = openpty(&size, None).unwrap();
        for end in [&master, &slave] {
            // The commands of other tests must not have it.
            fcntl(end, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).unwrap();
        }
        let before = tcgetattr(&slave).unwrap();
        let line = File::from(slave);
        let end = || Stdio::from(line.try_clone().unwrap());
        let child = command.env("TERM", "xterm-256color").stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
        let keyboard = File::from(master);
        let screen = Arc::new(Mutex::new(vt100::Parser::new(ROWS.try_into().unwrap(), COLUMNS.try_into().unwrap(), 0)));
        let (mut display, seen) = (keyboard.try_clone().unwrap(), Arc::clone(&screen));
        let reader = thread::spawn(move || {
            let mut bytes = [0; 4096];
            // It ends with an error when the command and the test have closed the line.
            while let Ok(length @ 1..) = display.read(&mut bytes) {
                seen.lock().unwrap().process(&bytes[..length]);
            }
        });
        Self { child, keyboard, line: Some(line), reader: Some(reader), before, screen }
    }

    /// Waits until the screen fulfils a condition.
    pub fn wait_for(&self, what: impl Fn(&str) -> bool) {
        let start = Instant::now();
        while !what(&self.text()) {
            assert!(start.elapsed() < LIMIT, "the screen does not show it:\n{}", self.text());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Returns the text on the screen.
    pub fn text(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Returns whether the command has the whole screen.
    pub fn is_taken_over(&self) -> bool {
        self.screen.lock().unwrap().screen().alternate_screen()
    }

    pub fn press(&mut self, keys: &str) {
        self.send(keys.as_bytes());
    }

    /// Sends bytes as a terminal would, such as those of another character set.
    pub fn send(&mut self, bytes: &[u8]) {
        self.keyboard.write_all(bytes).unwrap();
    }

    /// Sends what a terminal sends when Ctrl-C is pressed while no command reads keys.
    pub fn interrupt(&self) {
        self.signal(Signal::SIGINT);
    }

    /// Sends a signal to the command.
    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id() as i32), signal).unwrap();
    }

    /// Waits for the end of the command, and checks that the terminal is as before.
    pub fn end(mut self) -> (ExitStatus, String) {
        let start = Instant::now();
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None => assert!(start.elapsed() < LIMIT, "the command does not end:\n{}", self.text()),
            }
            thread::sleep(Duration::from_millis(10));
        };
        let line = self.line.take().unwrap();
        let after = tcgetattr(&line).unwrap();
        assert_eq!(after.local_flags, self.before.local_flags);
        assert_eq!(after.input_flags, self.before.input_flags);
        // The line is closed everywhere, so the reader ends.
        drop(line);
        self.reader.take().unwrap().join().unwrap();
        assert!(!self.is_taken_over());
        let parser = self.screen.lock().unwrap();
        assert!(!parser.screen().hide_cursor() && !parser.screen().bracketed_paste());
        drop(parser);
        (status, self.text())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
