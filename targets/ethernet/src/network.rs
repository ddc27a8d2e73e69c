//! One interface, and the sockets that share it.

use core::cell::RefCell;
use core::net::{Ipv4Addr, SocketAddr};

use oncilla::{Clock, Time};
use smoltcp::iface::{Config, Interface, PollIngressSingleResult, PollResult, SocketHandle, SocketSet};
use smoltcp::phy::{Device, Medium};
use smoltcp::socket::{AnySocket, Socket, tcp, udp};
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr, IpEndpoint};

use crate::Sockets;

/// The largest number of rounds of sending in one turn, so that every turn ends.
const ROUNDS: usize = 16;

/// The first of the ports from which connections are made (RFC 6335 §6).
const FIRST_EPHEMERAL: u16 = 49_152;

/// One Ethernet interface: its driver, its clock, and the sockets of its servers and clients. For one thread.
///
/// Frames are sent and received only in [`turn`](Self::turn) and while a client waits.
pub struct Network<'a, D, C> {
    stack: RefCell<Stack<'a, D>>,
    clock: RefCell<C>,
}

struct Stack<'a, D> {
    device: D,
    interface: Interface,
    sockets: SocketSet<'a>,
    /// The largest number of sockets.
    capacity: usize,
    /// When a server must act even if nothing arrives.
    alarm: Time,
    /// Whether something happened while a client waited, which the servers have not yet seen.
    news: bool,
    /// Incremented for each connection made from here.
    ports: u16,
}

impl<'a, D: Device, C: Clock> Network<'a, D, C> {
    /// Creates an interface with the Ethernet address `mac` and room for `N` sockets.
    ///
    /// Each server and each client needs one socket. Returns `None` if the device is not an Ethernet device. The
    /// interface has no IP address yet.
    ///
    /// The clock's `idle` must return when a frame has arrived. Values that others must not guess, such as the first
    /// sequence number of a connection, are derived from `seed`. It should differ after every start: for example, mix
    /// a boot counter with the noise of an analog input.
    pub fn new<const N: usize>(
        mut device: D,
        mut clock: C,
        mac: [u8; 6],
        seed: u64,
        sockets: &'a mut Sockets<'a, N>,
    ) -> Option<Self> {
        if device.capabilities().medium != Medium::Ethernet {
            return None;
        }
        let mut config = Config::new(EthernetAddress(mac).into());
        config.random_seed = seed;
        let interface = Interface::new(config, &mut device, instant(clock.now()));
        let sockets = SocketSet::new(sockets.places());
        // It must differ after every start, or a host may confuse a new connection with one that it still remembers.
        let ports = seed as u16;
        let stack = Stack { device, interface, sockets, capacity: N, alarm: Time::NEVER, news: false, ports };
        Some(Self { stack: RefCell::new(stack), clock: RefCell::new(clock) })
    }

    /// Sets the only IPv4 address of the interface.
    ///
    /// The network prefix has `bits` bits, at most 32.
    pub fn set_address(&self, address: impl Into<Ipv4Addr>, bits: u8) {
        let address = IpCidr::new(IpAddress::Ipv4(address.into()), bits.min(32));
        self.with(|interface, _| {
            interface.update_ip_addrs(|addresses| {
                addresses.clear();
                // There is room for at least one.
                let _ = addresses.push(address);
            });
        });
    }

    /// Sets the gateway to other networks.
    pub fn set_gateway(&self, address: impl Into<Ipv4Addr>) {
        let address = address.into();
        self.with(|interface, _| {
            // There is room for one, unless the table was filled in `with`.
            let _ = interface.routes_mut().add_default_ipv4_route(address);
        });
    }

    /// Passes the interface and its sockets to `f`.
    ///
    /// Use it for IPv6, DHCP, and sockets of your own, which [`turn`](Self::turn) processes with the others. Returns
    /// `None` if called within another `with`.
    pub fn with<R>(&self, f: impl FnOnce(&mut Interface, &mut SocketSet<'a>) -> R) -> Option<R> {
        let mut stack = self.stack.try_borrow_mut().ok()?;
        let Stack { interface, sockets, .. } = &mut *stack;
        Some(f(interface, sockets))
    }

    /// Returns the present instant.
    pub fn now(&self) -> Time {
        self.clock.try_borrow_mut().map_or(Time::ZERO, |mut clock| clock.now())
    }

    /// Receives a frame and sends; sleeps once if there is nothing to do.
    ///
    /// The sleep ends when a frame arrives, a timer of the network or a server expires, or the clock's `idle` returns
    /// for another reason. Call it at the start of the firmware's loop, then call every server.
    pub fn turn(&self) {
        self.turn_until(Time::NEVER);
    }

    /// Does the work of [`turn`](Self::turn), but sleeps until `deadline` at most.
    pub fn turn_until(&self, deadline: Time) {
        self.poll();
        if !self.take_news() {
            let alarm = self.stack.try_borrow_mut().map(|mut stack| core::mem::replace(&mut stack.alarm, Time::NEVER));
            self.sleep(deadline.min(alarm.unwrap_or(Time::NEVER)));
            self.poll();
            // The servers are called now.
            self.take_news();
        }
    }

    /// Does the work of a turn for a waiting client, until `deadline` at most.
    ///
    /// If anything happens in it, the servers' next turn does not sleep.
    pub(crate) fn wait(&self, deadline: Time) {
        if !self.poll() {
            self.sleep(deadline);
            self.poll();
        }
    }

    /// Receives a frame and sends, without waiting. Returns whether anything happened, so that there may be more to
    /// do.
    pub fn poll(&self) -> bool {
        let now = self.now();
        self.stack.try_borrow_mut().is_ok_and(|mut stack| stack.poll(now))
    }

    /// Sleeps once, until `until` or until a timer of the network expires.
    fn sleep(&self, until: Time) {
        let now = self.now();
        let timer = self.stack.try_borrow_mut().map_or(Time::NEVER, |mut stack| stack.timer(now));
        if let Ok(mut clock) = self.clock.try_borrow_mut() {
            clock.idle(until.min(timer));
        }
    }

    /// Returns whether anything has happened since the last call.
    fn take_news(&self) -> bool {
        self.stack.try_borrow_mut().is_ok_and(|mut stack| core::mem::take(&mut stack.news))
    }

    /// Adds a socket, if there is room.
    pub(crate) fn add<T: AnySocket<'a>>(&self, socket: T) -> Option<SocketHandle> {
        let mut stack = self.stack.try_borrow_mut().ok()?;
        (stack.sockets.iter().count() < stack.capacity).then(|| stack.sockets.add(socket))
    }

