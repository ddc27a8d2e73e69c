//! Who may call what.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use oncilla::ProcedureId;
use oncilla::message::AuthStatus;
#[cfg(feature = "tls")]
use rustls::pki_types::ServerName;

use super::{Origin, Sender};
use crate::Error;
#[cfg(feature = "tls")]
use crate::tls::parse_fingerprint;

/// A rule that allows some clients to call some procedures. See [`Server::allow`](crate::Server::allow).
///
/// ```
/// # oncilla::program! { pub mod door = 0x2000_0074, version 1 { fn state() -> bool = 1; fn open() = 2; } }
/// use oncilla_host::{Access, Server};
///
/// let server = Server::new()?
///     // This machine may call everything.
///     .allow(Access::local())
///     // The office may look whether the door is open.
///     .allow(Access::network("192.168.1.0/24")?.procedures(door::PROGRAM, door::VERSION, &[1]))
///     .tcp("[::]:0")?;
/// # Ok::<(), oncilla_host::Error>(())
/// ```
///
/// A rule without programs allows all programs. A call is allowed if any rule allows it; the order has no meaning.
///
/// | a client | gets |
/// |---|---|
/// | that a rule allows the called procedure | the reply |
/// | that no rule allows anything, on TCP or a Unix socket | a closed connection, before anything is read |
/// | that no rule allows anything, on UDP | no reply |
/// | that may call other procedures, under a key | AUTH_ERROR with AUTH_REJECTEDCRED |
/// | that may call other procedures, on TCP or UDP | AUTH_ERROR with AUTH_TOOWEAK |
/// | that may call other procedures, inside TLS with a certificate | AUTH_ERROR with AUTH_REJECTEDCRED |
/// | that may call other procedures, on a Unix socket | AUTH_ERROR with AUTH_REJECTEDCRED |
///
/// **NULL** (procedure 0). A client that may call any procedure of a version may also call its NULL. So `rpcinfo` works
/// on the machines that use the program. If the server is [registered](crate::Server::register), allow
/// [`local`](Self::local) access: another server that starts on this machine calls NULL to see whether this one is
/// alive, and replaces its registration if not.
///
/// **Order.** These rules come first. Then the replay cache is asked, then the table's
/// [`authorize`](oncilla::Table::authorize) function, which also sees the credential.
///
/// **Trust.** An address on UDP can be forged. The user of a Unix socket cannot: the system reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    from: From,
    /// What may be called. Everything when it is empty.
    to: Vec<Target>,
}

/// The clients of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
enum From {
    Anyone,
    Local,
    Network(IpNet),
    User(u32),
    #[cfg(feature = "tls")]
    Tls,
    #[cfg(feature = "tls")]
    Name(ServerName<'static>),
    #[cfg(feature = "tls")]
    Fingerprint([u8; 32]),
    #[cfg(feature = "keys")]
    Key(oncilla::message::KeyId),
}

/// The procedures of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Target {
    program: u32,
    version: Option<u32>,
    procedures: Option<Vec<u32>>,
}

impl Access {
    /// Allows all clients.
    #[must_use]
    pub const fn anyone() -> Self {
        Self::of(From::Anyone)
    }

    /// Allows the clients on this machine: loopback addresses and Unix sockets.
    #[must_use]
    pub const fn local() -> Self {
        Self::of(From::Local)
    }

    /// Allows the clients of a network, such as `192.168.1.0/24` or `fd00::/8`, or of one address.
    ///
    /// Clients on IPv4 are compared by their IPv4 address, also on an IPv6 socket. `::ffff:192.168.1.0/120` is the same
    /// network as `192.168.1.0/24`. `::/0` has no clients on IPv4.
    ///
    /// # Errors
    /// [`Error::Network`] when the text is neither a network nor an address.
    pub fn network(network: &str) -> Result<Self, Error> {
        let address = || network.parse().map(|address: IpAddr| address.into());
        let parsed = network.parse().or_else(|_| address());
        let network = parsed.map_err(|_| Error::Network(network.to_owned()))?;
        Ok(Self::of(From::Network(unmapped(network))))
    }

    /// Allows the processes of a user of this machine, on Unix sockets.
    ///
    /// The system reports the user of the process that connected. A process that passes its connection to another process
    /// also passes this access.
    #[must_use]
    pub const fn user(uid: u32) -> Self {
        Self::of(From::User(uid))
    }

    /// Allows the clients inside TLS, with a certificate or without. For servers that also serve clients
    /// [without TLS](crate::TlsServer::opportunistic).
    #[cfg(feature = "tls")]
    #[must_use]
    pub const fn tls() -> Self {
        Self::of(From::Tls)
    }

    /// Allows the clients whose certificate is valid for a DNS name or an IP address (subjectAltName).
    ///
    /// The server checks that one of [its authorities](crate::TlsServer::require_client_certificates) signed the
    /// certificate, and that the client has its key. The address of the client does not matter.
    ///
    /// # Errors
    /// [`Error::Tls`] when the text is neither a DNS name nor an IP address.
    #[cfg(feature = "tls")]
    pub fn certificate_name(name: &str) -> Result<Self, Error> {
        let parsed = ServerName::try_from(name.to_owned());
        Ok(Self::of(From::Name(parsed.map_err(|_| crate::TlsError::Name(name.to_owned()))?)))
    }

    /// Allows the clients with one certificate, by its SHA-256 fingerprint: 64 hexadecimal digits, with or without
    /// colons.
    ///
    /// One of [the server's authorities](crate::TlsServer::require_client_certificates) must have signed it.
    ///
    /// # Errors
    /// [`Error::Tls`] when the text is no fingerprint.
    #[cfg(feature = "tls")]
    pub fn certificate_fingerprint(text: &str) -> Result<Self, Error> {
        let fingerprint = parse_fingerprint(text).ok_or_else(|| crate::TlsError::Fingerprint(text.to_owned()))?;
        Ok(Self::of(From::Fingerprint(fingerprint)))
    }

