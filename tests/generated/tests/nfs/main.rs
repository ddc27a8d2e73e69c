//! The example `nfs_probe`, whose clients are made of the `.x` files of RFC 1813, lists what a real server exports. A client
//! with data on the heap, made of the file of RFC 7531, reads it.
//!
//! The server is nfs-ganesha, and rpcbind tells its ports, in a network of the test's own.

#[allow(dead_code)]
#[path = "../../../rpcbind/daemon.rs"]
mod daemon;
#[path = "../../../support/ganesha.rs"]
mod ganesha;
#[path = "../../../support/namespace.rs"]
mod namespace;
mod version3;
mod version4;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ganesha::Ganesha;

/// The example, built as a user does.
fn probe() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    // The folder of this test, where most of it is built already. Cargo does not lock it while tests run.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let cargo = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--example", "nfs_probe", "--target-dir"])
        .arg(target)
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
