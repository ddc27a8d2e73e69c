//! A page and a sensor on one line.

use oncilla::framing::Serial;
use oncilla::keys::Accepts;
use oncilla::{Link, ReplayCache, Table, Time, Transport};
use oncilla_sensor::{History, Reading, Sample, Status, description, sensor_1};
use oncilla_web_wasm::{Device, Line, Options, Wire};
use serde_json::{Value, json};

/// A sensor with one channel. It counts renamings, which change something.
#[derive(Default)]
pub struct Sensor {
    pub renamed: u32,
}

impl sensor_1::Service for Sensor {
    fn read(&mut self, channel: u32) -> Reading {
        match channel {
            0 => Reading::Ok(Sample { time: u64::MAX, value: 21_500 }),
            _ => Reading::Default(Status::NoSuchChannel.number()),
        }
    }
    fn history(&mut self, _: u32) -> History {
        History::new()
    }
    fn rename(&mut self, channel: u32, _: &str) -> bool {
        self.renamed += 1;
        channel == 0
    }
}

pub static TABLE: Table<Sensor> = oncilla::table![sensor_1::program(), description::program()];

type Buffer = [u8; 2048];

/// The end of a device on a line.
pub trait Served {
    /// Serves what has arrived.
    fn serve(&mut self, sensor: &mut Sensor);
    /// Prints to the log.
    fn print(&mut self, text: &str);
}

/// A link with its replay cache.
pub struct End<T: Transport>(pub Link<T, Buffer>, pub ReplayCache<4, 1100>);

macro_rules! served {
    ($transport:ty) => {
        impl Served for End<$transport> {
            fn serve(&mut self, sensor: &mut Sensor) {
                while self.0.serve_next_once(&mut self.1, &TABLE, sensor, Time::ZERO).unwrap()
                    != oncilla::Served::TimeUp
                {}
            }
            fn print(&mut self, text: &str) {
                self.0.print(text, Time::NEVER).unwrap();
            }
        }
    };
}

pub type Keys = &'static [oncilla::keys::Key];

served!(Line<Serial>);
served!(oncilla::Keyed<Line<oncilla::framing::Cobs>, Accepts<Keys, 2>>);
served!(oncilla::Keyed<Line<oncilla::framing::Cobs>, Accepts<Keys, 2, oncilla::keys::ForwardSecret>>);

/// A page and a sensor.
pub struct Bench {
    pub page: Device,
    pub wire: Wire,
    pub end: Box<dyn Served>,
    pub sensor: Sensor,
    pub now: f64,
    /// Whether the device is silent.
    pub is_silent: bool,
    /// What the page was told.
    pub replies: Vec<Value>,
    pub states: Vec<Value>,
    pub log: Vec<Value>,
    next: u64,
}

/// Returns the end of a device without keys.
pub fn plain(wire: &Wire, boot: u32) -> Box<dyn Served> {
    let line = Line::<Serial>::new(wire.clone());
    Box::new(End(Link::with_boot_number(line, [0; 2048], [0; 2048], boot), ReplayCache::new()))
}

impl Bench {
    pub fn new(options: Options, end: fn(&Wire, u32) -> Box<dyn Served>) -> Self {
        let wire = Wire::default();
        let (replies, states, log) = Default::default();
        let mut bench = Self {
            page: Device::new(options).unwrap(),
            end: end(&wire, 7),
            wire,
            sensor: Sensor::default(),
            now: 0.0,
            is_silent: false,
            replies,
            states,
            log,
            next: 1,
        };
        let told = bench.page.open(&random(1), 0.0);
        bench.told(told);
        bench
    }

    pub fn told(&mut self, mut told: Value) {
        for (name, list) in [("replies", &mut self.replies), ("states", &mut self.states), ("log", &mut self.log)] {
            list.append(told[name].as_array_mut().unwrap());
        }
    }

    /// Lets the line and the clock run until the page waits for nothing.
    pub fn run(&mut self) {
        for _ in 0..2_000 {
            let sent = self.page.to_send();
            self.now += 5.0;
            self.wire.set_now(Time::from_micros((self.now * 1e3) as u64));
            if !self.is_silent {
                self.wire.receive(&sent);
                self.end.serve(&mut self.sensor);
            }
            let told = self.page.receive(&self.wire.to_send(), self.now);
            self.told(told);
            if !self.page.is_busy() {
                break;
            }
        }
        assert!(!self.page.is_busy(), "a request has no end");
    }

    /// Makes a request, and does not wait for its reply.
    pub fn begin(&mut self, call: Value) -> u64 {
        let id = self.next;
        self.next += 1;
        let told = self.page.ask(&json!({"id": id, "call": call}), self.now);
        self.told(told);
        id
    }

    pub fn reply(&mut self, id: u64) -> Value {
        let place = self.replies.iter().position(|reply| reply["id"] == id).expect("there is no reply");
        self.replies.remove(place)
    }

    /// Makes a request, and returns its reply.
    pub fn ask(&mut self, call: Value) -> Value {
        let id = self.begin(call);
        self.run();
        self.reply(id)
    }

    pub fn call(&mut self, procedure: u32, arguments: Value) -> Value {
        self.ask(call(procedure, arguments))
    }
}

pub fn call(procedure: u32, arguments: Value) -> Value {
    json!({"program": 0x2000_0051, "version": 1, "procedure": procedure, "arguments": arguments})
}

pub const fn random(byte: u8) -> [u8; 40] {
    [byte; 40]
}