    /// Allows the clients whose calls come under one of [the server's keys](crate::Server::keys).
    ///
    /// The address of the client does not matter. [`anyone`](Self::anyone) also allows the calls in the clear that
    /// [are served](crate::keys::KeyServer::allow_plain).
    ///
    /// ```
    /// # oncilla::program! { pub mod door = 0x2000_0074, version 1 { fn state() -> bool = 1; fn open() = 2; } }
    /// use oncilla_host::Access;
    /// use oncilla_host::keys::KeyId;
    ///
    /// let rules = [
    ///     Access::key(KeyId(1)),
    ///     Access::key(KeyId(2)).procedures(door::PROGRAM, door::VERSION, &[1]),
    /// ];
    /// # let _ = rules;
    /// ```
    #[cfg(feature = "keys")]
    #[must_use]
    pub const fn key(id: oncilla::message::KeyId) -> Self {
        Self::of(From::Key(id))
    }

    const fn of(from: From) -> Self {
        Self { from, to: Vec::new() }
    }

    /// Limits the rule to a program, in all versions. Further calls add programs.
    #[must_use]
    pub fn program(self, program: u32) -> Self {
        self.to(Target { program, version: None, procedures: None })
    }

    /// Limits the rule to a version of a program. Further calls add versions.
    #[must_use]
    pub fn version(self, program: u32, version: u32) -> Self {
        self.to(Target { program, version: Some(version), procedures: None })
    }

    /// Limits the rule to procedures of a version of a program, and its NULL. Further calls add procedures.
    #[must_use]
    pub fn procedures(self, program: u32, version: u32, procedures: &[u32]) -> Self {
        self.to(Target { program, version: Some(version), procedures: Some(procedures.to_vec()) })
    }

    fn to(mut self, target: Target) -> Self {
        self.to.push(target);
        self
    }

    fn allows(&self, id: ProcedureId) -> bool {
        self.to.is_empty() || self.to.iter().any(|target| target.has(id))
    }
}

impl From {
    fn has(&self, sender: &Sender) -> bool {
        let origin = sender.origin;
        let address = origin.address().map(|address| address.ip());
        match (self, origin) {
            (Self::Anyone, _) => true,
            (Self::Local, _) => address.is_none_or(|address| address.is_loopback()),
            (Self::Network(network), _) => address.is_some_and(|address| network.contains(&address)),
            (Self::User(user), Origin::Unix { uid }) => uid == Some(*user),
            (Self::User(_), _) => false,
            #[cfg(feature = "tls")]
            (Self::Tls, _) => matches!(origin, Origin::Tls(_)),
            #[cfg(feature = "tls")]
            (Self::Name(name), _) => sender.certificate.as_ref().is_some_and(|certificate| certificate.is_for(name)),
            #[cfg(feature = "tls")]
            (Self::Fingerprint(fingerprint), _) => {
                sender.certificate.as_ref().is_some_and(|certificate| certificate.fingerprint() == fingerprint)
            }
            #[cfg(feature = "keys")]
            (Self::Key(id), _) => sender.key.is_some_and(|sender| sender.key == *id),
        }
    }

    /// Returns whether the rule allows a client at this origin anything, perhaps after TLS has begun.
    fn may_have(&self, origin: Origin) -> bool {
        #[cfg(feature = "tls")]
        if matches!((self, origin), (Self::Tls | Self::Name(_) | Self::Fingerprint(_), Origin::Tcp(_))) {
            return true;
        }
        // The key of a client is known only when a message has verified.
        #[cfg(feature = "keys")]
        if matches!(self, Self::Key(_)) {
            return true;
        }
        self.has(&origin.into())
    }
}

/// Returns a network of IPv4-mapped addresses as the network of IPv4.
fn unmapped(network: IpNet) -> IpNet {
    let mapped = || {
        let IpNet::V6(network) = network else { return None };
        Ipv4Net::new(network.addr().to_ipv4_mapped()?, network.prefix_len().checked_sub(96)?).ok()
    };
    mapped().map_or(network, IpNet::V4)
}

impl Target {
    fn has(&self, id: ProcedureId) -> bool {
        let listed = |procedures: &Vec<u32>| id.procedure == 0 || procedures.contains(&id.procedure);
        self.program == id.program
            && self.version.is_none_or(|version| version == id.version)
            && self.procedures.as_ref().is_none_or(listed)
    }
}

/// Returns the status with which a call is refused, or `None` if it is allowed.
pub(super) fn refusal(rules: &[Access], sender: &Sender, id: ProcedureId) -> Option<AuthStatus> {
    if rules.is_empty() || rules.iter().any(|rule| rule.from.has(sender) && rule.allows(id)) {
        return None;
    }
    #[cfg(feature = "keys")]
    if sender.key.is_some() {
        return Some(AuthStatus::REJECTED_CREDENTIAL);
    }
    Some(match sender.origin {
        // The server knows who calls.
        Origin::Unix { .. } => AuthStatus::REJECTED_CREDENTIAL,
        #[cfg(feature = "tls")]
        Origin::Tls(_) if sender.certificate.is_some() => AuthStatus::REJECTED_CREDENTIAL,
        Origin::Tcp(_) | Origin::Tls(_) | Origin::Udp(_) => AuthStatus::TOO_WEAK,
    })
}

/// Returns whether any rule allows this origin anything.
#[inline]
pub(super) fn admits(rules: &[Access], origin: Origin) -> bool {
    rules.is_empty() || rules.iter().any(|rule| rule.from.may_have(origin))
}
