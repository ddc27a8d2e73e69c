//! Lists the exports of an NFS server and their content. The clients are compiled from the `.x` files of RFC 1813 by
//! the build script of `examples/nfs`.
//!
//! ```text
//! cargo run --example nfs_probe -- fileserver.local            all exports, with the top directory of each
//! cargo run --example nfs_probe -- fileserver.local /export    one export
//! ```

use std::error::Error;
use std::fmt::Debug;
use std::process::ExitCode;

use clap::Parser;
use oncilla::message::SysCredential;
use oncilla::rpcbind::{self, PortMapper};
use oncilla_host::{Connector, harmless, process_credential};
use oncilla_nfs::mount3::{Mountres3, Mountstat3, mount_v3};
use oncilla_nfs::nfs3::*;

type Outcome<T> = Result<T, Box<dyn Error>>;
type Client = oncilla::Client<oncilla_host::Socket, Box<[u8]>, SysCredential>;
type Nfs<'a> = nfs_v3::Client<&'a mut Client>;

/// The bytes of a directory that are requested at a time. The smallest entry takes 24.
const DIRECTORY_BYTES: u32 = 6000;

/// The port mapper's number for TCP.
const TCP: u32 = 6;

/// Lists the exports of an NFS server and their content
#[derive(Parser)]
struct Arguments {
    /// The server's name or address
    host: String,
    /// Lists only this export
    export: Option<String>,
}

/// Returns a client of a version of a program, on the port that the server's port mapper reports.
fn client(host: &str, program: u32, version: u32) -> Outcome<Client> {
    let mut mapper = oncilla_host::tcp((host, rpcbind::PORT))?;
    let port = PortMapper::new(&mut mapper).get_port(program, version, TCP)?;
    let port = port.ok_or_else(|| format!("{host} does not serve program {program}, version {version}, on TCP"))?;
    Ok(Connector::new().buffer(64 << 10).tcp((host, port))?.with_credential(process_credential()))
}

fn probe(arguments: &Arguments) -> Outcome<()> {
    let mut mount = client(&arguments.host, mount_v3::PROGRAM, mount_v3::VERSION)?;
    let mut nfs = client(&arguments.host, nfs_v3::PROGRAM, nfs_v3::VERSION)?;
    let (mut mount, mut nfs) = (mount_v3::Client::new(&mut mount), nfs_v3::Client::new(&mut nfs));
    let exports = match &arguments.export {
        Some(export) => vec![export.clone().into_bytes()],
        // Borrowed results must be copied before the next call.
        None => mount.export()?.iter().map(|export| export.ex_dir.to_vec()).collect(),
    };
    for export in exports {
        println!("{}", harmless(&String::from_utf8_lossy(&export)));
        let handle = match mount.mnt(&export)? {
            Mountres3::Mnt3Ok(info) => info.fhandle.to_vec(),
            Mountres3::Default(status) => {
                println!("    {}", failed("mounting it", status, Mountstat3::from_number));
                continue;
            }
        };
        list(&mut nfs, &handle)?;
        mount.umnt(&export)?;
    }
    Ok(())
}

/// Prints all entries of a directory.
fn list(nfs: &mut Nfs<'_>, directory: &[u8]) -> Outcome<()> {
    let (mut cookie, mut cookieverf) = (0, [0; NFS3_COOKIEVERFSIZE]);
    loop {
        let dir = NfsFh3 { data: directory };
        let asked = Readdir3args { dir, cookie, cookieverf, count: DIRECTORY_BYTES };
        let (entries, eof) = match nfs.readdir(asked)? {
            Readdir3res::Nfs3Ok(found) => {
                let entries = found.reply.entries.iter().map(|entry| (entry.name.to_vec(), entry.cookie));
                cookieverf = found.cookieverf;
                (entries.collect::<Vec<_>>(), found.reply.eof)
            }
            Readdir3res::Default(status, _) => {
                return Err(failed("reading the directory", status, Nfsstat3::from_number).into());
            }
        };
        for (name, next) in &entries {
            cookie = *next;
            println!("    {}", describe(nfs, directory, name)?);
        }
        if eof || entries.is_empty() {
            return Ok(());
        }
    }
}

/// Returns the type of an entry, its size and its name.
fn describe(nfs: &mut Nfs<'_>, directory: &[u8], name: &[u8]) -> Outcome<String> {
    let what = Diropargs3 { dir: NfsFh3 { data: directory }, name };
    let name = String::from_utf8_lossy(name);
    let name = harmless(&name);
    let attributes = match nfs.lookup(Lookup3args { what })? {
        Lookup3res::Nfs3Ok(found) => found.obj_attributes,
        Lookup3res::Default(status, _) => {
            return Ok(format!("{name}: {}", failed("looking it up", status, Nfsstat3::from_number)));
        }
    };
    Ok(match attributes {
        PostOpAttr::True(Fattr3 { r#type, size, .. }) => format!("{:?} {size:>10} {name}", r#type),
        PostOpAttr::False => name.into_owned(),
    })
}

/// Returns the message for a status, with its name if it has one.
fn failed<S: Debug>(what: &str, status: i32, name: fn(i32) -> Option<S>) -> String {
    match name(status) {
        Some(name) => format!("{what} failed: {name:?}"),
        None => format!("{what} failed: error {status}"),
    }
}

fn main() -> ExitCode {
    match probe(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
