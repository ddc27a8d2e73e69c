//! NFS version 3 and MOUNT version 3 (RFC 1813): types, clients, service traits and tables, compiled from `nfs3.x` and
//! `mount3.x` by the build script.

#![no_std]

/// MOUNT: lists the exports, and returns the handle of each.
pub mod mount3 {
    include!(concat!(env!("OUT_DIR"), "/mount3.rs"));
}

/// NFS: directories and files.
pub mod nfs3 {
    include!(concat!(env!("OUT_DIR"), "/nfs3.rs"));
}
