//! The mount protocol of NFS version 3 (RFC 1813, appendix I), in part: a program whose arguments and results
//! Wireshark knows, with a union and linked lists among them.

use oncilla::xdr::List;

type Name = heapless::String<16>;

oncilla::xdr_struct! {
    pub struct Granted {
        pub handle: heapless::Vec<u8, 64>,
        pub flavors: heapless::Vec<i32, 4>,
    }
}

oncilla::xdr_union! {
    pub enum Mounted {
        Granted(Granted) = 0,
        _ => Refused,
    }
}

oncilla::xdr_struct! {
    pub struct Mount {
        pub host: Name,
        pub folder: Name,
    }
}

oncilla::xdr_struct! {
    pub struct Export {
        pub folder: Name,
        pub groups: List<Name, 3>,
    }
}

oncilla::program! {
    pub mod mount = 100_005, version 3 {
        fn mnt(folder: &str [..1024]) -> Mounted = 1;
        fn dump() -> List<Mount, 4> = 2;
        fn umnt(folder: &str [..1024]) = 3;
        fn export() -> List<Export, 4> = 5;
    }
}

pub struct Service;

/// The error number for what does not exist.
const NO_ENTRY: i32 = 2;

fn name(text: &str) -> Name {
    text.try_into().unwrap()
}

impl mount::Service for Service {
    fn mnt(&mut self, folder: &str) -> Mounted {
        match folder {
            "/none" => Mounted::Refused(NO_ENTRY),
            _ => Mounted::Granted(Granted {
                handle: folder.bytes().collect(),
                flavors: heapless::Vec::from_slice(&[1, 0]).unwrap(),
            }),
        }
    }
    fn dump(&mut self) -> List<Mount, 4> {
        List(
            [("ann", "/home"), ("bob", "/srv/data")]
                .map(|(host, folder)| Mount { host: name(host), folder: name(folder) })
                .into_iter()
                .collect(),
        )
    }
    fn umnt(&mut self, _: &str) {}
    fn export(&mut self) -> List<Export, 4> {
        let export = |folder, groups: &[&str]| Export {
            folder: name(folder),
            groups: List(groups.iter().map(|group| name(group)).collect()),
        };
        List([export("/all", &[]), export("/some", &["staff", "guests"])].into_iter().collect())
    }
}

pub static TABLE: oncilla::Table<Service> = oncilla::table![mount::program()];
