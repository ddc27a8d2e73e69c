//! Frames that are sent together.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The largest number of bytes that wait to be sent.
const HELD_MAX: usize = 16 << 10;

/// Keeps back frames, which are then sent by one system call: with the next frame that is not kept back, or before the
/// next wait for a reply.
///
/// Carriers that lose messages keep nothing back. Clones share the state.
#[derive(Clone, Debug, Default)]
pub struct Cork(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// Whether the frames that follow are kept back.
    holding: AtomicBool,
    /// Whether the carrier can keep frames back.
    able: AtomicBool,
    held: AtomicUsize,
    releases: AtomicUsize,
}

impl Cork {
    /// Keeps back the frames that `work` sends.
    pub fn hold<R>(&self, work: impl FnOnce() -> R) -> R {
        self.0.holding.store(true, Ordering::Relaxed);
        let done = work();
        self.0.holding.store(false, Ordering::Relaxed);
        done
    }

    /// Returns the size of the largest frame that can be kept back. 0 if the carrier keeps none.
    #[must_use]
    pub fn room(&self) -> usize {
        if self.0.able.load(Ordering::Relaxed) { HELD_MAX.saturating_sub(self.held()) } else { 0 }
    }

    /// Returns how many bytes are kept back.
    #[must_use]
    pub fn held(&self) -> usize {
        self.0.held.load(Ordering::Acquire)
    }

    /// Returns how often bytes were kept back no longer.
    #[must_use]
    pub fn releases(&self) -> usize {
        self.0.releases.load(Ordering::Acquire)
    }

    pub(super) fn set_able(&self, able: bool) {
        self.0.able.store(able, Ordering::Relaxed);
    }

    pub(super) fn keeps(&self, length: usize) -> bool {
        self.0.holding.load(Ordering::Relaxed) && length <= self.room()
    }

    pub(super) fn add(&self, length: usize) {
        self.0.held.fetch_add(length, Ordering::AcqRel);
    }

    pub(super) fn release(&self, length: usize) {
        if length == 0 {
            return;
        }
        self.0.held.fetch_sub(length, Ordering::AcqRel);
        self.0.releases.fetch_add(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use oncilla::framing::{Cobs, Framing, RecordAhead};
    use oncilla::{Received, Time, Transport};

    use super::super::{How, Tapped};
    use super::*;

    /// A carrier that notes what each system call sends, and takes at most `room` bytes of it.
    struct Noting<F> {
        sent: Arc<Mutex<Vec<Vec<u8>>>>,
        room: usize,
        framing: std::marker::PhantomData<F>,
    }

    impl<F: Framing> Transport for Noting<F> {
        type Error = io::Error;
        type Framing = F;

        fn now(&mut self) -> Time {
            Time::ZERO
        }

        fn receive(&mut self, _: &mut [u8], _: Time) -> io::Result<Received> {
            Ok(Received::TimeUp)
        }

        fn send(&mut self, frame: &[u8], _: Time) -> io::Result<usize> {
            let frame = &frame[..frame.len().min(self.room)];
            self.sent.lock().unwrap().push(frame.to_vec());
            Ok(frame.len())
        }
    }

    /// Sends three frames that are kept back, and then what `next` does. Returns what was sent by each system call.
    fn sent<F: Framing>(room: usize, next: impl FnOnce(&mut Tapped<Noting<F>>)) -> (Vec<Vec<u8>>, Cork) {
        let (how, sent) = (How::default(), Arc::default());
        let noting = Noting { sent: Arc::clone(&sent), room, framing: std::marker::PhantomData };
        let mut tapped = Tapped::new(noting, &how);
        for frame in [b"aa", b"bb", b"cc"] {
            assert_eq!(how.cork.hold(|| tapped.send(frame, Time::NEVER).unwrap()), 2);
        }
        next(&mut tapped);
        let sent = sent.lock().unwrap().clone();
        (sent, how.cork)
    }

    #[test]
    fn a_wait_sends_all_frames_at_once() {
        let (sent, cork) = sent::<RecordAhead>(100, |tapped| {
            tapped.receive(&mut [0; 8], Time::ZERO).unwrap();
        });
        assert_eq!((sent, cork.held(), cork.releases()), (vec![b"aabbcc".to_vec()], 0, 1));
    }

    #[test]
    fn the_next_frame_is_sent_behind_those_that_were_kept_back() {
        let (sent, cork) = sent::<RecordAhead>(100, |tapped| assert_eq!(tapped.send(b"dd", Time::ZERO).unwrap(), 2));
        assert_eq!((sent, cork.held()), (vec![b"aabbccdd".to_vec()], 0));
    }

    #[test]
    fn what_a_full_carrier_did_not_take_is_sent_later() {
        let (sent, cork) = sent::<RecordAhead>(5, |tapped| {
            // No byte of this frame may go before the rest of the others.
            assert_eq!(tapped.send(b"dd", Time::ZERO).unwrap(), 0);
            tapped.receive(&mut [0; 8], Time::ZERO).unwrap();
        });
        assert_eq!((sent, cork.held()), (vec![b"aabbc".to_vec(), b"c".to_vec()], 0));
    }

    #[test]
    fn a_carrier_that_loses_messages_keeps_nothing_back() {
        let (sent, cork) = sent::<Cobs>(100, |_| ());
        assert_eq!((sent.len(), cork.held(), cork.room()), (3, 0, 0));
    }

    #[test]
    fn what_is_kept_back_has_a_limit_and_ends_with_the_connection() {
        let (how, sent) = (How::default(), Arc::default());
        let framing = std::marker::PhantomData::<RecordAhead>;
        let mut tapped = Tapped::new(Noting { sent: Arc::clone(&sent), room: usize::MAX, framing }, &how);
        for _ in 0..3 {
            how.cork.hold(|| tapped.send(&[7; HELD_MAX / 2], Time::ZERO).unwrap());
        }
        assert_eq!(sent.lock().unwrap().len(), 1);
        how.cork.hold(|| tapped.send(b"aa", Time::ZERO).unwrap());
        assert_eq!(how.cork.held(), 2);
        drop(tapped);
        assert_eq!(how.cork.held(), 0);
    }
}
