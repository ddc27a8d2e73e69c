//! Faults while calls are made: gateways and broker killed, devices reset, the network stalled.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow};
use indicatif::ProgressBar;
use oncilla_fleet::Fleet;

use super::{Plan, judge, load, report::Report, site::Site};
use crate::meter::meter_1;

/// How often each device is reset, on average.
const RESETS: Duration = Duration::from_secs(30);

/// Makes the calls of the plan while faults happen, and judges what became of them.
pub fn measure(plan: &Plan, site: &mut Site, bar: &ProgressBar, report: &mut Report) -> Result<()> {
    site.connect_by_proxy(plan.devices)?;
    let (ended, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let Site { fleets, gateways, proxy, broker, park, .. } = site;
    let (outcomes, resets) = thread::scope(|scope| -> Result<_> {
        let resetting = scope.spawn(|| {
            let mut resets = 0u64;
            while !is_over.load(Relaxed) {
                let device = load::mix(plan.seed ^ resets << 40) % plan.devices as u64;
                park.reset(usize::try_from(device)?)?;
                resets += 1;
                thread::sleep(RESETS / u32::try_from(plan.devices)?);
            }
            Ok::<_, anyhow::Error>(resets)
        });
        let showing = scope.spawn(|| {
            while !is_over.load(Relaxed) {
                bar.set_position(3 + ended.load(Relaxed));
                thread::sleep(Duration::from_millis(200));
            }
        });
        let loading = scope.spawn(|| load::run(plan, fleets, &ended));
        let start = Instant::now();
        let at = |share: f64| thread::sleep(plan.faults.mul_f64(share).saturating_sub(start.elapsed()));
        let faults = (|| -> Result<()> {
            at(0.06);
            bar.set_message("a gateway was killed");
            gateways[0].kill()?;
            at(0.15);
            gateways[0].restart()?;
            at(0.25);
            bar.set_message("the broker was killed");
            broker.kill()?;
            at(0.28);
            broker.restart()?;
            at(0.42);
            bar.set_message("the network of a gateway is stalled");
            proxy.stall(plan.stall);
            at(0.65);
            bar.set_message("the other gateway was killed");
            gateways[1].kill()?;
            at(0.72);
            gateways[1].restart()?;
            at(0.80);
            bar.set_message("the broker restarts in order");
            broker.end()?;
            broker.restart()?;
            bar.set_message("no more faults, but for resets");
            Ok(())
        })();
        let outcomes = loading.join().map_err(|_| anyhow!("a caller panicked"))?;
        is_over.store(true, Relaxed);
        showing.join().map_err(|_| anyhow!("the progress bar panicked"))?;
        let resets = resetting.join().map_err(|_| anyhow!("the thread of resets panicked"))??;
        faults?;
        Ok((outcomes?, resets))
    })?;
    report.figure("calls, casts and queued calls with faults", outcomes.len() as f64, "");
    report.figure("resets of devices", resets as f64, "");
    recovered(plan, site, report)?;
    judge::judge(&outcomes, site.park.ledger(), report);
    Ok(())
}

/// Checks that all devices are there again, and answer.
fn recovered(plan: &Plan, site: &Site, report: &mut Report) -> Result<()> {
    let took = site.wait_until_online(plan.devices)?;
    report.figure("time until all devices are online afterwards", took.as_secs_f64(), "s");
    let (mut silent, mut stale) = (0, 0);
    for number in 0..plan.devices {
        let fleet = &site.fleets[number % site.fleets.len()];
        let call = u64::try_from(number)? + plan.calls;
        // The gateway may not have seen yet that a reset has closed the connection. The first call is told so.
        let mut answer = note(fleet, number, call);
        if answer.is_err() && site.park.ledger().times(call) == 0 {
            stale += 1;
            thread::sleep(Duration::from_secs(1));
            answer = note(fleet, number, call);
        }
        if answer != Ok(1) {
            silent += 1;
            report.problems.push(format!("meter-{number} afterwards: {answer:?}"));
        }
    }
    report.figure("devices whose first call afterwards finds an old connection", f64::from(stale), "");
    report.at_most("devices that do not answer afterwards", f64::from(silent), "", 0.0);
    Ok(())
}

fn note(fleet: &Fleet, number: usize, call: u64) -> Result<u32, String> {
    let mut device = fleet.device(&format!("meter-{number}")).map_err(|error| error.to_string())?;
    meter_1::Client::new(&mut device).note(call).map_err(|error| error.to_string())
}
