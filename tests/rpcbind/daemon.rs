//! The system's rpcbind, started in a network namespace of the test.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use oncilla::rpcbind::PORT;

use crate::namespace;

/// How long rpcbind may take to start or to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs `test` as [`namespace::alone`] does, with an empty /run, where rpcbind keeps its lock and its socket.
pub fn alone(name: &str, test: impl FnOnce()) {
    namespace::alone(name, || {
        let mounted = Command::new(namespace::found("mount")).args(["-t", "tmpfs", "tmpfs", "/run"]).status();
        assert!(mounted.is_ok_and(|status| status.success()), "cannot use `mount`; install it: apt install mount");
        test();
    });
}

/// Changes the network of the test's namespace.
pub fn network(arguments: &[&str]) {
    let done = Command::new(namespace::found("ip")).args(arguments).status();
    assert!(done.is_ok_and(|status| status.success()), "`ip {}` failed", arguments.join(" "));
}

/// A running rpcbind, stopped when this is dropped.
pub struct Daemon(Child);

impl Daemon {
    /// Starts it with these options and waits until it answers. Debian's rpcbind makes indirect calls only with `-r`.
    pub fn start(options: &[&str]) -> Self {
        // The directory in which it keeps registrations while it does not run.
        fs::create_dir_all("/run/rpcbind").unwrap();
        let program = namespace::found("rpcbind");
        let child = Command::new(&program)
            .arg("-f")
            .args(options)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run rpcbind: {error}; install it: apt install rpcbind"));
        let mut daemon = Self(child);
        let start = Instant::now();
        // It makes the socket immediately before it listens.
        while !Path::new(SOCKET).exists() || TcpStream::connect(("127.0.0.1", PORT)).is_err() {
            let ended = daemon.0.try_wait().unwrap();
            assert!(
                ended.is_none(),
                "rpcbind has ended ({ended:?}); it wants to change its user: run the test as root"
            );
            assert!(start.elapsed() < PATIENCE, "rpcbind does not listen after {PATIENCE:?}");
            thread::sleep(Duration::from_millis(10));
        }
        daemon
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended already; then the test has failed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The socket on which local servers register.
pub const SOCKET: &str = "/run/rpcbind.sock";
