//! The connection to a fleet.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};

use crate::address::{Address, Place};
use crate::directory::{Change, Directory};
use crate::error::Error;
use crate::mqtt::{BrokerError, Connection, Handler, Incoming, Lost, Options, Publication};
use crate::pending::Pending;
use crate::random;
use crate::wire::{Cap, Correlation, Document, Name, Presence, Topic, Topics};
use crate::{AnyDevice, Device, Group, Queue, Ticket};

/// How long a retained publication may take to follow its subscription.
const SETTLE: Duration = Duration::from_millis(300);

/// How to connect to a fleet.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the fleet is.
    pub address: Address,
    /// The password of the user.
    pub password: Option<Vec<u8>>,
    /// The settings of TLS. An address `mqtts://` needs them.
    #[cfg(feature = "tls")]
    pub tls: Option<oncilla_host::TlsClient>,
    /// The name of this client, unique at the broker. A random one unless set.
    pub client: Option<Name>,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// After how long without a message the connection is checked.
    pub keep_alive: Duration,
    /// How long the broker keeps replies while this client's connection is lost.
    pub session: Duration,
}

impl Settings {
    /// Returns the settings for an address, with the default of each other one.
    #[must_use]
    pub const fn new(address: Address) -> Self {
        Self {
            address,
            password: None,
            #[cfg(feature = "tls")]
            tls: None,
            client: None,
            connect_timeout: Duration::from_secs(5),
            keep_alive: Duration::from_secs(15),
            session: Duration::from_secs(120),
        }
    }
}

/// A fleet of devices behind a broker. Clones share the connection.
///
/// ```no_run
/// # oncilla::program! {
/// #     pub mod thermostat = 0x2000_0042, version 1 { fn read(channel: u32) -> i32 = 1; }
/// # }
/// use oncilla_fleet::Fleet;
///
/// let fleet = Fleet::connect("mqtt://127.0.0.1/plant")?;
/// let mut oven = fleet.device("oven-7")?;
/// println!("{}", thermostat::Client::new(&mut oven).read(0)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A thread receives; each call sends from its own thread, so that calls of many threads are in flight at once. A
/// connection that is lost is made again. Calls that the broker had not acknowledged then fail as "may have been
/// executed", and are not sent again; replies to the others arrive later.
#[derive(Clone, Debug)]
pub struct Fleet {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub connection: Connection,
    pub shared: Arc<Shared>,
    pub topics: Topics,
    pub user: Name,
    pub reply_topic: String,
    pub connect_timeout: Duration,
    /// The first half of correlation data.
    nonce: [u8; 8],
    /// Half a call number; the other half would be needed after 2³² calls.
    next: AtomicU32,
    rounds: AtomicU32,
    /// The devices whose presence is subscribed to.
    known: Mutex<HashSet<Name>>,
    everything: Mutex<bool>,
    address: Address,
}

/// What the thread that receives needs.
pub(crate) struct Shared {
    topics: Topics,
    reply_topic: String,
    nonce: [u8; 8],
    pub pending: Pending,
    directory: Mutex<Directory>,
    changed: Condvar,
    watchers: Mutex<Vec<mpsc::SyncSender<Event>>>,
}

/// What has changed in a fleet.
#[derive(Clone, Debug)]
pub enum Event {
    /// The presence of a device changed, or that of its gateway. `None`: it was taken out of the fleet.
    Device(Name, Option<Arc<Presence>>),
    /// The broker's connection was lost.
    Lost(BrokerError),
    /// The broker's connection is there again.
    Connected,
}

