//! Two cores over shared memory: threads, a core that writes anything, and two processes on one mapped file.

use std::time::{Duration, Instant};

use oncilla::framing::Serial;
use oncilla::{CallError, Client, Clock, Link, Served, Table, Time};
use oncilla_hal::{Line, Receive, Shared, Transmit};

oncilla::program! {
    /// Adds.
    pub mod adder = 0x2000_0001, version 1 {
        /// Returns the sum.
        fn add(left: u32, right: u32) -> u32 = 1;
    }
}

struct Adder;

impl adder::Service for Adder {
    fn add(&mut self, left: u32, right: u32) -> u32 {
        left.wrapping_add(right)
    }
}

const SIZE: usize = Serial::buffer(adder::CALL_MAX);

#[derive(Clone, Copy)]
struct System(Instant);

impl System {
    fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for System {
    fn now(&mut self) -> Time {
        Time::ZERO.after(self.0.elapsed())
    }

    fn idle(&mut self, _: Time) {
        std::thread::yield_now();
    }
}

/// The second core: serves until it is told to end, by a call that adds 0 to 0.
fn serve<const N: usize>(shared: &Shared<N>, boot: u32) {
    struct Ending(bool);
    impl adder::Service for Ending {
        fn add(&mut self, left: u32, right: u32) -> u32 {
            self.0 |= (left, right) == (0, 0);
            Adder.add(left, right)
        }
    }
    static ENDING: Table<Ending> = oncilla::table![adder::program()];

    let mut clock = System::start();
    let line = Line::<Serial, _, _>::new(shared.second(|| {}), clock);
    let mut link = Link::with_boot_number(line, vec![0; SIZE], vec![0; SIZE], boot);
    let (mut state, limit) = (Ending(false), Instant::now() + Duration::from_secs(60));
    while !state.0 && Instant::now() < limit {
        let soon = clock.now().after(Duration::from_millis(5));
        let served = link.serve_next(&ENDING, &mut state, soon);
        assert_ne!(served.unwrap(), Served::End);
    }
}

/// The first core.
fn call<const N: usize>(
    shared: &Shared<N>,
    count: u32,
    boot: u32,
) -> Result<(), CallError<impl std::fmt::Debug + use<N>>> {
    let line = Line::<Serial, _, _>::new(shared.first(|| {}), System::start());
    let link = Link::with_boot_number(line, vec![0; SIZE], vec![0; SIZE], boot);
    let mut client = Client::new(link, boot);
    client.set_timeout(Duration::from_secs(30));
    let mut adder = adder::Client::new(&mut client);
    for number in 1..=count {
        assert_eq!(adder.add(number, 7)?, number + 7);
    }
    adder.add(0, 0).map(|sum| assert_eq!(sum, 0))
}

const _: () = assert!(SIZE <= 64, "a lane holds a message");

#[test]
fn two_threads_call_over_lanes_of_one_message() {
    static SHARED: Shared<64> = Shared::new();
    std::thread::scope(|scope| {
        scope.spawn(|| serve(&SHARED, 2));
        call(&SHARED, 200, 1).unwrap();
    });
}

#[test]
fn a_core_that_restarts_is_noticed_and_called_again() {
    static SHARED: Shared<64> = Shared::new();
    // Half of a frame from before the restart.
    assert_eq!(SHARED.second(|| {}).put(b"\0abcdefgh"), Ok(9));
    for round in 0..3 {
        std::thread::scope(|scope| {
            scope.spawn(|| serve(&SHARED, 20 + round));
            call(&SHARED, 5, 10 + round).unwrap();
        });
    }
}

/// The layout is fixed: counts of 32 bits, then the bytes.
#[test]
fn the_layout_is_the_same_on_every_core() {
    assert_eq!(size_of::<Shared<16>>(), 2 * (4 + 4 + 16));
    assert_eq!(align_of::<Shared<16>>(), 4);
}

proptest::proptest! {
    /// As a queue, with counts that wrap.
    #[test]
    fn lanes_are_queues(steps in proptest::collection::vec((proptest::bool::ANY, 0..20_usize), 0..200)) {
        let shared = Shared::<8>::new();
        let (mut first, mut second) = (shared.first(|| {}), shared.second(|| {}));
        let (mut model, mut next) = (std::collections::VecDeque::new(), 0_u8);
        for (sends, length) in steps {
            if sends {
                let bytes: Vec<u8> = (0..length).map(|index| next.wrapping_add(index as u8)).collect();
                let count = first.put(&bytes).unwrap();
                proptest::prop_assert_eq!(count, length.min(8 - model.len()));
                model.extend(&bytes[..count]);
                next = next.wrapping_add(count as u8);
            } else {
                let mut into = vec![0; length];
                let count = second.take(&mut into).unwrap();
                proptest::prop_assert_eq!(count, length.min(model.len()));
                proptest::prop_assert_eq!(&into[..count], &model.drain(..count).collect::<Vec<_>>()[..]);
            }
            proptest::prop_assert_eq!(second.has_received(), !model.is_empty());
        }
    }
}

#[cfg(unix)]
mod mapped {
    use std::fs::File;
    use std::num::NonZero;
    use std::process::Command;

