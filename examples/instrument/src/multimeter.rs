//! The multimeter on VXI-11.

use oncilla::Time;
use oncilla_vxi11::{Instrument, Link, Part, Unfinished};

use crate::scpi::{Device, Exchange, Request};
use crate::{Input, Meter};

/// A multimeter as an instrument of VXI-11, for `LINKS` links.
///
/// Each link has its own exchange of messages, so what a client leaves behind disturbs no other. All links share the
/// settings and the status.
#[derive(Debug)]
pub struct Multimeter<I: Input, const LINKS: usize> {
    meter: Meter<I>,
    exchanges: [Exchange<Meter<I>>; LINKS],
    request: Request,
}

impl<I: Input, const LINKS: usize> Multimeter<I, LINKS> {
    /// Creates a multimeter that was switched on now.
    #[must_use]
    pub fn new(input: I) -> Self {
        let exchanges = core::array::from_fn(|_| Exchange::new());
        Self { meter: Meter::new(input), exchanges, request: Request::default() }
    }

    /// Returns when [`tick`](Instrument::tick) must be called next.
    #[must_use]
    pub fn deadline(&self) -> Time {
        self.meter.deadline()
    }

    fn exchange(&mut self, link: Link) -> Result<(&mut Meter<I>, &mut Exchange<Meter<I>>), Unfinished> {
        // The server has no more links than there are exchanges.
        let exchange = self.exchanges.get_mut(link.index()).ok_or(oncilla_vxi11::ErrorCode::INVALID_LINK)?;
        Ok((&mut self.meter, exchange))
    }

    fn update_request(&mut self) {
        let message_available = self.exchanges.iter().any(Exchange::message_available);
        self.request.update(self.meter.status(), message_available);
    }
}

impl<I: Input, const LINKS: usize> Instrument for Multimeter<I, LINKS> {
    fn write(&mut self, link: Link, data: &[u8], end: bool) -> Result<usize, Unfinished> {
        let (meter, exchange) = self.exchange(link)?;
        match exchange.write(meter, data, end) {
            0 => Err(Unfinished::NotYet),
            count => Ok(count),
        }
    }

    fn read(&mut self, link: Link, room: &mut [u8]) -> Result<Part, Unfinished> {
        let (meter, exchange) = self.exchange(link)?;
        match exchange.read(meter, room) {
            (0, false) => Err(Unfinished::NotYet),
            (count, end) => Ok(Part { count, end }),
        }
    }

    fn status_byte(&mut self, link: Link) -> u8 {
        self.update_request();
        let message_available = self.exchanges.get(link.index()).is_some_and(Exchange::message_available);
        self.request.poll(self.meter.status(), message_available)
    }

    fn trigger(&mut self, _: Link) -> Result<(), Unfinished> {
        if let Err(error) = self.meter.trigger() {
            self.meter.status().report(error);
        }
        Ok(())
    }

    fn clear(&mut self, link: Link) -> Result<(), Unfinished> {
        let (meter, exchange) = self.exchange(link)?;
        if exchange.is_waiting() {
            meter.abort();
        }
        exchange.clear();
        meter.forget_completion();
        Ok(())
    }

    fn tick(&mut self, now: Time) {
        self.meter.tick(now);
        for exchange in &mut self.exchanges {
            exchange.poll(&mut self.meter);
        }
        self.update_request();
    }

    fn wants_service(&mut self) -> bool {
        self.update_request();
        self.request.is_made()
    }

    fn closed(&mut self, link: Link) {
        if let Ok((_, exchange)) = self.exchange(link) {
            exchange.clear();
        }
    }
}
