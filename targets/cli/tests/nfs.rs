//! The command with an NFS server, nfs-ganesha.
//!
//! The interfaces are the files of RFC 1813 and RFC 7531, read at run time.

#[allow(dead_code)]
#[path = "../../../tests/rpcbind/daemon.rs"]
mod daemon;
#[path = "../../../tests/support/ganesha.rs"]
mod ganesha;
#[path = "../../../tests/support/namespace.rs"]
mod namespace;

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use ganesha::{Ganesha, PORT};
use serde_json::{Value, json};

const MOUNT_X: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/nfs/mount3.x");
const NFS3_X: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/nfs/nfs3.x");
const NFS4_X: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../rpcgen/tests/heap/nfs4.x");

/// More files than the server puts into one reply of a kilobyte.
const FILES: usize = 40;

/// Makes a folder with files to export, and one for the server's own.
fn folders(name: &str) -> (PathBuf, PathBuf) {
    let export = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&export);
    fs::create_dir_all(&export).unwrap();
    (0..FILES).for_each(|number| fs::write(export.join(format!("file-{number:02}")), "contents").unwrap());
    // /run belongs to the test.
    let work = Path::new("/run").join(name);
    fs::create_dir_all(&work).unwrap();
    (export.canonicalize().unwrap(), work)
}

/// Calls a procedure as root and returns its results.
fn call(target: &str, file: &str, name: &str, argument: &Value) -> Value {
    let mut command = Command::cargo_bin("oncilla").unwrap();
    command.env("HOME", "/dev/null").env_remove("XDG_CONFIG_HOME").env_remove("XDG_STATE_HOME");
    command.args(["--json", "-t", target, "-x", file, "--as", "0:0", "call", name]);
    // A text is typed as it is, without quotes.
    let word = argument.as_str().map_or_else(|| argument.to_string(), str::to_owned);
    let output = command.arg(word).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn version_3_lists_and_reads_an_export() {
    daemon::alone("version_3_lists_and_reads_an_export", || {
        let (export, work) = folders("command-nfs3");
        let _rpcbind = daemon::Daemon::start(&[]);
        let _ganesha = Ganesha::start(&work, &export, 3);
        // rpcbind knows the port of the mount program.
        let mounted = call("rpc://127.0.0.1", MOUNT_X, "mount_program.mnt", &json!(export));
        let root = &mounted["MNT3_OK"]["fhandle"];
        let nfs = format!("tcp://127.0.0.1:{PORT}");

        let (mut names, mut cookie, mut verifier) = (Vec::new(), json!(0), json!("0000000000000000"));
        loop {
            let list = json!({"dir": {"data": root}, "cookie": cookie, "cookieverf": verifier, "count": 1024});
            let listed = call(&nfs, NFS3_X, "nfsproc3_readdir", &list);
            let listed = &listed["NFS3_OK"];
            let entries = listed["reply"]["entries"].as_array().unwrap();
            names.extend(entries.iter().map(|entry| entry["name"].as_str().unwrap().to_owned()));
            if listed["reply"]["eof"] == json!(true) {
                break;
            }
            (cookie, verifier) = (entries.last().unwrap()["cookie"].clone(), listed["cookieverf"].clone());
        }
        names.retain(|name| !name.starts_with('.'));
        names.sort_unstable();
        assert_eq!(names, (0..FILES).map(|number| format!("file-{number:02}")).collect::<Vec<_>>());

        let lookup = json!({"what": {"dir": {"data": root}, "name": "file-07"}});
        let file = call(&nfs, NFS3_X, "nfsproc3_lookup", &lookup);
        let file = &file["NFS3_OK"]["object"];
        let read = call(&nfs, NFS3_X, "nfsproc3_read", &json!({"file": file, "offset": 0, "count": 100}));
        assert_eq!(read["NFS3_OK"]["data"], json!("636f6e74656e7473"));
        let absent = json!({"what": {"dir": {"data": root}, "name": "absent"}});
        assert!(call(&nfs, NFS3_X, "nfsproc3_lookup", &absent)["NFS3ERR_NOENT"].is_object());
    });
}

#[test]
fn version_4_reads_a_file_in_one_compound() {
    daemon::alone("version_4_reads_a_file_in_one_compound", || {
        let (export, work) = folders("command-nfs4");
        let _rpcbind = daemon::Daemon::start(&[]);
        let _ganesha = Ganesha::start(&work, &export, 4);
        // The file declares texts as opaque data.
        let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
        let lookup = |name: &str| json!({"OP_LOOKUP": {"objname": hex(name)}});
        // Any client may read by the stateid of zeros (RFC 7530, section 9.1.4.3).
        let stateid = json!({"seqid": 0, "other": "000000000000000000000000"});
        let read = json!({"OP_READ": {"stateid": stateid, "offset": 0, "count": 100}});
        let operations = json!([{"OP_PUTROOTFH": null}, lookup("export"), lookup("file-07"), read]);
        let compound = json!({"tag": hex("oncilla"), "minorversion": 0, "argarray": operations});
        let reply = call(&format!("tcp://127.0.0.1:{PORT}"), NFS4_X, "nfsproc4_compound", &compound);
        assert_eq!(reply["status"], json!("NFS4_OK"));
        let read = &reply["resarray"][3]["OP_READ"]["NFS4_OK"];
        assert_eq!(read, &json!({"eof": true, "data": "636f6e74656e7473"}));
    });
}
