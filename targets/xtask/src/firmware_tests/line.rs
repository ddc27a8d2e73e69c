//! A serial line that can damage one frame in each direction.

use std::{collections::VecDeque, io};

use anyhow::Result;
use oncilla::{Client, Link, Received, Retry, Time, Transport, framing::Cobs};
use oncilla_host::Socket;

use crate::qemu::Board;

/// Returns the bytes that arrive, for the bytes that were sent.
type Damage = Box<dyn FnOnce(&[u8]) -> Vec<u8>>;

/// The firmware's UART, with a way to damage one frame in each direction.
pub struct Line {
    socket: Socket<Cobs>,
    call: Option<Damage>,
    reply: Option<Damage>,
    /// The bytes received so far of a reply that will be damaged.
    coming: Vec<u8>,
    /// The bytes of a damaged reply that are not read yet.
    unread: VecDeque<u8>,
}

/// A client on such a line. Its buffers are larger than the firmware's, so that it can send too much.
pub type LineClient = Client<Line, Vec<u8>>;

const BUFFER: usize = 4096;

/// Returns a client on a board's UART. It sends every call once, so that lost calls are seen.
pub fn client(board: &Board) -> Result<LineClient> {
    let socket = board.socket()?;
    let line = Line { socket, call: None, reply: None, coming: Vec::new(), unread: VecDeque::new() };
    let mut client = Client::new(Link::new(line, vec![0; BUFFER], vec![0; BUFFER]), 1);
    client.set_retry(Retry::NEVER);
    Ok(client)
}

impl Line {
    /// Replaces the bytes of the next call.
    pub fn damage_call(&mut self, damage: impl FnOnce(&[u8]) -> Vec<u8> + 'static) {
        self.call = Some(Box::new(damage));
    }

    /// Replaces the bytes of the next reply.
    pub fn damage_reply(&mut self, damage: impl FnOnce(&[u8]) -> Vec<u8> + 'static) {
        self.reply = Some(Box::new(damage));
    }
}

impl Transport for Line {
    type Error = io::Error;
    type Framing = Cobs;

    fn now(&mut self) -> Time {
        self.socket.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> io::Result<Received> {
        while self.reply.is_some() {
            match self.socket.receive(into, deadline)? {
                Received::Bytes(length) => self.coming.extend(&into[..length]),
                other => return Ok(other),
            }
            // A frame has a zero before and one behind.
            if self.coming.iter().filter(|&&byte| byte == 0).count() == 2
                && let Some(damage) = self.reply.take()
            {
                self.unread = damage(&std::mem::take(&mut self.coming)).into();
            }
        }
        if self.unread.is_empty() {
            return self.socket.receive(into, deadline);
        }
        io::Read::read(&mut self.unread, into).map(Received::Bytes)
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> io::Result<usize> {
        match self.call.take() {
            Some(damage) => self.socket.send(&damage(frame), deadline).map(|_| frame.len()),
            None => self.socket.send(frame, deadline),
        }
    }
}
