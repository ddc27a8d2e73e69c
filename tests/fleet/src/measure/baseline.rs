//! Bare MQTT request and response, as a program without this project would do it.
//!
//! The request has a response topic and correlation data, both publications have QoS 1, and the payloads have the size
//! of a call and a reply of a simulated device. So the difference to a call through the fleet is what the fleet adds.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{self, SyncSender},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow};
use hdrhistogram::Histogram;
use rumqttc::v5::{
    Client, Connection, Event, Incoming, MqttOptions,
    mqttbytes::{
        QoS,
        v5::{Publish, PublishProperties},
    },
};

use super::place::Processors;

/// The payload of a call of `METER_NOTE` without credentials: a header of 40 bytes and a number.
const REQUEST: [u8; 48] = [0x5a; 48];

/// The payload of its reply: a header of 24 bytes and a number.
const RESPONSE: [u8; 28] = [0x5a; 28];

/// The time limit of one request.
const LIMIT: Duration = Duration::from_secs(10);

/// Calls a second, and how long they took, in microseconds.
#[derive(Clone, Debug)]
pub struct Figures {
    pub per_second: f64,
    pub latency: Histogram<u64>,
}

/// Who waits for the response to which request.
type Waiting = Arc<Mutex<HashMap<u64, SyncSender<()>>>>;

/// Measures request and response for `time`: `callers` threads, each with one request at a time, share one connection
/// to the broker; `responders` connections answer, on processors of their own if `place` has some.
///
/// # Errors
/// That a connection to the broker failed, or that a response did not come.
pub fn measure(
    port: u16,
    callers: usize,
    responders: usize,
    place: Option<Processors>,
    time: Duration,
) -> Result<Figures> {
    let mut ends = Vec::new();
    for number in 0..responders {
        ends.push(respond(port, number, place)?);
    }
    let (client, connection) = connect(port, "baseline-caller")?;
    let waiting: Waiting = Arc::default();
    client.subscribe("baseline/reply/caller", QoS::AtLeastOnce)?;
    ends.push(listen(client.clone(), connection, Arc::clone(&waiting))?);
    let (numbers, start) = (AtomicU64::new(0), Instant::now());
    let latencies = thread::scope(|scope| {
        let callers: Vec<_> = (0..callers)
            .map(|caller| {
                let (client, waiting, numbers) = (client.clone(), Arc::clone(&waiting), &numbers);
                scope.spawn(move || {
                    let topic = format!("baseline/call/{}/device", caller % responders);
                    let mut latency = histogram();
                    while start.elapsed() < time {
                        let sent = Instant::now();
                        request(&client, &topic, numbers.fetch_add(1, Relaxed), &waiting)?;
                        latency.saturating_record(micros(sent));
                    }
                    Ok(latency)
                })
            })
            .collect();
        callers
            .into_iter()
            .map(|caller| caller.join().map_err(|_| anyhow!("a caller panicked"))?)
            .collect::<Result<Vec<_>>>()
    })?;
    let elapsed = start.elapsed();
    for (client, thread) in ends {
        client.disconnect()?;
        thread.join().map_err(|_| anyhow!("a connection panicked"))?;
    }
    let mut latency = histogram();
    for other in latencies {
        latency.add(other).map_err(|error| anyhow!("{error}"))?;
    }
    Ok(Figures { per_second: latency.len() as f64 / elapsed.as_secs_f64(), latency })
}

/// Returns an empty histogram of microseconds, up to a minute.
pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000, 3).expect("the bounds are valid")
}

/// Returns the time since `start` in microseconds.
pub fn micros(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX)
}

fn connect(port: u16, name: &str) -> Result<(Client, Connection)> {
    let mut options = MqttOptions::new(name, "127.0.0.1", port);
    options.set_keep_alive(Duration::from_secs(30)).set_clean_start(true);
    let mut network = options.network_options();
    network.set_tcp_nodelay(true);
    options.set_network_options(network);
    let (client, mut connection) = Client::new(options, 1000);
    loop {
        if let Event::Incoming(Incoming::ConnAck(_)) = next(&mut connection)? {
            return Ok((client, connection));
        }
    }
}

fn request(client: &Client, topic: &str, number: u64, waiting: &Waiting) -> Result<()> {
    let (answered, when) = mpsc::sync_channel(1);
    waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(number, answered);
    let properties = PublishProperties {
        response_topic: Some("baseline/reply/caller".into()),
        correlation_data: Some(number.to_be_bytes().to_vec().into()),
        ..Default::default()
    };
    client.publish_with_properties(topic, QoS::AtLeastOnce, false, &REQUEST[..], properties)?;
    when.recv_timeout(LIMIT).map_err(|_| anyhow!("no response to request {number} within {} s", LIMIT.as_secs()))
}

/// Hands responses to who waits for them, until the connection ends.
fn listen(client: Client, mut connection: Connection, waiting: Waiting) -> Result<(Client, JoinHandle<()>)> {
    wait_for_subscription(&mut connection)?;
    let thread = thread::spawn(move || {
        for event in connection.iter() {
            let Ok(Event::Incoming(Incoming::Publish(publish))) = event else {
                if event.is_err() {
                    return;
                }
                continue;
            };
            let number = correlation(&publish).and_then(|data| Some(u64::from_be_bytes(data.try_into().ok()?)));
            if let Some(number) = number
                && let Some(answered) = waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&number)
            {
                // Who waited too long is gone.
                let _ = answered.send(());
            }
        }
    });
    Ok((client, thread))
}

/// Answers requests in the thread of the connection, which is the cheapest way.
fn respond(port: u16, number: usize, place: Option<Processors>) -> Result<(Client, JoinHandle<()>)> {
    let (client, mut connection) = connect(port, &format!("baseline-responder-{number}"))?;
    client.subscribe(format!("baseline/call/{number}/+"), QoS::AtLeastOnce)?;
    wait_for_subscription(&mut connection)?;
    let answering = client.clone();
    let thread = thread::spawn(move || {
        if place.is_some_and(|place| place.take_this_thread().is_err()) {
            return;
        }
        for event in connection.iter() {
            let Ok(Event::Incoming(Incoming::Publish(publish))) = event else {
                if event.is_err() {
                    return;
                }
                continue;
            };
            let Some(topic) = publish.properties.as_ref().and_then(|properties| properties.response_topic.clone())
            else {
                continue;
            };
            let properties = PublishProperties {
                correlation_data: correlation(&publish).map(|data| data.to_vec().into()),
                ..Default::default()
            };
            // A queue that is full would block the thread that empties it: the measurement has fewer requests than that.
            if answering.try_publish_with_properties(topic, QoS::AtLeastOnce, false, &RESPONSE[..], properties).is_err()
            {
                return;
            }
        }
    });
    Ok((client, thread))
}

fn next(connection: &mut Connection) -> Result<Event> {
    Ok(connection.recv().map_err(|_| anyhow!("the connection has ended"))??)
}

fn correlation(publish: &Publish) -> Option<&[u8]> {
    publish.properties.as_ref()?.correlation_data.as_deref()
}

fn wait_for_subscription(connection: &mut Connection) -> Result<()> {
    loop {
        if let Event::Incoming(Incoming::SubAck(_)) = next(connection)? {
            return Ok(());
        }
    }
}
