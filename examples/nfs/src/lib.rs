//! NFS version 3 and MOUNT version 3, as RFC 1813 describes them: types, clients, service traits and tables, made
//! of `nfs3.x` and `mount3.x` by the build script.

#![no_std]

/// MOUNT: what is exported, and the handles to begin with.
pub mod mount3 {
    include!(concat!(env!("OUT_DIR"), "/mount3.rs"));
}

/// NFS: files.
pub mod nfs3 {
    include!(concat!(env!("OUT_DIR"), "/nfs3.rs"));
}
