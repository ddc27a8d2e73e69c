//! The device of a command, connected when it is first needed.

use oncilla_dynamic::Interface;
use oncilla_rpcgen::Parsed;

use crate::connect::{self, Device, How};
use crate::context::{Context, interface_of};
use crate::failure::{Done, Failure};
use crate::settings::Settings;

/// The device of a command, connected when it is first needed.
///
/// Wrong arguments are therefore reported before any connection.
pub struct Remote<'c> {
    pub context: &'c Context,
    pub settings: Settings,
    how: How,
    idempotent: bool,
    device: Option<Device>,
}

impl<'c> Remote<'c> {
    pub fn new(context: &'c Context) -> Done<Self> {
        Ok(Self::of(context, context.settings()?, context.how()))
    }

    /// Returns the device of these settings, for commands that take several targets.
    pub const fn of(context: &'c Context, settings: Settings, how: How) -> Self {
        Self { context, settings, how, idempotent: false, device: None }
    }

    /// Returns the settings, and the device if it is connected.
    pub fn into_parts(self) -> (Settings, Option<Device>) {
        (self.settings, self.device)
    }

    /// Reconnects after a loss.
    pub fn reconnect(&mut self) {
        self.how.reconnect = Some(self.settings.connect_timeout.value);
    }

    /// Allows that calls are executed twice. They are sent again after a lost connection.
    pub fn idempotent(&mut self) {
        self.reconnect();
        self.idempotent = true;
    }

    /// Returns the device.
    pub fn device(&mut self) -> Done<&mut Device> {
        let device = match self.device.take() {
            Some(device) => device,
            None => {
                let mut device = connect::connect(&self.settings, &self.how)?;
                device.set_idempotent(self.idempotent);
                device
            }
        };
        Ok(self.device.insert(device))
    }

    /// Returns the interface of the file that is set, if one is.
    pub fn interface_of_file(&self) -> Done<Option<Interface>> {
        self.context.interface_of_file(&self.settings)
    }

    /// Returns the text of the interface, from the file that is set or the device.
    pub fn text(&mut self) -> Done<Parsed> {
        if let Some(parsed) = self.context.text_of_file(&self.settings)? {
            return Ok(parsed);
        }
        let (context, settings) = (self.context, self.settings.clone());
        context.text(&settings, self.device()?)
    }

    /// Returns the interface for commands that make no call, and so need no device.
    pub fn interface_alone(&mut self) -> Done<Interface> {
        interface_of(self.text_alone()?, &self.settings)
    }

    /// Returns the text of the interface for commands that make no call.
    pub fn text_alone(&mut self) -> Done<Parsed> {
        if self.settings.target.is_none() && self.settings.interface.is_none() {
            return Err(Failure::usage("no interface is given, and no target to ask for it")
                .help("give the interface: `-x FILE.x`, or a device that describes itself: `-t tcp://host:port`"));
        }
        self.text()
    }

    /// Returns the interface, from the file that is set or the device.
    pub fn interface(&mut self) -> Done<Interface> {
        interface_of(self.text()?, &self.settings)
    }
}
