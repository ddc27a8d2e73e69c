//! NFSv3 with data on the heap: a mebibyte is written and read in one call each. rpcbind lists where.

use std::fs;
use std::path::Path;

use oncilla::Caller;
use oncilla_generated::heap::mount3::{Mountres3, mount_v3};
use oncilla_generated::heap::nfs3::*;
use oncilla_generated::heap::rpcbind::rpcbvers4;
use oncilla_host::Connector;

use crate::daemon;
use crate::ganesha::{Ganesha, PORT};

/// For a call or a reply with a mebibyte of data.
const MESSAGE: usize = SIZE + 4096;
const SIZE: usize = 1 << 20;

fn connect(port: u16) -> impl Caller<Error: std::fmt::Debug> {
    let connection = Connector::new().buffer(MESSAGE).tcp(("127.0.0.1", port)).unwrap();
    connection.with_credential(oncilla_host::process_credential())
}

#[test]
fn a_real_server_takes_and_returns_a_mebibyte() {
    daemon::alone("version3::a_real_server_takes_and_returns_a_mebibyte", || {
        let work = Path::new("/run/nfs3");
        let export = Path::new(env!("CARGO_TARGET_TMPDIR")).join("export3");
        let _ = fs::remove_dir_all(&export);
        fs::create_dir_all(&export).unwrap();
        fs::create_dir_all(work).unwrap();
        fs::write(export.join("large"), "").unwrap();
        let export = export.canonicalize().unwrap();
        let _rpcbind = daemon::Daemon::start(&[]);
        let _ganesha = Ganesha::start(work, &export, 3);

        let listed = rpcbvers4::Client::new(connect(111)).dump().unwrap();
        let mount = listed.iter().map(|entry| &entry.rpcb_map);
        let mut mount = mount.filter(|map| map.r_prog == mount_v3::PROGRAM && map.r_vers == 3 && map.r_netid == "tcp");
        // The port is the last two numbers of the address.
        let address = &mount.next().expect("the server registers its mount protocol").r_addr;
        let numbers: Vec<u16> = address.rsplit('.').take(2).map(|number| number.parse().unwrap()).collect();
        let mut mount = mount_v3::Client::new(connect(numbers[1] * 256 + numbers[0]));
        let Mountres3::Mnt3Ok(mounted) = mount.mnt(export.to_str().unwrap().into()).unwrap() else {
            panic!("not mounted")
        };

        let mut nfs = nfs_v3::Client::new(connect(PORT));
        let what = Diropargs3 { dir: NfsFh3 { data: mounted.fhandle }, name: "large".into() };
        let Lookup3res::Nfs3Ok(found) = nfs.lookup(Lookup3args { what }).unwrap() else { panic!("not found") };
        let data: Vec<u8> = (0..SIZE).map(|place| (place % 251) as u8).collect();
        let (file, count, stable) = (found.object, SIZE as u32, StableHow::FileSync);
        let write = Write3args { file: file.clone(), offset: 0, count, stable, data: data.clone() };
        let Write3res::Nfs3Ok(written) = nfs.write(write).unwrap() else { panic!("not written") };
        assert_eq!((written.count, fs::read(export.join("large")).unwrap() == data), (count, true));
        let Read3res::Nfs3Ok(read) = nfs.read(Read3args { file, offset: 0, count }).unwrap() else {
            panic!("not read")
        };
        assert_eq!((read.count, read.data == data), (count, true));
    });
}
