//! Acknowledging at once what a broker sends.

/// Has the system acknowledge what arrives next on a TCP socket at once, and not up to 40 ms later.
///
/// A broker that leaves Nagle's algorithm on, as mosquitto does by default, holds a message back until the one before it
/// is acknowledged: a call would take 40 ms. The system forgets this when the program sends, so it is said after each
/// sending. It has an effect on Linux and Android only; elsewhere, and better, the broker turns the algorithm off
/// (mosquitto: `set_tcp_nodelay true`).
#[cfg(any(target_os = "android", target_os = "linux"))]
pub fn acknowledge_at_once<'s>(socket: impl Into<socket2::SockRef<'s>>) {
    // Without it calls are slow, not wrong.
    let _ = socket.into().set_tcp_quickack(true);
}

/// Has the system acknowledge what arrives next at once, where it can.
#[cfg(not(any(target_os = "android", target_os = "linux")))]
pub fn acknowledge_at_once<S>(_socket: S) {}
