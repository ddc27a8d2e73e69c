//! Serial lines with a device at the other end, and devices on sockets.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use oncilla::framing::{Framing, Serial};
use oncilla::{Link, Table};
use serialport::{SerialPort, TTYPort};

use crate::support::Sensor;

/// The size of the device's buffers.
const BUFFER: usize = Serial::buffer(1024);

/// A pseudo-terminal under a name of its own.
pub struct Port {
    pub name: String,
    path: PathBuf,
    _folder: tempfile::TempDir,
    /// Without it, the device would see a hang-up whenever nobody has opened the port.
    open: Option<File>,
}

impl Port {
    /// Returns a port, and the device's end of its line.
    pub fn new() -> (Self, TTYPort) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tty");
        let name = path.to_str().unwrap().to_owned();
        let mut port = Self { name, path, _folder: folder, open: None };
        let far = port.plug();
        (port, far)
    }

    /// Plugs a device in, and returns its end of the line.
    pub fn plug(&mut self) -> TTYPort {
        let (far, near) = TTYPort::pair().unwrap();
        let name = near.name().unwrap();
        // Opened first, so that the line is never hung up.
        self.open = Some(File::options().read(true).write(true).open(&name).unwrap());
        drop(near);
        symlink(name, &self.path).unwrap();
        far
    }

    /// Removes the name and what is open here. The device's end is the caller's to drop.
    pub fn pull(&mut self) {
        self.open = None;
        fs::remove_file(&self.path).unwrap();
    }

    pub fn target(&self) -> String {
        format!("serial:{}", self.name)
    }
}

/// Serves a table on a line, as firmware does, until the line is hung up.
pub fn serve<F: Framing + Send + 'static>(far: TTYPort, table: &'static Table<Sensor>) {
    thread::spawn(move || {
        let mut link = Link::new(oncilla_host::Serial::<F>::from(far), vec![0; BUFFER], vec![0; BUFFER]);
        // The line is hung up at the end of the test.
        let _ = link.serve(table, &mut Sensor::default());
    });
}

/// Sends these bytes repeatedly, and ignores what arrives.
pub fn repeat(mut far: TTYPort, bytes: &'static [u8]) {
    thread::spawn(move || {
        far.set_timeout(Duration::from_millis(50)).unwrap();
        loop {
            match far.write_all(bytes) {
                // Nobody has opened the port yet, or reads.
                Err(error) if error.kind() == ErrorKind::TimedOut => {}
                Err(_) => break,
                Ok(()) => thread::sleep(Duration::from_millis(50)),
            }
        }
    });
}

/// A device that serves its serial framing on TCP, as QEMU's serial lines do. One client at a time.
pub fn on_tcp(table: &'static Table<Sensor>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let socket: oncilla_host::Socket<Serial> = stream.unwrap().into();
            let mut link = Link::with_boot_number(socket, vec![0; BUFFER], vec![0; BUFFER], 7);
            // Until the client is gone.
            let _ = link.serve(table, &mut Sensor::default());
        }
    });
    address
}

/// Answers each connection with what `answer` writes, then closes it.
pub fn answering(mut answer: impl FnMut(usize, &mut std::net::TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            answer(number, &mut stream.unwrap());
        }
    });
    address
}

/// Reads a call in a record and writes the reply without results.
pub fn reply_once(stream: &mut std::net::TcpStream) {
    let mut call = [0; 44];
    stream.read_exact(&mut call).unwrap();
    let mut reply = vec![0x80, 0, 0, 24];
    reply.extend_from_slice(&call[4..8]);
    reply.extend([0, 0, 0, 1]);
    reply.extend([0; 16]);
    stream.write_all(&reply).unwrap();
}
