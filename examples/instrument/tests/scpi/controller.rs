//! A controller on a simulated clock.

use core::time::Duration;

use oncilla::Time;
use oncilla_instrument::scpi::{Exchange, Request};
use oncilla_instrument::{Meter, Simulated};

/// The meter, and the exchange of the controller with it.
pub struct Controller {
    pub meter: Meter<Simulated>,
    pub exchange: Exchange<Meter<Simulated>>,
    pub request: Request,
    now: Time,
}

impl Controller {
    pub fn new() -> Self {
        Self {
            meter: Meter::new(Simulated::new()),
            exchange: Exchange::new(),
            request: Request::default(),
            now: Time::ZERO,
        }
    }

    /// Sends a whole message.
    pub fn send(&mut self, message: &str) {
        assert_eq!(self.exchange.write(&mut self.meter, message.as_bytes(), true), message.len());
    }

    /// Returns what can be read now, and whether it is a whole response.
    pub fn read_now(&mut self) -> (Vec<u8>, bool) {
        let mut response = Vec::new();
        loop {
            let mut room = [0; 100];
            let (count, end) = self.exchange.read(&mut self.meter, &mut room);
            response.extend_from_slice(&room[..count]);
            if end || count == 0 {
                return (response, end);
            }
        }
    }

    /// Lets time pass, in steps that the meter asks for.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now.after(time);
        while self.now < end {
            self.now = end.min(self.meter.deadline());
            self.meter.tick(self.now);
            self.exchange.poll(&mut self.meter);
        }
    }

    /// Reads a response, and waits for it for an hour at most.
    pub fn read(&mut self) -> Vec<u8> {
        let (mut response, mut end) = self.read_now();
        for _ in 0..3600 {
            if end {
                break;
            }
            self.pass(Duration::from_secs(1));
            let more;
            (more, end) = self.read_now();
            response.extend(more);
        }
        assert!(end, "{:?} is not a whole response", String::from_utf8_lossy(&response));
        response
    }

    /// Sends a message and returns the response, without the line feed at its end.
    pub fn ask(&mut self, message: &str) -> String {
        self.send(message);
        let response = String::from_utf8(self.read()).expect("the response is text");
        response.strip_suffix('\n').expect("a response ends with a line feed").to_owned()
    }

    /// Returns the next error as number.
    pub fn error(&mut self) -> i32 {
        let response = self.ask("SYST:ERR?");
        let (code, text) = response.split_once(',').expect("a number and a text");
        assert!(text.starts_with('"') && text.ends_with('"'), "{text}");
        code.parse().expect("a number")
    }

    /// Checks that there was no error.
    pub fn is_fine(&mut self) {
        assert_eq!(self.ask("SYST:ERR?"), "0,\"No error\"");
    }
}
