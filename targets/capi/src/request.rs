//! What a procedure knows of a call besides its arguments.

use core::ffi::c_void;
use core::net::{IpAddr, SocketAddr};
use core::ptr::{from_ref, null};

use oncilla::message::{Call, OpaqueAuth};

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
/// It is lent until the procedure returns. `oncilla_request_credential`, `oncilla_request_peer` and
/// `oncilla_request_key` return what else is known of the caller.
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
    /// For the functions of this header.
    pub call: *const c_void,
}

/// A credential or verifier of a call (RFC 5531 §8.2).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Credential {
    /// The flavor: 0 for AUTH_NONE, 1 for AUTH_SYS, and so on.
    pub flavor: u32,
    /// The body.
    pub body: *const u8,
    /// Bytes of the body, at most 400.
    pub length: usize,
}

/// The key of a call that came in the clear.
pub const ONCILLA_NO_KEY: u32 = u32::MAX;

impl Request {
    #[inline]
    pub(crate) fn of(call: &Call<'_>) -> Self {
        let id = call.id();
        Self {
            xid: call.xid(),
            program: id.program,
            version: id.version,
            procedure: id.procedure,
            call: from_ref(call).cast(),
        }
    }
}

/// Returns the call of a request.
///
/// # Safety
/// The pointer is NULL, or points to a request that was passed to a procedure that still runs.
unsafe fn call<'a>(request: *const Request) -> Option<&'a Call<'a>> {
    // SAFETY: this function's condition.
    unsafe { request.as_ref()?.call.cast::<Call<'a>>().as_ref() }
}

impl Credential {
    const NONE: Self = Self { flavor: 0, body: null(), length: 0 };

    const fn of(auth: OpaqueAuth<'_>) -> Self {
        Self { flavor: auth.flavor, body: auth.body.as_ptr(), length: auth.body.len() }
    }
}

/// Returns the credential of a call. Its body is lent until the procedure returns.
///
/// `oncilla_auth_sys_of` decodes one of AUTH_SYS.
///
/// # Safety
/// The pointer is NULL, or points to a request that was passed to a procedure that still runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_request_credential(request: *const Request) -> Credential {
    // SAFETY: this function's condition.
    unsafe { call(request) }.map_or(Credential::NONE, |call| Credential::of(call.credential()))
}

/// Returns the verifier of a call. Its body is lent until the procedure returns.
///
/// # Safety
/// The pointer is NULL, or points to a request that was passed to a procedure that still runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_request_verifier(request: *const Request) -> Credential {
    // SAFETY: this function's condition.
    unsafe { call(request) }.map_or(Credential::NONE, |call| Credential::of(call.verifier()))
}

/// Returns the address of the caller. Its `ip_length` is 0 if the carrier does not know it.
///
/// # Safety
/// The pointer is NULL, or points to a request that was passed to a procedure that still runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_request_peer(request: *const Request) -> Address {
    // SAFETY: this function's condition.
    unsafe { call(request) }.and_then(Call::peer).map_or(Address::UNKNOWN, Address::of_socket)
}

/// Returns the number of the key under which the call was verified, or ONCILLA_NO_KEY if it came in the clear.
///
/// # Safety
/// The pointer is NULL, or points to a request that was passed to a procedure that still runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_request_key(request: *const Request) -> u32 {
    #[cfg(feature = "keys")]
    {
        // SAFETY: this function's condition.
        unsafe { call(request) }.and_then(Call::key).map_or(ONCILLA_NO_KEY, |key| key.0.into())
    }
    #[cfg(not(feature = "keys"))]
    {
        let _ = request;
        ONCILLA_NO_KEY
    }
}
