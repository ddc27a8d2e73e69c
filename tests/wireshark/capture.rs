//! What goes over the loopback interface, captured by dumpcap.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// The last datagram. When it has been written to the file, so has everything before it.
pub const LAST: &[u8] = b"this is the last datagram of the capture";

/// For dumpcap to write it.
const PATIENCE: Duration = Duration::from_secs(30);

/// MiB for packets that dumpcap has not read yet: more than a test sends, so that none is lost on a busy machine. By
/// default it is 2.
const BUFFER: &str = "64";

/// A capture under way.
pub struct Capture {
    dumpcap: Child,
    file: PathBuf,
}

impl Capture {
    pub fn start(name: &str) -> Self {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name).with_extension("pcapng");
        // Unless it is a file of today the end would be found at once.
        let _ = fs::remove_file(&file);
        let mut dumpcap = Command::new("dumpcap")
            .args(["-q", "-B", BUFFER, "-i", "lo", "-w"])
            .arg(&file)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("cannot run dumpcap: {error}; install it (apt install tshark), or join its group")
            });
        // It names the file when it has begun.
        let mut said = String::new();
        let mut lines = BufReader::new(dumpcap.stderr.as_mut().unwrap());
        while !said.contains("File: ") {
            assert!(lines.read_line(&mut said).unwrap() > 0, "dumpcap does not capture: {said}");
        }
        Self { dumpcap, file }
    }

    /// Ends the capture and returns the file, in which everything is that was sent before.
    pub fn finish(mut self) -> PathBuf {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.send_to(LAST, socket.local_addr().unwrap()).unwrap();
        let started = Instant::now();
        while !fs::read(&self.file).unwrap_or_default().windows(LAST.len()).any(|window| window == LAST) {
            assert!(started.elapsed() < PATIENCE, "dumpcap has not written the last datagram within {PATIENCE:?}");
            thread::sleep(Duration::from_millis(20));
        }
        // Asked to end, it states how many packets it has lost.
        kill(Pid::from_raw(self.dumpcap.id().try_into().unwrap()), Signal::SIGINT).unwrap();
        let mut said = String::new();
        self.dumpcap.stderr.as_mut().unwrap().read_to_string(&mut said).unwrap();
        self.dumpcap.wait().unwrap();
        assert!(said.contains("/0 (pcap:0/dumpcap:0/"), "the capture has lost packets: {said}");
        std::mem::take(&mut self.file)
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        // Ended already, unless a test failed.
        let _ = self.dumpcap.kill();
        let _ = self.dumpcap.wait();
    }
}
