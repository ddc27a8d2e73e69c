//! NFSv4: one COMPOUND lists a folder, and another reads a file of a mebibyte.

use std::fs;
use std::path::Path;

use oncilla_generated::heap::nfs4::*;
use oncilla_host::Connector;

use crate::daemon;
use crate::ganesha::{Ganesha, PORT};

/// For a reply with a mebibyte of data.
const MESSAGE: usize = (1 << 20) + 4096;
/// More files than fit in one reply of a smaller client.
const FILES: usize = 2000;
/// Attribute 4 (RFC 7530, section 5.8.1): the size.
const SIZE: u32 = 1 << 4;

fn call(operations: Vec<NfsArgop4>) -> Compound4args {
    let lookup = |name: &str| NfsArgop4::Lookup(Lookup4args { objname: name.into() });
    let argarray = [NfsArgop4::Putrootfh, lookup("export")].into_iter().chain(operations).collect();
    Compound4args { tag: b"oncilla".to_vec(), minorversion: 0, argarray }
}

#[test]
fn a_real_server_lists_and_reads_in_one_call_each() {
    daemon::alone("version4::a_real_server_lists_and_reads_in_one_call_each", || {
        let work = Path::new("/run/nfs4");
        let export = Path::new(env!("CARGO_TARGET_TMPDIR")).join("export4");
        let _ = fs::remove_dir_all(&export);
        fs::create_dir_all(&export).unwrap();
        fs::create_dir_all(work).unwrap();
        (0..FILES).for_each(|number| fs::write(export.join(format!("file-{number:04}")), "").unwrap());
        let data: Vec<u8> = (0..1 << 20).map(|place: u32| (place % 251) as u8).collect();
        fs::write(export.join("large"), &data).unwrap();
        let export = export.canonicalize().unwrap();
        let _rpcbind = daemon::Daemon::start(&[]);
        let _ganesha = Ganesha::start(work, &export, 4);

        let connection = Connector::new().buffer(MESSAGE).tcp(("127.0.0.1", PORT)).unwrap();
        let mut nfs = nfs_v4::Client::new(connection.with_credential(oncilla_host::process_credential()));

        let mut names = Vec::new();
        let (mut cookie, mut cookieverf) = (0, [0; 8]);
        loop {
            let (dircount, maxcount) = (1 << 20, 1 << 20);
            let attr_request = vec![SIZE];
            let list = Readdir4args { cookie, cookieverf, dircount, maxcount, attr_request };
            let reply = nfs.compound(call(vec![NfsArgop4::Readdir(list)])).unwrap();
            assert_eq!((reply.status, &reply.tag[..]), (Nfsstat4::Nfs4Ok, &b"oncilla"[..]));
            let Some(NfsResop4::Readdir(Readdir4res::Nfs4Ok(listed))) = reply.resarray.into_iter().last() else {
                panic!("no list")
            };
            let entries = listed.reply.entries.iter();
            names.extend(entries.map(|entry| (String::from_utf8(entry.name.clone()).unwrap(), entry.attrs.clone())));
            (cookie, cookieverf) =
                (listed.reply.entries.last().map_or(cookie, |entry| entry.cookie), listed.cookieverf);
            if listed.reply.eof {
                break;
            }
        }
        names.sort_by(|one, other| one.0.cmp(&other.0));
        assert_eq!(names.len(), FILES + 1);
        let (name, attributes) = names.last().unwrap();
        assert_eq!((name.as_str(), &attributes.attrmask[..]), ("large", &[SIZE][..]));
        assert_eq!(attributes.attr_vals, (1u64 << 20).to_be_bytes());

        // Any client may read by the stateid of zeros (RFC 7530, section 9.1.4.3).
        let stateid = Stateid4 { seqid: 0, other: [0; 12] };
        let read = NfsArgop4::Read(Read4args { stateid, offset: 0, count: 1 << 20 });
        let large = NfsArgop4::Lookup(Lookup4args { objname: b"large".to_vec() });
        let reply = nfs.compound(call(vec![large.clone(), NfsArgop4::Getfh, read])).unwrap();
        let expected = Read4res::Nfs4Ok(Read4resok { eof: true, data });
        assert!(reply.resarray.last() == Some(&NfsResop4::Read(expected)), "{:?}", reply.status);

        // What comes after an error is not done.
        let absent = NfsArgop4::Lookup(Lookup4args { objname: b"absent".to_vec() });
        let reply = nfs.compound(call(vec![absent, large])).unwrap();
        assert_eq!((reply.status, reply.resarray.len()), (Nfsstat4::Nfs4errNoent, 3));
    });
}
