//! mosquitto's own clients, which nobody here wrote.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        atomic::{AtomicU32, Ordering::Relaxed},
        mpsc::{self, Receiver},
    },
    thread,
    time::Duration,
};

use anyhow::{Context, Result, ensure};

use crate::broker::program;

/// The time limit of a client, in seconds.
const LIMIT: &str = "20";

/// Who connects, and where.
#[derive(Clone, Debug)]
pub struct Client {
    options: Vec<String>,
}

impl Client {
    /// Connects to a port of this machine, without a user.
    pub fn new(port: u16) -> Self {
        let options = ["-V", "mqttv5", "-h", "127.0.0.1", "-p", &port.to_string()].map(str::to_owned);
        Self { options: options.into() }
    }

    /// Adds options of mosquitto's clients, such as a user and a password.
    #[must_use]
    pub fn with(mut self, options: &[&str]) -> Self {
        self.options.extend(options.iter().map(|&option| option.to_owned()));
        self
    }

    /// Returns the command of one of mosquitto's clients.
    pub fn command(&self, name: &str) -> Result<Command> {
        let mut command = Command::new(program(name, "mosquitto-clients")?);
        command.args(&self.options).stdin(Stdio::null());
        Ok(command)
    }

    /// Publishes a request and returns the response: `mosquitto_rr`. More options follow.
    pub fn request(&self, topic: &str, reply: &str, message: &str, more: &[&str]) -> Result<String> {
        // A number is used once: a call with the same one is taken for the same call.
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Relaxed).to_string();
        // And a topic of replies, too: another one's reply would be taken for that of this call.
        let reply = format!("{reply}-{number}");
        let mut rr = self.command("mosquitto_rr")?;
        rr.args(["-q", "1", "-W", LIMIT, "-t", topic, "-e", &reply, "-m", message]);
        rr.args(["-D", "publish", "correlation-data", &number]).args(more);
        output(&mut rr)
    }

    /// Publishes a file as a request, and returns the response as hexadecimal digits.
    ///
    /// By `mosquitto_pub` and `mosquitto_sub`: `mosquitto_rr` 2.0.11 publishes no byte of a file.
    pub fn request_file(&self, topic: &str, reply: &str, file: &Path) -> Result<String> {
        let response = self.subscribe_as(reply, &["-F", "%x"])?;
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = format!("file {}", NUMBER.fetch_add(1, Relaxed));
        let mut publish = self.command("mosquitto_pub")?;
        publish.args(["-q", "1", "-t", topic, "-D", "publish", "correlation-data", &number]);
        output(publish.args(["-D", "publish", "response-topic", reply, "-f"]).arg(file))?;
        response.next(Duration::from_secs(20)).context("no response")
    }

    /// Publishes a message: `mosquitto_pub`. Returns what it printed: warnings of the broker's reasons.
    pub fn publish(&self, topic: &str, message: &str, more: &[&str]) -> Result<String> {
        let mut publish = self.command("mosquitto_pub")?;
        publish.args(["-q", "1", "-t", topic, "-m", message]).args(more);
        output(&mut publish)
    }

    /// Returns the retained message of a topic.
    pub fn retained(&self, topic: &str) -> Result<String> {
        let mut sub = self.command("mosquitto_sub")?;
        output(sub.args(["-C", "1", "-W", LIMIT, "-t", topic]))
    }

    /// Subscribes; returns what arrives, as `topic payload`.
    pub fn subscribe(&self, topic: &str) -> Result<Subscription> {
        self.subscribe_as(topic, &["-v"])
    }

    fn subscribe_as(&self, topic: &str, form: &[&str]) -> Result<Subscription> {
        // Line by line, also those that it would write to a pipe in blocks.
        let mut sub = Command::new("stdbuf");
        sub.arg("-oL").arg(program("mosquitto_sub", "mosquitto-clients")?).args(&self.options).stdin(Stdio::null());
        // With -d it states when it has subscribed, among lines that are not messages.
        sub.args(["-d", "-q", "1", "-t", topic]).args(form).stdout(Stdio::piped());
        let mut child = sub.spawn()?;
        let (sender, lines) = mpsc::channel();
        let out = child.stdout.take().context("it has a standard output")?;
        thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if !line.starts_with("Client ") && sender.send(line).is_err() {
                    return;
                }
            }
        });
        let subscription = Subscription { child, lines };
        let first = subscription.next(Duration::from_secs(20)).context("mosquitto_sub did not subscribe")?;
        ensure!(first.starts_with("Subscribed (mid"), "mosquitto_sub printed {first:?}");
        Ok(subscription)
    }
}

/// A running `mosquitto_sub`. It is killed when this value is dropped.
#[derive(Debug)]
pub struct Subscription {
    child: Child,
    lines: Receiver<String>,
}

impl Subscription {
    /// Returns the next line, if one arrives within the limit.
    pub fn next(&self, limit: Duration) -> Option<String> {
        self.lines.recv_timeout(limit).ok()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        // Both fail only if it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command and returns what it printed. Standard error follows standard output.
///
/// # Errors
/// Has both, if the command fails.
pub fn output(command: &mut Command) -> Result<String> {
    let name = format!("{command:?}");
    let done = command.output().with_context(|| format!("cannot start {name}"))?;
    let mut text = String::from_utf8_lossy(&done.stdout).into_owned();
    text += &String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "{name} ended with {}: {text}", done.status);
    Ok(text.trim_end().to_owned())
}
