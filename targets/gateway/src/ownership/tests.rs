//! Ownership by single steps, and of several gateways under random schedules.

use std::collections::{BTreeMap, VecDeque};

use super::*;

const GRACE: Duration = Duration::from_secs(7);

fn ms(time: u64) -> Time {
    Time::from_millis(time)
}

fn claim(gateway: &str, session: &str, term: u64) -> Claim {
    Claim { gateway: gateway.into(), session: session.into(), term, released: false }
}

fn online(name: &str, session: &str) -> Ownership {
    let mut one = Ownership::new(name, ["oven".to_owned()], GRACE, 7);
    one.connected(session);
    one.gateway(name, Some(session), ms(0));
    one
}

/// Claims and holds the device.
fn holding() -> Ownership {
    let mut one = online("a", "a1");
    assert!(one.synced(ms(0)).is_empty());
    assert!(one.tick(ms(0)).0.is_empty());
    assert_eq!(one.tick(ms(1000)).0, [Act::Claim("oven".into(), 1)]);
    assert_eq!(one.presence("oven", Some(claim("a", "a1", 1)), ms(1010)), None);
    assert!(one.tick(ms(1509)).0.is_empty());
    assert_eq!(one.tick(ms(1510)).0, [Act::Hold("oven".into(), 1)]);
    one
}

#[test]
fn a_device_without_a_gateway_is_claimed_and_held() {
    assert_eq!(holding().held("oven"), Some(1));
}

#[test]
fn a_device_of_a_gateway_that_is_there_is_left_to_it() {
    let mut one = online("a", "a1");
    one.gateway("b", Some("b1"), ms(0));
    one.presence("oven", Some(claim("b", "b1", 4)), ms(0));
    one.synced(ms(0));
    assert_eq!(one.tick(ms(60_000)), (vec![], None));
    one.gateway("b", None, ms(60_000));
    assert!(one.tick(ms(60_000)).0.is_empty());
    assert_eq!(one.tick(ms(61_000)).0, [Act::Claim("oven".into(), 5)]);
}

#[test]
fn a_gateway_with_another_session_does_not_serve_what_it_has_claimed_before() {
    let mut one = online("a", "a1");
    one.gateway("b", Some("b2"), ms(0));
    one.presence("oven", Some(claim("b", "b1", 4)), ms(0));
    one.synced(ms(0));
    // It publishes its claim again in time.
    one.presence("oven", Some(claim("b", "b2", 4)), ms(10));
    assert_eq!(one.tick(ms(60_000)), (vec![], None));
}

#[test]
fn of_two_claims_the_later_one_of_the_same_term_counts() {
    let mut one = online("a", "a1");
    one.gateway("b", Some("b1"), ms(0));
    one.synced(ms(0));
    one.tick(ms(1000));
    // The other claim came first, so this one is later.
    one.presence("oven", Some(claim("b", "b1", 1)), ms(1001));
    one.presence("oven", Some(claim("a", "a1", 1)), ms(1002));
    assert_eq!(one.tick(ms(1502)).0, [Act::Hold("oven".into(), 1)]);
    // And another one after it.
    assert_eq!(one.presence("oven", Some(claim("b", "b1", 1)), ms(1600)), Some(Act::Drop("oven".into())));
    assert_eq!(one.held("oven"), None);
}

#[test]
fn a_claim_that_is_beaten_in_time_is_never_held() {
    for term in [1, 2] {
        let mut one = online("a", "a1");
        one.gateway("b", Some("b1"), ms(0));
        one.synced(ms(0));
        one.tick(ms(1000));
        one.presence("oven", Some(claim("a", "a1", 1)), ms(1001));
        one.presence("oven", Some(claim("b", "b1", term)), ms(1400));
        assert_eq!(one.tick(ms(60_000)), (vec![], None));
    }
}

