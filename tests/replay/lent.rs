//! A cache in lent bytes behaves like one whose size is known at compile time.

use oncilla::ReplayMemory;
use oncilla::message::{Form, Origin, shorten};
use proptest::prelude::*;

use crate::*;

const SLOTS: usize = 3;
const SLOT: usize = BYTES + ReplayMemory::HEAD;

#[derive(Clone, Debug)]
enum Step {
    Call { xid: u32, procedure: u32, amount: u32, short: bool, room: usize },
    Forget,
}

fn step() -> impl Strategy<Value = Step> {
    let call = (0..6u32, 0..9u32, 0..2u32, any::<bool>(), prop_oneof![4 => Just(BYTES), 1 => 0..BYTES]);
    let call =
        call.prop_map(|(xid, procedure, amount, short, room)| Step::Call { xid, procedure, amount, short, room });
    prop_oneof![20 => call, 1 => Just(Step::Forget)]
}

fn message(xid: u32, procedure: u32, amount: u32, form: Option<Form>) -> Vec<u8> {
    let arguments: &[u32] = if matches!(procedure, TOTAL | PAGE | COPY) { &[] } else { &[amount] };
    let full = call(xid, procedure, arguments);
    if form.is_none() {
        return full;
    }
    let mut short = vec![0; 64];
    let length = shorten(&full, &mut short).expect("it has a short form");
    short.truncate(length);
    short
}

proptest! {
    #[test]
    fn a_lent_cache_behaves_like_a_fixed_one(steps in prop::collection::vec(step(), 1..200), spare in 0..SLOT) {
        let mut bytes = vec![0xee; SLOTS * SLOT + spare];
        let mut lent = ReplayMemory::new(&mut bytes, BYTES).expect("there is room for three");
        prop_assert_eq!(lent.slots(), SLOTS);
        let mut cache = ReplayCache::<SLOTS, BYTES>::new();
        let (mut ledger, mut other) = (Ledger::default(), Ledger::default());
        for step in steps {
            let Step::Call { xid, procedure, amount, short, room } = step else {
                lent.forget();
                cache.forget();
                continue;
            };
            let form = short.then_some(Form::Short);
            let message = message(xid, procedure, amount, form);
            let (mut reply, mut expected) = (vec![0xee; room], vec![0xee; room]);
            let length = lent.answer(form, Origin::default(), &TABLE, &mut ledger, &message, &mut reply);
            prop_assert_eq!(length, cache.answer(form, Origin::default(), &TABLE, &mut other, &message, &mut expected));
            let length = length.unwrap_or(0);
            prop_assert_eq!(&reply[..length], &expected[..length]);
            prop_assert_eq!(ledger.runs, other.runs);
        }
    }
}

#[test]
fn replies_in_a_lent_cache_age_too() {
    let mut bytes = [0; SLOTS * SLOT];
    let mut lent = ReplayMemory::new(&mut bytes, BYTES).expect("there is room for three");
    let mut ledger = Ledger::default();
    let mut reply = [0; BYTES];
    let mut ask = |number: u32, procedure| {
        let before = ledger.runs;
        let message = message(number, procedure, 1, Some(Form::Short));
        lent.answer(Some(Form::Short), Origin::default(), &TABLE, &mut ledger, &message, &mut reply)
            .expect("it is answered");
        ledger.runs > before
    };
    assert!(ask(1, ADD));
    assert!(!ask(1, ADD));
    for number in 2..32_000 {
        assert!(ask(number, TOTAL));
    }
    assert!(!ask(1, ADD));
    for number in 32_000..34_000 {
        assert!(ask(number, TOTAL));
    }
    assert!(ask(1, ADD));
}

#[test]
fn too_little_memory_is_rejected() {
    assert!(ReplayMemory::new(&mut [0; 43], 32).is_none());
    assert!(ReplayMemory::new(&mut [0; 44], 31).is_none());
    assert!(ReplayMemory::new(&mut [0; 44], usize::MAX).is_none());
    assert_eq!(ReplayMemory::new(&mut [0; 44], 32).map(|memory| memory.slots()), Some(1));
}
