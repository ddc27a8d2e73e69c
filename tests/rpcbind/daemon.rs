//! The system's rpcbind, started in a network of the test's own.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use oncilla::rpcbind::PORT;

use crate::namespace;

/// For rpcbind to begin, or to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs `test` as [`namespace::alone`] does, with nobody else's files under /run either: rpcbind keeps its lock and
/// its socket there.
pub fn alone(name: &str, test: impl FnOnce()) {
    namespace::alone(name, || {
        let mounted = Command::new(namespace::found("mount")).args(["-t", "tmpfs", "tmpfs", "/run"]).status();
        assert!(mounted.is_ok_and(|status| status.success()), "cannot use `mount`; install it: apt install mount");
        test();
    });
}

/// Changes the network that the test is alone in.
pub fn network(arguments: &[&str]) {
    let done = Command::new(namespace::found("ip")).args(arguments).status();
    assert!(done.is_ok_and(|status| status.success()), "`ip {}` failed", arguments.join(" "));
}

/// A running rpcbind, ended when this is dropped.
pub struct Daemon(Child);

impl Daemon {
    /// Starts it with these options and waits until it answers. Debian's calls procedures indirectly only with `-r`.
    pub fn start(options: &[&str]) -> Self {
        // Where it keeps what is registered while it does not run.
        fs::create_dir_all("/run/rpcbind").unwrap();
        let program = namespace::found("rpcbind");
        let child = Command::new(&program)
            .arg("-f")
            .args(options)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run rpcbind: {error}; install it: apt install rpcbind"));
        let mut daemon = Self(child);
        let start = Instant::now();
        // The socket is the last thing it makes before it listens.
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
        // It may have ended already, which the test will have noticed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where local servers register.
pub const SOCKET: &str = "/run/rpcbind.sock";
