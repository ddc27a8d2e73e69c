//! The example `nfs_probe`, whose clients are made of the `.x` files of RFC 1813, lists what a real server exports. A client
//! with data on the heap, made of the file of RFC 7531, reads it.
//!
//! The server is nfs-ganesha, and rpcbind tells its ports, in a network of the test's own.

#[allow(dead_code)]
#[path = "../../../rpcbind/daemon.rs"]
mod daemon;
#[path = "../../../support/namespace.rs"]
mod namespace;
mod version3;
mod version4;

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

/// For the server to begin.
const PATIENCE: Duration = Duration::from_secs(60);
const PORT: u16 = 2049;

/// A running nfs-ganesha, ended when this is dropped.
struct Ganesha(Child);

impl Ganesha {
    /// Serves a folder by one version of the protocol, and waits until the server listens.
    fn start(work: &Path, export: &Path, version: u32) -> Self {
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

/// The example, built as a user does.
fn probe() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    // Its own folder, since the one of this test may be locked by the cargo that runs it.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nfs-probe");
    let cargo = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--example", "nfs_probe", "--target-dir"])
        .arg(&target)
        .current_dir(root)
        .output()
        .unwrap();
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    target.join("debug/examples/nfs_probe")
}

/// More files than one reply has.
const FILES: usize = 200;

#[test]
fn an_export_of_a_real_server_is_listed() {
    let probe = probe();
    daemon::alone("an_export_of_a_real_server_is_listed", || {
        // /run belongs to the test.
        let work = Path::new("/run/nfs");
        let export = Path::new(env!("CARGO_TARGET_TMPDIR")).join("export");
        let _ = fs::remove_dir_all(&export);
        fs::create_dir_all(export.join("folder")).unwrap();
        fs::create_dir_all(work).unwrap();
        for number in 0..FILES {
            fs::write(export.join(format!("a-file-with-a-longer-name-{number:03}")), vec![0; number]).unwrap();
        }
        let export = export.canonicalize().unwrap();
        let _rpcbind = daemon::Daemon::start(&[]);
        let _ganesha = Ganesha::start(work, &export, 3);

        let run = |arguments: &[&str]| {
            let output = Command::new(&probe).args(arguments).output().unwrap();
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            (output.status.success(), String::from_utf8(output.stdout).unwrap(), errors)
        };
        let (success, listed, errors) = run(&["127.0.0.1"]);
        assert!(success, "{listed}{errors}");
        let mut lines: Vec<_> = listed.lines().map(str::trim).collect();
        assert_eq!(lines.remove(0), export.to_str().unwrap());
        lines.retain(|line| !line.ends_with(" ."));
        lines.retain(|line| !line.ends_with(" .."));
        lines.sort_unstable();
        let file = |number: usize| format!("Nf3reg {number:>10} a-file-with-a-longer-name-{number:03}");
        let (folders, files): (Vec<&str>, Vec<&str>) = lines.iter().partition(|line| line.starts_with("Nf3dir"));
        assert!(matches!(folders[..], [folder] if folder.ends_with(" folder")), "{folders:?}");
        let mut expected: Vec<_> = (0..FILES).map(file).collect();
        expected.sort_unstable();
        assert_eq!(files, expected);

        let (_, listed, _) = run(&["127.0.0.1", "/nowhere"]);
        assert_eq!(listed.lines().nth(1), Some("    mounting it failed: Mnt3errAcces"));
    });
}
