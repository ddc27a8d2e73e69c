//! Boards in QEMU.

use std::{
    env, fs,
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
        mpsc::{self, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use oncilla::framing::Framing;
use oncilla_host::Socket;

use crate::{
    boards::{Model, Port},
    install::SETPRIV,
};

/// The time limit of a measurement, which takes a second on a fast machine.
const MEASUREMENT_LIMIT: Duration = Duration::from_secs(60);
/// The time limit from starting QEMU until its socket exists.
const START_LIMIT: Duration = Duration::from_secs(10);
/// The time limit of a command of QEMU's monitor.
const MONITOR_LIMIT: Duration = Duration::from_secs(10);

const MONITOR: &str = "monitor";

/// A running board. It is stopped when this value is dropped, and after its time limit.
pub struct Board {
    _machine: Machine,
    folder: Folder,
    firmware: PathBuf,
    /// The serial ports for calls.
    links: Vec<UnixStream>,
}

impl Board {
    /// Boots a firmware and connects to the serial ports for calls. Nothing that the firmware sends is lost, because
    /// QEMU waits for the connections.
    pub fn boot(model: &Model, firmware: &Path, limit: Duration) -> Result<Self> {
        Self::boot_with(&[], model, firmware, limit)
    }

    /// Boots a firmware with more arguments for QEMU, and connects to the serial ports for calls.
    pub fn boot_with(more: &[&str], model: &Model, firmware: &Path, limit: Duration) -> Result<Self> {
        let folder = Folder::new()?;
        let mut qemu = command(model, firmware)?;
        qemu.args(more);
        qemu.arg("-monitor").arg(format!("unix:{},server=on,wait=off", folder.file(MONITOR).display()));
        let mut sockets = Vec::new();
        for port in model.ports {
            let serial = match port {
                Port::Log => format!("file:{}", folder.file("log").display()),
                Port::Calls => {
                    let id = format!("rpc{}", sockets.len());
                    let socket = folder.file(&id);
                    qemu.arg("-chardev").arg(format!("socket,id={id},path={},server=on,wait=on", socket.display()));
                    sockets.push(socket);
                    format!("chardev:{id}")
                }
            };
            qemu.arg("-serial").arg(serial);
        }
        let mut machine = Machine::start(&mut qemu, limit, &folder)?;
        // In QEMU's order: it makes one when it has the connection before.
        let links = sockets.iter().map(|socket| connect(socket, &mut machine)).collect::<Result<_>>();
        let links = links.with_context(|| folder.messages())?;
        Ok(Self { _machine: machine, folder, firmware: firmware.to_owned(), links })
    }

    /// Returns the host's side of the first serial port for calls.
    pub fn socket<F: Framing>(&self) -> io::Result<Socket<F>> {
        self.socket_of(0)
    }

    /// Returns the host's side of one of the serial ports for calls.
    pub fn socket_of<F: Framing>(&self, port: usize) -> io::Result<Socket<F>> {
        let link = self.links.get(port).ok_or_else(|| io::Error::other("the board has no such port for calls"))?;
        Ok(link.try_clone()?.into())
    }

    /// Returns the file of the firmware.
    pub fn firmware(&self) -> &Path {
        &self.firmware
    }

    /// Resets the firmware, and returns when that is done. Its memory and the line's buffers in QEMU keep their
    /// content.
    pub fn reset(&self) -> Result<()> {
        self.ask("system_reset").map(drop)
    }

    /// Returns the answer of QEMU's monitor to a command.
    pub fn ask(&self, command: &str) -> Result<String> {
        let mut monitor = connect_to(&self.folder.file(MONITOR))?;
        until_prompt(&mut monitor)?;
        writeln!(monitor, "{command}")?;
        until_prompt(&mut monitor)
    }

    /// Waits until the firmware has printed a text this number of times.
    pub fn wait_for(&self, text: &str, times: usize, limit: Duration) -> Result<()> {
        let started = Instant::now();
        while self.log().matches(text).count() < times {
            ensure!(
                started.elapsed() < limit,
                "the firmware did not write {text:?} {times} times in {limit:?}; its log is {:?}; {}",
                self.log(),
                self.folder.messages()
            );
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Returns the text that the firmware has printed.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.file("log")).unwrap_or_default()
    }
}

/// A running program that boots a board whose serial port is a pseudo-terminal.
pub struct Terminal {
    _machine: Machine,
    _folder: Folder,
    path: String,
}

impl Terminal {
    /// Starts `command`, which starts QEMU with `-serial pty`, and waits for the pseudo-terminal.
    pub fn boot(command: &mut Command, limit: Duration) -> Result<Self> {
        let folder = Folder::new()?;
        let machine = Machine::start(command, limit, &folder)?;
        loop {
            let messages = folder.messages();
            let path = messages.split_once("redirected to ").and_then(|(_, rest)| rest.split_once(" ("));
            if let Some((path, _)) = path {
                let path = path.to_owned();
                return Ok(Self { _machine: machine, _folder: folder, path });
            }
            ensure!(machine.exit_code().is_none(), "QEMU has no pseudo-terminal; {messages}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The path of the pseudo-terminal.
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// Reads the monitor's output up to its next prompt.
fn until_prompt(monitor: &mut UnixStream) -> Result<String> {
    const PROMPT: &[u8] = b"(qemu) ";
    let mut said = Vec::new();
    while !said.ends_with(PROMPT) {
        let mut bytes = [0; 256];
        let length = monitor.read(&mut bytes).context("QEMU's monitor says nothing")?;
        ensure!(length > 0, "QEMU's monitor has closed after {:?}", String::from_utf8_lossy(&said));
        said.extend(&bytes[..length]);
    }
    Ok(String::from_utf8_lossy(&said).into_owned())
}

/// Runs a measuring firmware, one nanosecond an instruction, until it ends. Returns its output by semihosting.
pub fn measure(model: &Model, firmware: &Path) -> Result<String> {
    let folder = Folder::new()?;
    let figures = folder.file("figures");
    let mut qemu = command(model, firmware)?;
    qemu.args(["-monitor", "none"]).args(["-icount", "shift=0"]).args(["-serial", "null"]);
    qemu.arg("-chardev").arg(format!("file,id=figures,path={}", figures.display()));
    qemu.args(["-semihosting-config", "enable=on,target=native,chardev=figures"]);
    let machine = Machine::start(&mut qemu, MEASUREMENT_LIMIT, &folder)?;
    let name = firmware.file_name().unwrap_or_default().to_string_lossy();
    let code = machine.wait()?;
    let printed = fs::read_to_string(&figures).unwrap_or_default();
    match code {
        Some(0) => Ok(printed),
        Some(code) => bail!("{name} ended with exit code {code}, after printing: {printed:?}; {}", folder.messages()),
        None => bail!(
            "{name} did not end within {} s and was stopped, after printing: {printed:?}; {}",
            MEASUREMENT_LIMIT.as_secs(),
            folder.messages()
        ),
    }
}

/// Returns the command that boots a firmware without serial ports and monitor.
pub fn command(model: &Model, firmware: &Path) -> Result<Command> {
    // If this program is killed, no destructor runs. Then the system ends QEMU.
    let mut qemu = SETPRIV.command()?;
    qemu.args(["--pdeathsig", "KILL"]).arg(model.qemu.command()?.get_program());
    qemu.args(model.machine).args(["-display", "none"]);
    qemu.arg(model.image).arg(firmware);
    Ok(qemu)
}

fn connect(socket: &Path, machine: &mut Machine) -> Result<UnixStream> {
    let started = Instant::now();
    loop {
        match UnixStream::connect(socket) {
            Ok(link) => return Ok(link),
            // QEMU has not made its socket yet.
            Err(_) if started.elapsed() < START_LIMIT && machine.exit_code().is_none() => {}
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("QEMU did not open its serial port within {} s", START_LIMIT.as_secs()));
            }
        }
        thread::sleep(Duration::from_millis(5));
    }
}

fn connect_to(monitor: &Path) -> Result<UnixStream> {
    let stream = UnixStream::connect(monitor).context("QEMU's monitor is not there")?;
    stream.set_read_timeout(Some(MONITOR_LIMIT))?;
    Ok(stream)
}

/// A process that ends at its time limit, or when this value is dropped.
struct Machine {
    child: Arc<Mutex<Child>>,
    /// Dropped, it ends the thread that guards the time limit.
    _guard: Sender<()>,
}

impl Machine {
    fn start(command: &mut Command, limit: Duration, folder: &Folder) -> Result<Self> {
        let messages = fs::File::create(folder.file("messages"))?;
        command.stdin(Stdio::null()).stdout(messages.try_clone()?).stderr(messages);
        let child = Arc::new(Mutex::new(command.spawn().context("cannot start QEMU")?));
        let (guard, dropped) = mpsc::channel();
        let guarded = Arc::clone(&child);
        thread::spawn(move || {
            if dropped.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout) {
                stop(&guarded);
            }
        });
        Ok(Self { child, _guard: guard })
    }

    /// Returns the exit code: `None` while the process runs, `Some(None)` if it was stopped.
    fn exit_code(&self) -> Option<Option<i32>> {
        let mut child = self.child.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        child.try_wait().ok().flatten().map(|status| status.code())
    }

    /// Waits for the end, at most until the time limit. Returns `None` if the process was stopped.
    fn wait(&self) -> Result<Option<i32>> {
        loop {
            if let Some(code) = self.exit_code() {
                return Ok(code);
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        stop(&self.child);
    }
}

fn stop(child: &Mutex<Child>) {
    let mut child = child.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    // Both fail only for a process that has ended already.
    let _ = child.kill();
    let _ = child.wait();
}

/// A folder for the files of one machine. It is not in the target folder, because a socket's path must be short.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("oncilla-{}-{count}", process::id()));
        fs::create_dir(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self(path))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn messages(&self) -> String {
        format!("QEMU said: {:?}", fs::read_to_string(self.file("messages")).unwrap_or_default())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("warning: cannot remove {}: {error}", self.0.display());
        }
    }
}
