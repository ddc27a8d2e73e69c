//! A device on a pseudo-terminal that can be pulled away and brought back under another name.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use oncilla::framing::{Cobs, Serial as Framing, TEXT};
use oncilla::{Link, Received, ReplayCache, Time, Transport};
use oncilla_host::Serial;
use serialport::{SerialPort, TTYPort};

use crate::ledger::{Ledger, TABLE};

/// How often a device looks whether its plug was pulled.
const MOMENT: Duration = Duration::from_millis(2);

const BUFFER: usize = Cobs::buffer(128);

/// The device's end of the line. Without a cable it is a line on which nothing arrives.
struct Jack {
    cable: Arc<Mutex<Option<Serial>>>,
    start: Instant,
}

impl Transport for Jack {
    type Error = io::Error;
    type Framing = Framing;

    fn now(&mut self) -> Time {
        Time::ZERO.after(self.start.elapsed())
    }

    fn receive(&mut self, into: &mut [u8], _: Time) -> io::Result<Received> {
        if let Some(cable) = &mut *self.cable.lock().unwrap() {
            let soon = cable.now().after(MOMENT);
            if let Ok(Received::Bytes(length)) = cable.receive(into, soon) {
                return Ok(Received::Bytes(length));
            }
        }
        // The cable has no other end, or there is none.
        thread::sleep(MOMENT / 4);
        Ok(Received::TimeUp)
    }

    fn send(&mut self, frame: &[u8], _: Time) -> io::Result<usize> {
        if let Some(cable) = &mut *self.cable.lock().unwrap() {
            let soon = cable.now().after(MOMENT);
            let _ = cable.send(frame, soon);
        }
        Ok(frame.len())
    }
}

/// A device, its plug, and the name under which its port is found. It ends when it is dropped.
pub struct Device {
    pub path: String,
    cable: Arc<Mutex<Option<Serial>>>,
    off: Arc<AtomicBool>,
    entries: Ledger,
    replies: bool,
    running: Option<JoinHandle<()>>,
    boots: u32,
}

impl Device {
    /// Starts a device that is not plugged in. It has a boot number and a replay cache.
    pub fn new(entries: &Ledger) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("oncilla-port-{}-{number}", process::id()));
        let mut device = Self {
            path: path.to_str().unwrap().to_owned(),
            cable: Arc::default(),
            off: Arc::default(),
            entries: entries.clone(),
            replies: true,
            running: None,
            boots: 1000,
        };
        device.start();
        device
    }

    /// Starts a device without a boot number and a replay cache.
    pub fn simple(entries: &Ledger) -> Self {
        let mut device = Self::new(entries);
        device.end();
        device.replies = false;
        device.start();
        device
    }

    fn start(&mut self) {
        self.boots += 1;
        self.off.store(false, Ordering::Relaxed);
        let jack = Jack { cable: Arc::clone(&self.cable), start: Instant::now() };
        let (boot, replies, mut entries, off) = (self.boots, self.replies, self.entries.clone(), Arc::clone(&self.off));
        self.running = Some(thread::spawn(move || {
            let mut link = match replies {
                true => Link::with_boot_number(jack, [0; BUFFER], [0; BUFFER], boot),
                false => Link::new(jack, [0; BUFFER], [0; BUFFER]),
            };
            let mut cache = ReplayCache::<1, 64>::new();
            while !off.load(Ordering::Relaxed) {
                let soon = link.transport().now().after(MOMENT);
                if replies {
                    link.serve_next_once(&mut cache, &TABLE, &mut entries, soon).unwrap();
                } else {
                    link.serve_next(&TABLE, &mut entries, soon).unwrap();
                }
            }
        }));
    }

    fn end(&mut self) {
        self.off.store(true, Ordering::Relaxed);
        if let Some(running) = self.running.take() {
            running.join().unwrap();
        }
    }

    /// Turns the device off and on: another boot number, and no remembered replies.
    pub fn restart(&mut self) {
        self.end();
        self.start();
    }

    /// Sends text beside messages, if it is plugged in.
    pub fn print(&mut self, text: &str) {
        if let Some(cable) = &mut *self.cable.lock().unwrap() {
            let piece = [&[0, TEXT], text.as_bytes(), &[0]].concat();
            assert_eq!(cable.send(&piece, Time::NEVER).unwrap(), piece.len());
        }
    }

    pub fn pull(&mut self) {
        self.cable.lock().unwrap().take();
        let _ = fs::remove_file(&self.path);
    }

    /// Pulls the plug during the next call, so that its reply is lost.
    pub fn pull_during_the_next_call(&mut self) {
        let cable = Arc::clone(&self.cable);
        self.entries.during_the_next(move || drop(cable.lock().unwrap().take()));
    }

    /// Waits until the plug is out.
    pub fn wait_until_pulled(&self) {
        while self.cable.lock().unwrap().is_some() {
            thread::sleep(MOMENT);
        }
    }

    /// Plugs it in under a name that it did not have before.
    pub fn plug(&mut self) {
        let (far, near) = TTYPort::pair().unwrap();
        let name = near.name().unwrap();
        drop(near);
        let new = PathBuf::from(format!("{}-new", self.path));
        symlink(name, &new).unwrap();
        fs::rename(new, &self.path).unwrap();
        *self.cable.lock().unwrap() = Some(Serial::from(far));
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.pull();
        self.off.store(true, Ordering::Relaxed);
        let ended = self.running.take().map(JoinHandle::join);
        if !thread::panicking() {
            ended.unwrap().unwrap();
        }
    }
}
