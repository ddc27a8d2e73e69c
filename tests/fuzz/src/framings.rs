//! Streams to the framings, beside simple models of them.

use oncilla::framing::{Cobs, Framing, Record, RecordAhead, Serial};

use crate::frames::{Found, Receiver, Sized};
use crate::models::{CobsModel, RecordModel};

/// The first two bytes say how large the buffer is and how the rest, the stream, arrives.
fn split(data: &[u8]) -> Option<(usize, impl Iterator<Item = &[u8]>)> {
    let (&[size, cut], stream) = data.split_first_chunk()?;
    let mut rest = stream;
    let mut length = usize::from(cut);
    let chunks = core::iter::from_fn(move || {
        // Of changing length, but the same for the same data.
        length = length * 5 % 97 + 1;
        let (chunk, after) = rest.split_at(rest.len().min(length));
        rest = after;
        (!chunk.is_empty()).then_some(chunk)
    });
    Some((usize::from(size), chunks))
}

/// Record marking, by either reader, and with a buffer that grows.
pub fn record(data: &[u8]) {
    records(data, Receiver::<Record>::new);
    records(data, Receiver::<RecordAhead>::new);
    records(data, Receiver::growing);
}

fn records<F: Sized>(data: &[u8], receiver: impl FnOnce(usize) -> Receiver<F>) {
    let Some((size, chunks)) = split(data) else { return };
    let capacity = RecordAhead::BUFFER_MIN + size;
    let mut real = receiver(capacity);
    let mut model = RecordModel { capacity, stream: Vec::new() };
    for chunk in chunks {
        let mut found = Vec::new();
        real.feed(chunk, &mut found);
        assert_eq!(found, model.feed(chunk));
        assert_eq!(real.framing.is_amid(), model.is_amid());
    }
}

/// Frames of COBS.
pub fn cobs(data: &[u8]) {
    for beside in [false, true] {
        let (model, framing) = frames::<Cobs>(data, CobsModel { beside, ..CobsModel::default() });
        assert_eq!(framing.dropped(), model.dropped);
    }
}

/// The same with messages in two forms.
pub fn serial(data: &[u8]) {
    for beside in [false, true] {
        let (model, framing) = frames::<Serial>(data, CobsModel { short: true, beside, ..CobsModel::default() });
        assert_eq!(framing.dropped(), model.dropped);
    }
}

fn frames<F: Sized>(data: &[u8], model: CobsModel) -> (CobsModel, F) {
    let Some((size, chunks)) = split(data) else { return (model, F::default()) };
    let mut model = CobsModel { capacity: F::BUFFER_MIN + 2 * size, ..model };
    let receiver = if model.beside { Receiver::<F>::of_all } else { Receiver::<F>::new };
    let mut real = receiver(model.capacity);
    for chunk in chunks {
        let mut found = Vec::new();
        real.feed(chunk, &mut found);
        let expected = model.feed(chunk);
        assert_eq!(found.len(), expected.len(), "{found:?}, and not {expected:?}");
        for (found, expected) in found.into_iter().zip(expected) {
            match (found, expected) {
                // Of what the buffer cannot hold, only the end is there.
                (Found::Dropped(end), Found::Dropped(whole)) if whole >= model.capacity => {
                    assert!(end < model.capacity)
                }
                (found, expected) => assert_eq!(found, expected),
            }
        }
    }
    (model, real.framing)
}
