//! Settings: from options, the environment, the target and files, in this order.

mod file;
mod flags;
mod link_key;

use std::path::PathBuf;

use clap::ArgMatches;

use crate::failure::{Done, Failure};
use crate::target::{Address, Framing, Payload, Target};

pub use file::{FILE_MAX, File, Section};
pub use flags::{Flags, duration, is_flag};
use oncilla_device::settings::{BAUD, MESSAGE_MAX, TIMEOUT};
pub use oncilla_device::settings::{From, LinkKey, Password, Setting, Settings, Side, Suite, split_key, wrong_key};

/// Finds settings in the options, the environment and the files.
pub struct Sources {
    flags: Flags,
    /// The names of the options that are on the command line itself.
    given: Vec<String>,
    files: Vec<File>,
}

/// The names of the options, and of their variables.
const NAMES: [&str; 17] = [
    "target",
    "interface",
    "timeout",
    "retry",
    "connect_timeout",
    "baud",
    "framing",
    "payload",
    "message_max",
    "user",
    "ca",
    "cert",
    "key",
    "password_file",
    "link_key",
    "suite",
    "side",
];

impl Sources {
    /// Reads the files. `matches` are those of the innermost command.
    pub fn new(flags: &Flags, matches: &ArgMatches) -> Done<Self> {
        let given = NAMES.iter().filter(|name| flags::is_flag(matches, name)).map(ToString::to_string).collect();
        Ok(Self { flags: flags.clone(), given, files: File::read_all(flags.config.as_deref())? })
    }

    /// Returns the sources of a stored call.
    ///
    /// Options on the command line override those of the call; the environment does not.
    pub fn with(&self, stored: Flags) -> Self {
        let given = |name: &str| self.given.iter().any(|given| given == name);
        let mut flags = self.flags.clone();
        if !given("target") && !stored.target.is_empty() {
            flags.target = stored.target;
        }
        take(&mut flags.interface, stored.interface, given("interface"));
        take(&mut flags.baud, stored.baud, given("baud"));
        take(&mut flags.framing, stored.framing, given("framing"));
        take(&mut flags.payload, stored.payload, given("payload"));
        take(&mut flags.user, stored.user, given("user"));
        take(&mut flags.ca, stored.ca, given("ca"));
        take(&mut flags.cert, stored.cert, given("cert"));
        take(&mut flags.key, stored.key, given("key"));
        take(&mut flags.link_key, stored.link_key, given("link_key"));
        take(&mut flags.suite, stored.suite, given("suite"));
        take(&mut flags.side, stored.side, given("side"));
        flags.include.extend(stored.include);
        flags.define.splice(0..0, stored.define);
        Self { flags, given: self.given.clone(), files: self.files.clone() }
    }

    /// Returns the sources without the link key on the command line or in the environment, which is for clients of this command.
    pub fn without_link_key(&self) -> Self {
        let flags = Flags { link_key: None, suite: None, side: None, ..self.flags.clone() };
        Self { flags, given: self.given.clone(), files: self.files.clone() }
    }

    /// Returns the options.
    pub const fn flags(&self) -> &Flags {
        &self.flags
    }

    /// Returns the files that were read.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// Returns the settings for the target of the options, the environment or the files.
    pub fn settings(&self) -> Done<Settings> {
        match &*self.flags.target {
            [] => self.settings_of(self.target_of_file()),
            [target] => self.settings_of(self.flag("target", Some(target.clone()))),
            targets => {
                let what = format!("{} targets are given; this command takes one", targets.len());
                Err(Failure::usage(what).help("`oncilla watch` and `oncilla bench` take several"))
            }
        }
    }

    /// Returns the settings for each target, for commands that take several.
    pub fn all(&self) -> Done<Vec<Settings>> {
        match &*self.flags.target {
            [] => Ok(vec![self.settings()?]),
            targets => {
                targets.iter().map(|target| self.settings_of(self.flag("target", Some(target.clone())))).collect()
            }
        }
    }

    fn target_of_file(&self) -> Option<Setting<String>> {
        let target =
            |file: &File| file.target.clone().map(|value| Setting { value, from: From::File(file.path.clone()) });
        self.files.iter().find_map(target)
    }

    /// Returns the settings for another target, given as an argument.
    pub fn settings_for(&self, target: &str) -> Done<Settings> {
        self.settings_of(Some(Setting { value: target.to_owned(), from: From::Option }))
    }

