//! Reads and checks `fleet.toml`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Display;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use oncilla_device::files;
use oncilla_device::interface::interface_of;
use oncilla_device::settings::{From, Setting, Settings as DeviceSettings, Suite};
use oncilla_device::target::{Address, Payload, Target};
use oncilla_dynamic::Interface;
use oncilla_fleet::wire::Name;
use oncilla_rpcgen::{Preprocessor, parse_file};
use toml::Spanned;

use super::file::{self, File};
use super::pattern::{Pattern, fill};
use super::{Broker, Device, Limits, Listen, Queue, Settings, SettingsError};

/// The largest file that is read, in bytes.
const FILE_MAX: u64 = 16 << 20;

/// The largest interface that is read, in bytes.
const INTERFACE_MAX: u64 = 1 << 20;

/// The default size of the largest message in bytes.
const MESSAGE_MAX: u32 = 64 << 10;

type Done<T = ()> = Result<T, SettingsError>;

impl Settings {
    /// Reads `fleet.toml`. Paths in it are relative to its folder.
    ///
    /// # Errors
    /// The file cannot be read, or is wrong: the error has the line, what is wrong and what to write.
    pub fn read(path: &Path) -> Done<Self> {
        let text = files::text("read", path, FILE_MAX).map_err(|failure| SettingsError(failure.to_string()))?;
        Self::parse(&path.display().to_string(), &text, path.parent().unwrap_or(Path::new("")))
    }

    /// Parses the text of a file. `name` stands for the file in errors, paths are relative to `folder`.
    ///
    /// # Errors
    /// Those of [`read`](Self::read).
    pub fn parse(name: &str, text: &str, folder: &Path) -> Done<Self> {
        let place = Place { name, text, folder };
        let file: File = toml::from_str(text).map_err(|error| {
            let what = error.message().lines().next().unwrap_or_default().to_owned();
            match error.span() {
                Some(span) => place.wrong(span, what),
                None => SettingsError(format!("{name}: {what}")),
            }
        })?;
        place.check(file)
    }
}

/// A file that is checked.
struct Place<'t> {
    name: &'t str,
    text: &'t str,
    folder: &'t Path,
}

