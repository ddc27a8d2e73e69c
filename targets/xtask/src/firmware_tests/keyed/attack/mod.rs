//! An attacker between firmware with keys and its host: on the UART that QEMU models.

mod host;

use std::{
    collections::BTreeMap,
    os::unix::net::UnixStream,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, ensure};
use oncilla::{
    framing::Cobs,
    keys::{Carrier, Light, Side, Suite},
    message::ProcedureId,
};
use oncilla_attack::{
    attacker::{Attacker, Phase, Phases, middle::Middle},
    campaign::Campaign,
    course::{Course, LINES},
    figures::Figures,
    forger::{self, Keyholder, Loot},
    table,
};
use oncilla_firmware_tests::keyed::{KEYS, WRONG, guarded, payload};
use oncilla_host::Socket;
use oncilla_test_support::faults::Random;

use crate::{
    boards::LM3S6965EVB,
    firmware::{Features, Firmware, Profile},
    process::step,
    qemu::Board,
};
use host::Host;

/// The attacks of the test at least.
const ATTACKS: u64 = 10_000;

const SEED: u64 = 1;

/// What the attacker has: an old secret of the owner's key, and the guest's key, whose rights do not allow its calls.
static LOOT: Loot = Loot { other: &KEYS[1], old: &WRONG, id: procedure(1), call: forged };

const fn procedure(procedure: u32) -> ProcedureId {
    ProcedureId { program: guarded::PROGRAM, version: guarded::VERSION, procedure }
}

/// Attacks the firmware, and checks that no attack has an effect.
pub fn check(board: &Board) -> Result<String> {
    let figures = attack(board, SEED, |figures| figures.attacks.all() >= ATTACKS)?;
    let problems = figures.problems();
    ensure!(problems.is_empty(), "{}", problems.join("; "));
    Ok(summary(&figures))
}

/// Attacks the firmware for some minutes. Prints the figures to standard output.
pub fn run(minutes: u64, seed: u64, json: bool) -> Result<()> {
    let firmware = Firmware::of(&LM3S6965EVB, false)?.build(Profile::Plain, Features::All, &["keyed"])?;
    step(&format!("attacking firmware with keys on the UART of {}, {minutes} min, seed {seed}", LM3S6965EVB.name));
    let time = Duration::from_secs(60 * minutes);
    let board = Board::boot(&LM3S6965EVB, firmware.first().context("one firmware was built")?, 2 * time)?;
    let begun = Instant::now();
    let figures = attack(&board, seed, |figures| {
        eprintln!("    {:.0} s: {}", begun.elapsed().as_secs_f64(), summary(figures));
        begun.elapsed() >= time
    })?;
    let campaign = Campaign::of(seed, BTreeMap::from([("firmware, UART in QEMU", figures)]));
    if json {
        println!("{:#}", serde_json::json!(campaign));
    } else {
        print!("{}", table::render(&campaign));
    }
    ensure!(campaign.problems.is_empty(), "an attack had an effect: {}", campaign.problems.join("; "));
    Ok(())
}

fn summary(figures: &Figures) -> String {
    let Figures { calls, right, clear, hindered, restarts, .. } = figures;
    let (attacks, accepted) = (figures.attacks.all(), figures.accepted());
    format!(
        "{attacks} attacks, accepted {accepted}; {calls} calls, {right} right; {clear} unhindered, {} of them right; \
         {restarts} restarts",
        clear - hindered
    )
}

/// Attacks the firmware until `is_enough` of the figures so far.
fn attack(board: &Board, seed: u64, is_enough: impl FnMut(&Figures) -> bool) -> Result<Figures> {
    let middle = Middle::new(attackers(seed));
    let (hosts, other) = UnixStream::pair()?;
    let middles: [Socket<Cobs>; 2] = [other.try_clone()?.into(), other.into()];
    let boards: [Socket<Cobs>; 2] = [board.socket()?, board.socket()?];
    let ([mut from_host, mut to_host], [mut from_board, mut to_board]) = (middles, boards);
    let middle = &middle;
    thread::scope(|scope| {
        let carried = [
            scope.spawn(move || middle.carry(0, &mut from_host, &mut to_board)),
            scope.spawn(move || middle.carry(1, &mut from_board, &mut to_host)),
        ];
        // It closes the line at its end.
        let attacked = Host::new(board, middle, hosts, seed).attacked(is_enough);
        for carried in carried {
            carried.join().map_err(|_| anyhow!("the attacker has panicked"))?.context("the line has failed")?;
        }
        attacked
    })
}

/// The attackers before the host and before the firmware.
fn attackers(seed: u64) -> [Attacker; 2] {
    // Recorded on another line under the same key.
    let foreign = LINES
        .iter()
        .find(|line| line.name.starts_with("datagrams"))
        .map_or_else(Vec::new, |line| Course { line, seed, calls: 60, foreign: Vec::new() }.run().1);
    let mut random = Random::new(seed);
    [Side::Device, Side::Host].map(|opener| {
        let mut attacker = Attacker::new(random.next(), Phases::Only(Phase::Quiet), Light::OPEN);
        attacker.foreign = foreign.clone();
        attacker.forger = Some(Box::new(Keyholder::<Light>::new(LOOT, Carrier::Serial, opener)));
        attacker
    })
}

fn forged(number: u32, random: &mut Random) -> Vec<u8> {
    let data: Vec<u8> = payload(number).take(8).collect();
    let (procedure, arguments) = match random.below(10) {
        0 => (2, number.to_be_bytes().to_vec()),
        1 => (3, [&8u32.to_be_bytes(), &data[..]].concat()),
        2 => (8, number.to_be_bytes().to_vec()),
        _ => (1, [&number.to_be_bytes(), &8u32.to_be_bytes(), &data[..]].concat()),
    };
    forger::call(self::procedure(procedure), &arguments, random)
}
