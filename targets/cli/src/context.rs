//! The context of every command: settings, output, the device and its interface.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use oncilla::Beside;
use oncilla_device::interface::text_of_device;
use oncilla_dynamic::Interface;
use oncilla_rpcgen::{Parsed, harmless};

use crate::connect::{self, Device, Direction, Heard, How, diagnose};
use crate::failure::{Done, Failure};
use crate::output::{Output, WEAK};
use crate::settings::{Flags, Settings, Sources, split_key};
use crate::wire;

pub use oncilla_device::interface::interface_of;

/// The context of a command.
pub struct Context {
    pub flags: Flags,
    pub output: Output,
    pub sources: Sources,
    /// The bytes that the device sent during the last call.
    pub heard: Heard,
    /// The files that the last interface was read from, with those that it includes.
    pub interface_files: Mutex<Vec<PathBuf>>,
}

impl Context {
    /// Returns the settings for the target of the command line.
    pub fn settings(&self) -> Done<Settings> {
        self.sources.settings()
    }

    /// Returns the context of a stored call. Options on the command line override its own.
    pub fn with(&self, stored: Flags) -> Self {
        let sources = self.sources.with(stored);
        Self {
            flags: sources.flags().clone(),
            output: self.output,
            sources,
            heard: Heard::default(),
            interface_files: Mutex::default(),
        }
    }

    /// Returns how to connect, with the output that `--verbose` asks for.
    pub fn how(&self) -> How {
        let output = self.output;
        let mut how = How { heard: self.heard.clone(), ..How::default() };
        if output.verbose > 1 {
            how.tap = Some(Arc::new(move |direction, bytes| {
                let arrow = if direction == Direction::Sent { "->" } else { "<-" };
                let time = jiff::ZonedDateTime::now().strftime("%H:%M:%S%.6f");
                let what = wire::describe(bytes).map(|what| format!(": {what}")).unwrap_or_default();
                output.note(format_args!("{WEAK}{time} {arrow} {} bytes{what}\n{}{WEAK:#}", bytes.len(), dump(bytes)));
            }));
        }
        if output.verbose > 0 {
            how.note = Some(Arc::new(move |note| output.detail(note)));
            how.show = Some(Arc::new(move |what| match what {
                Beside::Text(text) => {
                    // Standard error may be closed.
                    let _ = io::stderr().write_all(harmless(&String::from_utf8_lossy(text)).as_bytes());
                }
                Beside::Unverified(text) => output.detail(in_the_clear(text)),
                Beside::Log(bytes) => output.detail(format_args!("binary log of {} bytes", bytes.len())),
                Beside::Dropped(bytes) => output.detail(format_args!("{} bytes are not a message", bytes.len())),
            }));
        }
        how
    }

    /// Connects to the device.
    pub fn connect(&self) -> Done<Device> {
        let settings = self.settings()?;
        let start = Instant::now();
        let device = connect::connect(&settings, &self.how())?;
        if let Some(target) = &settings.target {
            let time = start.elapsed().as_secs_f64() * 1e3;
            self.output.detail(format_args!("connected to {} in {time:.1} ms", target.value));
        }
        Ok(device)
    }

    /// Adds hints to a failure, by the bytes that the device sent.
    pub fn explain(&self, failure: Failure) -> Failure {
        match self.settings() {
            Ok(settings) => diagnose::explain(failure, &settings, &self.heard),
            Err(_) => failure,
        }
    }

    /// Returns the text of the interface, with its comments.
    ///
    /// It comes from the option, the environment or the file, else from the device's own description.
    pub fn text(&self, settings: &Settings, device: &mut Device) -> Done<Parsed> {
        if let Some(parsed) = self.text_of_file(settings)? {
            return Ok(parsed);
        }
        let name = settings.given.as_ref().map_or("the device", |given| given.value.as_str());
        self.output.detail(format_args!("no interface is given; asking {name} for it"));
        text_of_device(name, device)
    }

    /// Returns the interface of a file, if one is set.
    pub fn interface_of_file(&self, settings: &Settings) -> Done<Option<Interface>> {
        self.text_of_file(settings)?.map(|parsed| interface_of(parsed, settings)).transpose()
    }

    /// Returns the text of the interface of a file, if one is set.
    pub fn text_of_file(&self, settings: &Settings) -> Done<Option<Parsed>> {
        let Some(path) = &settings.interface else { return Ok(None) };
        let path = &path.value;
        let parsed = oncilla_rpcgen::parse_file(path, &self.flags.preprocessor());
        let parsed = parsed.map_err(|error| Failure::file("read", path, &error))?;
        let files = parsed.report.sources.all().iter().map(|source| source.path.clone()).collect();
        *self.interface_files.lock().unwrap_or_else(PoisonError::into_inner) = files;
        Ok(Some(parsed))
    }

    /// Returns the files that the command has read or will read, which no output may replace.
    ///
    /// These are configurations, the interface, and files of keys and certificates. Files that the interface includes are known
    /// when it was read.
    pub fn inputs(&self, settings: &Settings) -> Vec<PathBuf> {
        let configurations = self.sources.files().iter().map(|file| file.path.clone());
        let interface = settings.interface.iter().map(|interface| interface.value.clone());
        let included = self.interface_files.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Flags { ca, cert, key, link_key, .. } = self.sources.flags();
        let given = [ca, cert, key].into_iter().flatten().cloned();
        let set = [&settings.ca, &settings.cert, &settings.key].into_iter().flatten().map(|file| file.value.clone());
        let link_keys = link_key.iter().chain(settings.link_key.iter().map(|file| &file.value));
        let link_keys = link_keys.map(|given| split_key(given).0);
        configurations.chain(interface).chain(included).chain(given).chain(set).chain(link_keys).collect()
    }
}

/// Returns text that came in the clear on a link with a key, marked: anybody on the line can have written it.
pub fn in_the_clear(text: &[u8]) -> String {
    format!("(in the clear) {}", harmless(String::from_utf8_lossy(text).trim_end()))
}

/// Returns bytes in hexadecimal, 16 a line, with their characters.
pub fn dump(bytes: &[u8]) -> String {
    let line = |(index, line): (usize, &[u8])| {
        let hex: Vec<_> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        let text: String = line
            .iter()
            .map(|&byte| if byte.is_ascii_graphic() || byte == b' ' { char::from(byte) } else { '.' })
            .collect();
        format!("  {:04x}  {:47}  {text}", index * 16, hex.join(" "))
    };
    bytes.chunks(16).enumerate().map(line).collect::<Vec<_>>().join("\n")
}
