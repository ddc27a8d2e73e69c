//! The arguments of `connect` as settings of a device.

use std::path::PathBuf;
use std::time::Duration;

use oncilla_device::settings::{Password, Setting, Settings, Side, Suite};
use oncilla_device::target::{Address, Framing, Payload, Protocol, Target};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::{Class, in_python};

/// The longest time in seconds, 1000 days.
const TIME_MAX: f64 = 86_400_000.0;

/// Returns a wrong setting.
fn wrong(py: Python<'_>, name: &str, what: &str) -> PyErr {
    Class::BadValue.error(py, &format!("`{name}`: {what}"), &[], Some(name))
}

/// Returns a number, or none if it is no such number. Ctrl-C while it is read is raised.
fn number<'p, T: for<'a> FromPyObject<'a, 'p>>(py: Python<'p>, value: &Bound<'p, PyAny>) -> PyResult<Option<T>> {
    match value.extract::<T>().map_err(Into::<PyErr>::into) {
        Ok(number) => Ok(Some(number)),
        Err(error) if error.is_instance_of::<PyException>(py) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns a time in seconds.
pub fn time<'p>(py: Python<'p>, name: &str, value: &Bound<'p, PyAny>) -> PyResult<Duration> {
    let seconds = number::<f64>(py, value)?.filter(|seconds| *seconds > 0.0 && *seconds <= TIME_MAX);
    let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).filter(|time| !time.is_zero());
    time.ok_or_else(|| wrong(py, name, "expected seconds above zero, at most 86 400 000, such as 0.5"))
}

/// Returns a number of repetitions.
pub fn retries<'p>(py: Python<'p>, value: &Bound<'p, PyAny>) -> PyResult<u32> {
    number::<u32>(py, value)?
        .filter(|number| *number <= 1000)
        .ok_or_else(|| wrong(py, "retries", "expected a number from 0 to 1000"))
}

/// The keyword arguments of `connect`.
struct Given<'p> {
    py: Python<'p>,
    all: Bound<'p, PyDict>,
}

impl<'p> Given<'p> {
    fn get(&self, name: &str) -> PyResult<Option<Bound<'p, PyAny>>> {
        Ok(self.all.get_item(name)?.filter(|value| !value.is_none()))
    }

    fn path(&self, name: &str) -> PyResult<Option<Setting<PathBuf>>> {
        let Some(value) = self.get(name)? else { return Ok(None) };
        let path = value.extract().map_err(|_| wrong(self.py, name, "expected a path, such as \"oven.x\""))?;
        Ok(Some(given(path)))
    }

    fn time(&self, name: &str) -> PyResult<Option<Setting<Duration>>> {
        self.get(name)?.map(|value| time(self.py, name, &value).map(given)).transpose()
    }

    fn number(&self, name: &str, low: u32, high: u32) -> PyResult<Option<Setting<u32>>> {
        let Some(value) = self.get(name)? else { return Ok(None) };
        let number = number::<u32>(self.py, &value)?.filter(|number| (low..=high).contains(number));
        let number = number.ok_or_else(|| wrong(self.py, name, &format!("expected a number from {low} to {high}")))?;
        Ok(Some(given(number)))
    }

    /// Refuses settings that have no meaning for the target.
    fn only_of_target(&self, address: Option<&Address>) -> PyResult<()> {
        let is_tls = matches!(address, Some(Address::Tls(_) | Address::Rpc { protocol: Protocol::Tls, .. }))
            || matches!(address, Some(Address::Mqtt(address)) if address.tls);
        for name in ["ca", "cert", "cert_key"] {
            if !is_tls && self.get(name)?.is_some() {
                let what = "it belongs to TLS, which the target does not use; the calls would be in the clear";
                let help =
                    "write the target as tcp+tls://host:port, rpc+tls://host or mqtts://broker/fleet/device".to_owned();
                let what = format!("`{name}`: {what}");
                return Err(Class::BadValue.error(self.py, &what, &[help], Some(name)));
            }
        }
        if !matches!(address, Some(Address::Mqtt(_))) && self.get("password")?.is_some() {
            return Err(wrong(self.py, "password", "it belongs to a broker; the target is no mqtt:// or mqtts://"));
        }
        if !matches!(address, Some(Address::Serial(_))) && self.get("baud")?.is_some() {
            return Err(wrong(self.py, "baud", "it belongs to a serial port, and the target is none"));
        }
        Ok(())
    }

    fn named<T>(&self, name: &str, find: fn(&str) -> Option<T>, choices: &str) -> PyResult<Option<Setting<T>>> {
        let Some(value) = self.get(name)? else { return Ok(None) };
        let found = value.extract::<String>().ok().and_then(|text| find(&text));
        Ok(Some(given(found.ok_or_else(|| wrong(self.py, name, &format!("expected {choices}")))?)))
    }
}

const fn given<T>(value: T) -> Setting<T> {
    Setting { value, from: oncilla_device::settings::From::Option }
}

/// Returns the settings of a target.
pub fn read(py: Python<'_>, target: &str, arguments: &Bound<'_, PyDict>) -> PyResult<Settings> {
    let parsed: Target =
        target.parse().map_err(|what: String| Class::BadValue.error(py, &in_python(&what), &[], Some("target")))?;
    let all = Given { py, all: arguments.clone() };
    let mut settings = Settings::of(parsed);
    settings.given = Some(given(target.to_owned()));
    settings.interface = all.path("interface")?;
    set(&mut settings.timeout, all.time("timeout")?);
    set(&mut settings.connect_timeout, all.time("connect_timeout")?);
    set(&mut settings.baud, all.number("baud", 1, u32::MAX)?);
    set(&mut settings.message_max, all.number("message_max", 64, 1 << 28)?);
    set(&mut settings.framing, all.named("framing", Framing::named, "\"serial\", \"cobs\" or \"record\"")?);
    set(&mut settings.payload, all.named("payload", Payload::named, "\"xdr\" or \"postcard\"")?);
    set(&mut settings.suite, all.named("suite", Suite::named, "\"light\" or \"forward-secret\"")?);
    settings.side = all.named("side", Side::named, "\"host\" or \"device\"")?;
    settings.link_key = all.path("key")?;
    (settings.ca, settings.cert, settings.key) = (all.path("ca")?, all.path("cert")?, all.path("cert_key")?);
    if let Some(password) = all.get("password")? {
        let password = password.extract().map_err(|_| wrong(py, "password", "expected a text"))?;
        settings.password = Some(given(Password::Text(password)));
    }
    if let Some(user) = all.get("user")? {
        let user = user
            .extract()
            .map_err(|_| wrong(py, "user", "expected the numbers of a user and a group, such as (1000, 1000)"))?;
        settings.user = Some(given(user));
    }
    if settings.link_key.is_none() && (all.get("suite")?.is_some() || all.get("side")?.is_some()) {
        return Err(wrong(
            py,
            "key",
            "`suite` and `side` belong to a key, and none is given; the calls would be in the clear",
        ));
    }
    all.only_of_target(settings.target.as_ref().map(|target| &target.value.address))?;
    Ok(settings)
}

fn set<T>(setting: &mut Setting<T>, value: Option<Setting<T>>) {
    if let Some(value) = value {
        *setting = value;
    }
}
