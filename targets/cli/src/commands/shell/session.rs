//! The device of a shell: connecting, calling, cancelling, reconnecting.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use oncilla_device::interface::text_of_device;
use oncilla_dynamic::Interface;
use serde_json::Value;

use crate::commands::call::{Callee, Input, Options, resolve};
use crate::connect::{self, Device, How, Show, Stop};
use crate::context::{Context, interface_of};
use crate::failure::{Done, Exit, Failure};
use crate::interrupt::Interrupt;
use crate::output::{Output, WEAK};
use crate::remote::Remote;
use crate::saved::{self, Saved};
use crate::settings::Settings;

/// How often Ctrl-C is checked during a call.
const LOOK: Duration = Duration::from_millis(20);

/// How long a cancelled call may take to close its connection.
///
/// A serial port cannot be opened twice.
const LEAVE: Duration = Duration::from_secs(1);

/// The results of a call.
pub struct Reply {
    /// `None` for a procedure that returns nothing.
    pub value: Option<Value>,
    pub time: Duration,
}

/// A device, and the state of a shell.
pub struct Session<'c> {
    pub context: &'c Context,
    pub output: Output,
    pub settings: Settings,
    /// Set by Ctrl-C during a call. `None` in a script, which Ctrl-C ends.
    pub interrupt: Option<Interrupt>,
    /// Shows text and logs of the device.
    pub show: Option<Show>,
    /// The last call.
    pub last: Option<Saved>,
    interface: Option<Arc<Interface>>,
    device: Option<Device>,
    /// Cancels the call on the present connection.
    stop: Stop,
}

impl<'c> Session<'c> {
    pub fn new(context: &'c Context) -> Done<Self> {
        Ok(Self {
            context,
            output: context.output,
            settings: context.settings()?,
            interrupt: None,
            show: None,
            last: None,
            interface: None,
            device: None,
            stop: Stop::default(),
        })
    }

    /// Returns the name of the device, as the user gave it.
    pub fn name(&self) -> Option<&str> {
        self.settings.given.as_ref().map(|given| given.value.as_str())
    }

    /// Connects to the device, and reads its interface. The connection before is closed.
    pub fn connect(&mut self) -> Done {
        self.device = None;
        self.interface = None;
        self.job(|_| ())?;
        self.interface().map(drop)
    }

    /// Returns the interface if it is known.
    pub const fn known(&self) -> Option<&Arc<Interface>> {
        self.interface.as_ref()
    }

    /// Returns the interface of the file that is set, or the device's own description.
    pub fn interface(&mut self) -> Done<Arc<Interface>> {
        if let Some(interface) = &self.interface {
            return Ok(Arc::clone(interface));
        }
        let parsed = match self.context.text_of_file(&self.settings)? {
            Some(parsed) => parsed,
            None => {
                let name = self.name().unwrap_or("the device").to_owned();
                self.job(move |device| text_of_device(&name, device))??
            }
        };
        let interface = Arc::new(interface_of(parsed, &self.settings)?);
        Ok(Arc::clone(self.interface.insert(interface)))
    }

    /// Makes a call with words as its arguments.
    pub fn call(&mut self, name: &str, input: &Input, cast: bool) -> Done<Reply> {
        let needs_none = input.is_bytes() && name.starts_with(|first: char| first.is_ascii_digit());
        let interface = if needs_none { self.interface.clone() } else { Some(self.interface()?) };
        let callee = Callee::find(name, interface.as_deref())?;
        let (arguments, bytes) = resolve(&callee, input)?;
        self.remember(name, arguments, cast);
        let id = callee.id();
        let begun = Instant::now();
        let results = self.job(move |device| {
            if cast {
                let sent = oncilla::Caller::cast(device, id, |writer| writer.append(&bytes));
                return sent.map(|()| Vec::new());
            }
            device.call_bytes(id, &bytes).map(<[u8]>::to_vec)
        })?;
        let time = begun.elapsed();
        let results = results.map_err(|error| {
            let failure = Failure::from(error);
            if failure.exit() == Exit::Failed { failure.of(callee.name()) } else { failure }
        })?;
        let value = if cast { None } else { Some(callee.decode(&results)?) };
        Ok(Reply { value: value.filter(|value| !value.is_null() || !results.is_empty()), time })
    }

    /// Calls procedure 0.
    pub fn ping(&mut self, program: u32, version: u32) -> Done<Duration> {
        let begun = Instant::now();
        match self.job(move |device| device.null(program, version))? {
            // A refusal shows that the device is there.
            Ok(()) | Err(oncilla::CallError::Refused(_)) => Ok(begun.elapsed()),
            Err(error) => Err(error.into()),
        }
    }

    /// Remembers a call, for this shell and for `oncilla again`.
    fn remember(&mut self, name: &str, arguments: Value, cast: bool) {
        let options = Options { cast, ..Options::default() };
        let saved = Remote::new(self.context).and_then(|mut remote| {
            remote.settings = self.settings.clone();
            Saved::new(&remote, name, arguments, &options)
        });
        match saved {
            Ok(saved) => {
                // A failure to remember the call must not hide its results.
                saved::remember(&saved).unwrap_or_else(|error| self.output.detail(error));
                self.last = Some(saved);
            }
            Err(error) => self.output.detail(error),
        }
    }

    /// Returns whether the user has pressed Ctrl-C since the line began.
    pub fn is_interrupted(&self) -> bool {
        self.interrupt.as_ref().is_some_and(Interrupt::is_set)
    }

    /// Returns how to connect.
    fn how(&self) -> How {
        let (output, name) = (self.output, self.name().unwrap_or("the device").to_owned());
        let mut how = self.context.how();
        how.reconnect = Some(self.settings.connect_timeout.value);
        how.stop = Some(self.stop.clone());
        how.again = Some(Arc::new(move || output.note(format_args!("{WEAK}reconnected to {name}{WEAK:#}"))));
        if self.show.is_some() {
            how.show.clone_from(&self.show);
        }
        how
    }

    /// Uses the device on another thread, and connects it first if needed.
    ///
    /// Ctrl-C cancels the work.
    fn job<R: Send + 'static>(&mut self, work: impl FnOnce(&mut Device) -> R + Send + 'static) -> Done<R> {
        let (device, settings, how) = (self.device.take(), self.settings.clone(), self.how());
        let (sender, receiver) = mpsc::channel();
        let work = move || {
            let outcome = device.map_or_else(|| connect::connect(&settings, &how), Ok).map(|mut device| {
                device.set_timeout(settings.timeout.value);
                let result = work(&mut device);
                (device, result)
            });
            // The receiver may be gone.
            let _ = sender.send(outcome);
        };
        thread::Builder::new()
            .name("call".to_owned())
            .spawn(work)
            .map_err(|error| Failure::new(Exit::Failed, format_args!("cannot start a thread: {error}")))?;
        loop {
            match receiver.recv_timeout(LOOK) {
                Ok(outcome) => {
                    let (device, result) = outcome?;
                    self.device = Some(device);
                    return Ok(result);
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    if self.is_interrupted() {
                        std::mem::take(&mut self.stop).set();
                        // The connection ends with the thread.
                        let _ = receiver.recv_timeout(LEAVE);
                        return Err(Failure::new(Exit::Failed, "cancelled; the device may have executed the call")
                            .help("the next call reconnects"));
                    }
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    return Err(Failure::new(Exit::Failed, "the thread of the call has ended without a result"));
                }
            }
        }
    }
}
