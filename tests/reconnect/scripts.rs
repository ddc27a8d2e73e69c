//! Servers played by hand: one script for each connection.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use oncilla_host::{Connector, Reconnect, ReconnectingClient};

/// Long enough for anything that should happen.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What a scripted server does with one connection.
#[derive(Clone, Copy)]
pub enum Act {
    /// Closes it at once.
    Close,
    /// Reads one call and closes it.
    Read,
    /// Answers one call with this word, and closes it.
    Answer(u32),
}

/// A server that plays one act for each connection, and the last one for all that follow.
pub struct Scripted {
    pub address: SocketAddr,
    /// The calls that were read, in order.
    calls: Arc<Mutex<Vec<Vec<u8>>>>,
    connections: Arc<Mutex<usize>>,
    closed: Arc<AtomicUsize>,
}

impl Scripted {
    pub fn new(acts: &'static [Act]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (calls, connections, closed) = (Arc::default(), Arc::default(), Arc::default());
        let played = Self {
            address,
            calls: Arc::clone(&calls),
            connections: Arc::clone(&connections),
            closed: Arc::clone(&closed),
        };
        // It ends with the process.
        thread::spawn(move || {
            for (index, stream) in listener.incoming().enumerate() {
                *connections.lock().unwrap() += 1;
                play(acts[index.min(acts.len() - 1)], &mut stream.unwrap(), &calls);
                closed.store(index + 1, Ordering::Release);
            }
        });
        played
    }

    pub fn calls(&self) -> Vec<Vec<u8>> {
        self.calls.lock().unwrap().clone()
    }

    /// Waits until so many connections are closed, and the client can see it.
    pub fn settle(&self, connections: usize) {
        while self.closed.load(Ordering::Acquire) < connections {
            thread::yield_now();
        }
    }

    pub fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }

    pub fn client(&self, policy: Reconnect) -> ReconnectingClient {
        let mut client = Connector::new().buffer(1024).reconnect(policy).tcp(self.address).unwrap();
        client.set_timeout(PATIENCE);
        client
    }
}

fn play(act: Act, stream: &mut TcpStream, calls: &Mutex<Vec<Vec<u8>>>) {
    if matches!(act, Act::Close) {
        return;
    }
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // A client may leave without a call.
    let Some(call) = read_record(stream) else { return };
    let xid = call[..4].to_vec();
    calls.lock().unwrap().push(call);
    if let Act::Answer(word) = act {
        let reply = [&xid[..], &[0, 0, 0, 1], &[0; 16], &word.to_be_bytes()].concat();
        let mark = (reply.len() as u32 | 1 << 31).to_be_bytes();
        stream.write_all(&[&mark[..], &reply].concat()).unwrap();
    }
}

fn read_record(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut mark = [0; 4];
    stream.read_exact(&mut mark).ok()?;
    let mut message = vec![0; (u32::from_be_bytes(mark) << 1 >> 1) as usize];
    stream.read_exact(&mut message).ok()?;
    Some(message)
}