    fn settings_of(&self, given: Option<Setting<String>>) -> Done<Settings> {
        let named = given
            .as_ref()
            .and_then(|given| self.files.iter().find_map(|file| Some((file, file.targets.get(given.value.as_str())?))));
        let target = match (&given, named) {
            (Some(given), None) => {
                let wrong = |error| self.no_target(&given.value, error);
                Some(Setting { value: given.value.parse().map_err(wrong)?, from: given.from.clone() })
            }
            (Some(given), Some((file, named))) => {
                let wrong =
                    |error| Failure::usage(error).of(format_args!("{} in {}", given.value, file.path.display()));
                Some(Setting {
                    value: named.address.parse::<Target>().map_err(wrong)?,
                    from: From::File(file.path.clone()),
                })
            }
            (None, _) => None,
        };
        let mut sections: Vec<(PathBuf, Section)> =
            named.iter().map(|(file, named)| (file.path.clone(), named.section())).collect();
        sections.extend(self.files.iter().map(|file| (file.path.clone(), file.defaults.clone())));
        let flags = &self.flags;
        let by_target = target.as_ref().map(|target| &target.value);
        let of_target = |value: Option<u32>| value.map(|value| Setting { value, from: From::Target });
        let serial = by_target.is_some_and(|target| matches!(target.address, Address::Serial(_)));
        let framing = by_target.and_then(|target| target.framing).map(|value| Setting { value, from: From::Target });
        let settings = Settings {
            interface: self
                .find("interface", flags.interface.clone(), None, &sections, |section| section.interface.clone()),
            timeout: self
                .find("timeout", flags.timeout, None, &sections, |section| section.timeout)
                .unwrap_or(Setting::default_of(TIMEOUT)),
            retry: self.find("retry", flags.retry, None, &sections, |section| section.retry),
            connect_timeout: self
                .find("connect_timeout", flags.connect_timeout, None, &sections, |section| section.connect_timeout)
                .unwrap_or(Setting::default_of(TIMEOUT)),
            baud: self
                .find("baud", flags.baud, of_target(by_target.and_then(|target| target.baud)), &sections, |section| {
                    section.baud
                })
                .unwrap_or(Setting::default_of(BAUD)),
            framing: self
                .find("framing", flags.framing, framing, &sections, |section| section.framing)
                .unwrap_or(Setting::default_of(if serial { Framing::Serial } else { Framing::Record })),
            payload: self
                .find("payload", flags.payload, None, &sections, |section| section.payload)
                .unwrap_or(Setting::default_of(Payload::Xdr)),
            message_max: self
                .find("message_max", flags.message_max, None, &sections, |section| section.message_max)
                .unwrap_or(Setting::default_of(MESSAGE_MAX)),
            user: self.flag("user", flags.user),
            ca: self.find("ca", flags.ca.clone(), None, &sections, |section| section.ca.clone()),
            cert: self.find("cert", flags.cert.clone(), None, &sections, |section| section.cert.clone()),
            key: self.find("key", flags.key.clone(), None, &sections, |section| section.key.clone()),
            password: self.password(&sections),
            link_key: self
                .find("link_key", flags.link_key.clone(), None, &sections, |section| section.link_key.clone()),
            suite: self
                .find("suite", flags.suite, None, &sections, |section| section.suite)
                .unwrap_or(Setting::default_of(Suite::Light)),
            side: self.find("side", flags.side, None, &sections, |section| section.side),
            given,
            target,
        };
        link_key::check(&settings)?;
        Ok(settings)
    }

    /// Returns the password of the broker's user: the file of the option, the environment, the file of a configuration.
    fn password(&self, sections: &[(PathBuf, Section)]) -> Option<Setting<Password>> {
        let of_file = |Setting { value, from }| Setting { value: Password::File(value), from };
        let variable = || {
            let text = std::env::var("ONCILLA_PASSWORD").ok()?;
            Some(Setting { value: Password::Text(text), from: From::Environment("ONCILLA_PASSWORD".to_owned()) })
        };
        let given = self.flag("password_file", self.flags.password_file.clone()).map(of_file);
        let stored =
            || self.find("password_file", None, None, sections, |section| section.password_file.clone()).map(of_file);
        given.or_else(variable).or_else(stored)
    }

    /// Returns the failure for a wrong target, with the short names that exist.
    fn no_target(&self, given: &str, error: String) -> Failure {
        // A short name has neither.
        if given.contains([':', '?']) {
            return Failure::usage(error);
        }
        let names: Vec<_> = self.files.iter().flat_map(|file| file.targets.keys().map(String::as_str)).collect();
        let failure = Failure::usage(error);
        let similar = names.iter().find(|name| strsim::osa_distance(name, given) <= 2);
        match similar {
            Some(name) => failure.help(format_args!("the most similar name is {name:?}")),
            // The error states what to write.
            None if given.contains([':', '?', '/']) => failure,
            None if !names.is_empty() => failure.help(format_args!("the names are: {}", names.join(", "))),
            None => failure.help("`oncilla list --ports` shows the serial ports, `oncilla list --network` the hosts"),
        }
    }

    /// Returns the setting of an option or its variable.
    fn flag<T>(&self, name: &str, value: Option<T>) -> Option<Setting<T>> {
        let from = if self.given.iter().any(|given| given == name) {
            From::Option
        } else {
            let name = if name == "user" { "as" } else { name };
            From::Environment(format!("ONCILLA_{}", name.to_uppercase()))
        };
        Some(Setting { value: value?, from })
    }

    fn find<T>(
        &self,
        name: &str,
        flag: Option<T>,
        target: Option<Setting<T>>,
        sections: &[(PathBuf, Section)],
        of: impl Fn(&Section) -> Option<T>,
    ) -> Option<Setting<T>> {
        let of_file = || {
            sections
                .iter()
                .find_map(|(path, section)| Some(Setting { value: of(section)?, from: From::File(path.clone()) }))
        };
        self.flag(name, flag).or(target).or_else(of_file)
    }
}

/// Takes an option of a stored call, unless the command line has it.
fn take<T>(flag: &mut Option<T>, stored: Option<T>, is_given: bool) {
    if stored.is_some() && !is_given {
        *flag = stored;
    }
}