    use nix::sys::mman::{MapFlags, ProtFlags, mmap};
    use proptest::prelude::*;

    use super::*;

    const BYTES: usize = size_of::<Shared<64>>();

    /// Maps the file. It stays mapped until the process ends.
    fn map(file: &File) -> &'static Shared<64> {
        let length = NonZero::new(BYTES).unwrap();
        let protection = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        #[expect(unsafe_code, reason = "memory is mapped, and used as what lies in it")]
        // SAFETY: the mapping is new, as large as the type, aligned to a page and never unmapped. Every content of it is a
        // valid value of the type, which has only atomic numbers, so that other processes may change it.
        unsafe {
            mmap(None, length, protection, MapFlags::MAP_SHARED, file, 0).unwrap().cast::<Shared<64>>().as_ref()
        }
    }

    fn file(path: &str) -> File {
        let file = File::options().read(true).write(true).create(true).truncate(false).open(path).unwrap();
        file.set_len(BYTES as u64).unwrap();
        file
    }

    /// The path of the memory, in the second process.
    const PATH: &str = "ONCILLA_SHARED_MEMORY";

    #[test]
    #[ignore = "it is the second process of the test below"]
    fn second_process() {
        serve(map(&file(&std::env::var(PATH).unwrap())), 2);
    }

    #[test]
    fn two_processes_call_over_one_mapped_file() {
        let path = std::env::temp_dir().join(format!("oncilla-shared-{}", std::process::id()));
        let path = path.to_str().unwrap();
        let shared = map(&file(path));
        let mut second = Command::new(std::env::current_exe().unwrap());
        second.args(["--exact", "mapped::second_process", "--ignored"]).env(PATH, path);
        let mut second = second.spawn().unwrap();
        let called = call(shared, 1_000, 1);
        if called.is_err() {
            let _ = second.kill();
        }
        let status = second.wait().unwrap();
        std::fs::remove_file(path).unwrap();
        called.unwrap();
        assert!(status.success());
    }

    proptest! {
        /// Whatever the other core has written in the memory: no end hangs, panics, or reads beside it.
        #[test]
        fn any_memory_is_survived(content in prop::collection::vec(any::<u8>(), BYTES), length in 1..200_usize) {
            let path = std::env::temp_dir().join(format!("oncilla-any-{}", std::process::id()));
            std::fs::write(&path, &content).unwrap();
            let shared = map(&file(path.to_str().unwrap()));
            std::fs::remove_file(&path).unwrap();
            let (mut first, mut second) = (shared.first(|| {}), shared.second(|| {}));
            let mut into = vec![0; length];
            prop_assert!(first.take(&mut into).unwrap() <= 64);
            prop_assert!(second.put(&into).unwrap() <= 64);
            // It works again after each end has been used.
            while first.take(&mut into).unwrap() > 0 {}
            prop_assert_eq!(second.put(b"a").unwrap(), 1);
            prop_assert_eq!(first.take(&mut into).unwrap(), 1);
            prop_assert_eq!(into[0], b'a');
        }
    }
}
