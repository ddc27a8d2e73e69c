//! Targets mqtt:// and mqtts://: devices of a fleet behind a broker.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use oncilla::{CallError, Caller, LinkError, ProcedureId, Retry};
use oncilla_fleet::mqtt::BrokerError;
use oncilla_fleet::wire::{Executed, Trouble};
use oncilla_fleet::{Address, AnyDevice, Error, Fleet, Interrupt, Place};

use super::device::{Arguments, Connection, Device, Results};
use super::{How, Identity, Stop, tls};
use crate::failure::{Done, Exit, Failure};
use crate::files;
use crate::settings::{Password, Settings};

/// The largest file of a password, in bytes.
const FILE_MAX: u64 = 64 << 10;

/// Connects to the broker of an address, with the settings for it.
///
/// # Errors
/// The files, TLS, the broker.
pub fn fleet(address: &Address, settings: &Settings) -> Done<Fleet> {
    if settings.user.is_some() {
        return Err(Failure::usage("a user and group of AUTH_SYS do not apply to a fleet")
            .help("gateways give each call the credential of its user at the broker: `mqtt://USER@broker/…`"));
    }
    if settings.link_key.is_some() {
        return Err(Failure::usage("a link key does not apply to a fleet")
            .help("keys are between the gateway and its devices; a caller has TLS (`mqtts://`) and a password"));
    }
    let mut options = oncilla_fleet::Settings::new(address.clone());
    options.connect_timeout = settings.connect_timeout.value;
    options.password = match settings.password.as_ref().map(|password| &password.value) {
        None => None,
        Some(Password::Text(text)) => Some(text.as_bytes().to_vec()),
        Some(Password::File(path)) => {
            let text = files::text("read the password file", path, FILE_MAX)?;
            Some(text.trim_end_matches(['\r', '\n']).as_bytes().to_vec())
        }
    };
    if options.password.is_some() && address.user.is_none() {
        return Err(Failure::usage("a password is given, and no user")
            .help("write the user before the broker: mqtt://USER@broker/…"));
    }
    if address.tls {
        options.tls = Some(tls::client(settings)?);
    }
    Fleet::with(options).map_err(Failure::from)
}

/// Connects to a device of a fleet, or to any device of a group.
pub fn to(address: &Address, settings: &Settings, how: &How) -> Done<Device> {
    match &address.place {
        Place::Device(name) => {
            let fleet = fleet(address, settings)?;
            let description = Arc::new({
                let (fleet, name) = (fleet.clone(), name.clone());
                move || fleet.description(&name).ok().flatten()
            });
            Ok(Device::new(Remote::new(fleet.device(name)?, description, how)))
        }
        Place::Any(group) => {
            let fleet = fleet(address, settings)?;
            let description = Arc::new({
                let (fleet, group) = (fleet.clone(), group.clone());
                // All devices of a group are taken to have the interface of its first one.
                move || {
                    let devices = fleet.devices().ok()?;
                    let of_group = devices.iter().filter(|(_, presence)| presence.groups.contains(&group));
                    of_group.filter_map(|(device, _)| fleet.description(device).ok().flatten()).next()
                }
            });
            Ok(Device::new(Remote::new(fleet.any(group)?, description, how)))
        }
        Place::Group(group) => Err(Failure::usage(format_args!("{address} is a group, and a call needs one device"))
            .help(format_args!(
                "`oncilla fleet call --group {group} …` calls all of them; `any:{group}` calls one of them"
            ))),
        Place::Fleet => Err(Failure::usage(format_args!("{address} names no device"))
            .help(format_args!("write {address}/DEVICE; `oncilla -t {address} fleet list` shows the devices"))),
    }
}

/// Returns the text of an interface that the fleet keeps.
type Description = Arc<dyn Fn() -> Option<Arc<str>> + Send + Sync>;

/// A caller of a fleet as a connection.
struct Remote<C> {
    caller: C,
    description: Description,
    stop: Option<Stop>,
}

