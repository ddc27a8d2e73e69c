//! Handing calls to workers.

use oncilla_fleet::wire::{Name, Trouble};

use super::Gateway;
use crate::call::{Call, For, Wrong, open};
use crate::mqtt::Received;
use crate::reply::Answer;
use crate::worker::Job;

impl Gateway {
    /// A publication that should be a call arrived.
    pub(super) fn call(&mut self, received: &Received) {
        let (target, call) = match open(&self.topics, received) {
            Ok(opened) => opened,
            Err(Wrong::Told(call, trouble, text)) => {
                return self.shared.reply(&call, Answer::Trouble(trouble, text), None);
            }
            Err(Wrong::Dropped(why)) => {
                tracing::warn!(topic = ?received.topic, "dropped: {why}");
                return self.shared.metrics.dropped("malformed");
            }
        };
        if let Some(correlation) = &call.correlation {
            let caller = call.reply.as_ref().map_or(call.user.as_bytes(), |back| back.topic.as_bytes());
            if !self.seen.is_new(caller, correlation.as_bytes()) {
                tracing::info!(user = %call.user, %correlation, "dropped: a repeated call");
                return self.shared.metrics.dropped("repeated");
            }
        }
        match target {
            For::Device(device) => self.hand(&device, call),
            For::Any(group) => self.any(&group, call),
            For::Group(group) => self.group(&group, &call),
            For::Queue(_) => self.shared.metrics.dropped("malformed"),
        }
    }

    /// Hands a call to the worker of a device.
    fn hand(&self, device: &Name, call: Call) {
        let refuse = |call: &Call, trouble, text: String| {
            self.shared.reply(call, Answer::Trouble(trouble, text), Some(device));
        };
        let Some(held) = self.held.get(device) else {
            return refuse(&call, Trouble::Away, "this gateway does not serve the device any more".to_owned());
        };
        if held.known.is_none() {
            return refuse(&call, Trouble::Away, held.reason.clone());
        }
        if let Err(job) = held.lane.offer(Job { call, queued: None }) {
            let what = format!("{} calls wait for the device already", held.device.calls);
            refuse(&job.call, Trouble::Busy, what);
        }
    }

    /// Hands a call to the device of a group that has the fewest to make. Of several, it is the one whose turn is longest ago.
    fn any(&mut self, group: &Name, call: Call) {
        let with_room = self.online_in(group).filter(|held| held.lane.has_room());
        let free = with_room.min_by_key(|held| (held.lane.load(), held.turn)).map(|held| held.device.name.clone());
        match free {
            Some(device) => {
                self.turn += 1;
                if let Some(held) = self.held.get_mut(&device) {
                    held.turn = self.turn;
                }
                self.hand(&device, call);
            }
            None if self.online_in(group).next().is_some() => {
                let what = format!("all devices of the group {group} that this gateway serves have no room for a call");
                self.shared.reply(&call, Answer::Trouble(Trouble::Busy, what), None);
            }
            None => {
                let what = format!("this gateway serves no device of the group {group} that is online");
                self.shared.reply(&call, Answer::Trouble(Trouble::Away, what), None);
            }
        }
    }

    /// Hands a call to every device of a group that is online.
    fn group(&self, group: &Name, call: &Call) {
        let devices: Vec<_> = self.online_in(group).map(|held| held.device.name.clone()).collect();
        devices.iter().for_each(|device| self.hand(device, call.clone()));
    }

    /// Ends a call that a worker did not make.
    pub(super) fn give_back(&mut self, job: Job, device: &Name, why: &str) {
        let answer = Answer::Trouble(Trouble::Away, why.to_owned());
        match job.queued {
            Some(number) => self.ended(device, number, answer),
            None => self.shared.reply(&job.call, answer, Some(device)),
        }
    }
}
