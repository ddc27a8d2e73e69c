//! Detects peers that are gone without closing the connection: a machine without power, a network that drops packets.

use std::net::TcpStream;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};

/// The idle time before TCP keep-alive probes the peer.
const IDLE: Duration = Duration::from_secs(15);

/// The time between two probes.
const INTERVAL: Duration = Duration::from_secs(5);

/// The time within which the peer's machine must confirm what was sent.
#[cfg(any(target_os = "android", target_os = "linux"))]
const UNCONFIRMED: Duration = Duration::from_secs(30);

/// Makes the system end a connection when the peer's machine does not respond.
///
/// A procedure that takes long does not end the connection, because its machine confirms what it received. Without this
/// limit the system would retransmit the same bytes for a quarter of an hour, with pauses of up to two minutes, and the
/// client would not notice when the machine is back.
pub(super) fn limit(stream: TcpStream) -> TcpStream {
    let socket = SockRef::from(&stream);
    // Without these options only the loss is noticed later.
    let _ = socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(IDLE).with_interval(INTERVAL));
    #[cfg(any(target_os = "android", target_os = "linux"))]
    let _ = socket.set_tcp_user_timeout(Some(UNCONFIRMED));
    stream
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_connection_has_the_limits() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = limit(TcpStream::connect(listener.local_addr().unwrap()).unwrap());
        let socket = SockRef::from(&stream);
        assert_eq!(socket.tcp_keepalive_time().unwrap(), IDLE);
        assert_eq!(socket.tcp_keepalive_interval().unwrap(), INTERVAL);
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(UNCONFIRMED));
    }
}
