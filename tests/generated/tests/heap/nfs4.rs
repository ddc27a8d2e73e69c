//! NFSv4's procedure COMPOUND, which has operations of any kind and number in one call.

use oncilla::Table;
use oncilla_generated::heap::nfs4::*;

use crate::recode::C;
use crate::serving::{connect, serving};

const STATE: Stateid4 = Stateid4 { seqid: 1, other: *b"twelve bytes" };
const CHANGE: ChangeInfo4 = ChangeInfo4 { atomic: true, before: 1, after: 2 };

fn attributes() -> Fattr4 {
    Fattr4 { attrmask: vec![2, 1 << 31], attr_vals: vec![7; 13] }
}

fn owner() -> LockOwner4 {
    LockOwner4 { clientid: u64::MAX, owner: b"owner".to_vec() }
}

fn open() -> Open4args {
    let how = Createhow4::Createattrs(Createmode4::Guarded4.number(), attributes());
    Open4args {
        seqid: 7,
        share_access: 3,
        share_deny: 0,
        owner: OpenOwner4 { clientid: 9, owner: b"owner".to_vec() },
        openhow: Openflag4::Create(how),
        claim: OpenClaim4::Null(b"file".to_vec()),
    }
}

/// Operations with every kind of argument.
fn operations() -> Vec<NfsArgop4> {
    let client = NfsClientId4 { verifier: *b"verifier", id: vec![1; 1024] };
    let location = Clientaddr4 { r_netid: "tcp".into(), r_addr: "127.0.0.1.8.1".into() };
    let new = OpenToLockOwner4 { open_seqid: 1, open_stateid: STATE, lock_seqid: 2, lock_owner: owner() };
    let lock = |locker| Lock4args { locktype: NfsLockType4::WriteLt, reclaim: false, offset: 1, length: 2, locker };
    vec![
        NfsArgop4::Putrootfh,
        NfsArgop4::Lookup(Lookup4args { objname: b"folder".to_vec() }),
        NfsArgop4::Getattr(Getattr4args { attr_request: vec![1, 2, 3] }),
        NfsArgop4::Create(Box::new(Create4args {
            objtype: Createtype4::Devdata(NfsFtype4::Nf4blk.number(), Specdata4 { specdata1: 1, specdata2: 2 }),
            objname: Vec::new(),
            createattrs: attributes(),
        })),
        NfsArgop4::Open(Box::new(open())),
        NfsArgop4::Lock(Box::new(lock(Locker4::True(new)))),
        NfsArgop4::Lock(Box::new(lock(Locker4::False(ExistLockOwner4 { lock_stateid: STATE, lock_seqid: 3 })))),
        NfsArgop4::Setclientid(Box::new(Setclientid4args {
            client,
            callback: CbClient4 { cb_program: 0x4000_0000, cb_location: location },
            callback_ident: 5,
        })),
        NfsArgop4::Write(Write4args { stateid: STATE, offset: 3, stable: StableHow4::FileSync4, data: vec![9; 1001] }),
        NfsArgop4::ReleaseLockowner(ReleaseLockowner4args { lock_owner: owner() }),
        NfsArgop4::Illegal,
    ]
}

