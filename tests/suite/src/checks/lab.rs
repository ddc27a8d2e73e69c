//! What a check works with: ways to reach the board.

use std::error::Error;
use std::hash::{BuildHasher, RandomState};
use std::vec;
use std::vec::Vec;

use oncilla::{CallError, Client, Endpoint, Link, Retry, Time, Transport};

use super::carrier::{Carrier, On, Reach};
use super::tap::Tap;
use super::wire::{Silence, Wire};
use super::{Board, Failure};
use crate::{HOST_TABLE, Host, Parts};

/// Bytes of the host's buffers: more than those of any board.
const BUFFER: usize = 1 << 14;

/// The host's end of a link to a board.
type HostLink<T> = Link<Tap<T>, Vec<u8>>;

/// A client of a board.
pub type LabClient<T> = Client<Tap<T>, Vec<u8>>;

/// An end that the board can call, too.
pub type LabEndpoint<T> = Endpoint<Host, Tap<T>, Vec<u8>>;

/// Where a check is made.
pub struct Lab<'l, T> {
    board: &'l Board,
    connect: &'l mut dyn FnMut() -> Result<T, Failure>,
}

impl<'l, T> Lab<'l, T> {
    pub const fn new(board: &'l Board, connect: &'l mut dyn FnMut() -> Result<T, Failure>) -> Self {
        Self { board, connect }
    }

    /// The parts that the board should have.
    pub const fn parts(&self) -> Parts {
        self.board.parts
    }
}

impl<T: Reach> Lab<'_, T> {
    fn link(&mut self) -> Result<HostLink<T>, Failure> {
        let transport = Tap::new((self.connect)()?);
        Ok(T::Framing::link(transport, vec![0; BUFFER], vec![0; BUFFER], random()))
    }

    /// A client. On lines it sends every call once, so that what is lost is seen.
    pub fn client(&mut self) -> Result<LabClient<T>, Failure> {
        let mut client = Client::new(self.link()?, random());
        client.set_timeout(self.board.patience);
        client.set_retry(retry::<T>());
        Ok(client)
    }

    /// The same which the board can call.
    pub fn endpoint(&mut self) -> Result<LabEndpoint<T>, Failure> {
        let mut endpoint = Endpoint::new(self.link()?, &HOST_TABLE, Host::default(), random());
        endpoint.set_timeout(self.board.patience);
        endpoint.set_retry(retry::<T>());
        Ok(endpoint)
    }

    /// Until when to wait for the board.
    pub fn deadline(&self, end: &mut LabEndpoint<T>) -> Time {
        end.link().transport().now().after(self.board.patience)
    }

    /// A way to send and receive messages byte for byte.
    pub fn wire(&mut self) -> Result<Wire<T>, Failure> {
        Ok(Wire::new((self.connect)()?, self.board.patience, random()))
    }
}

/// When a call is sent again: where nothing else makes up for a datagram that was lost.
const fn retry<T: Reach>() -> Retry {
    match <T::Framing as Carrier>::ON {
        On::Datagrams => Retry::DEFAULT,
        _ => Retry::NEVER,
    }
}

/// Whether a check failed because the board said nothing in time.
pub fn is_silence<T: Transport<Error: Error + 'static>>(error: &(dyn Error + Send + Sync + 'static)) -> bool {
    error.is::<Silence>() || matches!(error.downcast_ref(), Some(CallError::<T::Error>::TimedOut { .. }))
}

/// A number that no other check has.
pub fn random() -> u32 {
    RandomState::new().hash_one(0) as u32
}
