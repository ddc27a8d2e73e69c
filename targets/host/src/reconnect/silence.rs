//! Notices peers that vanished without a word: a machine without power, or a network that drops everything.

use std::net::TcpStream;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};

/// The time after which a silent peer is asked, when nothing is under way.
const IDLE: Duration = Duration::from_secs(15);

/// The time between two such questions.
const INTERVAL: Duration = Duration::from_secs(5);

/// The time within which the peer's machine must confirm what was sent.
#[cfg(any(target_os = "android", target_os = "linux"))]
const UNCONFIRMED: Duration = Duration::from_secs(30);

/// Makes the system end a connection when the peer's machine does not respond.
///
/// A procedure that takes long is no reason: the machine that runs it confirms what it received. Otherwise the system
/// would repeat the same bytes for a quarter of an hour, with pauses of up to two minutes, and the client would not
/// notice when the machine is back.
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
