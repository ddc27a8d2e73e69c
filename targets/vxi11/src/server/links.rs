//! Links, the lock, and calls that wait.

use oncilla::Time;

use super::{Handle, Server};
use crate::{ErrorCode, Instrument, Link};

/// An open link.
#[derive(Debug)]
pub(super) struct OpenLink {
    /// The number by which the client names it.
    pub(super) id: i32,
    connection: usize,
    /// What a service request returns, if the client wants any.
    pub(super) handle: Option<Handle>,
    /// Whether a service request is to be sent.
    pub(super) owed: bool,
}

impl OpenLink {
    pub(super) const fn is_on(&self, connection: usize) -> bool {
        self.connection == connection
    }

    pub(super) const fn connection(&self) -> usize {
        self.connection
    }
}

/// A call that was not done yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait {
    /// The xid of the call.
    pub(super) xid: u32,
    /// The link of the call, if it has one.
    pub(super) link: Option<Link>,
    /// Until when it waits for the lock.
    pub(super) lock_until: Time,
    /// Until when it waits for the instrument. Set when it is not held up by a lock any more.
    pub(super) io_until: Option<Time>,
    /// The number of bytes that were transferred already.
    pub(super) done: usize,
    pub(super) aborted: bool,
}

impl Wait {
    /// Returns the link on which the instrument is at work.
    pub(super) const fn in_progress(&self) -> Option<Link> {
        match self.io_until {
            Some(_) => self.link,
            None => None,
        }
    }
}

impl<I: Instrument, const LINKS: usize, const CONNECTIONS: usize> Server<I, LINKS, CONNECTIONS> {
    /// Returns a place for another link of a connection.
    pub(super) fn free_place(&self, connection: usize) -> Option<usize> {
        let own = self.links.iter().flatten().filter(|link| link.is_on(connection)).count();
        let place = self.links.iter().position(Option::is_none);
        place.filter(|_| own < self.settings.links_per_connection)
    }

    /// Opens a link at a free place; returns its number.
    pub(super) fn open_link(&mut self, place: usize, connection: usize) -> i32 {
        self.serial = self.serial.wrapping_add(1) & 0x007F_FFFF;
        // At most 31 bits, because some clients take a negative number for an error.
        let id = (self.serial << 8 | place as u32 & 0xFF) as i32;
        if let Some(link) = self.links.get_mut(place) {
            *link = Some(OpenLink { id, connection, handle: None, owed: false });
            self.instrument.opened(Link(place as u8));
        }
        id
    }

    /// Frees a link and its lock.
    pub(super) fn close_link(&mut self, place: usize) {
        let link = Link(place as u8);
        if self.links.get_mut(place).and_then(Option::take).is_some() {
            if self.lock == Some(link) {
                self.lock = None;
            }
            self.instrument.closed(link);
        }
    }

    /// Returns the link of this number on any connection.
    pub(super) fn find(&self, id: i32) -> Option<(Link, &OpenLink)> {
        // The lowest byte is the place.
        let place = id as u8;
        let link = self.links.get(usize::from(place))?.as_ref()?;
        (link.id == id).then_some((Link(place), link))
    }

    /// Returns the link of this number on a connection.
    pub(super) fn link(&self, id: i32, connection: usize) -> Result<Link, ErrorCode> {
        match self.find(id) {
            Some((link, open)) if open.is_on(connection) => Ok(link),
            _ => Err(ErrorCode::INVALID_LINK),
        }
    }
}
