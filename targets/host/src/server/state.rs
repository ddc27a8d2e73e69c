//! Whether a listening socket has connections or datagrams waiting.

/// Whether connections or datagrams wait on a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// None wait.
    Quiet,
    /// Some may wait.
    Ready,
    /// Some wait, but the system lacks a resource, such as free file descriptors. Retry later.
    Paused,
}
