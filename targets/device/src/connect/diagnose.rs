//! Errors that name what runs at the target, and what to do next.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use oncilla::{CallError, Retry};

use super::Heard;
use super::guess::{Guess, guess};
use super::rpcbind::host_of;
use crate::failure::{Cause, Failure};
use crate::programs::DESCRIPTION;
use crate::settings::{Settings, Side, Suite, name_key};
use crate::target::{Address, Framing, Target};

/// How long a device may take to answer a call in the clear.
const PATIENCE: Duration = Duration::from_millis(700);

/// What a device with keys does when a call has none.
const KEYED: &str = "a device with keys does not answer calls without one, and closes the connection: `--link-key FILE` calls \
                     under a key";

/// When that call is sent again.
const RETRY: Duration = Duration::from_millis(250);

/// Adds what the received bytes show to the failure of a call.
pub fn explain(failure: Failure, settings: &Settings, received: &Heard) -> Failure {
    let Some(target) = &settings.target else { return failure };
    let target = &target.value;
    if let Address::Mqtt(address) = &target.address {
        return of_fleet(failure, address);
    }
    let cause = failure.cause();
    let heard = &*received.bytes();
    let guess = guess(heard);
    if let Some(key) = &settings.link_key
        && cause != Cause::Other
        && !matches!(guess, Guess::Protocol(_) | Guess::Text(_))
    {
        return of_key(failure, settings, &key.value, heard.len());
    }
    match (cause, guess) {
        (Cause::Other, _) => failure,
        (_, Guess::Protocol(name)) => of_protocol(failure, target, name),
        (_, Guess::Framed(found)) if is_other(found, settings.framing.value) && is_framed(target) => {
            // `serial` calls plain COBS devices, too.
            let framing = if found == Framing::Record { found } else { Framing::Serial };
            let what =
                format!("the received bytes have the framing of {}: use {}", name_of(framing), with(target, framing));
            failure.help(what)
        }
        (_, Guess::Text(what)) => of_text(failure, target, what, heard),
        (Cause::NoReply, Guess::Nothing) if received.replies() > 0 => of_busy(failure, received.replies()),
        (Cause::NoReply, Guess::Nothing) => of_silence(failure, settings, target),
        (Cause::NoReply, Guess::Unknown) if matches!(target.address, Address::Serial(_)) => failure
            .help(format_args!(
                "{} bytes arrived that fit no framing: the baud rate may not be {}",
                heard.len(),
                settings.baud.value
            ))
            .help(format_args!("`oncilla -t '{target}' list --probe` tries the usual baud rates and all framings")),
        (Cause::NoReply, Guess::Unknown) => failure
            .help(format_args!("{} bytes arrived that are not ONC RPC: the port may belong to another program", heard.len())),
        (Cause::NoReply, Guess::Framed(_)) => failure.help(
            "frames arrive, but no reply to this call: the device may be busy, or the procedure may be one-way",
        ),
        (Cause::Strange, Guess::Nothing) if matches!(target.address, Address::Tcp(_) | Address::Unix(_)) => failure
            .help(format_args!(
                "if the server always closes the connection without a byte: `oncilla -t '{target}' list --probe` identifies the \
                 server"
            ))
            .help(KEYED),
        (Cause::Strange, Guess::Nothing) if matches!(target.address, Address::Tls(_)) && !failure.has_help() => failure.help(KEYED),
        (Cause::Strange, _) => failure,
    }
}

/// Returns whether the framing of the target can be chosen.
const fn is_framed(target: &Target) -> bool {
    matches!(target.address, Address::Serial(_) | Address::Tcp(_) | Address::Unix(_))
}

/// Returns whether devices with one framing ignore the other.
///
/// COBS devices answer `serial`.
const fn is_other(found: Framing, used: Framing) -> bool {
    matches!(found, Framing::Record) != matches!(used, Framing::Record)
}

/// Returns the option for a target with another framing.
pub fn with(target: &Target, framing: Framing) -> String {
    format!("-t '{}'", Target { framing: Some(framing), ..target.clone() })
}

/// Returns the name of a framing for people.
pub const fn name_of(framing: Framing) -> &'static str {
    match framing {
        Framing::Serial | Framing::Cobs => "COBS",
        Framing::Record => "record marking",
    }
}

fn of_protocol(failure: Failure, target: &Target, name: &str) -> Failure {
    let failure = failure.help(format_args!("the server speaks {name}, not ONC RPC: the port may be wrong"));
    match &target.address {
        Address::Tcp(address) => failure.help(ask_rpcbind(address)),
        _ => failure,
    }
}

fn of_text(failure: Failure, target: &Target, what: Option<&str>, heard: &[u8]) -> Failure {
    let what = what.unwrap_or("a boot loader, a console or a log");
    let text = String::from_utf8_lossy(heard);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let line: String = line.chars().take(60).collect();
    let line = oncilla_rpcgen::harmless(&line).into_owned();
    failure
        .help(format_args!("the received bytes are text, {what}: {line:?}"))
        .help(format_args!("`oncilla -t '{target}' log --raw` shows it; start the firmware that answers calls"))
}

/// The failure of a call to a device that has answered others.
fn of_busy(failure: Failure, replies: usize) -> Failure {
    let calls = if replies == 1 { "1 call".to_owned() } else { format!("{replies} calls") };
    failure.help(format_args!(
        "the device answered {calls} before, and nothing arrived since this call: it may be busy (`--timeout 30s` waits \
         longer), or lost behind a bridge, or the procedure may be one-way (`oncilla call --cast`)"
    ))
}

