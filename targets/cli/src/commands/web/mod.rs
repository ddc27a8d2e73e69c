//! `oncilla web`: a page for devices.

mod devices;

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use oncilla_web::server::{Allowed, Options, Server, Token, tls};

use crate::connect::read_pem;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::interrupt::Interrupt;

/// Serves a page for devices: a form for each procedure, plots, the log
///
/// Prints the address of the page, for a browser. The page shows what the interface has: programs, procedures and types with
/// their comments. It needs no other host. Its address has a token, without which no device is called; pages of other sites
/// call none. A target mqtt://BROKER/FLEET or …/group:GROUP is all devices that are there.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The devices, as for `--target`; a short name, or NAME=TARGET, is shown on the page
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// Where to listen; other addresses than those of this machine need TLS [default: 127.0.0.1, any port]
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
    /// Also serves browsers that know this machine by another name; may be repeated
    #[arg(long, value_name = "NAME")]
    host: Vec<String>,
    /// Serves inside TLS, with the certificate in this PEM file
    #[arg(long = "tls-cert", value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key of that certificate, a PEM file
    #[arg(long = "tls-key", value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Serves everybody on this machine, without a token
    #[arg(long)]
    no_token: bool,
    /// Calls nothing but the procedures of `--allow`, and NULL
    #[arg(long)]
    read_only: bool,
    /// Calls this procedure, such as sensor.read, and no other; may be repeated
    #[arg(long, value_name = "PROCEDURE")]
    allow: Vec<String>,
    /// Shows the panels of this TOML file first: gauges, plots, tables, switches and sliders
    #[arg(long, value_name = "FILE")]
    panels: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  oncilla web serial:/dev/ttyACM0
  oncilla web oven=tcp://10.0.0.7:20049 cooler=tcp://10.0.0.8:20049
  oncilla web mqtt://127.0.0.1/plant --allow thermostat.read
  oncilla web -x oven.x --panels oven.toml serial:/dev/ttyACM0
  oncilla web -x sensor.x serial:/dev/ttyUSB0?baud=9600 --listen 127.0.0.1:8080
  oncilla web /dev/ttyACM0 --listen 0.0.0.0:8443 --host bench.local --tls-cert bench.pem --tls-key bench.key";

/// Where the page is by default: on this machine, at a port that is free.
const LISTEN: &str = "127.0.0.1:0";

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    let address = address(arguments.listen.as_deref().unwrap_or(LISTEN))?;
    let tls = match (&arguments.tls_cert, &arguments.tls_key) {
        (Some(cert), Some(key)) => {
            let wrong =
                |error| Failure::usage(format_args!("{} with the key {}: {error}", cert.display(), key.display()));
            Some(tls(read_pem(cert)?.as_bytes(), read_pem(key)?.as_bytes()).map_err(wrong)?)
        }
        _ => None,
    };
    check(arguments, address.ip(), tls.is_some())?;
    let token = if arguments.no_token { None } else { Some(random()?) };
    let panels = arguments.panels.as_deref().map(devices::panels).transpose()?;
    let devices = devices::of(&arguments.targets, panels.as_ref(), context)?;
    let allowed = match arguments.read_only || !arguments.allow.is_empty() {
        true => Allowed::These(arguments.allow.clone()),
        false => Allowed::All,
    };
    let scheme = if tls.is_some() { "https" } else { "http" };
    let options = Options { devices, allowed, token: token.clone(), names: arguments.host.clone(), tls };
    let server = Server::bind(address, options)
        .map_err(|error| Failure::usage(format_args!("cannot listen at {address}: {error}")))?;
    let bound = server.address().map_err(|error| Failure::new(Exit::Failed, error))?;
    let interrupt = Interrupt::handle()?;
    let shown = shown(bound, &arguments.host);
    let secret = token.map(|token| format!("#token={}", token.text())).unwrap_or_default();
    let page = format!("{scheme}://{shown}/{secret}");
    if context.output.json {
        context.output.line(serde_json::json!({ "page": page }))?;
    } else {
        context.output.line(&page)?;
        context.output.note("open this address in a browser; Ctrl-C ends the page");
    }
    server.serve(|| interrupt.is_set()).map_err(|error| Failure::new(Exit::Failed, error))
}

/// Refuses what would let others in.
fn check(arguments: &Arguments, ip: IpAddr, is_tls: bool) -> Done {
    if ip.is_loopback() {
        return Ok(());
    }
    if !is_tls {
        return Err(Failure::usage(format_args!("{ip} is not an address of this machine alone, and needs TLS"))
            .help("give a certificate and its key: `--tls-cert FILE --tls-key FILE`, or listen at 127.0.0.1"));
    }
    if arguments.no_token {
        return Err(Failure::usage(format_args!("`--no-token` would let everybody who reaches {ip} call the devices"))
            .help("leave out `--no-token`, or listen at 127.0.0.1"));
    }
    Ok(())
}

fn address(text: &str) -> Done<SocketAddr> {
    let wrong = |error: String| {
        Failure::usage(format_args!("{text:?} is not an address to listen at: {error}"))
            .help("write HOST:PORT, such as 127.0.0.1:8080")
    };
    let mut found = text.to_socket_addrs().map_err(|error| wrong(error.to_string()))?;
    found.next().ok_or_else(|| wrong("it has no address".to_owned()))
}

/// Returns the address for browsers. An address for all networks is none for a browser.
fn shown(bound: SocketAddr, hosts: &[String]) -> String {
    match hosts.first() {
        Some(host) => format!("{host}:{}", bound.port()),
        None if bound.ip().is_unspecified() => format!("localhost:{}", bound.port()),
        None => bound.to_string(),
    }
}

fn random() -> Done<Token> {
    Token::random()
        .map_err(|error| Failure::new(Exit::Failed, format_args!("this system has no random numbers: {error}")))
}
