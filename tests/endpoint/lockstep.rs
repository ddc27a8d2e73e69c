//! Random plans lead to the events that the model predicts.

use oncilla::framing::{Cobs, Datagram};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::follow::check;
use crate::model::{Fate, Kind, Plan, Step};

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let kind = prop_oneof![3 => Just(Kind::Add), 1 => Just(Kind::Double), 1 => Just(Kind::Note)];
    // Whole milliseconds make it likely that events fall on the same instant.
    let micros = || prop_oneof![(0..20u64).prop_map(|millis| 1_000 * millis), 0..20_000u64];
    let step = prop_oneof![
        4 => (kind, 0..100u32, prop_oneof![micros(), 20_000..80_000u64])
            .prop_map(|(kind, amount, timeout)| Step::Call(kind, amount, timeout)),
        1 => micros().prop_map(Step::Serve),
        1 => micros().prop_map(Step::Work),
    ];
    vec(step, 0..10)
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let late = || prop_oneof![Just(0), Just(1_000), 0..30_000u64];
    let fate = prop_oneof![
        4 => Just(Fate::Late(0)),
        2 => Just(Fate::Lost),
        1 => Just(Fate::Damaged),
        2 => late().prop_map(Fate::Late),
        2 => (late(), late()).prop_map(|(first, second)| Fate::Twice(first, second)),
    ];
    vec(fate, 0..40)
}

fn plan() -> impl Strategy<Value = Plan> {
    // The two endpoints may use the same xids.
    let first_xid = prop_oneof![Just(u32::MAX - 2), Just(0), any::<u32>()];
    let pause = prop_oneof![(1..10u64).prop_map(|millis| 1_000 * millis), 1_000..30_000u64];
    (steps(), fates(), first_xid, pause, any::<bool>()).prop_map(|(steps, fates, first_xid, pause, doubling)| Plan {
        steps,
        fates,
        first_xid,
        pause,
        doubling,
    })
}

proptest! {
    #[test]
    fn frames_behave_as_the_model(plans in [plan(), plan()]) {
        check::<Cobs>(&plans);
    }

    #[test]
    fn datagrams_behave_as_the_model(plans in [plan(), plan()]) {
        check::<Datagram>(&plans);
    }
}