/// Results of every kind.
fn results() -> Vec<NfsResop4> {
    let who = Nfsace4 { r#type: 0, flag: 1, access_mask: 2, who: b"EVERYONE@".to_vec() };
    let delegation = OpenWriteDelegation4 {
        stateid: STATE,
        recall: false,
        space_limit: NfsSpaceLimit4::Size(1 << 40),
        permissions: who,
    };
    let opened = Open4resok {
        stateid: STATE,
        cinfo: CHANGE,
        rflags: 2,
        attrset: vec![4],
        delegation: OpenDelegation4::Write(Box::new(delegation)),
    };
    let denied = Lock4denied { offset: 1, length: 2, locktype: NfsLockType4::ReadLt, owner: owner() };
    let entry = |cookie: u64| Entry4 { cookie, name: vec![b'n'; cookie as usize], attrs: attributes() };
    let entries = (0..100).map(entry).collect();
    let listed = Readdir4resok { cookieverf: *b"verifier", reply: Dirlist4 { entries, eof: true } };
    let gss = RpcsecGssInfo { oid: vec![1, 2, 3], qop: 0, service: RpcGssSvcT::Privacy };
    vec![
        NfsResop4::Open(Open4res::Nfs4Ok(Box::new(opened))),
        NfsResop4::Lock(Box::new(Lock4res::Nfs4errDenied(denied))),
        NfsResop4::Readdir(Readdir4res::Nfs4Ok(listed)),
        NfsResop4::Readdir(Readdir4res::Default(Nfsstat4::Nfs4errNotdir.number())),
        NfsResop4::Read(Read4res::Nfs4Ok(Read4resok { eof: true, data: vec![5; 4099] })),
        NfsResop4::Secinfo(Secinfo4res::Nfs4Ok(vec![Secinfo4::FlavorInfo(gss), Secinfo4::Default(1)])),
        NfsResop4::Setattr(Setattr4res { status: Nfsstat4::Nfs4errAccess, attrsset: Vec::new() }),
        NfsResop4::Illegal(Illegal4res { status: Nfsstat4::Nfs4errOpIllegal }),
    ]
}

#[test]
fn c_reads_and_writes_the_same() {
    let c = C::of("nfs4", &[], &["COMPOUND4args", "COMPOUND4res"], "");
    let call = |argarray| Compound4args { tag: b"tag".to_vec(), minorversion: 0, argarray };
    c.takes("COMPOUND4args", &[call(Vec::new()), call(operations()), call(vec![NfsArgop4::Getfh; 1000])]);
    let reply = |resarray| Compound4res { status: Nfsstat4::Nfs4Ok, tag: Vec::new(), resarray };
    c.takes("COMPOUND4res", &[reply(Vec::new()), reply(results())]);
}

#[test]
fn values_are_small() {
    let sizes = [
        size_of::<Compound4args>(),
        size_of::<Compound4res>(),
        size_of::<NfsArgop4>(),
        size_of::<NfsResop4>(),
        size_of::<Open4args>(),
    ];
    println!("COMPOUND's arguments and results, an operation and its result, OPEN's arguments: {sizes:?} bytes");
    assert!(sizes.iter().all(|&size| size <= 256) && sizes[2] <= 64 && sizes[3] <= 64, "{sizes:?}");
}

/// A server of one file.
#[derive(Default)]
struct File(Vec<u8>);

impl File {
    fn run(&mut self, operation: NfsArgop4) -> NfsResop4 {
        match operation {
            NfsArgop4::Putrootfh => NfsResop4::Putrootfh(Putrootfh4res { status: Nfsstat4::Nfs4Ok }),
            NfsArgop4::Write(Write4args { offset, stable, data, .. }) => {
                let offset = usize::try_from(offset).unwrap();
                self.0.resize(self.0.len().max(offset + data.len()), 0);
                self.0[offset..][..data.len()].copy_from_slice(&data);
                let count = u32::try_from(data.len()).unwrap();
                let done = Write4resok { count, committed: stable, writeverf: [0; 8] };
                NfsResop4::Write(Write4res::Nfs4Ok(done))
            }
            NfsArgop4::Read(Read4args { offset, count, .. }) => {
                let rest = self.0.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
                let data = rest[..rest.len().min(count as usize)].to_vec();
                NfsResop4::Read(Read4res::Nfs4Ok(Read4resok { eof: data.len() == rest.len(), data }))
            }
            _ => NfsResop4::Illegal(Illegal4res { status: Nfsstat4::Nfs4errOpIllegal }),
        }
    }
}

impl nfs_v4::Service for File {
    fn compound(&mut self, arg: Compound4args) -> Compound4res {
        let resarray: Vec<_> = arg.argarray.into_iter().map(|operation| self.run(operation)).collect();
        Compound4res { status: Nfsstat4::Nfs4Ok, tag: arg.tag, resarray }
    }
}

static FILE: Table<File> = oncilla::table![nfs_v4::program()];

#[test]
fn a_mebibyte_is_written_and_read_in_one_call() {
    const SIZE: usize = 1 << 20;
    const MESSAGE: usize = SIZE + 4096;
    serving(&FILE, MESSAGE, |address| {
        let mut client = nfs_v4::Client::new(connect(address, MESSAGE));
        let data: Vec<u8> = (0..SIZE).map(|place| (place % 251) as u8).collect();
        let stable = StableHow4::Unstable4;
        let write = NfsArgop4::Write(Write4args { stateid: STATE, offset: 5, stable, data: data.clone() });
        let read = NfsArgop4::Read(Read4args { stateid: STATE, offset: 5, count: SIZE as u32 });
        let argarray = vec![NfsArgop4::Putrootfh, write, read, NfsArgop4::Getfh];
        let reply = client.compound(Compound4args { tag: b"both".to_vec(), minorversion: 0, argarray }).unwrap();
        assert_eq!(reply.tag, b"both");
        let expected = NfsResop4::Read(Read4res::Nfs4Ok(Read4resok { eof: true, data }));
        assert!(reply.resarray[2] == expected);
        assert_eq!(reply.resarray[3], NfsResop4::Illegal(Illegal4res { status: Nfsstat4::Nfs4errOpIllegal }));
    });
}