impl Place<'_> {
    /// Returns an error at a place of the file.
    fn wrong(&self, span: Range<usize>, what: impl Display) -> SettingsError {
        let before = self.text.get(..span.start).unwrap_or_default();
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        SettingsError(format!("{}:{line}: {what}", self.name))
    }

    fn path(&self, path: PathBuf) -> PathBuf {
        self.folder.join(path)
    }

    fn name_of(&self, what: &str, name: &Spanned<String>) -> Done<Name> {
        let wrong = |error| self.wrong(name.span(), format_args!("the {what} {:?}: {error}", name.get_ref()));
        Name::new(name.get_ref()).map_err(wrong)
    }

    fn check(&self, file: File) -> Done<Settings> {
        let mut devices = BTreeMap::new();
        let mut interfaces = BTreeMap::new();
        let mut lines = BTreeMap::new();
        for (name, device) in &file.devices {
            let wrong = |what| self.wrong(name.span(), what);
            let pattern = Pattern::parse(name.get_ref()).map_err(wrong)?;
            for (device_name, number) in pattern.names() {
                let named = Spanned::new(name.span(), device_name.clone());
                let checked_name = self.name_of("device", &named)?;
                let checked =
                    self.device(&named, checked_name.clone(), number, device, &file.defaults, &mut interfaces)?;
                if let Some(Address::Serial(port)) =
                    checked.settings.target.as_ref().map(|target| &target.value.address)
                    && let Some(other) = lines.insert(port.clone(), device_name.clone())
                {
                    return Err(wrong(format!(
                        "the devices {other:?} and {device_name:?} have one serial port, {port}; give each its own"
                    )));
                }
                match devices.entry(checked_name) {
                    Entry::Vacant(place) => place.insert(Arc::new(checked)),
                    Entry::Occupied(twice) => {
                        return Err(wrong(format!("the device {:?} is there twice; leave one out", twice.key())));
                    }
                };
            }
        }
        let mut users = BTreeMap::new();
        for (name, user) in &file.users {
            users.insert(self.name_of("user", name)?, user.clone());
        }
        Ok(Settings {
            fleet: self.name_of("fleet", &file.fleet)?,
            gateway: self.name_of("gateway", &file.gateway)?,
            broker: self.broker(file.broker)?,
            devices,
            users,
            limits: self.limits(&file.limits)?,
            queue: file.queue.map(|queue| self.queue(queue)).transpose()?,
            health: file.health.map(|health| self.listen(&health.listen)).transpose()?,
        })
    }

    fn broker(&self, broker: file::Broker) -> Done<Broker> {
        let address = &broker.address;
        let wrong = |what: String| self.wrong(address.span(), what);
        let (scheme, rest) = address.get_ref().split_once("://").unwrap_or(("", address.get_ref()));
        let tls = match scheme {
            "mqtt" => false,
            "mqtts" => true,
            _ => {
                return Err(wrong(format!(
                    "{:?} is not a broker; write mqtt://host:1883 or mqtts://host:8883",
                    address.get_ref()
                )));
            }
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        // An IPv6 address has colons of its own, inside brackets.
        let (host, port) = match rest.rsplit_once(':').filter(|(_, port)| !port.contains(']')) {
            Some((host, port)) => (host, port.parse().ok().filter(|port| *port != 0)),
            None => (rest, Some(if tls { 8883 } else { 1883 })),
        };
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let port =
            port.ok_or_else(|| wrong(format!("the port of {:?} is not a number from 1 to 65535", address.get_ref())))?;
        if bare.is_empty() || bare.contains(['/', '@', ' ']) {
            return Err(wrong(format!(
                "{:?} has no host; write mqtt://host:1883, and the user in `user = …`",
                address.get_ref()
            )));
        }
        let own = match (broker.cert, broker.key) {
            (Some(cert), Some(key)) => Some((self.path(cert), self.path(key))),
            (None, None) => None,
            _ => {
                return Err(wrong(
                    "a certificate and its key belong together; write both `cert = …` and `key = …`".to_owned(),
                ));
            }
        };
        if !tls && (own.is_some() || broker.ca.is_some()) {
            return Err(wrong("mqtt:// has no TLS, so `ca`, `cert` and `key` do not apply; write mqtts://".to_owned()));
        }
        if tls && broker.ca.is_none() {
            return Err(wrong(
                "mqtts:// needs the authority that signed the broker's certificate; write `ca = \"ca.pem\"`".to_owned(),
            ));
        }
        if broker.password_file.is_some() && broker.user.is_none() {
            return Err(wrong("the password has no user; write `user = …`".to_owned()));
        }
        let keep_alive =
            self.time(broker.keep_alive, Duration::from_secs(5), Duration::from_secs(1), Duration::from_secs(3600))?;
        Ok(Broker {
            host: bare.to_owned(),
            port,
            tls,
            user: broker.user,
            password_file: broker.password_file.map(|path| self.path(path)),
            ca: broker.ca.map(|path| self.path(path)),
            own,
            keep_alive,
        })
    }

    fn device(
        &self,
        name: &Spanned<String>,
        checked_name: Name,
        number: Option<u64>,
        device: &file::Device,
        defaults: &file::Device,
        interfaces: &mut BTreeMap<String, (Arc<str>, Arc<Interface>)>,
    ) -> Done<Device> {
        macro_rules! or {
            ($field:ident) => {
                device.$field.clone().or_else(|| defaults.$field.clone())
            };
        }
        let filled = |text: &Spanned<String>| match fill(text.get_ref(), number) {
            Ok(filled) => Ok(filled.into_owned()),
            Err(error) => Err(self.wrong(text.span(), error)),
        };
        let target = or!(target).ok_or_else(|| {
            self.wrong(
                name.span(),
                format_args!("the device {:?} has no target; write `target = \"serial:/dev/ttyUSB0\"`", name.get_ref()),
            )
        })?;
        let parsed: Target = filled(&target)?.parse().map_err(|error| self.wrong(target.span(), error))?;
        if matches!(parsed.address, Address::Rpc { .. }) {
            return Err(
                self.wrong(target.span(), "a device has one address; write tcp://host:port instead of rpc://host")
            );
        }
        if matches!(parsed.address, Address::Mqtt(_)) {
            return Err(
                self.wrong(target.span(), "a device of a gateway is not behind a broker; callers call it there")
            );
        }
        let path = |path: PathBuf| Setting { value: self.path(path), from: From::Option };
        let mut settings = DeviceSettings::of(parsed);
        settings.timeout.value =
            self.time(or!(timeout), Duration::from_secs(5), Duration::from_millis(10), Duration::from_secs(3600))?;
        settings.connect_timeout.value = self.time(
            or!(connect_timeout),
            Duration::from_secs(5),
            Duration::from_millis(10),
            Duration::from_secs(300),
        )?;
        settings.retry = or!(retry).map(|retry| Setting { value: *retry.get_ref(), from: From::Option });
        settings.message_max.value = self.number(or!(message_max), MESSAGE_MAX, 64, 64 << 20)?;
        settings.ca = or!(ca).map(path);
        settings.cert = or!(cert).map(path);
        settings.key = or!(key).map(path);
        settings.link_key = or!(link_key).map(|key| filled(&key)).transpose()?.map(|key| path(key.into()));
        if let Some(suite) = or!(suite) {
            let named = Suite::named(suite.get_ref());
            settings.suite.value = named.ok_or_else(|| {
                self.wrong(
                    suite.span(),
                    format_args!("{:?} is not a suite; write \"light\" or \"forward-secret\"", suite.get_ref()),
                )
            })?;
        }
        if let Some(payload) = or!(payload) {
            let named = Payload::named(payload.get_ref());
            settings.payload.value = named.ok_or_else(|| {
                self.wrong(
                    payload.span(),
                    format_args!("{:?} is not an encoding; write \"xdr\" or \"postcard\"", payload.get_ref()),
                )
            })?;
        }
        let interface = match or!(interface) {
            Some(file) => Some(self.interface(&filled(&file)?, file.span(), &settings, interfaces)?),
            None => None,
        };
        let mut groups = Vec::new();
        for group in or!(groups).unwrap_or_default() {
            let group = self.name_of("group", &group)?;
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        Ok(Device {
            name: checked_name,
            groups,
            settings,
            interface,
            probe: self.time(
                or!(probe),
                Duration::from_secs(5),
                Duration::from_millis(100),
                Duration::from_secs(86_400),
            )?,
            calls: self.number(or!(calls), 16, 1, 4096)?,
        })
    }

    /// Reads an interface, each file once.
    fn interface(
        &self,
        file: &str,
        span: Range<usize>,
        settings: &DeviceSettings,
        interfaces: &mut BTreeMap<String, (Arc<str>, Arc<Interface>)>,
    ) -> Done<(Arc<str>, Arc<Interface>)> {
        let key = format!("{} {file}", settings.payload.value);
        if let Some(known) = interfaces.get(&key) {
            return Ok(known.clone());
        }
        let path = self.path(file.into());
        let wrong = |what: String| self.wrong(span.clone(), what);
        let text = files::text("read", &path, INTERFACE_MAX).map_err(|failure| wrong(failure.to_string()))?;
        let parsed = parse_file(&path, &Preprocessor::default())
            .map_err(|error| wrong(format!("cannot read {}: {error}", path.display())))?;
        let interface = interface_of(parsed, settings).map_err(|failure| wrong(failure.to_string()))?;
        let read: (Arc<str>, _) = (text.into(), Arc::new(interface));
        interfaces.insert(key, read.clone());
        Ok(read)
    }

    fn limits(&self, limits: &file::Limits) -> Done<Limits> {
        let second = Duration::from_secs(1);
        Ok(Limits {
            timeout_max: self.time(
                limits.timeout_max.clone(),
                second * 60,
                Duration::from_millis(10),
                second * 86_400,
            )?,
            clock_tolerance: self.time(limits.clock_tolerance.clone(), second, Duration::ZERO, second * 3600)?,
            remembered: self.number(limits.remembered.clone(), 65_536, 16, 16 << 20)?,
            stop: self.time(limits.stop.clone(), second * 5, Duration::ZERO, second * 600)?,
        })
    }

    /// Returns the path of the journal, which is created at the first start. Its folder is not.
    fn journal(&self, journal: Spanned<PathBuf>) -> Done<PathBuf> {
        let span = journal.span();
        let path = self.path(journal.into_inner());
        match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
                Err(self
                    .wrong(span, format!("the folder {} of the journal does not exist; create it", folder.display())))
            }
            _ => Ok(path),
        }
    }

    fn queue(&self, queue: file::Queue) -> Done<Queue> {
        let hour = Duration::from_secs(3600);
        Ok(Queue {
            journal: self.journal(queue.journal)?,
            per_device: self.number(queue.per_device, 1000, 1, 1 << 20)?,
            expiry_max: self.time(queue.expiry_max, hour * 24 * 7, Duration::from_secs(1), hour * 24 * 365)?,
        })
    }

    fn listen(&self, listen: &Spanned<String>) -> Done<Listen> {
        let text = listen.get_ref();
        if let Some(path) = text.strip_prefix("unix:").filter(|path| !path.is_empty()) {
            return if cfg!(unix) {
                Ok(Listen::Unix(self.path(path.into())))
            } else {
                Err(self.wrong(listen.span(), "this system has no Unix sockets; write 127.0.0.1:9110"))
            };
        }
        match text.parse::<SocketAddr>() {
            Ok(address) if address.ip().is_loopback() => Ok(Listen::Tcp(address)),
            Ok(_) => Err(self.wrong(listen.span(), format_args!("{text} is not a loopback address; health has no password: write 127.0.0.1:9110 or unix:/run/gateway.sock"))),
            Err(_) => Err(self.wrong(listen.span(), format_args!("{text:?} is not an address; write 127.0.0.1:9110 or unix:/run/gateway.sock"))),
        }
    }

    fn time(
        &self,
        given: Option<Spanned<Duration>>,
        default: Duration,
        low: Duration,
        high: Duration,
    ) -> Done<Duration> {
        let Some(given) = given else { return Ok(default) };
        if *given.get_ref() < low || *given.get_ref() > high {
            return Err(self.wrong(given.span(), format_args!("{:?} is outside {low:?} to {high:?}", given.get_ref())));
        }
        Ok(*given.get_ref())
    }

    fn number<N: PartialOrd + Display + Copy>(
        &self,
        given: Option<Spanned<N>>,
        default: N,
        low: N,
        high: N,
    ) -> Done<N> {
        let Some(given) = given else { return Ok(default) };
        let value = *given.get_ref();
        if value < low || value > high {
            return Err(self.wrong(given.span(), format_args!("{value} is outside {low} to {high}")));
        }
        Ok(value)
    }
}
