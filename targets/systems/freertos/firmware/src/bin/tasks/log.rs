//! The task that prints. No other task waits for a UART to print.

use core::time::Duration;

use oncilla_bare::Print;
use oncilla_freertos::{Queue, Serial};

/// What there is to tell. Who tells it spends no time on text.
#[derive(Clone, Copy)]
pub enum Event {
    /// The tasks run.
    Started,
    /// The host at the server's line has introduced itself, or has done so anew.
    Introduced,
    /// The host does not answer the client.
    Silent,
    /// The lowest task begins to spin, or ends it.
    Spins(bool),
    /// Bytes of a task's stack that it never used.
    StackLeft(&'static str, u32),
}

/// What has not been printed yet.
static EVENTS: Queue<Event, 16> = Queue::new();

/// Has something printed, later. Never waits: `false` says that there was no room.
pub fn log(event: Event) -> bool {
    EVENTS.send(event, Duration::ZERO)
}

/// The task.
pub fn print(serial: Serial) -> ! {
    let mut text = Text(serial);
    loop {
        match EVENTS.receive(Duration::MAX) {
            Some(Event::Started) => text.text("started\n"),
            Some(Event::Introduced) => text.text("server: the host has introduced itself\n"),
            Some(Event::Silent) => text.text("client: the host is silent\n"),
            Some(Event::Spins(true)) => text.text("spinner: on\n"),
            Some(Event::Spins(false)) => text.text("spinner: off\n"),
            Some(Event::StackLeft(task, bytes)) => {
                text.text("bytes of stack never used by ");
                text.figure(task, bytes);
            }
            None => {}
        }
    }
}

struct Text(Serial);

impl Print for Text {
    fn byte(&mut self, byte: u8) {
        use embedded_io::Write;
        // Waits for room, and never fails.
        let _ = self.0.write(&[byte]);
    }
}
