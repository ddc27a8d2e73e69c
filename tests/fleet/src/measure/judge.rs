//! Compares what callers were told with what devices executed.

use std::{collections::BTreeMap, time::Duration};

use oncilla_fleet::wire::Progress;

use super::{
    load::{Kind, Outcome, Told},
    report::Report,
};
use crate::ledger::Ledger;

/// The largest number of calls that are described one by one.
const SHOWN: usize = 20;

/// No caller may wait longer: the time-out of a call, and the time to notice that it is over.
const WAIT_MAX: Duration = Duration::from_secs(15);

/// Puts the verdicts in the report.
pub fn judge(outcomes: &[Outcome], ledger: &Ledger, report: &mut Report) {
    let mut faults: BTreeMap<&str, Vec<&Outcome>> = BTreeMap::new();
    let mut sorts: BTreeMap<String, usize> = BTreeMap::new();
    for outcome in outcomes {
        if let Some(fault) = fault(outcome, ledger.times(outcome.number)) {
            faults.entry(fault).or_default().push(outcome);
        }
        *sorts.entry(sort(outcome)).or_default() += 1;
    }
    for (sort, count) in sorts {
        report.figure(sort, count as f64, "");
    }
    let longest = outcomes.iter().map(|outcome| outcome.took).max().unwrap_or_default();
    report.at_most("longest wait of a caller", longest.as_secs_f64(), "s", WAIT_MAX.as_secs_f64());
    for name in FAULTS {
        let found = faults.get(name).map_or(&[][..], Vec::as_slice);
        if name == UNTOLD {
            // What was promised: a cast that was taken reached a gateway, and no more.
            report.figure(name, found.len() as f64, "");
            continue;
        }
        report.at_most(name, found.len() as f64, "", 0.0);
        for outcome in found.iter().take(SHOWN) {
            let Outcome { number, kind, told, .. } = outcome;
            let times = ledger.times(*number);
            report.problems.push(format!("{name}: {kind:?} {number}, told {told:?}, executed {times} times"));
        }
    }
    report.at_most("executions of what nobody called", ledger.strange() as f64, "", 0.0);
}

const TWICE: &str = "executed twice";
const LOST: &str = "calls and confirmed casts that were lost, and the caller was not told";
const UNTOLD: &str = "plain casts that were taken, and lost behind the broker";
const FALSE_NEWS: &str = "executed, and the caller was told that it was not";
const WRONG: &str = "wrong results";

const FAULTS: [&str; 5] = [TWICE, LOST, UNTOLD, FALSE_NEWS, WRONG];

fn fault(outcome: &Outcome, times: u8) -> Option<&'static str> {
    match (&outcome.told, times) {
        (Told::Done, 0) if outcome.kind == Kind::Cast => Some(UNTOLD),
        (_, 2..) => Some(TWICE),
        // Executed is what the caller was told.
        (Told::Done | Told::State(Some(Progress::Done)), 0) => Some(LOST),
        // A call in the queue that never ends.
        (Told::State(None | Some(Progress::Queued | Progress::Delivered)), _) => Some(LOST),
        (Told::NotExecuted(_) | Told::State(Some(Progress::Expired)), 1) => Some(FALSE_NEWS),
        (Told::Wrong(_), _) => Some(WRONG),
        _ => None,
    }
}

fn sort(outcome: &Outcome) -> String {
    let kind = match outcome.kind {
        Kind::Call => "calls",
        Kind::Confirmed => "confirmed casts",
        Kind::Cast => "plain casts",
        Kind::Queued => "queued calls",
    };
    match &outcome.told {
        Told::Done => format!("{kind}: done"),
        Told::NotExecuted(why) => format!("{kind}: not executed, {why}"),
        Told::Perhaps(why) => format!("{kind}: perhaps executed, {why}"),
        Told::Wrong(_) => format!("{kind}: wrong results"),
        Told::State(None) => format!("{kind}: no state"),
        Told::State(Some(state)) => format!("{kind}: {state:?}").to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_callers_are_told_is_compared_with_what_happened() {
        let of = |told: Told, times| fault(&Outcome { number: 0, kind: Kind::Call, told, took: Duration::ZERO }, times);
        let why = String::new;
        assert_eq!(of(Told::Done, 1), None);
        assert_eq!(of(Told::Done, 0), Some(LOST));
        assert_eq!(of(Told::Done, 2), Some(TWICE));
        assert_eq!(of(Told::Perhaps(why()), 0), None);
        assert_eq!(of(Told::Perhaps(why()), 1), None);
        assert_eq!(of(Told::Perhaps(why()), 2), Some(TWICE));
        assert_eq!(of(Told::NotExecuted(why()), 0), None);
        assert_eq!(of(Told::NotExecuted(why()), 1), Some(FALSE_NEWS));
        assert_eq!(of(Told::Wrong(0), 1), Some(WRONG));
        assert_eq!(of(Told::State(None), 0), Some(LOST));
        assert_eq!(of(Told::State(Some(Progress::Delivered)), 1), Some(LOST));
        assert_eq!(of(Told::State(Some(Progress::Failed)), 1), None);
        assert_eq!(of(Told::State(Some(Progress::Expired)), 1), Some(FALSE_NEWS));
        assert_eq!(of(Told::State(Some(Progress::Done)), 1), None);
    }
}
