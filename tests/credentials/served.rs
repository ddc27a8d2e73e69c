//! A program that tells its callers who they are, served on every carrier.

use std::fmt::Debug;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, JoinHandle};

use oncilla::message::{AUTH_SYS, AuthStatus, AuthSys, Call};
use oncilla::{Anonymous, Authenticate, CallError, Client, Refusal, Table, Transport};
use oncilla_host::{Error, Server, Socket, Stopper};

oncilla::xdr_struct! {
    /// Somebody who called.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Who {
        pub flavor: u32,
        pub stamp: u32,
        pub machine: heapless::Vec<u8, 255>,
        pub uid: u32,
        pub gid: u32,
        pub groups: heapless::Vec<u32, 16>,
        /// The port of the address; 0 where there is none.
        pub port: u16,
    }
}

oncilla::program! {
    pub mod mirror = 0x2000_0c4e, version 1 {
        /// Who calls.
        fn who() -> Who = 1;
        /// The same, for root alone.
        fn root() -> Who = 2;
    }
}

#[derive(Default)]
pub struct Mirror {
    caller: Who,
}

impl mirror::Service for Mirror {
    fn who(&mut self) -> Who {
        self.caller.clone()
    }
    fn root(&mut self) -> Who {
        self.caller.clone()
    }
}

static TABLE: Table<Mirror> = oncilla::table![mirror::program()].authorize(authorize);

/// Keeps who calls, and lets nobody but root call `root`.
fn authorize(mirror: &mut Mirror, call: &Call<'_>) -> Result<(), AuthStatus> {
    call.check_credential()?;
    let credential = call.credential();
    mirror.caller = Who { flavor: credential.flavor, port: call.peer().map_or(0, SocketAddr::port), ..Who::default() };
    let user = Some(credential).filter(|credential| credential.flavor == AUTH_SYS);
    if let Some(user) = user.and_then(|credential| AuthSys::parse(credential.body)) {
        let AuthSys { stamp, uid, gid, .. } = user;
        let machine = heapless::Vec::from_slice(user.machine).expect("it is no longer than this");
        mirror.caller = Who { stamp, machine, uid, gid, groups: user.groups().collect(), ..mirror.caller.clone() };
        if uid == 0 {
            return Ok(());
        }
    }
    if call.id().procedure == 2 { Err(AuthStatus::TOO_WEAK) } else { Ok(()) }
}

/// The table on TCP, UDP and a Unix socket, until this is dropped.
pub struct Served {
    tcp: SocketAddr,
    udp: SocketAddr,
    path: PathBuf,
    stopper: Stopper,
    thread: Option<JoinHandle<Result<(), Error>>>,
}

/// What came of a call on one carrier.
#[derive(Debug)]
pub struct Told {
    pub carrier: &'static str,
    /// The client's port, or 0.
    pub port: u16,
    /// Who the server says has called, or why it does not say so.
    pub who: Result<Who, Refusal>,
}

impl Served {
    pub fn start() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("oncilla-credentials-{}-{number}", std::process::id()));
        let server = Server::new().unwrap().tcp("127.0.0.1:0").unwrap().udp("127.0.0.1:0").unwrap();
        let mut server = server.unix(&path).unwrap();
        let (tcp, udp, stopper) = (server.tcp_addresses()[0], server.udp_addresses()[0], server.stopper());
        let thread = thread::spawn(move || server.serve(&TABLE, &mut Mirror::default()));
        Self { tcp, udp, path, stopper, thread: Some(thread) }
    }

    /// Asks on every carrier, as somebody who then is asked a second time as nobody in particular: the link must
    /// have survived.
    pub fn ask<A: Authenticate + Clone>(&self, identity: &A, root: bool) -> [Told; 3] {
        let mut tcp = oncilla_host::tcp(self.tcp).unwrap();
        let tcp_port = port(tcp.link().transport());
        let mut udp = oncilla_host::udp(self.udp).unwrap();
        let udp_port = port(udp.link().transport());
        let unix = oncilla_host::unix(&self.path).unwrap();
        [
            Told { carrier: "tcp", port: tcp_port, who: ask(tcp, identity, root) },
            Told { carrier: "udp", port: udp_port, who: ask(udp, identity, root) },
            Told { carrier: "unix", port: 0, who: ask(unix, identity, root) },
        ]
    }
}

fn port<F>(socket: &Socket<F>) -> u16 {
    socket.socket().local_addr().unwrap().as_socket().unwrap().port()
}

fn ask<T: Transport, A: Authenticate + Clone>(
    client: Client<T, Box<[u8]>>,
    identity: &A,
    root: bool,
) -> Result<Who, Refusal>
where
    T::Error: Debug,
{
    let mut client = client.with_credential(identity.clone());
    let mut called = mirror::Client::new(&mut client);
    let who = match if root { called.root() } else { called.who() } {
        Ok(who) => Ok(who),
        Err(CallError::Refused(refusal)) => Err(refusal),
        Err(error) => panic!("{error:?}"),
    };
    let mut nobody = client.with_credential(Anonymous);
    assert_eq!(mirror::Client::new(&mut nobody).who().unwrap().flavor, 0);
    who
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stopper.stop();
        let served = self.thread.take().map(JoinHandle::join);
        if !thread::panicking() {
            served.unwrap().unwrap().unwrap();
        }
    }
}
