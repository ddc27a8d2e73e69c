//! States of calls that have not arrived at this gateway yet.
//!
//! States and calls come by two connections. After a restart of the broker another gateway may have its calls again, and
//! execute one, before they arrive here. A gateway that did not remember it would execute the call, too.

use std::collections::{HashMap, VecDeque};

use oncilla_fleet::wire::Progress;

use super::{Key, Stage};

/// The most calls that are remembered. The oldest is forgotten first.
const MOST: usize = 10_000;

/// What others have done with calls that are not known here.
#[derive(Debug, Default)]
pub struct Early {
    stages: HashMap<Key, Stage>,
    /// The keys in the order in which they came. Some may have gone since.
    order: VecDeque<Key>,
}

impl Early {
    /// The state of a call was seen that is not known here. `by` is the gateway that published it, with its session.
    pub fn see(&mut self, key: &Key, progress: Progress, by: (&str, u64)) {
        let known = self.stages.get(key);
        let stage = match progress {
            // Its gateway has not executed it.
            Progress::Queued => {
                if matches!(known, Some(Stage::Foreign(gateway, _)) if gateway == by.0) {
                    self.stages.remove(key);
                }
                return;
            }
            // The first one counts.
            Progress::Delivered if known.is_some() => return,
            Progress::Delivered => Stage::Foreign(by.0.to_owned(), by.1),
            end => Stage::Ended(end),
        };
        if self.stages.insert(key.clone(), stage).is_none() {
            self.order.push_back(key.clone());
        }
        while self.order.len() > MOST {
            let oldest = self.order.pop_front();
            oldest.and_then(|key| self.stages.remove(&key));
        }
    }

    /// Returns and forgets the stage of a call that arrives.
    pub fn take(&mut self, key: &Key) -> Option<Stage> {
        self.stages.remove(key)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::record;
    use super::super::{Arrived, Do, Queue, Situation};
    use super::*;

    /// Looks at the device while its gateway `b` is there, or not.
    fn look(queue: &mut Queue, alive: bool) -> Vec<Do> {
        let alive = move |_: &str, _: u64| alive;
        let situation = Situation { held: true, online: true, settled: true, session: 5, now: 0, alive: &alive };
        queue.look(&record("oven", 1).key.device, &situation)
    }

    #[test]
    fn what_another_gateway_does_before_the_call_arrives_counts() {
        let key = record("oven", 1).key;
        // It is done already.
        let mut queue = Queue::new(10, Vec::new());
        queue.state(&key, Progress::Delivered, ("b", 6), 5);
        queue.state(&key, Progress::Done, ("b", 6), 5);
        assert_eq!(queue.arrive(record("oven", 1)), Arrived::New(0));
        assert_eq!(queue.get(0).unwrap().1, &Stage::Ended(Progress::Done));
        queue.written(0, &Stage::Ended(Progress::Done), 5);
        assert_eq!((look(&mut queue, false), queue.waiting()), (vec![], 0));
        // It is being executed: whether it was is unknown, if that gateway dies.
        let mut queue = Queue::new(10, Vec::new());
        queue.state(&key, Progress::Delivered, ("b", 6), 5);
        queue.state(&key, Progress::Delivered, ("c", 7), 5);
        queue.arrive(record("oven", 1));
        let foreign = Stage::Foreign("b".to_owned(), 6);
        queue.written(0, &foreign, 5);
        assert_eq!(queue.get(0).unwrap().1, &foreign);
        assert_eq!(look(&mut queue, true), []);
        assert!(matches!(look(&mut queue, false)[..], [Do::Write(0), Do::Publish(0, Progress::Failed, _), _]));
        // It was given back.
        let mut queue = Queue::new(10, Vec::new());
        queue.state(&key, Progress::Delivered, ("b", 6), 5);
        queue.state(&key, Progress::Queued, ("b", 6), 5);
        queue.arrive(record("oven", 1));
        assert_eq!(queue.get(0).unwrap().1, &Stage::Queued);
    }

    #[test]
    fn the_memory_is_bounded() {
        let mut early = Early::default();
        for number in 0..=MOST as u64 {
            let mut key = record("oven", 1).key;
            key.id = oncilla_fleet::wire::Correlation::new(&number.to_be_bytes()).unwrap();
            early.see(&key, Progress::Done, ("b", 6));
        }
        assert_eq!((early.stages.len(), early.order.len()), (MOST, MOST));
    }
}
