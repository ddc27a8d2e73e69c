//! Recorded messages, sent again.

use oncilla::framing::Cobs;

use crate::*;

/// Serves frame by frame, and keeps what it sent. Its replay cache would answer repeated calls.
struct Device {
    link: Link<Keyed<Tap<oncilla_host::Pipe<Cobs>>, Accepting>, Vec<u8>>,
    cache: Cache,
    state: Ledger,
}

impl Device {
    fn new(boot: u32) -> (oncilla_host::Pipe<Cobs>, Self) {
        let (near, far) = oncilla_host::pipe::<Cobs>();
        (near, Self { link: keyed(Tap::new(far), accepts(boot)), cache: Cache::new(), state: Ledger::default() })
    }

    /// Handles everything that has come. Returns the frames that it sent.
    fn handle(&mut self) -> Vec<Vec<u8>> {
        self.link.transport().inner().sent.clear();
        loop {
            let soon = self.link.transport().now().after(Duration::from_millis(10));
            match self.link.serve_next_once(&mut self.cache, &TABLE, &mut self.state, soon).unwrap() {
                Served::Message => {}
                _ => break,
            }
        }
        std::mem::take(&mut self.link.transport().inner().sent)
    }
}

fn send(end: &mut oncilla_host::Pipe<Cobs>, frame: &[u8]) {
    assert_eq!(end.send(frame, Time::NEVER), Ok(frame.len()));
}

/// Records a session of five calls: the frames of the client.
fn recording(boot: u32) -> Vec<Vec<u8>> {
    against_device::<Cobs, _>(|end| {
        let mut client = client(end, opens(&KEYS[0], boot));
        for sum in 1..=5 {
            assert_eq!(add(&mut client, 1), Ok(sum));
        }
        client.link().transport().inner().sent.clone()
    })
    .0
}

#[test]
fn a_recorded_session_executes_nothing_after_a_restart() {
    let recorded = recording(CALLER);
    // The same start would make the same session: this shows that the recording is a whole one.
    let (mut line, mut same) = Device::new(SERVER);
    recorded.iter().for_each(|frame| send(&mut line, frame));
    same.handle();
    assert_eq!(same.state.runs, 5);
    // Once more it executes nothing and answers HELLO only, and so does a server that has restarted.
    recorded.iter().for_each(|frame| send(&mut line, frame));
    assert_eq!((same.handle().len(), same.state.runs), (1, 5));
    let (mut line, mut restarted) = Device::new(SERVER + 1);
    recorded.iter().for_each(|frame| send(&mut line, frame));
    assert_eq!((restarted.handle().len(), restarted.state.runs), (1, 0));
}

#[test]
fn recorded_hellos_do_not_disturb_the_session() {
    let hellos: Vec<_> = (0..50).map(|boot| recording(boot).swap_remove(0)).collect();
    let (sums, ledger) = against_device::<Cobs, _>(|end| {
        let mut client = client(end, opens(&KEYS[0], 1000));
        let mut sums = vec![];
        for hello in &hellos {
            client.link().transport().inner().inner.send(hello, Time::NEVER).unwrap();
            sums.push(add(&mut client, 1).unwrap());
        }
        let sent = &client.link().transport().inner().sent;
        assert_eq!(sent.len(), 51, "nothing was repeated");
        sums
    });
    assert_eq!(sums, (1..=50).collect::<Vec<_>>());
    assert_eq!(ledger.runs, 50);
}

#[test]
fn a_remembered_reply_is_another_ciphertext() {
    let (near, far) = oncilla_host::pipe::<Cobs>();
    thread::scope(|scope| {
        let serving = scope.spawn(move || {
            // The first reply to the second call is lost.
            let mut replies = 0;
            let far = tap::Lossy::new(far, move |_| {
                replies += 1;
                replies == 3
            });
            let mut link = keyed(Tap::new(far), accepts(SERVER));
            let mut state = Ledger::default();
            serve(&mut link, &mut state).unwrap();
            assert_eq!(state.runs, 2);
            link.into_transport().into_inner().sent
        });
        let mut client = client(Tap::new(near), opens(&KEYS[0], CALLER));
        assert_eq!(add(&mut client, 1), Ok(1));
        assert_eq!(add(&mut client, 1), Ok(2));
        let calls = client.into_link().into_transport().into_inner().sent;
        let replies = serving.join().unwrap();
        // CHALLENGE, the reply to the first call, that to the second twice, perhaps another CHALLENGE.
        let [lost, again] = [&replies[2], &replies[3]];
        assert_ne!(lost, again);
        let mut distinct = calls.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), calls.len(), "no frame is sent twice");
    });
}

#[test]
fn repeated_and_old_frames_are_dropped() {
    let recorded = recording(CALLER);
    let (mut line, mut server) = Device::new(SERVER);
    for (index, frame) in recorded.iter().enumerate() {
        send(&mut line, frame);
        server.handle();
        // Neither the same frame again, nor the ones before it. HELLO, the first one, has an answer and no effect.
        recorded.iter().take(index + 1).skip(1).for_each(|old| send(&mut line, old));
        assert!(server.handle().is_empty(), "frame {index}");
    }
    assert_eq!(server.state.runs, 5);
}
