//! What a procedure sees of a call beside its arguments.

use core::net::{IpAddr, SocketAddr};

use oncilla::message::Call;

/// An address of the internet.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Address {
    /// The address in the order of the network: the first 4 bytes or all 16.
    pub ip: [u8; 16],
    /// 4 for IPv4, 16 for IPv6, 0 when the address is not known.
    pub ip_length: u32,
    /// The port, in the order of the machine.
    pub port: u32,
}

impl Address {
    pub(crate) const UNKNOWN: Self = Self { ip: [0; 16], ip_length: 0, port: 0 };

    pub(crate) fn to_socket(self) -> Option<SocketAddr> {
        let port = u16::try_from(self.port).ok()?;
        match self.ip_length {
            4 => Some((*self.ip.first_chunk::<4>()?, port).into()),
            16 => Some((self.ip, port).into()),
            _ => None,
        }
    }

    fn of_socket(socket: &SocketAddr) -> Self {
        let mut ip = [0; 16];
        let ip_length = match socket.ip() {
            IpAddr::V4(v4) => {
                for (place, byte) in ip.iter_mut().zip(v4.octets()) {
                    *place = byte;
                }
                4
            }
            IpAddr::V6(v6) => {
                ip = v6.octets();
                16
            }
        };
        Self { ip, ip_length, port: socket.port().into() }
    }
}

/// A call: what svc_req is to a procedure of libtirpc. It and what it points to are there until the procedure returns.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Transaction number, chosen by the client.
    pub xid: u32,
    /// What is called: the program,
    pub program: u32,
    /// its version
    pub version: u32,
    /// and the procedure.
    pub procedure: u32,
    /// Who calls: 0 for AUTH_NONE, 1 for AUTH_SYS (`oncilla_auth_sys_of`), and so on.
    pub credential_flavor: u32,
    /// The flavor of the proof of who calls.
    pub verifier_flavor: u32,
    /// The body of the credential.
    pub credential: *const u8,
    /// Its bytes, at most 400.
    pub credential_length: usize,
    /// The body of the verifier.
    pub verifier: *const u8,
    /// Its bytes, at most 400.
    pub verifier_length: usize,
    /// Where it came from, where the carrier tells.
    pub peer: Address,
}

impl Request {
    pub(crate) fn of(call: &Call<'_>) -> Self {
        let (id, credential, verifier) = (call.id(), call.credential(), call.verifier());
        Self {
            xid: call.xid(),
            program: id.program,
            version: id.version,
            procedure: id.procedure,
            credential_flavor: credential.flavor,
            verifier_flavor: verifier.flavor,
            credential: credential.body.as_ptr(),
            credential_length: credential.body.len(),
            verifier: verifier.body.as_ptr(),
            verifier_length: verifier.body.len(),
            peer: call.peer().map_or(Address::UNKNOWN, Address::of_socket),
        }
    }
}
