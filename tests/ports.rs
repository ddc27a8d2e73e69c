//! The list of serial ports, and ports that cannot be opened.
#![cfg(unix)]

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use oncilla_host::{Error, Serial};
use serialport::{SerialPort, TTYPort};

/// Names the port that the other process opens.
const PORT: &str = "ONCILLA_TEST_OPENS";

/// The group dialout on Debian.
const DIALOUT: u32 = 20;

/// A line whose port is free, and its name.
fn line() -> (TTYPort, String) {
    let (far, near) = TTYPort::pair().unwrap();
    let name = near.name().unwrap();
    (far, name)
}

/// A command of another user, if this one may do everything.
fn as_a_user(program: &str) -> Command {
    if nix::unistd::geteuid().is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", program]);
        return command;
    }
    Command::new(program)
}

/// Not a test, but what another process does: opens the port and prints the error.
#[test]
fn opens() {
    if let Ok(port) = env::var(PORT) {
        println!("<{}>", open(&port));
    }
}

/// Opens a port and returns the error, or nothing.
fn open(port: &str) -> String {
    Serial::<oncilla::framing::Serial>::open(port, 115_200).map_or_else(|error| error.to_string(), |_| String::new())
}

/// What another process of this program, of an ordinary user, has to say about a port.
fn another_opens(port: &str) -> String {
    // The folders above may not be open to others.
    let program = env::temp_dir().join(format!("oncilla-opens-{}-{}", std::process::id(), port.replace('/', "-")));
    // Not by this process: a process that another test starts meanwhile would have the program open for writing, and the
    // system does not run such a program.
    let mut copying = Command::new("install");
    copying.args(["-m", "755"]).args([&env::current_exe().unwrap(), &program]);
    assert!(copying.status().unwrap().success());
    let output = as_a_user(program.to_str().unwrap())
        .args(["--exact", "opens", "--nocapture"])
        .env(PORT, port)
        .current_dir("/")
        .output()
        .unwrap();
    fs::remove_file(program).unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (_, text) = text.split_once('<').unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    text.split_once('>').unwrap().0.to_owned()
}

#[test]
fn the_ports_of_this_machine_are_listed_once_by_names_that_exist() {
    let ports = oncilla_host::ports().unwrap();
    for (index, port) in ports.iter().enumerate() {
        assert!(fs::metadata(&port.name).is_ok(), "{port}");
        assert!(ports[..index].iter().all(|other| other.name < port.name), "{port}");
    }
}

#[test]
fn a_port_is_opened_by_one_process_alone() {
    let (_far, name) = line();
    let port = Serial::<oncilla::framing::Serial>::open(&name, 115_200).unwrap();
    fs::set_permissions(&name, Permissions::from_mode(0o666)).unwrap();
    // By the system, for programs that know of no lock.
    let Output { status, stderr, .. } = as_a_user("cat").arg(&name).output().unwrap();
    let text = String::from_utf8_lossy(&stderr);
    assert!(!status.success() && text.contains("busy"), "{text}");
    // By a lock, also for root.
    assert!(!Command::new("flock").args(["-n", &name, "true"]).status().unwrap().success());
    let text = another_opens(&name);
    assert!(text.contains(&format!("cannot open the serial port {name}: ")), "{text}");
    // An ordinary user does not see the files of root.
    assert!(text.ends_with("uses it; close that program"), "{text}");
    // The same process, which is not another program.
    let text = open(&name);
    assert!(text.ends_with("; this program has it open already; close it there"), "{text}");
    drop(port);
}

/// Ended when it is dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Ended {
    /// Runs `command`, which opens the port, and returns it when it has become `name`.
    fn when(command: &mut Command, name: &str) -> Self {
        let started = Self(command.stdin(Stdio::null()).spawn().unwrap());
        let comm = format!("/proc/{}/comm", started.0.id());
        for _ in 0..1000 {
            if fs::read_to_string(&comm).unwrap().trim_end() == name {
                return started;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("no {name}");
    }

    /// Has the port open and does not use it, as the program that made a pseudo-terminal.
    fn idle(port: &str) -> Self {
        Self::when(Command::new("sh").args(["-c", &format!("exec 9<>{port}; exec sleep 60")]), "sleep")
    }
}

#[test]
fn the_program_that_uses_a_port_is_named() {
    let (_far, name) = line();
    let idle = Ended::idle(&name);
    // Without a process of its own for the command, which would outlive it.
    let holder = Ended::when(Command::new("flock").args(["--no-fork", &name, "tail", "-f", "/dev/null"]), "tail");
    let number = holder.0.id();
    let text = open(&name);
    assert!(text.ends_with(&format!("; tail (process {number}) uses it; close that program")), "{text}");
    drop((holder, idle));
}

#[test]
fn programs_that_have_a_port_open_are_all_named_if_none_of_them_locked_it() {
    let (_far, name) = line();
    let idle = Ended::idle(&name);
    // The program that locked it has ended, and the lock is inherited.
    let script = format!("exec 9<>{name}; flock 9; exec sleep 60");
    let holder = Ended::when(Command::new("sh").args(["-c", &script]), "sleep");
    let text = open(&name);
    assert!(text.contains("; one of these uses it: ") && text.ends_with("; close that program"), "{text}");
    for Ended(process) in [&idle, &holder] {
        assert!(text.contains(&format!("sleep (process {})", process.id())), "{text}");
    }
}

#[test]
fn the_error_of_a_port_without_permission_names_the_group_or_the_rule() {
    let (_far, name) = line();
    if nix::unistd::geteuid().is_root() {
        // A group other than that of root, as ports of hardware have.
        chown(&name, None, Some(DIALOUT)).unwrap();
    }
    // Not even its owner.
    fs::set_permissions(&name, Permissions::from_mode(0o060)).unwrap();
    let text = another_opens(&name);
    assert!(text.contains("this user may not open it; join the group "), "{text}");
    assert!(text.contains("(sudo usermod -aG ") && text.ends_with(" $USER) and log in again"), "{text}");
    fs::set_permissions(&name, Permissions::from_mode(0o000)).unwrap();
    let text = another_opens(&name);
    // udev has no rules for pseudo-terminals.
    assert!(text.contains("this user may not open it; run this program as its owner, "), "{text}");
    assert!(!text.contains("KERNEL"), "{text}");
}

#[test]
fn a_name_without_a_port_is_answered_with_those_that_exist() {
    for name in ["/dev/ttyUSB99", "usb=ffff:ffff:none"] {
        let Err(Error::Open { port, help: Some(help), .. }) = Serial::<oncilla::framing::Serial>::open(name, 115_200)
        else {
            panic!("it is there")
        };
        assert_eq!(port, name);
        let ports = oncilla_host::ports().unwrap();
        assert_eq!(help.contains("this machine has no serial port"), ports.is_empty(), "{help}");
        assert!(ports.iter().all(|port| help.contains(&port.to_string())), "{help}");
    }
    let text = open("usb=2e8a");
    assert!(text.contains("write it as usb=2e8a:000a:SERIAL"), "{text}");
}
