//! The queue by single steps.

use oncilla_fleet::wire::{Content, Correlation};

use super::*;

pub fn record(device: &str, id: u8) -> Record {
    let name = |text: &str| Name::new(text).unwrap();
    Record {
        key: Key { device: name(device), user: name("alice"), id: Correlation::new(&[id]).unwrap() },
        program: 0x2000_0042,
        procedure: (1, 2),
        content: Content::Rpc,
        payload: vec![id; 40],
        reply: Some("plant/reply/alice/c".to_owned()),
        timeout: Some(5000),
        expires: 1_000_000,
        trace: (None, None),
    }
}

const SESSION: u64 = 5;

fn situation(now: u64) -> Situation<'static> {
    Situation { held: true, online: true, settled: true, session: SESSION, now, alive: &|_, _| false }
}

fn look(queue: &mut Queue, now: u64) -> Vec<Do> {
    queue.look(&Name::new("oven").unwrap(), &situation(now))
}

/// A call that is about to be executed.
fn executing() -> Queue {
    let mut queue = Queue::new(10, Vec::new());
    let key = record("oven", 1).key;
    assert_eq!(queue.arrive(record("oven", 1)), Arrived::New(0));
    assert_eq!(look(&mut queue, 0), []);
    assert_eq!(queue.written(0, &Stage::Queued, SESSION), []);
    assert_eq!(look(&mut queue, 0), [Do::Publish(0, Progress::Queued, None), Do::Write(0)]);
    assert_eq!(queue.written(0, &Stage::Delivering(SESSION), SESSION), [Do::Publish(0, Progress::Delivered, None)]);
    assert_eq!(queue.state(&key, Progress::Queued, ("a", SESSION), SESSION), []);
    assert_eq!(queue.state(&key, Progress::Delivered, ("a", SESSION), SESSION), [Do::Execute(0)]);
    queue
}

#[test]
fn a_call_is_executed_once_after_all_gateways_know_it() {
    let mut queue = executing();
    let key = record("oven", 1).key;
    assert_eq!(queue.state(&key, Progress::Delivered, ("a", SESSION), SESSION), []);
    assert_eq!(look(&mut queue, 0), []);
    assert_eq!(queue.ended(0, End::Done), [Do::Write(0), Do::Publish(0, Progress::Done, None)]);
    assert_eq!(queue.ended(0, End::Done), []);
    assert_eq!((look(&mut queue, 0), queue.waiting()), (vec![], 0));
    // The same call again, as a broker with quality of service 1 may send it.
    assert_eq!(queue.arrive(record("oven", 1)), Arrived::Known);
    assert_eq!(queue.forget(1_000_000 + REMEMBERED - 1), []);
    assert_eq!(queue.forget(1_000_000 + REMEMBERED), [Do::Forget(0)]);
    assert_eq!((queue.bytes, queue.keys.len(), queue.open.len()), (0, 0, 0));
}

#[test]
fn a_call_that_another_gateway_has_delivered_is_left_to_it() {
    let mut queue = Queue::new(10, vec![(3, record("oven", 1), Stage::Queued), (4, record("oven", 2), Stage::Queued)]);
    look(&mut queue, 0);
    queue.written(3, &Stage::Delivering(SESSION), SESSION);
    let key = record("oven", 1).key;
    assert_eq!(queue.state(&key, Progress::Delivered, ("b", 6), SESSION), [Do::Write(3)]);
    assert_eq!(queue.state(&key, Progress::Delivered, ("a", SESSION), SESSION), []);
    // As long as that one is there, the next one waits.
    let alive = Situation { alive: &|gateway, session| (gateway, session) == ("b", 6), ..situation(0) };
    assert_eq!(queue.look(&Name::new("oven").unwrap(), &alive), []);
    let acts = look(&mut queue, 0);
    assert!(matches!(&acts[1], Do::Publish(3, Progress::Failed, Some((Some(Trouble::Gateway), _)))), "{acts:?}");
    assert!(matches!(&acts[3], Do::Write(4)), "{acts:?}");
}

#[test]
fn what_a_gateway_gives_back_is_queued_again() {
    let mut queue = Queue::new(10, vec![(3, record("oven", 1), Stage::Queued)]);
    let key = record("oven", 1).key;
    queue.state(&key, Progress::Delivered, ("b", 6), SESSION);
    assert_eq!(queue.state(&key, Progress::Queued, ("b", 6), SESSION), [Do::Write(3)]);
    assert_eq!(queue.get(3).unwrap().1, &Stage::Queued);
    let mut executing = executing();
    assert_eq!(executing.ended(0, End::NotExecuted), [Do::Write(0), Do::Publish(0, Progress::Queued, None)]);
    assert_eq!(look(&mut executing, 0), [Do::Write(0)]);
}

