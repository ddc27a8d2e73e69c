//! The task that prints, so that no other task waits for a UART.

use core::time::Duration;

use oncilla_bare::Print;
use oncilla_freertos::{Queue, Serial};

/// An event to print. The task that logs it spends no time on text.
#[derive(Clone, Copy)]
pub enum Event {
    /// The tasks run.
    Started,
    /// The host on the server's line has sent its hello, perhaps again.
    Introduced,
    /// The host does not answer the client.
    Silent,
    /// The lowest task begins or ends spinning.
    Spins(bool),
    /// Bytes of a task's stack that were never used.
    StackLeft(&'static str, u32),
}

/// Events that are not printed yet.
static EVENTS: Queue<Event, 16> = Queue::new();

/// Queues an event for printing. Never waits: returns `false` if the queue is full.
pub fn log(event: Event) -> bool {
    EVENTS.send(event, Duration::ZERO)
}

/// Runs the task.
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
        // Writing waits for room and never fails.
        let _ = self.0.write(&[byte]);
    }
}