/// What a caller of a fleet has beside calls.
trait FleetCaller: Caller<Error = Error> + Send {
    fn set_timeout(&mut self, timeout: Duration);
    fn set_interrupt(&mut self, interrupt: Option<Interrupt>);
}

macro_rules! fleet_caller {
    ($type:ty) => {
        impl FleetCaller for $type {
            fn set_timeout(&mut self, timeout: Duration) {
                Self::set_timeout(self, timeout);
            }

            fn set_interrupt(&mut self, interrupt: Option<Interrupt>) {
                Self::set_interrupt(self, interrupt);
            }
        }
    };
}

fleet_caller!(oncilla_fleet::Device);
fleet_caller!(AnyDevice);

impl<C: FleetCaller> Remote<C> {
    fn new(mut caller: C, description: Description, how: &How) -> Self {
        let (stop, interrupt) = (how.stop.clone(), how.interrupt.clone());
        if stop.is_some() || interrupt.is_some() {
            let stop = stop.clone();
            caller.set_interrupt(Some(Arc::new(move || {
                stop.as_ref().is_some_and(|stop| stop.check().is_err())
                    || interrupt.as_ref().is_some_and(super::Interrupt::ask)
            })));
        }
        Self { caller, description, stop }
    }

    /// Returns an error as that of other connections.
    fn error(&self, error: CallError<Error>) -> CallError<io::Error> {
        let stopped = self.stop.as_ref().and_then(|stop| stop.check().err());
        match (error, stopped) {
            (CallError::TimedOut { .. }, Some(stopped)) => CallError::Link(LinkError::Transport(stopped)),
            (error, _) => with_transport(error, |error| io::Error::other(Failure::from(error))),
        }
    }
}

impl<C: FleetCaller> Connection for Remote<C> {
    fn call(
        &mut self,
        id: ProcedureId,
        idempotent: bool,
        arguments: Arguments<'_>,
        results: Results<'_>,
    ) -> Result<(), CallError<io::Error>> {
        let take = |bytes: &[u8]| {
            results(bytes);
            Ok(())
        };
        let called = match idempotent {
            true => self.caller.call_idempotent(id, arguments, take),
            false => self.caller.call(id, arguments, take),
        };
        called.map_err(|error| self.error(error))
    }

    fn cast(&mut self, id: ProcedureId, arguments: Arguments<'_>) -> Result<(), CallError<io::Error>> {
        self.caller.cast(id, arguments).map_err(|error| self.error(error))
    }

    fn set_timeout(&mut self, timeout: Duration) {
        self.caller.set_timeout(timeout);
    }

    /// A broker loses no messages.
    fn set_retry(&mut self, _: Retry) {}

    /// The gateway gives calls the credential of their user.
    fn set_identity(&mut self, _: Identity) {}

    fn description(&mut self) -> Option<Arc<str>> {
        (self.description)()
    }
}

/// Returns an error of a call with another transport's error.
fn with_transport<E, F>(error: CallError<E>, map: impl FnOnce(E) -> F) -> CallError<F> {
    use CallError as C;
    match error {
        C::Link(error) => C::Link(match error {
            LinkError::Transport(error) => LinkError::Transport(map(error)),
            LinkError::Unsent { sent, size } => LinkError::Unsent { sent, size },
            LinkError::OutOfStep => LinkError::OutOfStep,
            LinkError::Broken => LinkError::Broken,
            LinkError::Unverified => LinkError::Unverified,
            LinkError::NoSession => LinkError::NoSession,
            LinkError::BufferTooSmall { needed, available } => LinkError::BufferTooSmall { needed, available },
        }),
        C::TimedOut { after, unframed } => C::TimedOut { after, unframed },
        C::Echoed { after } => C::Echoed { after },
        C::Restarted => C::Restarted,
        C::Closed => C::Closed,
        C::Refused(refusal) => C::Refused(refusal),
        C::Arguments(error) => C::Arguments(error),
        C::CallTooLarge { size, limit } => C::CallTooLarge { size, limit },
        C::Results(error) => C::Results(error),
        C::Reply(error) => C::Reply(error),
        C::ReplyTooLarge { size } => C::ReplyTooLarge { size },
        C::NoSlot { slots } => C::NoSlot { slots },
        C::TooDeep { levels } => C::TooDeep { levels },
        C::UnknownTicket { xid } => C::UnknownTicket { xid },
    }
}