#[test]
fn what_was_delivered_before_a_restart_has_failed() {
    let mut queue = Queue::new(10, vec![(3, record("oven", 1), Stage::Delivering(4))]);
    let acts = look(&mut queue, 0);
    assert!(matches!(
        &acts[..],
        [Do::Write(3), Do::Publish(3, Progress::Failed, _), Do::Reply(3, Trouble::Gateway, _)]
    ));
    // But not if its end was published.
    let mut queue = Queue::new(10, vec![(3, record("oven", 1), Stage::Delivering(4))]);
    let key = record("oven", 1).key;
    queue.state(&key, Progress::Done, ("a", 4), SESSION);
    assert_eq!(look(&mut queue, 0), []);
    // What overwrites the end is overwritten.
    assert_eq!(queue.state(&key, Progress::Delivered, ("b", 6), SESSION), []);
    assert_eq!(look(&mut queue, 0), [Do::Publish(3, Progress::Done, None)]);
    assert_eq!(look(&mut queue, 0), []);
}

#[test]
fn what_was_not_executed_when_the_broker_was_lost_is_delivered_again() {
    let mut queue = Queue::new(10, vec![(3, record("oven", 1), Stage::Queued)]);
    look(&mut queue, 0);
    queue.written(3, &Stage::Delivering(SESSION), SESSION);
    queue.lost();
    let again = Situation { session: 9, ..situation(0) };
    assert_eq!(queue.look(&Name::new("oven").unwrap(), &again), [Do::Publish(3, Progress::Queued, None), Do::Write(3)]);
    // What is executed when the broker is lost goes on.
    let mut queue = executing();
    queue.lost();
    assert_eq!(queue.look(&Name::new("oven").unwrap(), &again), []);
}

#[test]
fn an_expired_call_is_not_executed_and_too_many_are_refused() {
    let mut queue = Queue::new(1, vec![(3, record("oven", 1), Stage::Queued)]);
    assert_eq!(queue.arrive(record("oven", 2)), Arrived::Full);
    let acts = look(&mut queue, 1_000_000);
    assert!(matches!(
        &acts[..],
        [Do::Write(3), Do::Publish(3, Progress::Expired, None), Do::Reply(3, Trouble::Expired, _)]
    ));
    assert_eq!(queue.arrive(record("oven", 2)), Arrived::New(4));
}

#[test]
fn a_call_whose_gateway_does_not_have_it_expires_a_while_after_its_time() {
    let mut queue = Queue::new(1, vec![(3, record("oven", 1), Stage::Queued)]);
    assert_eq!(queue.expire(1_000_000 + OVER - 1), []);
    let acts = queue.expire(1_000_000 + OVER);
    assert!(matches!(
        &acts[..],
        [Do::Write(3), Do::Publish(3, Progress::Expired, None), Do::Reply(3, Trouble::Expired, _)]
    ));
    assert_eq!((queue.expire(1_000_000 + OVER), queue.waiting(), queue.open.len()), (vec![], 0, 0));
}

#[test]
fn no_call_is_delivered_before_others_have_published_what_they_have_done() {
    let mut queue = Queue::new(1, vec![(3, record("oven", 1), Stage::Queued)]);
    let device = Name::new("oven").unwrap();
    let unsettled = Situation { settled: false, ..situation(0) };
    assert_eq!(queue.look(&device, &unsettled), [Do::Publish(3, Progress::Queued, None)]);
    assert_eq!(look(&mut queue, 0), [Do::Write(3)]);
}

#[test]
fn what_the_broker_does_not_have_is_published_again_whoever_serves_the_device() {
    // One call is executed, one has ended while the broker was away, and one was delivered before a restart.
    let mut queue = executing();
    queue.insert(7, record("oven", 2), Stage::Ended(Progress::Done), true);
    queue.insert(8, record("oven", 3), Stage::Delivering(1), true);
    queue.insert(9, record("oven", 4), Stage::Ended(Progress::Done), true);
    queue.lost();
    queue.announce_again();
    // Of the last one the broker has the end.
    queue.state(&record("oven", 4).key, Progress::Done, ("b", 6), SESSION);
    let acts = queue.synced(SESSION);
    let published: Vec<_> = acts.iter().filter(|act| matches!(act, Do::Publish(..))).collect();
    assert!(
        matches!(
            published[..],
            [
                Do::Publish(0, Progress::Delivered, None),
                Do::Publish(7, Progress::Done, None),
                Do::Publish(8, Progress::Failed, Some(_))
            ]
        ),
        "{acts:?}"
    );
    assert_eq!(queue.synced(SESSION), [Do::Publish(0, Progress::Delivered, None)]);
}
