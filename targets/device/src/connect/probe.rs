//! Tries all ways to reach a device: framings, baud rates, and other protocols.

use std::time::Duration;

use oncilla::{CallError, Received, Retry};

use super::diagnose::name_of;
use super::guess::{Guess, guess};
use super::{Heard, How, listen};
use crate::failure::{Done, Failure};
use crate::programs::DESCRIPTION;
use crate::settings::Settings;
use crate::target::{Address, Framing, Target};

/// Baud rates, the most frequent first.
const RATES: [u32; 10] = [115_200, 9_600, 57_600, 38_400, 19_200, 230_400, 460_800, 921_600, 1_000_000, 74_880];

/// How long each attempt waits for a reply, and then for any byte.
const PATIENCE: Duration = Duration::from_millis(700);

/// When a call is sent again during an attempt.
const RETRY: Duration = Duration::from_millis(250);

/// How long an unknown server may take for a greeting or an answer.
const SERVER_PATIENCE: Duration = Duration::from_secs(2);

/// Requests that servers of other protocols answer, each on a connection of its own.
///
/// Nothing, for servers that greet; a request of HTTP; the hello of TLS 1.2, with one cipher and no extensions.
const QUESTIONS: [&[u8]; 3] = [
    b"",
    b"GET / HTTP/1.0\r\n\r\n",
    b"\x16\x03\x01\0\x2d\x01\0\0\x29\x03\x03oncilla asks what there is: TLS?\0\0\x02\xc0\x2f\x01\0",
];

/// The outcome of an attempt.
pub struct Finding {
    /// The target with its settings.
    pub target: Target,
    /// Whether calls are answered.
    pub answers: bool,
    /// Whether the received bytes have a known form.
    pub is_known: bool,
    /// What happened, for people.
    pub what: String,
}

/// Tries all framings and baud rates until the target answers calls.
///
/// Passes each outcome to `report`.
pub fn probe(settings: &Settings, how: &How, mut report: impl FnMut(Finding) -> Done) -> Done {
    let target = settings.target.as_ref().ok_or_else(super::no_target)?.value.clone();
    let framings: &[Framing] = match target.address {
        // Record marking never finds the next message after frames of COBS, so it is first.
        Address::Serial(_) => &[Framing::Record, Framing::Serial],
        Address::Tcp(_) | Address::Unix(_) => &[Framing::Record, Framing::Serial],
        Address::Tls(_) | Address::Udp(_) | Address::Rpc { .. } | Address::Mqtt(_) => &[Framing::Record],
    };
    let mut rates = vec![settings.baud.value];
    if matches!(target.address, Address::Serial(_)) {
        rates.extend(RATES.iter().filter(|&&rate| rate != settings.baud.value));
    }
    for rate in rates {
        for &framing in framings {
            let finding = attempt(settings, &target, framing, rate, how)?;
            let done = finding.answers;
            report(finding)?;
            if done {
                return Ok(());
            }
        }
    }
    match target.address {
        Address::Tcp(_) | Address::Unix(_) => report(ask(settings, &target)?),
        _ => Ok(()),
    }
}

/// Calls NULL. A refusal counts as a reply.
fn attempt(settings: &Settings, target: &Target, framing: Framing, rate: u32, how: &How) -> Done<Finding> {
    let mut target = target.clone();
    let mut settings = settings.clone();
    settings.framing.value = framing;
    settings.baud.value = rate;
    match target.address {
        Address::Serial(_) => (target.baud, target.framing) = (Some(rate), Some(framing)),
        Address::Tcp(_) | Address::Unix(_) => target.framing = Some(framing),
        Address::Tls(_) | Address::Udp(_) | Address::Rpc { .. } | Address::Mqtt(_) => {}
    }
    let how = How { heard: Heard::default(), show: None, ..how.clone() };
    let mut device = super::connect(&settings, &how)?;
    device.set_timeout(PATIENCE);
    device.set_retry(Retry::every(RETRY));
    let (program, version) = match target.address {
        Address::Rpc { .. } => (oncilla::rpcbind::PROGRAM, 2),
        _ => (DESCRIPTION, 1),
    };
    let (answers, what) = match device.null(program, version) {
        Ok(()) => (true, "answers".to_owned()),
        Err(CallError::Refused(refusal)) => (true, format!("answers ({})", crate::refusal::name(&refusal))),
        Err(CallError::TimedOut { .. }) => (false, "no reply".to_owned()),
        Err(error @ CallError::Echoed { .. }) => (false, Failure::from(error).what().to_owned()),
        Err(CallError::Closed) => (false, "closes the connection".to_owned()),
        Err(error) => (false, Failure::from(error).what().to_owned()),
    };
    let guess = guess(&how.heard.bytes());
    let is_known = answers || matches!(guess, Guess::Protocol(_) | Guess::Text(_));
    let what = match guess {
        _ if answers => what,
        Guess::Protocol(name) => format!("the server speaks {name}, not ONC RPC"),
        guess => format!("{what}{}", also(&guess, how.heard.bytes().len())),
    };
    Ok(Finding { target, answers, is_known, what })
}

fn also(guess: &Guess, length: usize) -> String {
    match guess {
        Guess::Nothing | Guess::Protocol(_) => String::new(),
        Guess::Framed(framing) => format!("; received bytes have the framing of {}", name_of(*framing)),
        Guess::Text(what) => {
            format!("; received bytes are text, {}", what.unwrap_or("a boot loader, a console or a log"))
        }
        Guess::Unknown => format!("; {length} bytes without a known form"),
    }
}

/// Sends requests of other protocols, and names the one that answers.
fn ask(settings: &Settings, target: &Target) -> Done<Finding> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 1024];
    for question in QUESTIONS {
        let mut carrier = listen::open(settings)?;
        // What cannot be sent has no answer.
        let _ = carrier.send(question, SERVER_PATIENCE);
        while bytes.len() < buffer.len() {
            match carrier.receive(&mut buffer, SERVER_PATIENCE) {
                Ok(Received::Bytes(length)) => bytes.extend_from_slice(buffer.get(..length).unwrap_or_default()),
                _ => break,
            }
        }
        if !bytes.is_empty() {
            break;
        }
    }
    let guess = guess(&bytes);
    let what = match &guess {
        Guess::Nothing => "the server is silent after each request".to_owned(),
        Guess::Protocol(name) => format!("the server speaks {name}, not ONC RPC"),
        other => format!("the server answers other requests{}", also(other, bytes.len())),
    };
    Ok(Finding { target: target.clone(), answers: false, is_known: guess != Guess::Nothing, what })
}