/// Returns the error of a call in a fleet as that of other connections.
///
/// The trouble of fleet and broker is a [`Failure`] inside the transport's error.
pub fn call_error(error: CallError<Error>) -> CallError<io::Error> {
    with_transport(error, |error| io::Error::other(Failure::from(error)))
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = match &error {
            Error::Broker { error: BrokerError::Unsendable { .. }, .. }
            | Error::Capped { .. }
            | Error::Unusable { .. }
            | Error::NotOneCall => Exit::Usage,
            Error::Broker { error: BrokerError::Denied { .. }, .. } | Error::Strange { .. } => Exit::Failed,
            Error::Gateway { trouble, .. } => match trouble {
                Trouble::Away | Trouble::Disconnected | Trouble::Gateway => Exit::NotReached,
                Trouble::TimedOut | Trouble::Expired => Exit::TimedOut,
                _ => Exit::Failed,
            },
            Error::Expired { .. } => Exit::TimedOut,
            _ => Exit::NotReached,
        };
        let failure = match &error {
            // What fails before anything is sent needs no word of a call: there may be none.
            Error::Broker {
                error:
                    error @ (BrokerError::Unreached { .. }
                    | BrokerError::Tls { .. }
                    | BrokerError::Refused { .. }
                    | BrokerError::Denied { .. }),
                executed: Executed::No,
            } => Self::new(exit, error),
            error => Self::new(exit, error),
        };
        let failure = failure.fleet(name(&error));
        match &error {
            Error::Broker { error: BrokerError::Refused { code: 0x84 }, .. } => {
                failure.help("the broker needs MQTT 5: mosquitto 1.6 or later, EMQX, HiveMQ, VerneMQ, NanoMQ")
            }
            Error::Broker { error: BrokerError::Refused { code: 0x85..=0x87 }, .. } => failure.help(
                "write the user in the target, mqtt://USER@broker/…, and its password in a file for `--password-file`, or in \
                 ONCILLA_PASSWORD",
            ),
            Error::Broker { error: BrokerError::Denied { .. }, .. } => failure.help(
                "the access list of the broker states who may call what: a user needs the topics that end in its name",
            ),
            Error::Broker { error: BrokerError::Tls { .. }, .. } => failure.help(
                "`--ca FILE` sets the authorities that this client trusts, `--cert FILE` and `--key FILE` its own certificate",
            ),
            Error::Broker { error: BrokerError::Unreached { .. }, .. } => {
                failure.help("check that the broker runs, and its address: `mosquitto_sub -h HOST -t '$SYS/broker/version' -C 1`")
            }
            Error::Capped { .. } => failure.help("`oncilla fleet cap` shows and sets the caps"),
            Error::Gateway { trouble: Trouble::Clock, .. } => {
                failure.help("set the clocks of this machine and of the gateway, for example by NTP")
            }
            Error::NoGateway { .. } | Error::Unknown { .. } => failure.help("`oncilla fleet list` shows the devices"),
            _ => failure,
        }
    }
}

/// Returns a name of the trouble for programs.
const fn name(error: &Error) -> &'static str {
    match error {
        Error::Broker { error: BrokerError::Denied { .. }, .. } => "denied-by-broker",
        Error::Broker { executed: Executed::Perhaps, .. } => "broker-lost",
        Error::Broker { .. } => "broker",
        Error::Unknown { .. } => "unknown",
        Error::Away { .. } => "away",
        Error::NoGateway { .. } => "no-gateway",
        Error::GatewayLost { .. } => "gateway-lost",
        Error::Gateway { trouble, .. } => trouble.name(),
        Error::Capped { .. } => "capped",
        Error::Expired { .. } => "expired",
        Error::Strange { .. } => "strange",
        _ => "usage",
    }
}
