//! The waiters in the orders in which threads can run (`loom`): no call is forgotten, and none has another's reply.

use loom::model::Builder;
use loom::sync::atomic::AtomicBool;
use loom::thread;

use super::*;

const FIRST: u32 = u32::MAX - 1;

/// A connection. Its server answers some calls as soon as they are sent.
struct Line {
    waiters: Waiters,
    /// The replies that were not read yet.
    arrived: Mutex<Vec<u32>>,
}

/// A time-out that passes when another thread says so.
#[derive(Default)]
struct Alarm {
    passed: AtomicBool,
}

impl Alarm {
    fn left(&self) -> Duration {
        if self.passed.load(Ordering::SeqCst) { Duration::ZERO } else { Duration::MAX }
    }
}

impl Line {
    fn new() -> Arc<Self> {
        Arc::new(Self { waiters: Waiters::new(Arc::new(Xids::new(FIRST))), arrived: Mutex::new(Vec::new()) })
    }

    /// Makes a call. `left` returns zero when its time is up. Checks that the reply is its own.
    fn call(&self, is_answered: bool, left: impl Fn() -> Duration) -> Option<Outcome> {
        let mut reply = vec![0xff];
        let xid = self.waiters.enter(None, &Arc::new(Condvar::new()), &mut reply).ok()?;
        if is_answered {
            lock(&self.arrived).push(xid);
        }
        if self.waiters.wait(xid, &left) == Turn::Read {
            self.read(xid, left);
        }
        let (outcome, reply) = self.waiters.leave(xid);
        match outcome {
            Some(Outcome::Reply) => assert_eq!(reply, xid.to_be_bytes()),
            _ => assert_eq!(reply, [0xff], "the buffer comes back"),
        }
        outcome
    }

    /// Reads until the call is done, its time is up, or the connection is lost.
    fn read(&self, own: u32, left: impl Fn() -> Duration) {
        loop {
            let arrived = mem::take(&mut *lock(&self.arrived));
            // The newest first: replies come in another order than calls. Each comes twice.
            let deliver = |&xid: &u32| {
                self.waiters.deliver(own, xid, |reply| {
                    reply.clear();
                    reply.extend(xid.to_be_bytes());
                    Outcome::Reply
                })
            };
            let done = arrived.iter().rev().map(|xid| deliver(xid) | deliver(xid)).fold(false, |done, own| done | own);
            if done || left().is_zero() || self.waiters.is_lost() {
                return;
            }
            thread::yield_now();
        }
    }

    /// Wakes all threads that wait, as the end of a time-out does.
    fn wake(&self) {
        lock(&self.waiters.state).calls.iter().for_each(|call| call.bell.notify_one());
    }

    fn check_empty(&self) {
        let state = lock(&self.waiters.state);
        assert!(state.calls.is_empty() && state.reader.is_none());
    }
}

/// Tries all orders with at most `preemptions` switches at places where a thread could have continued.
fn in_every_order(preemptions: usize, test: impl Fn() + Sync + Send + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(test);
}

fn for_ever() -> Duration {
    Duration::MAX
}

#[test]
fn each_of_three_calls_has_its_reply() {
    in_every_order(2, || {
        let line = Line::new();
        let call = |line: &Line| assert!(matches!(line.call(true, for_ever), Some(Outcome::Reply)));
        let others = [line.clone(), line.clone()].map(|line| thread::spawn(move || call(&line)));
        call(&line);
        for other in others {
            other.join().unwrap();
        }
        line.check_empty();
    });
}

#[test]
fn a_call_without_a_reply_ends_alone() {
    in_every_order(2, || {
        let (line, alarm) = (Line::new(), Arc::new(Alarm::default()));
        let answered = {
            let line = line.clone();
            thread::spawn(move || assert!(matches!(line.call(true, for_ever), Some(Outcome::Reply))))
        };
        let unanswered = {
            let (line, alarm) = (line.clone(), alarm.clone());
            thread::spawn(move || assert!(line.call(false, || alarm.left()).is_none()))
        };
        alarm.passed.store(true, Ordering::SeqCst);
        line.wake();
        answered.join().unwrap();
        unanswered.join().unwrap();
        line.check_empty();
    });
}

#[test]
fn all_calls_end_when_the_connection_is_lost() {
    in_every_order(2, || {
        let line = Line::new();
        let call = |line: &Line| assert!(matches!(line.call(false, for_ever), Some(Outcome::Lost(_)) | None));
        let others = [line.clone(), line.clone()].map(|line| thread::spawn(move || call(&line)));
        line.waiters.lose(Lost::Closed);
        for other in others {
            other.join().unwrap();
        }
        line.check_empty();
    });
}

/// A thread that waits for room to send reads meanwhile, and then stops.
#[test]
fn a_reader_that_does_not_wait_passes_the_reading_on() {
    in_every_order(2, || {
        let line = Line::new();
        let others = [line.clone(), line.clone()]
            .map(|line| thread::spawn(move || assert!(matches!(line.call(true, for_ever), Some(Outcome::Reply)))));
        let xid = FIRST - 1;
        if line.waiters.try_read(xid) {
            line.read(xid, || Duration::ZERO);
            line.waiters.stop_reading(xid);
        }
        for other in others {
            other.join().unwrap();
        }
        line.check_empty();
    });
}
