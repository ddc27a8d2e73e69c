//! An NFS server of the system, nfs-ganesha, in a network of the test's own.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

/// For the server to begin.
const PATIENCE: Duration = Duration::from_secs(60);
/// Where it listens.
pub const PORT: u16 = 2049;

/// A running nfs-ganesha, ended when this is dropped.
pub struct Ganesha(Child);

impl Ganesha {
    /// Serves a folder by one version of the protocol, and waits until the server listens.
    pub fn start(work: &Path, export: &Path, version: u32) -> Self {
        let (config, log) = (work.join("ganesha.conf"), work.join("ganesha.log"));
        let text = format!(
            "NFS_CORE_PARAM {{ Protocols = {version}; Enable_NLM = false; Enable_RQUOTA = false; }}\n\
             NFSV4 {{ Graceless = true; RecoveryRoot = {recovery}; }}\n\
             EXPORT {{ Export_Id = 1; Path = {export}; Pseudo = /export; Access_Type = RW; Protocols = {version};\n\
                 Squash = No_Root_Squash; SecType = sys; Transports = TCP; FSAL {{ Name = VFS; }} }}\n",
            recovery = work.join("recovery").display(),
            export = export.display(),
        );
        fs::write(&config, text).unwrap();
        let _ = fs::remove_file(&log);
        let arguments = [Path::new("-F"), Path::new("-L"), &log, Path::new("-f"), &config, Path::new("-p")];
        let child = Command::new("ganesha.nfsd").args(arguments).arg(work.join("ganesha.pid")).spawn();
        let child = child.unwrap_or_else(|error| {
            panic!("cannot run ganesha.nfsd: {error}; install it: apt install nfs-ganesha nfs-ganesha-vfs")
        });
        let (mut ganesha, start) = (Self(child), Instant::now());
        while TcpStream::connect(("127.0.0.1", PORT)).is_err() {
            let ended = ganesha.0.try_wait().unwrap();
            let log = || fs::read_to_string(&log).unwrap_or_default();
            assert!(ended.is_none(), "nfs-ganesha has ended ({ended:?}):\n{}", log());
            assert!(start.elapsed() < PATIENCE, "nfs-ganesha does not listen after {PATIENCE:?}:\n{}", log());
            thread::sleep(Duration::from_millis(50));
        }
        ganesha
    }
}

impl Drop for Ganesha {
    fn drop(&mut self) {
        // It may have ended already, which the test will have noticed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
