//! Calls a second through the broker, beside bare MQTT request and response, and the latency that is added.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow};
use hdrhistogram::Histogram;
use oncilla_fleet::Device;
use oncilla_host::tcp;

use super::{
    Plan,
    baseline::{self, Figures, histogram, micros},
    place::Processors,
    report::Report,
    site::Site,
};
use crate::{ledger::UNCOUNTED, meter::meter_1};

/// The percentiles that are reported.
const PERCENTILES: [(&str, f64); 4] = [("50 %", 0.5), ("90 %", 0.9), ("99 %", 0.99), ("99.9 %", 0.999)];

/// The share of the bare pair's calls a second that a fleet must reach, with the answering side of each on one processor.
const SHARE: f64 = 0.7;

/// How often both are measured.
const TURNS: u32 = 8;

/// Measures with the answering side placed by the system, and with the answering side on one processor.
pub fn measure(plan: &Plan, site: &Site, report: &mut Report) -> Result<()> {
    let all = Processors::all()?;
    let last = all.last()?.filter(|_| plan.is_judged);
    compare(plan, site, None, plan.is_judged && last.is_none(), report)?;
    if let Some(last) = last {
        place(site, last)?;
        compare(plan, site, Some(last), true, report)?;
        place(site, all)?;
    }
    latency(plan, site, report)
}

fn place(site: &Site, processors: Processors) -> Result<()> {
    site.gateways.iter().try_for_each(|gateway| processors.take(gateway.running()?))
}

/// Measures both in turn, so that what else the machine does concerns both.
fn compare(plan: &Plan, site: &Site, place: Option<Processors>, judged: bool, report: &mut Report) -> Result<()> {
    let how = if place.is_some() { "answering side on one processor" } else { "placed by the system" };
    let (mut bare, mut fleet, mut used) = (0.0, 0.0, Used::default());
    for _ in 0..TURNS {
        let came = baseline::measure(site.broker.port(), plan.callers, site.gateways.len(), place, plan.time / TURNS)?;
        bare += came.per_second / f64::from(TURNS);
        let before = Used::now(site)?;
        let came = calls(site, plan.callers, plan.time / TURNS)?;
        used = used.and(&Used::now(site)?.since(&before), came.latency.len());
        fleet += came.per_second / f64::from(TURNS);
    }
    let callers = plan.callers;
    report.figure(format!("bare request and response, {callers} at a time, {how}"), bare, "/s");
    report.figure(format!("calls through the fleet, {callers} at a time, {how}"), fleet, "/s");
    let share = format!("calls through the fleet to bare ones, {how}");
    if judged {
        report.at_least(share, fleet / bare, "times", SHARE);
    } else {
        report.figure(share, fleet / bare, "times");
    }
    report.figure(format!("processor time of the broker for a call, {how}"), used.each(used.broker), "µs");
    report.figure(format!("processor time of the gateways for a call, {how}"), used.each(used.gateways), "µs");
    Ok(())
}

fn latency(plan: &Plan, site: &Site, report: &mut Report) -> Result<()> {
    let bare = baseline::measure(site.broker.port(), 1, 1, None, plan.time / 2)?;
    let fleet = calls(site, 1, plan.time / 2)?;
    let direct = direct(site, plan.time / 4)?;
    report.figure("one call at a time, bare", bare.per_second, "/s");
    report.figure("one call at a time, through the fleet", fleet.per_second, "/s");
    for (name, share) in PERCENTILES {
        let at = |latency: &Histogram<u64>| latency.value_at_quantile(share) as f64;
        report.figure(format!("latency of {name} of calls, direct over TCP"), at(&direct), "µs");
        report.figure(format!("latency of {name} of calls, bare"), at(&bare.latency), "µs");
        report.figure(format!("latency of {name} of calls, through the fleet"), at(&fleet.latency), "µs");
        report.figure(format!("latency of {name} of calls, added"), at(&fleet.latency) - at(&bare.latency), "µs");
    }
    Ok(())
}

/// Makes calls for a time, by threads of which each has its own devices.
fn calls(site: &Site, callers: usize, time: Duration) -> Result<Figures> {
    let mut shares: Vec<Vec<Device>> = (0..callers).map(|_| Vec::new()).collect();
    for (number, _) in site.park.addresses().iter().enumerate() {
        let caller = number % callers;
        let fleet = &site.fleets[caller % site.fleets.len()];
        shares[caller].push(fleet.device(&format!("meter-{number}"))?);
    }
    shares.retain(|share| !share.is_empty());
    let start = Instant::now();
    let latencies = thread::scope(|scope| {
        let callers: Vec<_> = shares
            .into_iter()
            .map(|mut share| {
                scope.spawn(move || -> Result<_> {
                    let mut latency = histogram();
                    'all: loop {
                        for device in &mut share {
                            if start.elapsed() >= time {
                                break 'all;
                            }
                            let sent = Instant::now();
                            let name = device.name().to_string();
                            meter_1::Client::new(device).note(UNCOUNTED).map_err(|error| anyhow!("{name}: {error}"))?;
                            latency.saturating_record(micros(sent));
                        }
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
    let mut latency = histogram();
    for other in latencies {
        latency.add(other).map_err(|error| anyhow!("{error}"))?;
    }
    Ok(Figures { per_second: latency.len() as f64 / elapsed.as_secs_f64(), latency })
}

/// Calls one device without gateway and broker.
fn direct(site: &Site, time: Duration) -> Result<Histogram<u64>> {
    let mut client = tcp(site.park.addresses().first().context("a device")?)?;
    let mut meter = meter_1::Client::new(&mut client);
    let (start, mut latency) = (Instant::now(), histogram());
    while start.elapsed() < time {
        let sent = Instant::now();
        meter.note(UNCOUNTED)?;
        latency.saturating_record(micros(sent));
    }
    Ok(latency)
}

/// Processor time in seconds, and the calls it was used for.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    broker: f64,
    gateways: f64,
    calls: u64,
}

impl Used {
    fn now(site: &Site) -> Result<Self> {
        let broker = site.broker.process().context("the broker runs")?.processor_time()?;
        let mut gateways = 0.0;
        for gateway in &site.gateways {
            gateways += gateway.running()?.processor_time()?;
        }
        Ok(Self { broker, gateways, calls: 0 })
    }

    fn since(&self, before: &Self) -> Self {
        Self { broker: self.broker - before.broker, gateways: self.gateways - before.gateways, calls: 0 }
    }

    fn and(&self, more: &Self, calls: u64) -> Self {
        let (broker, gateways) = (self.broker + more.broker, self.gateways + more.gateways);
        Self { broker, gateways, calls: self.calls + calls }
    }

    fn each(&self, seconds: f64) -> f64 {
        seconds * 1e6 / self.calls.max(1) as f64
    }
}
