//! Ends that restart now and then, amid calls and while the other is in doubt, and begin with boot number 0. What was
//! executed survives, what was remembered does not.

use std::mem::take;

use oncilla::framing::Serial;
use oncilla::{Client, Link, Served, Time, Transport};

use crate::calls::Counted;
use crate::course::Course;
use crate::ends::{Report, pause};
use crate::faults::line::End;
use crate::faults::{Faulty, Random};
use crate::frames::Sized;
use crate::service::{Cache, Ledger, SIZE, TABLE};

fn link<T: Transport<Framing = Serial>>(transport: T, boot: u32) -> Link<T, Vec<u8>> {
    let buffer = || vec![0; <Serial as Sized>::buffer(SIZE)];
    Link::with_boot_number(transport, buffer(), buffer(), boot)
}

fn faulty(end: End<Serial>, seed: u64, course: &Course) -> Faulty<End<Serial>> {
    Faulty::new(end, seed).sending(course.line.faults)
}

/// Calls some dozen times in each life, always with the same xids.
pub fn client(end: End<Serial>, seed: u64, course: &Course) -> Report {
    let (clock, mut report) = (end.clock(), Report::default());
    let mut line = faulty(end, seed, course);
    let mut random = Random::new(seed ^ 0x5eed);
    let mut serial = 0;
    for boot in 0.. {
        let mut client = Client::new(link(&mut line, boot), 1);
        client.set_timeout(course.line.timeout);
        client.set_retry(course.line.retry);
        let life = serial + 1 + random.below(40) as u32;
        while serial < life.min(course.calls) {
            let begun = clock.now();
            let made = Counted::new(&mut client).make(serial, &mut random);
            let ended = clock.now();
            report.add(made, Time::from_micros(ended).since(Time::from_micros(begun)), course);
            if let Some(until) = pause(Time::from_micros(ended), &mut random) {
                clock.pass(until.as_micros() - ended);
            }
            serial += 1;
        }
        report.refused += client.link().framing().dropped();
        report.short |= client.link().peer().is_some();
        if serial >= course.calls {
            break;
        }
        report.restarts += 1;
    }
    report.time = clock.now();
    report.faults = line.sent();
    report
}

/// Serves some dozen messages in each life. Some lives begin late, and some procedures are so slow that calls time out.
pub fn server(end: End<Serial>, seed: u64, course: &Course) -> Report {
    let (clock, mut report) = (end.clock(), Report { ledger: Ledger::of(course.calls), ..Report::default() });
    let mut line = faulty(end, seed, course);
    let mut random = Random::new(seed ^ 0x5eed);
    let mut ledger = take(&mut report.ledger);
    for boot in 0.. {
        let (mut link, mut replay) = (link(&mut line, boot), Cache::new());
        let mut left = 1 + random.below(60);
        let ended = loop {
            match link.serve_next_once(&mut replay, &TABLE, &mut ledger, Time::NEVER).unwrap() {
                Served::End => break true,
                Served::Message if left == 0 => break false,
                Served::Message => left -= 1,
                Served::Restart | Served::TimeUp => {}
            }
            if random.percent(2) {
                clock.pass(random.below(300_000));
            }
        };
        report.refused += link.framing().dropped();
        report.short |= link.peer().is_some();
        if ended {
            break;
        }
        report.restarts += 1;
        if random.percent(30) {
            clock.pass(random.below(200_000));
        }
    }
    report.ledger = ledger;
    report.faults = line.sent();
    report
}
