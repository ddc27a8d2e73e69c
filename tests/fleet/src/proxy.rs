//! A TCP proxy on loopback that can stall: what it carries waits, and no connection ends.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

/// Whether bytes wait.
#[derive(Debug, Default)]
struct Gate {
    stalled: Mutex<bool>,
    changed: Condvar,
    ended: AtomicBool,
}

impl Gate {
    fn pass(&self) {
        let mut stalled = self.stalled.lock().unwrap_or_else(PoisonError::into_inner);
        while *stalled && !self.ended.load(Relaxed) {
            stalled = self.changed.wait(stalled).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn set(&self, stalled: bool) {
        *self.stalled.lock().unwrap_or_else(PoisonError::into_inner) = stalled;
        self.changed.notify_all();
    }
}

/// A proxy before one address. It accepts no further connections after this value is dropped.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    gate: Arc<Gate>,
}

impl Proxy {
    /// Starts one on a free port of this machine.
    ///
    /// # Errors
    /// The system's, if there is no port.
    pub fn before(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let gate = Arc::new(Gate::default());
        let shared = Arc::clone(&gate);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if shared.ended.load(Relaxed) {
                    return;
                }
                shared.pass();
                // The broker may be away: then the client sees its connection closed.
                let Ok(server) = TcpStream::connect(server) else { continue };
                let _ = (client.set_nodelay(true), server.set_nodelay(true));
                let (Ok(from_client), Ok(from_server)) = (client.try_clone(), server.try_clone()) else { continue };
                for (from, to) in [(from_client, server), (from_server, client)] {
                    let gate = Arc::clone(&shared);
                    thread::spawn(move || carry(from, to, &gate));
                }
            }
        });
        Ok(Self { port, gate })
    }

    /// Returns the port on 127.0.0.1.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Lets nothing pass for a time.
    pub fn stall(&self, time: Duration) {
        self.gate.set(true);
        thread::sleep(time);
        self.gate.set(false);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.gate.ended.store(true, Relaxed);
        self.gate.set(false);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, gate: &Gate) {
    let mut bytes = [0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        gate.pass();
        if to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