/// Explains the failure of a call under a key. By design, the device does not report the reason.
fn of_key(failure: Failure, settings: &Settings, key: &Path, heard: usize) -> Failure {
    let (suite, name) = (settings.suite.value, name_key(key));
    let other_suite = if suite == Suite::Light { Suite::ForwardSecret } else { Suite::Light };
    let side = settings.side.as_ref().map_or(Side::Host, |side| side.value);
    let peer = if side == Side::Device { Side::Host } else { Side::Device };
    let came = match heard {
        0 => "nothing arrived".to_owned(),
        _ => format!("{heard} bytes arrived"),
    };
    if speaks_plain(settings) {
        return failure.help(format_args!(
            "{came} under the key, but the device answers calls without one: it has no keys, or none at this address. Without \
             `--link-key`, calls are in the clear: anybody on the way can read and change them"
        ));
    }
    failure
        .help(format_args!(
            "{came}: a peer does not answer a message that it cannot verify. Check that the device has {name}: the same secret \
             under the same number; that its suite is {suite} (`--suite {other_suite}` tries the other); that its side is \
             `{peer}`, since the side of this command is `{side}`; and that it has keys at all"
        ))
        .help("if it worked before, the key was replaced on one side, or the line or the address has changed")
}

/// Returns whether the device answers a call in the clear: NULL, which every server without keys answers.
fn speaks_plain(settings: &Settings) -> bool {
    let Some(target) = &settings.target else { return false };
    if matches!(target.value.address, Address::Rpc { .. } | Address::Mqtt(_)) {
        return false;
    }
    let clear = Settings { link_key: None, ..settings.clone() };
    let Ok(mut device) = super::connect(&clear, &super::How::default()) else { return false };
    device.set_timeout(PATIENCE);
    device.set_retry(Retry::every(RETRY));
    matches!(device.null(DESCRIPTION, 1), Ok(()) | Err(CallError::Refused(_)))
}

/// The failure of a call in a fleet. What the broker and the gateway know is in it already.
fn of_fleet(failure: Failure, address: &oncilla_fleet::Address) -> Failure {
    match failure.cause() {
        Cause::NoReply => failure.help(format_args!(
            "the broker took the call, and no reply came in time: the device may be busy (`--timeout 30s` waits longer), or \
             its gateway does not answer; `oncilla -t {} fleet list` shows who is there",
            address.at(oncilla_fleet::Place::Fleet)
        )),
        _ => failure,
    }
}

fn of_silence(failure: Failure, settings: &Settings, target: &Target) -> Failure {
    of_silent_carrier(failure, settings, target).help(KEYED)
}

fn of_silent_carrier(failure: Failure, settings: &Settings, target: &Target) -> Failure {
    match &target.address {
        Address::Serial(port) => failure
            .help(format_args!(
                "nothing arrived on {port}: check that the device runs, that TX and RX are crossed, the baud rate \
                 ({}) and the framing ({})",
                settings.baud.value, settings.framing.value
            ))
            .help(format_args!("`oncilla -t '{target}' list --probe` tries the usual baud rates and all framings")),
        Address::Tcp(_) | Address::Unix(_) => failure.help(format_args!(
            "the connection was made, but nothing arrived: `oncilla -t '{target}' list --probe` identifies the server"
        )),
        Address::Udp(address) => failure.help(format_args!(
            "nothing arrived: with UDP, a port without a server is silent; {}",
            ask_rpcbind(address)
        )),
        Address::Tls(_) | Address::Rpc { .. } | Address::Mqtt(_) => failure,
    }
}

/// Returns a hint that finds the ports of a host.
fn ask_rpcbind(address: &str) -> String {
    format!("`oncilla -t rpc://{} list` asks its rpcbind for the ports", host_of(address))
}

/// Returns the next step after a failure to connect.
pub fn unreached(error: &oncilla_host::Error) -> Option<String> {
    use oncilla_host::Error::{Connect, Resolve, Tls};
    match error {
        Connect { to, source } if to.parse::<SocketAddr>().is_ok() => match source.kind() {
            io::ErrorKind::ConnectionRefused => {
                Some(format!("the host answers, but no program listens on this port; {}", ask_rpcbind(to)))
            }
            io::ErrorKind::TimedOut | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Some(
                format!("nothing answers at {}: check its power, its address, and firewalls on the way", host_of(to)),
            ),
            _ => None,
        },
        Connect { source, .. } if source.kind() == io::ErrorKind::ConnectionRefused => {
            Some("the socket exists, but no server listens on it: start the server".to_owned())
        }
        Tls(oncilla_host::TlsError::NotOffered { .. }) => Some(
            "tcp:// and rpc:// call in the clear, without TLS: anybody on the way can read and change the calls"
                .to_owned(),
        ),
        Tls(oncilla_host::TlsError::Handshake { problem, .. }) => of_certificate(problem).map(str::to_owned),
        Resolve { .. } => Some("use a numeric address, or find the host by `oncilla list --network`".to_owned()),
        _ => None,
    }
}

/// Returns the option that changes what TLS failed for, if one does.
pub fn of_certificate(problem: &str) -> Option<&'static str> {
    let is_about = |words: &[&str]| words.iter().any(|words| problem.contains(words));
    if is_about(&["client certificate", "client's certificate"]) {
        return Some("`--cert FILE` sets the certificate of this client, and `--key FILE` its private key");
    }
    is_about(&["signed the server's certificate"]).then_some("`--ca FILE` sets the authorities that this client trusts")
}