#[test]
fn an_older_claim_over_that_of_the_holder_is_overwritten() {
    let mut one = holding();
    one.presence("oven", Some(claim("b", "b1", 0)), ms(2000));
    assert_eq!(one.presence("oven", None, ms(2000)), Some(Act::Publish("oven".into())));
    assert_eq!(one.held("oven"), Some(1));
}

#[test]
fn without_the_broker_a_device_is_held_for_the_grace_only() {
    let mut one = holding();
    one.disconnected(ms(10_000));
    assert_eq!(one.tick(ms(10_000)), (vec![], Some(ms(17_000))));
    assert!(one.tick(ms(16_999)).0.is_empty());
    assert_eq!(one.tick(ms(17_000)).0, [Act::Drop("oven".into())]);
    assert_eq!(one.tick(ms(99_000)), (vec![], None));
}

#[test]
fn after_a_short_loss_the_device_is_published_again() {
    let mut one = holding();
    one.disconnected(ms(10_000));
    one.connected("a2");
    one.gateway("a", Some("a2"), ms(11_000));
    assert_eq!(one.presence("oven", Some(claim("a", "a1", 1)), ms(11_000)), None);
    assert_eq!(one.synced(ms(11_000)), [Act::Publish("oven".into())]);
    assert_eq!(one.tick(ms(99_000)), (vec![], None));
    // Another gateway was faster.
    one.disconnected(ms(100_000));
    one.connected("a3");
    assert_eq!(one.presence("oven", Some(claim("b", "b1", 2)), ms(100_010)), Some(Act::Drop("oven".into())));
}

#[test]
fn a_released_device_is_for_others_first() {
    let mut one = holding();
    one.release("oven", ms(2000));
    let released = Claim { released: true, ..claim("a", "a1", 1) };
    one.presence("oven", Some(released.clone()), ms(2001));
    assert!(one.tick(ms(21_999)).0.is_empty());
    assert_eq!(one.tick(ms(22_000)).0, [Act::Claim("oven".into(), 2)]);
    let mut other = online("b", "b1");
    other.gateway("a", Some("a1"), ms(0));
    other.presence("oven", Some(released), ms(0));
    other.synced(ms(0));
    assert_eq!(other.tick(ms(1000)).0, [Act::Claim("oven".into(), 2)]);
}

/// A gateway with its connection: what the broker has sent and it has not read yet.
struct Simulated {
    ownership: Ownership,
    name: String,
    session: Option<String>,
    sessions: u32,
    inbox: VecDeque<Message>,
    /// Until when it reads nothing.
    stalled: Time,
}

#[derive(Clone, Debug)]
enum Message {
    Gateway(String, Option<String>),
    Presence(String, Claim),
    Synced,
}

/// A broker with retained messages, which delivers in one order.
#[derive(Default)]
struct Broker {
    gateways: BTreeMap<String, Option<String>>,
    presences: BTreeMap<String, Claim>,
}

fn publish(broker: &mut Broker, all: &mut [Simulated], message: &Message) {
    match message.clone() {
        Message::Gateway(name, session) => drop(broker.gateways.insert(name, session)),
        Message::Presence(device, claim) => drop(broker.presences.insert(device, claim)),
        Message::Synced => {}
    }
    all.iter_mut().filter(|one| one.session.is_some()).for_each(|one| one.inbox.push_back(message.clone()));
}

fn connect(broker: &mut Broker, all: &mut [Simulated], index: usize) {
    let one = &mut all[index];
    one.sessions += 1;
    let session = format!("{}{}", one.name, one.sessions);
    one.session = Some(session.clone());
    one.ownership.connected(&session);
    one.inbox.clear();
    let name = one.name.clone();
    for (gateway, session) in &broker.gateways {
        one.inbox.push_back(Message::Gateway(gateway.clone(), session.clone()));
    }
    for (device, claim) in &broker.presences {
        one.inbox.push_back(Message::Presence(device.clone(), claim.clone()));
    }
    publish(broker, all, &Message::Gateway(name, Some(session)));
    all[index].inbox.push_back(Message::Synced);
}