impl Shared {
    pub fn directory(&self) -> MutexGuard<'_, Directory> {
        self.directory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `found` finds something in the directory, or `until`.
    pub fn wait<R>(&self, until: Instant, mut found: impl FnMut(&Directory) -> Option<R>) -> Option<R> {
        let mut directory = self.directory();
        loop {
            if let Some(found) = found(&directory) {
                return Some(found);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            directory = self.changed.wait_timeout(directory, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn tell(&self, event: &Event) {
        let mut watchers = self.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        // A watcher that does not keep up misses events, and one that is gone is forgotten.
        watchers.retain(|watcher| !matches!(watcher.try_send(event.clone()), Err(mpsc::TrySendError::Disconnected(_))));
    }
}

impl Handler for Shared {
    fn message(&self, message: Incoming) {
        if message.topic() == self.reply_topic {
            let number = message.correlation().and_then(|data| data.strip_prefix(&self.nonce[..]));
            if let Some(number) = number.and_then(|number| number.try_into().ok()).map(u64::from_be_bytes) {
                self.pending.reply(number, message);
            }
            return;
        }
        let Ok(topic) = self.topics.parse(message.topic()) else { return };
        let mut directory = self.directory();
        match directory.take(topic, message.payload()) {
            Change::Nothing => return,
            Change::Device(device, presence) => {
                drop(directory);
                self.tell(&Event::Device(device, presence));
            }
            Change::Gateway(gateway) => {
                self.pending.gateway(&gateway, &directory);
                let of = |(_, presence): &(&Name, &Arc<Presence>)| presence.gateway == gateway;
                let devices: Vec<_> =
                    directory.devices.iter().filter(of).map(|(d, p)| (d.clone(), Arc::clone(p))).collect();
                drop(directory);
                devices.into_iter().for_each(|(device, presence)| self.tell(&Event::Device(device, Some(presence))));
            }
            Change::Other => drop(directory),
        }
        self.changed.notify_all();
    }

    fn acknowledged(&self, token: u64, reason: u8) {
        self.pending.acknowledged(token, reason);
    }

    fn connected(&self) {
        self.tell(&Event::Connected);
    }

    fn lost(&self, lost: &Lost) {
        self.pending.lost(lost);
        self.tell(&Event::Lost(lost.why.clone()));
    }
}

impl Inner {
    /// Returns the number of the next call.
    pub fn number(&self) -> u64 {
        let low = self.next.fetch_add(1, Ordering::Relaxed);
        // Some processors lack numbers of 64 bits that threads share.
        let high = match low {
            u32::MAX => self.rounds.fetch_add(1, Ordering::Relaxed),
            _ => self.rounds.load(Ordering::Relaxed),
        };
        u64::from(high) << 32 | u64::from(low)
    }

    /// Returns the correlation data of a call.
    pub fn correlation(&self, number: u64) -> Option<Correlation> {
        let mut data = [0; 16];
        let (nonce, counter) = data.split_at_mut(8);
        nonce.copy_from_slice(&self.nonce);
        counter.copy_from_slice(&number.to_be_bytes());
        Correlation::new(&data)
    }

    fn subscribe(&self, filters: &[(String, bool)]) -> Result<(), Error> {
        self.connection.wait(Instant::now() + self.connect_timeout).map_err(Error::unsent)?;
        self.connection.subscribe(filters, self.connect_timeout).map_err(Error::unsent)
    }

    /// Subscribes to the presence of a device, once.
    pub fn know(&self, device: &Name) -> Result<(), Error> {
        let lock = |known: &Mutex<HashSet<Name>>| known.lock().unwrap_or_else(PoisonError::into_inner).contains(device);
        if *self.everything.lock().unwrap_or_else(PoisonError::into_inner) || lock(&self.known) {
            return Ok(());
        }
        self.subscribe(&[(self.topics.text(&Topic::Presence { device: device.clone() }), false)])?;
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(device.clone());
        // With most brokers the retained publication is here before the acknowledgement, with some after it.
        self.shared.wait(Instant::now() + SETTLE, |directory| {
            let presence = directory.devices.get(device)?;
            directory.gateways.contains_key(&presence.gateway).then_some(())
        });
        Ok(())
    }

    /// Subscribes to the presence of all devices, once, and waits until no more arrive.
    pub fn know_all(&self) -> Result<(), Error> {
        let mut everything = self.everything.lock().unwrap_or_else(PoisonError::into_inner);
        if *everything {
            return Ok(());
        }
        self.subscribe(&[(self.topics.all("presence"), false)])?;
        *everything = true;
        // With most brokers all are here already, and others have a moment for each.
        let until = Instant::now() + Duration::from_secs(60);
        let mut number = self.shared.directory().devices.len();
        while self
            .shared
            .wait(until.min(Instant::now() + SETTLE), |now| (now.devices.len() > number).then_some(()))
            .is_some()
        {
            number = self.shared.directory().devices.len();
        }
        Ok(())
    }
}

impl Fleet {
    /// Connects to the fleet of an address such as `mqtt://127.0.0.1/plant`.
    ///
    /// # Errors
    /// [`Error::Unusable`] when the text is not such an address, and [`Error::Broker`].
    pub fn connect(address: &str) -> Result<Self, Error> {
        let address = address.parse().map_err(|why| Error::Unusable { why })?;
        Self::with(Settings::new(address))
    }

    /// Connects with settings.
    ///
    /// # Errors
    /// [`Error::Broker`]. Later losses of the connection are repaired.
    pub fn with(settings: Settings) -> Result<Self, Error> {
        let address = settings.address;
        // A client with a random name has no session at the broker.
        let clean_start = settings.client.is_none();
        let client = settings.client.unwrap_or_else(random_client);
        let user = address.user.clone().unwrap_or_else(Name::nobody);
        let topics = Topics::new(address.fleet.clone());
        let reply_topic = topics.text(&Topic::Reply { user: user.clone(), client: client.clone() });
        let nonce = random::number().to_be_bytes();
        let shared = Arc::new(Shared {
            topics: topics.clone(),
            reply_topic: reply_topic.clone(),
            nonce,
            pending: Pending::default(),
            directory: Mutex::default(),
            changed: Condvar::new(),
            watchers: Mutex::default(),
        });
        let mut options = Options::new(&*address.broker, &*client);
        options.user = address.user.as_ref().map(|user| user.as_str().to_owned());
        options.password = settings.password;
        options.clean_start = clean_start;
        options.session_expiry = u32::try_from(settings.session.as_secs()).unwrap_or(u32::MAX);
        options.keep_alive = settings.keep_alive;
        options.connect_timeout = settings.connect_timeout;
        #[cfg(feature = "tls")]
        {
            if address.tls && settings.tls.is_none() {
                let why = "mqtts:// needs the certificate of the authority that signed the broker's".to_owned();
                return Err(Error::unsent(BrokerError::Tls { address: address.broker, why }));
            }
            options.tls = settings.tls.filter(|_| address.tls);
        }
        #[cfg(not(feature = "tls"))]
        if address.tls {
            let why = "this program was built without TLS".to_owned();
            return Err(Error::unsent(BrokerError::Tls { address: address.broker, why }));
        }
        let connection = Connection::connect(options, Arc::clone(&shared) as _).map_err(Error::unsent)?;
        // The caps first: a broker sends what it retains before it acknowledges the subscription that follows.
        let documents = [(topics.all("gateway"), false), (topics.all("cap"), false)];
        for filters in [&documents[..], &[(reply_topic.clone(), true)]] {
            connection.subscribe(filters, settings.connect_timeout).map_err(Error::unsent)?;
        }
        Ok(Self {
            inner: Arc::new(Inner {
                connection,
                shared,
                topics,
                user,
                reply_topic,
                connect_timeout: settings.connect_timeout,
                nonce,
                next: AtomicU32::new(1),
                rounds: AtomicU32::new(0),
                known: Mutex::default(),
                everything: Mutex::default(),
                address,
            }),
        })
    }

    /// Returns the address with which it was connected.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.inner.address
    }

    /// Returns a caller of one device.
    ///
    /// # Errors
    /// The text is no name; the device is unknown or away, as far as the broker knows; the broker's trouble.
    pub fn device(&self, device: &str) -> Result<Device, Error> {
        let device = named(device)?;
        self.inner.know(&device)?;
        self.inner.shared.directory().online(&device)?;
        Ok(Device::new(self.clone(), device))
    }

    /// Returns a caller of any one device of a group: of whichever gateway the broker chooses.
    ///
    /// # Errors
    /// The text is no name.
    pub fn any(&self, group: &str) -> Result<AnyDevice, Error> {
        Ok(AnyDevice::new(self.clone(), named(group)?))
    }

    /// Returns what calls every device of a group at once.
    ///
    /// # Errors
    /// The text is no name; the broker's trouble.
    pub fn group(&self, group: &str) -> Result<Group, Error> {
        let group = named(group)?;
        self.inner.know_all()?;
        Ok(Group::new(self.clone(), group))
    }

    /// Returns what queues calls for a device, which may be away. A call begins before `expiry` has passed, or never.
    ///
    /// # Errors
    /// The text is no name.
    pub fn queue(&self, device: &str, expiry: Duration) -> Result<Queue, Error> {
        Ok(Queue::new(self.clone(), named(device)?, expiry))
    }

    /// Returns the ticket of a call that was queued before, by its text `device/user/id`.
    ///
    /// # Errors
    /// The text is no ticket; the broker's trouble.
    pub fn ticket(&self, text: &str) -> Result<Ticket, Error> {
        Ticket::named(self, text)
    }

    /// Returns all devices with their presence, in the order of their names.
    ///
    /// # Errors
    /// The broker's trouble.
    pub fn devices(&self) -> Result<Vec<(Name, Arc<Presence>)>, Error> {
        self.inner.know_all()?;
        let directory = self.inner.shared.directory();
        Ok(directory.devices.iter().map(|(device, presence)| (device.clone(), Arc::clone(presence))).collect())
    }

    /// Returns why a device cannot be called, or nothing if it can.
    ///
    /// # Errors
    /// The broker's trouble.
    pub fn trouble(&self, device: &Name) -> Result<Option<String>, Error> {
        self.inner.know(device)?;
        let directory = self.inner.shared.directory();
        let unknown = || Some("no gateway has published it".to_owned());
        Ok(directory.devices.get(device).map_or_else(unknown, |presence| directory.trouble(presence)))
    }

    /// Returns the presence of a device, if a gateway has published it.
    ///
    /// # Errors
    /// The broker's trouble.
    pub fn presence(&self, device: &Name) -> Result<Option<Arc<Presence>>, Error> {
        self.inner.know(device)?;
        Ok(self.inner.shared.directory().devices.get(device).cloned())
    }

    /// Returns the changes of all devices from now on. At most 4096 wait; further ones are dropped.
    ///
    /// # Errors
    /// The broker's trouble.
    pub fn watch(&self) -> Result<mpsc::Receiver<Event>, Error> {
        let (sender, receiver) = mpsc::sync_channel(4096);
        self.inner.know_all()?;
        self.inner.shared.watchers.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        Ok(receiver)
    }

    /// Returns the description of the interface of a device, as the text of a `.x` file.
    ///
    /// # Errors
    /// The device is unknown, or the broker's trouble.
    pub fn description(&self, device: &Name) -> Result<Option<Arc<str>>, Error> {
        let presence = self.presence(device)?.ok_or_else(|| Error::Unknown { device: device.clone() })?;
        let Some(hash) = presence.description else { return Ok(None) };
        let found = |directory: &Directory| directory.descriptions.get(&hash).cloned();
        if let Some(text) = found(&self.inner.shared.directory()) {
            return Ok(Some(text));
        }
        let filter = self.inner.topics.text(&Topic::Description { hash });
        self.inner.subscribe(&[(filter.clone(), false)])?;
        let text = self.inner.shared.wait(Instant::now() + SETTLE, found);
        self.inner.connection.unsubscribe(&[filter]);
        Ok(text)
    }

    /// Returns the caps: programs with the highest version that callers may use.
    #[must_use]
    pub fn caps(&self) -> Vec<(u32, u32)> {
        let mut caps: Vec<_> = self.inner.shared.directory().caps.iter().map(|(&p, &v)| (p, v)).collect();
        caps.sort_unstable();
        caps
    }

    /// Sets or removes the cap of a program, for all callers of the fleet.
    ///
    /// # Errors
    /// The broker's trouble; the access list may deny it.
    pub fn set_cap(&self, program: u32, highest: Option<u32>) -> Result<(), Error> {
        let topic = self.inner.topics.text(&Topic::Cap { program });
        let payload = highest.map(|highest| Cap { highest }.to_bytes()).unwrap_or_default();
        let publication = Publication { topic, payload, retain: true, acknowledged: true, ..Publication::default() };
        crate::calls::publish_told(&self.inner, publication, self.inner.connect_timeout)?;
        Ok(())
    }

    /// Returns the place of the address with which the fleet was connected.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.inner.address.place
    }

    /// Loses the connection on purpose, as a failing network does. For tests.
    #[doc(hidden)]
    pub fn cut(&self) {
        self.inner.connection.cut();
    }
}

fn random_client() -> Name {
    Name::new(&format!("oncilla-{:016x}", random::number())).unwrap_or_else(|_| Name::nobody())
}

pub(crate) fn named(text: &str) -> Result<Name, Error> {
    Name::new(text).map_err(|error| Error::Unusable { why: format!("{text:?}: {error}") })
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Inner").field(&self.connection).finish()
    }
}
