//! Two devices on a cable, and their clock.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use oncilla::Time;
use oncilla_ethernet::smoltcp::phy::{self, Device, DeviceCapabilities, FaultInjector, Medium};
use oncilla_ethernet::smoltcp::time::Instant;

/// Frames on their way in one direction.
type Wire = Rc<RefCell<VecDeque<Vec<u8>>>>;

/// Frames that a wire holds at a time; further frames are lost, as in a switch.
const ROOM: usize = 32;

/// One end of a cable.
pub struct Plug {
    incoming: Wire,
    outgoing: Wire,
}

/// One end of a cable on which some frames are lost. There are no damaged frames, because an Ethernet controller drops
/// them by their check sequence.
pub type End = FaultInjector<Plug>;

/// Returns a cable that loses a percentage of frames at each end, in each direction; `seed` determines which.
pub fn cable(faults: u8, seed: u32) -> (End, End) {
    let (one, other) = (Wire::default(), Wire::default());
    let end = |incoming: &Wire, outgoing: &Wire, seed| {
        let plug = Plug { incoming: Rc::clone(incoming), outgoing: Rc::clone(outgoing) };
        let mut end = FaultInjector::new(plug, seed);
        end.set_drop_chance(faults);
        end
    };
    (end(&one, &other, seed), end(&other, &one, !seed))
}

pub struct Frame(Vec<u8>);

impl phy::RxToken for Frame {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0)
    }
}

pub struct Room(Wire);

impl phy::TxToken for Room {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        let mut frame = vec![0; length];
        let result = f(&mut frame);
        let mut wire = self.0.borrow_mut();
        if wire.len() < ROOM {
            wire.push_back(frame);
        }
        result
    }
}

impl Device for Plug {
    type RxToken<'a> = Frame;
    type TxToken<'a> = Room;

    fn receive(&mut self, _: Instant) -> Option<(Frame, Room)> {
        let frame = self.incoming.borrow_mut().pop_front()?;
        Some((Frame(frame), Room(Rc::clone(&self.outgoing))))
    }

    fn transmit(&mut self, _: Instant) -> Option<Room> {
        Some(Room(Rc::clone(&self.outgoing)))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = 1514;
        capabilities
    }
}

/// The work of others while one waits.
type Meanwhile = Rc<RefCell<Option<Box<dyn FnMut()>>>>;

/// A clock that advances a millisecond with each wait, and runs the work of others meanwhile.
#[derive(Clone, Default)]
pub struct Clock {
    micros: Rc<Cell<u64>>,
    meanwhile: Meanwhile,
}

impl Clock {
    /// Returns a clock with the same time, which does nothing on a wait.
    pub fn hand(&self) -> Self {
        Self { micros: Rc::clone(&self.micros), meanwhile: Meanwhile::default() }
    }

    /// Returns a clock with the same time, which advances to the end of each wait.
    pub fn tickless(&self) -> Tickless {
        Tickless(Rc::clone(&self.micros))
    }

    /// Sets the work that is done during a wait.
    pub fn meanwhile(&self, what: impl FnMut() + 'static) {
        *self.meanwhile.borrow_mut() = Some(Box::new(what));
    }
}

impl oncilla::Clock for Clock {
    fn now(&mut self) -> Time {
        Time::from_micros(self.micros.get())
    }

    fn idle(&mut self, _: Time) {
        if let Some(what) = &mut *self.meanwhile.borrow_mut() {
            self.micros.set(self.micros.get() + 1_000);
            what();
        }
    }
}

/// A clock for waits that only a timer ends: no other work is done meanwhile. Waiting for ever is an error.
pub struct Tickless(Rc<Cell<u64>>);

impl oncilla::Clock for Tickless {
    fn now(&mut self) -> Time {
        Time::from_micros(self.0.get())
    }

    fn idle(&mut self, until: Time) {
        assert!(until < Time::NEVER, "nothing would ever wake it");
        self.0.set(self.0.get().max(until.as_micros()));
    }
}

/// Returns memory that lives for ever, as a static does.
pub fn leak<T>(value: T) -> &'static mut T {
    Box::leak(Box::new(value))
}