    /// Passes a TCP socket to `f`. Returns `None` if the socket was removed in [`with`](Self::with).
    pub(crate) fn tcp<R>(&self, handle: SocketHandle, f: impl FnOnce(&mut tcp::Socket<'a>) -> R) -> Option<R> {
        self.tcp_with(handle, |socket, _| f(socket))
    }

    pub(crate) fn tcp_with<R>(
        &self,
        handle: SocketHandle,
        f: impl FnOnce(&mut tcp::Socket<'a>, &mut Interface) -> R,
    ) -> Option<R> {
        self.with(|interface, sockets| match find(sockets, handle)? {
            Socket::Tcp(socket) => Some(f(socket, interface)),
            _ => None,
        })?
    }

    /// Passes a UDP socket to `f`. Returns `None` if the socket was removed in [`with`](Self::with).
    pub(crate) fn udp<R>(
        &self,
        handle: SocketHandle,
        f: impl FnOnce(&mut udp::Socket<'a>, &mut Interface) -> R,
    ) -> Option<R> {
        self.with(|interface, sockets| match find(sockets, handle)? {
            Socket::Udp(socket) => Some(f(socket, interface)),
            _ => None,
        })?
    }

    /// Returns the size of the largest datagram to or from `peer`: the one that fits in a frame.
    pub(crate) fn datagram_max(&self, peer: IpEndpoint) -> usize {
        let frame = self.stack.try_borrow().map_or(0, |stack| stack.device.capabilities().max_transmission_unit);
        frame.saturating_sub(match peer.addr {
            IpAddress::Ipv4(_) => 14 + 20 + 8,
            #[allow(unreachable_patterns, reason = "smoltcp's feature proto-ipv6 adds a variant")]
            _ => 14 + 40 + 8,
        })
    }

    /// Ends the next sleep of [`turn`](Self::turn) at `time`.
    pub(crate) fn wake_by(&self, time: Time) {
        if let Ok(mut stack) = self.stack.try_borrow_mut() {
            stack.alarm = stack.alarm.min(time);
        }
    }

    /// Returns a port from which to connect, a different one each time.
    pub(crate) fn ephemeral_port(&self) -> u16 {
        self.stack.try_borrow_mut().map_or(FIRST_EPHEMERAL, |mut stack| {
            stack.ports = stack.ports.wrapping_add(1);
            FIRST_EPHEMERAL | stack.ports
        })
    }
}

impl<D: Device> Stack<'_, D> {
    fn poll(&mut self, now: Time) -> bool {
        let Self { device, interface, sockets, news, .. } = self;
        let now = instant(now);
        interface.poll_maintenance(now);
        // One frame at a time: if it ends a connection, a server listens again before the next frame requests another.
        let came = interface.poll_ingress_single(now, device, sockets);
        let mut changed = came != PollIngressSingleResult::None;
        for _ in 0..ROUNDS {
            match interface.poll_egress(now, device, sockets) {
                PollResult::None => break,
                PollResult::SocketStateChanged => changed = true,
            }
        }
        *news |= changed;
        changed
    }

    /// Returns when the network must act even if nothing arrives.
    fn timer(&mut self, now: Time) -> Time {
        let timer = self.interface.poll_at(instant(now), &self.sockets);
        timer.map_or(Time::NEVER, |timer| Time::from_micros(timer.total_micros().try_into().unwrap_or(0)))
    }
}

fn find<'s, 'a>(sockets: &'s mut SocketSet<'a>, handle: SocketHandle) -> Option<&'s mut Socket<'a>> {
    sockets.iter_mut().find(|(other, _)| *other == handle).map(|(_, socket)| socket)
}

/// Converts an instant to smoltcp's.
fn instant(time: Time) -> Instant {
    Instant::from_micros(i64::try_from(time.as_micros()).unwrap_or(i64::MAX))
}

/// Converts an endpoint to an address of the standard library.
pub(crate) fn address(endpoint: IpEndpoint) -> SocketAddr {
    endpoint.into()
}
