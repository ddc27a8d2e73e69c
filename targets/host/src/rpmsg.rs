//! An endpoint of RPMsg, the messages between Linux and the firmware of another core of the chip.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use oncilla::framing::Datagram;
use oncilla::{Received, Time, Transport};

use crate::patience::Clock;

/// More than any message of RPMsg has: 496 bytes, unless the system was built with larger buffers.
const LARGEST: usize = 8192;

/// An endpoint of RPMsg on Linux, such as `/dev/rpmsg0`, as a transport. Each message is a datagram.
///
/// The kernel makes the device when the firmware of the other core announces a service. Buffers of 496 bytes hold the
/// largest message of a system with the usual settings ([`MESSAGE_MAX`](Self::MESSAGE_MAX)).
///
/// It was tested on sockets that keep messages whole, which behave as the device does, and not on a chip with a second
/// core.
///
/// ```no_run
/// # oncilla::program! { pub mod pump = 0x2000_00a0, version 1 { fn start(speed: u32) -> bool = 1; } }
/// use oncilla::{Client, Link};
/// use oncilla_host::Rpmsg;
///
/// let endpoint = Rpmsg::open("/dev/rpmsg0")?;
/// let link = Link::new(endpoint, [0; Rpmsg::MESSAGE_MAX], [0; Rpmsg::MESSAGE_MAX]);
/// let mut client = Client::new(link, 1);
/// pump::Client::new(&mut client).start(1_500)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// **Restarts.** When the firmware is stopped, the device vanishes: receiving is [`Received::End`], and sending an error.
/// Open the device that the kernel makes for the new firmware.
#[derive(Debug)]
pub struct Rpmsg {
    file: File,
    clock: Clock,
    /// A message as it was read: the device drops what a buffer cannot hold, and does not report it.
    message: Box<[u8]>,
}

impl Rpmsg {
    /// The size of the largest message: 496 bytes, with the buffers of 512 bytes that the kernel has by default.
    pub const MESSAGE_MAX: usize = 496;

    /// Opens the device of an endpoint.
    ///
    /// # Errors
    /// If it cannot be opened. The error has the path and states what to do.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let open = OpenOptions::new().read(true).write(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(path);
        let file = open.map_err(|error| {
            let hint = match error.kind() {
                ErrorKind::NotFound => "does the firmware run, and has it announced its service? `ls /dev/rpmsg*`",
                ErrorKind::PermissionDenied => "run as root, or set the owner of the device by a rule of udev",
                _ => "another program may have it open",
            };
            io::Error::new(error.kind(), format!("cannot open {}: {error}; {hint}", path.display()))
        })?;
        Ok(Self::of(file))
    }

    fn of(file: File) -> Self {
        Self { file, clock: Clock::new(), message: vec![0; LARGEST].into() }
    }

    /// Waits for an event. Returns `false` at the deadline.
    fn wait(&self, event: PollFlags, deadline: Time) -> io::Result<bool> {
        let left = deadline.since(self.clock.now());
        if left.is_zero() {
            return Ok(false);
        }
        // Rounded up: a wait of less than a millisecond would be a loop without one.
        let limit = i32::try_from(left.as_millis().saturating_add(1)).unwrap_or(i32::MAX);
        let limit = PollTimeout::try_from(limit).unwrap_or(PollTimeout::MAX);
        match poll(&mut [PollFd::new(self.file.as_fd(), event)], limit) {
            Ok(_) | Err(Errno::EINTR) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }
}

/// Takes a descriptor that keeps messages whole, such as an endpoint that a program made by `/dev/rpmsg_ctrl0`.
impl TryFrom<OwnedFd> for Rpmsg {
    type Error = io::Error;

    fn try_from(descriptor: OwnedFd) -> io::Result<Self> {
        let flags = OFlag::from_bits_retain(fcntl(&descriptor, FcntlArg::F_GETFL)?);
        fcntl(&descriptor, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
        Ok(Self::of(descriptor.into()))
    }
}

impl Transport for Rpmsg {
    type Error = io::Error;
    type Framing = Datagram;

    fn now(&mut self) -> Time {
        self.clock.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> io::Result<Received> {
        loop {
            let size = match self.file.read(&mut self.message) {
                Ok(0) => return Ok(Received::End),
                Ok(size) => size,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if self.wait(PollFlags::POLLIN, deadline)? {
                        continue;
                    }
                    return Ok(Received::TimeUp);
                }
                // The firmware was stopped.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(Received::End),
                Err(error) => return Err(error),
            };
            let message = self.message.get(..size).unwrap_or_default();
            let kept = size.min(into.len());
            if let (Some(place), Some(bytes)) = (into.get_mut(..kept), message.get(..kept)) {
                place.copy_from_slice(bytes);
            }
            return Ok(if size > into.len() { Received::Oversize(size) } else { Received::Bytes(size) });
        }
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> io::Result<usize> {
        loop {
            match self.file.write(frame) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // Older kernels report by ENOMEM that the firmware has taken none of the buffers yet.
                Err(error) if error.kind() == ErrorKind::WouldBlock || is_full(&error) => {
                    if !self.wait(PollFlags::POLLOUT, deadline)? {
                        return Ok(0);
                    }
                }
                Err(error) if error.raw_os_error() == Some(Errno::EMSGSIZE as i32) => {
                    let size = frame.len();
                    let why = format!(
                        "a message of {size} bytes is larger than the buffers of RPMsg, which hold {} by default; bound the \
                         types of the interface",
                        Self::MESSAGE_MAX
                    );
                    return Err(io::Error::new(ErrorKind::InvalidInput, why));
                }
                sent => return sent,
            }
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::ENOMEM as i32)
}
