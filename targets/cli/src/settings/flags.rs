//! The options that all commands share.

use std::path::PathBuf;
use std::time::Duration;

use clap::ArgMatches;
use clap::parser::ValueSource;
use oncilla_rpcgen::Preprocessor;

use super::{Side, Suite};
use crate::target::{Framing, Payload};

/// Options that apply to all commands.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Options of all commands")]
pub struct Flags {
    /// The device: tcp://host:port, udp://host:port, rpc://host, unix:/path, serial:PORT, or a short name
    ///
    /// tcp+tls://host:port and rpc+tls://host call inside TLS. mqtt://broker/fleet/device and mqtts:// call a device of a
    /// fleet, mqtt://broker/fleet/any:GROUP any device of a group.
    /// Short names are in the configuration file. With `watch` and `bench`, it may be repeated.
    #[arg(short, long, global = true, env = "ONCILLA_TARGET", value_name = "TARGET")]
    pub target: Vec<String>,
    /// The interface of the device; a device that describes itself needs none
    #[arg(short = 'x', long, global = true, env = "ONCILLA_INTERFACE", value_name = "FILE.x")]
    pub interface: Option<PathBuf>,
    /// Also searches this folder for files that the interface includes
    #[arg(short = 'I', long = "include", global = true, value_name = "FOLDER")]
    pub include: Vec<PathBuf>,
    /// Defines a name for the preprocessor of the interface
    #[arg(short = 'D', long = "define", global = true, value_name = "NAME[=VALUE]")]
    pub define: Vec<String>,
    /// Waits at most this long for a reply, such as 500ms or 10s [default: 5s]
    #[arg(long, global = true, env = "ONCILLA_TIMEOUT", value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// Retransmits a call after this time, on UDP and serial lines [default: 500ms, doubling]
    #[arg(long, global = true, env = "ONCILLA_RETRY", value_name = "TIME", value_parser = duration)]
    pub retry: Option<Duration>,
    /// Waits at most this long for a connection [default: 5s]
    #[arg(long, global = true, env = "ONCILLA_CONNECT_TIMEOUT", value_name = "TIME", value_parser = duration)]
    pub connect_timeout: Option<Duration>,
    /// The baud rate of a serial port [default: 115200]
    #[arg(long, global = true, env = "ONCILLA_BAUD", value_name = "RATE", value_parser = clap::value_parser!(u32).range(1..))]
    pub baud: Option<u32>,
    /// The framing of messages [default: serial on serial ports, record elsewhere]
    ///
    /// It applies to serial ports, TCP and Unix sockets.
    #[arg(long, global = true, env = "ONCILLA_FRAMING", value_name = "FRAMING", value_enum)]
    pub framing: Option<Framing>,
    /// How arguments and results are encoded [default: xdr]
    #[arg(long, global = true, env = "ONCILLA_PAYLOAD", value_name = "PAYLOAD", value_enum)]
    pub payload: Option<Payload>,
    /// The size of the largest message in bytes [default: 1048576]
    #[arg(long, global = true, env = "ONCILLA_MESSAGE_MAX", value_name = "BYTES", value_parser = clap::value_parser!(u32).range(64..=1 << 28))]
    pub message_max: Option<u32>,
    /// Calls as this user, with AUTH_SYS, which proves nothing
    #[arg(long = "as", global = true, env = "ONCILLA_AS", value_name = "UID:GID", value_parser = user)]
    pub user: Option<(u32, u32)>,
    /// Trusts the authorities in this PEM file, with tcp+tls://, rpc+tls:// and mqtts://
    #[arg(long, global = true, env = "ONCILLA_CA", value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Presents the certificate in this PEM file to servers, inside TLS
    #[arg(long, global = true, env = "ONCILLA_CERT", value_name = "FILE")]
    pub cert: Option<PathBuf>,
    /// The private key of the certificate, a PEM file
    #[arg(long, global = true, env = "ONCILLA_KEY", value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// The file with the password of the user at the broker, with mqtt:// and mqtts://
    ///
    /// ONCILLA_PASSWORD is the password itself.
    #[arg(long, global = true, env = "ONCILLA_PASSWORD_FILE", value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Calls under the key in this file, which has mode 0600; `FILE#ID` takes one of several
    ///
    /// `oncilla key new` makes the file. The device needs the same key, the same suite and the other side.
    #[arg(long, global = true, env = "ONCILLA_LINK_KEY", hide_env_values = true, value_name = "FILE[#ID]")]
    pub link_key: Option<PathBuf>,
    /// The algorithms of the link key [default: light]
    #[arg(long, global = true, env = "ONCILLA_SUITE", value_name = "SUITE", value_enum)]
    pub suite: Option<Suite>,
    /// The side of this command under the link key [default: host; device with `oncilla serve`]
    #[arg(long, global = true, env = "ONCILLA_SIDE", value_name = "SIDE", value_enum)]
    pub side: Option<Side>,
    /// The configuration file
    #[arg(long, global = true, env = "ONCILLA_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Writes JSON, one value a line, for programs
    #[arg(long, global = true)]
    pub json: bool,
    /// When to colour the output
    #[arg(long, global = true, value_name = "WHEN", default_value_t)]
    pub color: clap::ColorChoice,
    /// Shows what happens; twice, the bytes on the wire
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Leaves out notes on standard error
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

impl Flags {
    /// Returns the preprocessor for interfaces.
    pub fn preprocessor(&self) -> Preprocessor {
        let preprocessor = self.define.iter().fold(Preprocessor::default(), Preprocessor::define);
        self.include.iter().fold(preprocessor, Preprocessor::include)
    }
}

/// The longest time, 1000 days.
///
/// The sum of a few such times and an instant is an instant on every system.
const TIME_MAX: Duration = Duration::from_secs(1000 * 24 * 60 * 60);

/// Parses a time such as `500ms`. A number alone is seconds, as in ping(8).
pub fn duration(text: &str) -> Result<Duration, String> {
    let time = match text.parse::<f64>() {
        // Too many seconds for a `Duration`, or no time at all.
        Ok(seconds) if seconds > TIME_MAX.as_secs_f64() => Some(Duration::MAX),
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => humantime::parse_duration(text).ok(),
    };
    match time {
        Some(time) if time > TIME_MAX => Err("the longest time is 1000days".to_owned()),
        Some(time) if !time.is_zero() => Ok(time),
        _ => Err("expected a time above zero, such as 500ms, 2s or 1m".to_owned()),
    }
}

fn user(text: &str) -> Result<(u32, u32), String> {
    let both = text.split_once(':').and_then(|(uid, gid)| Some((uid.parse().ok()?, gid.parse().ok()?)));
    both.ok_or_else(|| "expected the numbers of a user and a group, such as 1000:1000".to_owned())
}

/// Returns whether an option was given on the command line, not by the environment.
///
/// `matches` are those of the innermost command: clap copies global options there.
pub fn is_flag(matches: &ArgMatches, id: &str) -> bool {
    matches.try_contains_id(id).is_ok() && matches.value_source(id) == Some(ValueSource::CommandLine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_above_zero_and_at_most_1000_days() {
        assert_eq!(duration("2"), Ok(Duration::from_secs(2)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("1ns"), Ok(Duration::from_nanos(1)));
        assert_eq!(duration("1000days"), Ok(TIME_MAX));
        assert_eq!(duration("86400000"), Ok(TIME_MAX));
        for long in ["1e19", "1e300", "inf", "86400001", "1001days", "500years"] {
            assert!(duration(long).unwrap_err().contains("1000days"), "{long}");
        }
        for wrong in ["0", "0s", "-1", "NaN", "1e-30", "soon", ""] {
            assert!(duration(wrong).unwrap_err().contains("above zero"), "{wrong}");
        }
    }
}
