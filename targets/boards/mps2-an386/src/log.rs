//! UART0, for text.

use oncilla_bare::Print;

use crate::uart::{Cmsdk, UART0};

/// UART0 as a destination for text. Waits while the UART's buffer is full; never fails.
#[derive(Debug)]
pub struct Log(());

impl Log {
    /// Starts sending.
    #[must_use]
    pub fn start() -> Self {
        UART0.start(Cmsdk::SEND);
        Self(())
    }
}

impl Print for Log {
    fn byte(&mut self, byte: u8) {
        while !UART0.has_room() {}
        UART0.send(byte);
    }
}
