//! The queue when a connection to the broker is lost and made again.
//!
//! A broker that was killed returns with what it had on its disk: the states of the last seconds may be missing, and
//! calls that were acknowledged come again. So each gateway publishes what the broker does not have of its calls, and
//! states that it has done so; until all have, no gateway delivers a call (see [`Peers`](super::Peers)).

use oncilla_fleet::wire::{Progress, Trouble};

use super::{Do, Queue, Stage};

/// What callers are told of a call whose gateway has gone while it was delivering.
pub const GONE: &str = "the gateway that delivered the call is gone";

impl Queue {
    /// The connection to the broker is lost: what was not executed yet is not being delivered any more.
    pub fn lost(&mut self) {
        for entry in self.entries.values_mut() {
            if entry.published && !entry.running {
                entry.published = false;
                entry.stage = Stage::Queued;
            }
        }
        self.announce_again();
    }

    /// The broker may have lost what was published: the states that it does not send are published again.
    pub fn announce_again(&mut self) {
        self.entries.values_mut().for_each(|entry| entry.announced = false);
        self.settle_all();
    }

    fn settle_all(&mut self) {
        let numbers: Vec<_> = self.entries.keys().copied().collect();
        numbers.into_iter().for_each(|number| self.settle(number));
    }

    /// All states that the broker retains were seen, on a connection with this session. Returns what it does not have
    /// of what this gateway has done, whoever serves the devices now.
    pub fn synced(&mut self, session: u64) -> Vec<Do> {
        let mut acts = Vec::new();
        for (number, entry) in &mut self.entries {
            let number = *number;
            match entry.stage {
                Stage::Ended(end) if !entry.announced => {
                    entry.announced = true;
                    acts.push(Do::Publish(number, end, None));
                }
                Stage::Delivering(_) if entry.running => acts.push(Do::Publish(number, Progress::Delivered, None)),
                Stage::Delivering(older) if older != session && !entry.published => acts.extend(entry.fail(number)),
                _ => {}
            }
        }
        self.settle_all();
        acts
    }
}

impl super::Entry {
    /// Ends a call of which nobody knows whether it was executed.
    pub(super) fn fail(&mut self, number: u64) -> [Do; 3] {
        self.stage = Stage::Ended(Progress::Failed);
        self.announced = true;
        [
            Do::Write(number),
            Do::Publish(number, Progress::Failed, Some((Some(Trouble::Gateway), GONE.to_owned()))),
            Do::Reply(number, Trouble::Gateway, GONE.to_owned()),
        ]
    }

    /// Ends a call whose time is over.
    pub(super) fn expire(&mut self, number: u64) -> [Do; 3] {
        self.stage = Stage::Ended(Progress::Expired);
        self.announced = true;
        let what = "the time of the call was over before the device returned";
        [
            Do::Write(number),
            Do::Publish(number, Progress::Expired, None),
            Do::Reply(number, Trouble::Expired, what.to_owned()),
        ]
    }
}
