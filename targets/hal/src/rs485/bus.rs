//! The transports of a bus.

use core::{cell::RefCell, marker::PhantomData, time::Duration};

use oncilla::{Clock, Received, Time, Transport, framing::Framing};

use super::address::{Address, Header};
use super::wire::Wire;
use crate::{PortError, Receive, Transmit};

/// The framing must delimit frames by zeros and find the next one after damage.
const fn assert_fits<F: Framing>() {
    assert!(F::RESYNCHRONIZES && F::NOISY, "a bus needs the framing `Cobs` or `Serial`");
}

/// The master's end of a bus: it calls the devices, one at a time.
///
/// It is for one thread. Between a call's time-out and the next call, a device may still reply: that reply is dropped.
#[derive(Debug)]
pub struct Bus<P, C> {
    wire: RefCell<Wire<P, C>>,
}

impl<P: Receive + Transmit, C: Clock> Bus<P, C> {
    /// Creates the master's end from a port and a clock.
    pub const fn new(port: P, clock: C) -> Self {
        Self { wire: RefCell::new(Wire::new(port, clock)) }
    }

    /// Sets how long the bus must be silent before a frame is sent: 1 ms by default.
    ///
    /// It is the time in which the other end turns its driver off.
    pub fn set_turn(&self, turn: Duration) {
        if let Ok(mut wire) = self.wire.try_borrow_mut() {
            wire.turn = turn;
        }
    }

    /// Returns a transport to the device with this address, with framing `F`.
    ///
    /// Make one link for each device and keep it: a framing with a handshake has a session with the device.
    pub const fn device<F: Framing>(&self, address: Address) -> Member<'_, F, P, C> {
        const { assert_fits::<F>() };
        Member { bus: self, address, framing: PhantomData }
    }
}

/// The master's transport to one device of a [`Bus`].
#[derive(Debug)]
pub struct Member<'a, F, P, C> {
    bus: &'a Bus<P, C>,
    address: Address,
    framing: PhantomData<F>,
}

impl<F: Framing, P: Receive + Transmit, C: Clock> Transport for Member<'_, F, P, C> {
    type Error = PortError<<P as Receive>::Error, <P as Transmit>::Error>;
    type Framing = F;

    fn now(&mut self) -> Time {
        // The clock of a procedure that uses the bus while it is called over it cannot be had. None does.
        self.bus.wire.try_borrow_mut().map_or(Time::ZERO, |mut wire| wire.clock.now())
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Self::Error> {
        let Ok(mut wire) = self.bus.wire.try_borrow_mut() else { return Ok(Received::TimeUp) };
        wire.receive(into, deadline, (Address::MASTER, Some(self.address)), &mut { self.address })
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, Self::Error> {
        let Ok(mut wire) = self.bus.wire.try_borrow_mut() else { return Ok(0) };
        wire.send(frame, deadline, Header { to: self.address, from: Address::MASTER }, false)
    }
}

/// The transport of a device on a bus: it receives what is sent to its address, and replies.
#[derive(Debug)]
pub struct Device<F, P, C> {
    wire: Wire<P, C>,
    address: Address,
    sender: Address,
    framing: PhantomData<F>,
}

impl<F: Framing, P: Receive + Transmit, C: Clock> Device<F, P, C> {
    /// Creates the transport of the device with this address.
    pub const fn new(port: P, clock: C, address: Address) -> Self {
        const { assert_fits::<F>() };
        Self { wire: Wire::new(port, clock), address, sender: Address::MASTER, framing: PhantomData }
    }

    /// Sets how long the bus must be silent before a reply is sent: 1 ms by default.
    pub const fn set_turn(&mut self, turn: Duration) {
        self.wire.turn = turn;
    }
}

impl<F: Framing, P: Receive + Transmit, C: Clock> Transport for Device<F, P, C> {
    type Error = PortError<<P as Receive>::Error, <P as Transmit>::Error>;
    type Framing = F;

    fn now(&mut self) -> Time {
        self.wire.clock.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Self::Error> {
        self.wire.receive(into, deadline, (self.address, None), &mut self.sender)
    }

    /// Sends to whoever sent the last frame, if that was the last frame on the bus.
    ///
    /// Otherwise the master has gone on to another device, or has not called this one yet. Then the frame is dropped, as if the
    /// line had lost it, and reported as sent.
    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, Self::Error> {
        self.wire.send(frame, deadline, Header { to: self.sender, from: self.address }, true)
    }
}
