//! Threads that use a caller in turn.

use std::sync::mpsc;
use std::thread;

use oncilla::framing::Serial;
use oncilla::{CallError, Caller, Client, Link};
use oncilla_host::{Connector, SharedCaller};

use crate::sockets::*;

/// A serial line in memory: a device, and a client in turns.
fn on_a_line<R>(test: impl FnOnce(SharedCaller<Client<oncilla_host::Pipe<Serial>, Box<[u8]>>>) -> R) -> (R, u32) {
    let (device, host) = oncilla_host::pipe::<Serial>();
    thread::scope(|scope| {
        let serving = scope.spawn(move || {
            let mut service = Service::default();
            Link::with_boot_number(device, vec![0; 8192], vec![0; 8192], 7).serve(&SMALL, &mut service).unwrap();
            service.calls
        });
        let mut client = Client::new(Connector::new().buffer(8192).link(host), 1);
        client.set_timeout(PATIENCE);
        let tested = test(SharedCaller::new(client));
        (tested, serving.join().unwrap())
    })
}

/// Without the procedure whose reply needs a megabyte.
static SMALL: oncilla::Table<Service> = oncilla::table![line::program()];

oncilla::program! {
    pub mod line = 0x2000_009a, version 1 {
        fn add(a: i32, b: i32) -> i32 = 1;
        fn name(number: u32) -> &str [..16] = 2, idempotent;
    }
}

impl line::Service for Service {
    fn add(&mut self, a: i32, b: i32) -> i32 {
        self.calls += 1;
        a.wrapping_add(b)
    }

    fn name(&mut self, number: u32) -> &str {
        self.calls += 1;
        ["zero", "one", "two", "three"][number as usize % 4]
    }
}

#[test]
fn every_call_on_a_serial_line_has_its_reply() {
    let ((), calls) = on_a_line(|shared| {
        thread::scope(|scope| {
            for thread in 0..8 {
                let mut line = line::Client::new(shared.clone());
                scope.spawn(move || {
                    for call in 0..50 {
                        assert_eq!(line.add(thread, call).unwrap(), thread + call);
                        let name = line.name(thread as u32).unwrap();
                        assert_eq!(name, ["zero", "one", "two", "three"][thread as usize % 4]);
                    }
                });
            }
        });
    });
    assert_eq!(calls, 800);
}

#[test]
fn a_call_whose_turn_does_not_come_is_not_sent() {
    let ((), calls) = on_a_line(|shared| {
        let ((taken, is_taken), (tried, wait)) = (mpsc::channel::<()>(), mpsc::channel::<()>());
        thread::scope(|scope| {
            let busy = shared.clone();
            scope.spawn(move || {
                busy.with(|_| {
                    taken.send(()).unwrap();
                    wait.recv().unwrap();
                })
                .unwrap();
            });
            is_taken.recv().unwrap();
            let mut hasty = shared.clone();
            hasty.set_turn_timeout(MOMENT);
            let unsent = line::Client::new(&mut hasty).add(1, 2);
            assert!(matches!(unsent, Err(CallError::NoSlot { slots: 1 })), "{unsent:?}");
            tried.send(()).unwrap();
        });
        assert_eq!(line::Client::new(shared).add(1, 2).unwrap(), 3);
    });
    assert_eq!(calls, 1);
}

#[test]
fn a_thread_that_panics_gives_its_turn_back() {
    on_a_line(|mut shared| {
        let panics = std::panic::AssertUnwindSafe(|| {
            shared.call(procedure(1), |_| -> Result<(), _> { std::panic::panic_any(1) }, |_| Ok(()))
        });
        std::panic::catch_unwind(panics).unwrap_err();
        assert_eq!(line::Client::new(shared).add(1, 2).unwrap(), 3);
    });
}
