//! The state of the service, and the program that every board serves.

use heapless::Vec;
use oncilla::message::{AuthStatus, Call};
use oncilla::{Program, Table};

use crate::{NAME_SIZE, Notes, Parts, suite_1, suite_3};

/// What the procedures work on: some 60 to 130 bytes.
#[derive(Debug)]
pub struct Suite {
    parts: Parts,
    name: Name,
    sum: u32,
    notes: Notes,
    #[cfg(feature = "callbacks")]
    pub(crate) errands: crate::callbacks::Begun,
    #[cfg(feature = "text")]
    pub(crate) print: Option<Name>,
}

/// Text that is kept.
pub(crate) type Name = Vec<u8, NAME_SIZE>;

impl Suite {
    /// A suite for a server that can do what the parts [`REPLAY`](Parts::REPLAY), [`CALLBACKS`](Parts::CALLBACKS) and
    /// [`TEXT`](Parts::TEXT) among `served` say. The other parts depend on features alone.
    #[must_use]
    pub const fn new(served: Parts) -> Self {
        Self {
            parts: Parts::BUILT.and(served),
            name: Name::new(),
            sum: 0,
            notes: Notes { count: 0, digest: 0 },
            #[cfg(feature = "callbacks")]
            errands: crate::callbacks::Begun::NONE,
            #[cfg(feature = "text")]
            print: None,
        }
    }
}

/// In flash: what is served.
pub static TABLE: Table<Suite> = match Table::new(PROGRAMS) {
    Ok(table) => table.authorize(admit),
    Err(_) => panic!("a number stands twice in the table"),
};

const PROGRAMS: &[Program<Suite>] = &[
    suite_1::program(),
    suite_3::program(),
    #[cfg(feature = "types")]
    crate::types_1::program(),
    #[cfg(feature = "bulk")]
    crate::bulk_1::program(),
    #[cfg(feature = "callbacks")]
    crate::callbacks_1::program(),
    #[cfg(feature = "text")]
    crate::text_1::program(),
    #[cfg(feature = "postcard")]
    crate::compact::program(),
];

/// Sees every call. Who calls makes no difference, as long as the credential is one that servers take.
fn admit(suite: &mut Suite, call: &Call<'_>) -> Result<(), AuthStatus> {
    #[cfg(feature = "callbacks")]
    suite.errands.served();
    let _ = suite;
    call.check_credential()
}

/// A copy of a text, as far as there is room.
pub(crate) fn kept(text: &str) -> Name {
    // `collect` and `extend_from_slice` would be shorter, but can panic as far as a compiler sees.
    let mut name = Name::new();
    for byte in text.bytes() {
        let _ = name.push(byte);
    }
    name
}

/// A text that was kept.
pub(crate) fn text(name: &Name) -> &str {
    // What was kept fitted.
    core::str::from_utf8(name).unwrap_or_default()
}

impl suite_1::Service for Suite {
    fn parts(&mut self) -> u32 {
        self.parts.0
    }

    fn nothing(&mut self) {}

    fn subtract(&mut self, minuend: i32, subtrahend: i32) -> i32 {
        minuend.wrapping_sub(subtrahend)
    }

    fn echo<'a>(&'a mut self, bytes: &'a [u8]) -> &'a [u8] {
        bytes
    }

    fn rename(&mut self, called: &str) {
        self.name = kept(called);
    }

    fn name(&mut self) -> &str {
        text(&self.name)
    }

    fn add(&mut self, amount: u32) -> u32 {
        self.sum = self.sum.wrapping_add(amount);
        self.sum
    }

    fn sum(&mut self) -> u32 {
        self.sum
    }

    fn note(&mut self, amount: u32) {
        let Notes { count, digest } = self.notes;
        self.notes = Notes { count: count.wrapping_add(1), digest: digest.wrapping_mul(31).wrapping_add(amount) };
    }

    fn notes(&mut self) -> Notes {
        self.notes.clone()
    }

    fn fail(&mut self) -> &str {
        "too long"
    }
}

impl suite_3::Service for Suite {
    fn parts(&mut self) -> u32 {
        self.parts.0
    }

    fn nothing(&mut self) {}
}