fn lose(broker: &mut Broker, all: &mut [Simulated], index: usize, now: Time) {
    let one = &mut all[index];
    if one.session.take().is_some() {
        one.inbox.clear();
        one.ownership.disconnected(now);
        let will = Message::Gateway(one.name.clone(), None);
        publish(broker, all, &will);
    }
}

fn act(broker: &mut Broker, all: &mut [Simulated], index: usize, acts: Vec<Act>) {
    for act in acts {
        let one = &all[index];
        let Some(session) = one.session.clone() else { continue };
        let claimed = |term| Claim { gateway: one.name.clone(), session, term, released: false };
        let message = match act {
            Act::Claim(device, term) | Act::Hold(device, term) => Message::Presence(device, claimed(term)),
            Act::Publish(device) => match one.ownership.held(&device) {
                Some(term) => Message::Presence(device, claimed(term)),
                None => continue,
            },
            Act::Drop(_) => continue,
        };
        publish(broker, all, &message);
    }
}

#[test]
fn under_random_schedules_all_gateways_agree_on_one() {
    for seed in 0..200 {
        let mut random = fastrand::Rng::with_seed(seed);
        let devices = ["oven", "pump", "lamp"].map(str::to_owned);
        let mut broker = Broker::default();
        let mut all: Vec<_> = (0..random.usize(1..=4))
            .map(|index| {
                let name = format!("g{index}");
                let ownership = Ownership::new(&name, devices.clone(), GRACE, random.u64(..));
                Simulated { ownership, name, session: None, sessions: 0, inbox: VecDeque::new(), stalled: ms(0) }
            })
            .collect();
        let mut now = ms(0);
        let calm = ms(60_000);
        while now < calm + ms(40_000) {
            now += ms(random.u64(1..40));
            let index = random.usize(..all.len());
            // After the storm everything works.
            if now >= calm {
                all.iter_mut().for_each(|one| one.stalled = ms(0));
                (0..all.len()).for_each(|index| {
                    if all[index].session.is_none() {
                        connect(&mut broker, &mut all, index);
                    }
                });
            } else if all[index].session.is_none() {
                if random.u32(..10) == 0 {
                    connect(&mut broker, &mut all, index);
                }
            } else if random.u32(..200) == 0 {
                lose(&mut broker, &mut all, index, now);
            } else if random.u32(..200) == 0 {
                all[index].stalled = now + ms(random.u64(..2000));
            }
            for index in 0..all.len() {
                if all[index].stalled > now {
                    continue;
                }
                let count = if now >= calm { usize::MAX } else { random.usize(..6) };
                for _ in 0..count {
                    let Some(message) = all[index].inbox.pop_front() else { break };
                    let ownership = &mut all[index].ownership;
                    let acts = match message {
                        Message::Gateway(name, session) => {
                            ownership.gateway(&name, session.as_deref(), now);
                            Vec::new()
                        }
                        Message::Presence(device, claim) => {
                            ownership.presence(&device, Some(claim), now).into_iter().collect()
                        }
                        Message::Synced => ownership.synced(now),
                    };
                    act(&mut broker, &mut all, index, acts);
                }
                let (acts, _) = all[index].ownership.tick(now);
                act(&mut broker, &mut all, index, acts);
            }
        }
        for device in &devices {
            let holders: Vec<_> = all.iter().filter(|one| one.ownership.held(device).is_some()).collect();
            assert_eq!(holders.len(), 1, "seed {seed}: {device} has {} gateways", holders.len());
            let claim = &broker.presences[device];
            assert_eq!(
                (Some(&claim.session), Some(claim.term)),
                (holders[0].session.as_ref(), holders[0].ownership.held(device)),
                "seed {seed}"
            );
        }
    }
}
