//! What a procedure knows of a call besides its arguments.

use core::net::{IpAddr, SocketAddr};

use oncilla::message::Call;

/// An IP address and port.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Address {
    /// The address in network byte order: the first 4 bytes, or all 16.
    pub ip: [u8; 16],
    /// 4 for IPv4, 16 for IPv6, 0 if the address is unknown.
    pub ip_length: u32,
    /// The port, in the byte order of the machine.
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

/// A call, without its arguments. It corresponds to svc_req of libtirpc.
///
/// It and the memory to which it points are lent until the procedure returns.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// The xid: the number of the call, chosen by the client.
    pub xid: u32,
    /// The number of the program.
    pub program: u32,
    /// The version of the program.
    pub version: u32,
    /// The number of the procedure.
    pub procedure: u32,
    /// The flavor of the credential: 0 for AUTH_NONE, 1 for AUTH_SYS (`oncilla_auth_sys_of`), and so on.
    pub credential_flavor: u32,
    /// The flavor of the verifier.
    pub verifier_flavor: u32,
    /// The body of the credential.
    pub credential: *const u8,
    /// Bytes of the credential's body, at most 400.
    pub credential_length: usize,
    /// The body of the verifier.
    pub verifier: *const u8,
    /// Bytes of the verifier's body, at most 400.
    pub verifier_length: usize,
    /// The address of the caller, if the carrier knows it.
    pub peer: Address,
    /// The number of the key under which the call was verified, or ONCILLA_NO_KEY if it came in the clear.
    pub key: u32,
}

/// The `key` of an `oncilla_request` that came in the clear.
pub const ONCILLA_NO_KEY: u32 = u32::MAX;

#[cfg(feature = "keys")]
fn number_of_key(call: &Call<'_>) -> u32 {
    call.key().map_or(ONCILLA_NO_KEY, |key| key.0.into())
}

#[cfg(not(feature = "keys"))]
const fn number_of_key(_: &Call<'_>) -> u32 {
    ONCILLA_NO_KEY
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
            key: number_of_key(call),
        }
    }
}
