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

/// Rounds of sending in one turn: a turn ends.
const ROUNDS: usize = 16;

/// The ports from which connections are made (RFC 6335 §6).
const FIRST_EPHEMERAL: u16 = 49_152;

/// One Ethernet interface: its driver, its clock, and the sockets of servers and clients, all of one thread.
///
/// Nothing goes out and nothing comes in but in [`turn`](Self::turn) and while a client waits.
pub struct Network<'a, D, C> {
    stack: RefCell<Stack<'a, D>>,
    clock: RefCell<C>,
}

struct Stack<'a, D> {
    device: D,
    interface: Interface,
    sockets: SocketSet<'a>,
    /// How many sockets there can be.
    capacity: usize,
    /// When a server has something to do though nothing comes.
    alarm: Time,
    /// Something has happened since the servers last looked: not in a turn, but while a client waited.
    news: bool,
    /// Counted up for each connection that is made from here.
    ports: u16,
}

impl<'a, D: Device, C: Clock> Network<'a, D, C> {
    /// An interface of which `mac` is the address, with room for `N` sockets: one for each server or
    /// client. `None` when the device is not one of Ethernet. It has no IP address yet.
    ///
    /// The clock's `idle` must return when a frame has come. From `seed` come what others should not guess, such as the
    /// first sequence number of a connection: it should be another after every start, such as a boot counter mixed
    /// with noise of an analog input.
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
        // Another after every start, or a host may take a new connection for one that it still remembers.
        let ports = seed as u16;
        let stack = Stack { device, interface, sockets, capacity: N, alarm: Time::NEVER, news: false, ports };
        Some(Self { stack: RefCell::new(stack), clock: RefCell::new(clock) })
    }

    /// Gives the interface this IPv4 address alone, in a network of so many bits (32 at most).
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

    /// Sends what is for other networks by way of this machine.
    pub fn set_gateway(&self, address: impl Into<Ipv4Addr>) {
        let address = address.into();
        self.with(|interface, _| {
            // There is room for one unless somebody has filled the table by `with`.
            let _ = interface.routes_mut().add_default_ipv4_route(address);
        });
    }

    /// The interface and its sockets, for what is not done here: IPv6, DHCP, sockets of one's own, which
    /// [`turn`](Self::turn) moves along with the others. `None` within another `with`.
    pub fn with<R>(&self, f: impl FnOnce(&mut Interface, &mut SocketSet<'a>) -> R) -> Option<R> {
        let mut stack = self.stack.try_borrow_mut().ok()?;
        let Stack { interface, sockets, .. } = &mut *stack;
        Some(f(interface, sockets))
    }

    /// The present instant.
    pub fn now(&self) -> Time {
        self.clock.try_borrow_mut().map_or(Time::ZERO, |mut clock| clock.now())
    }

    /// Receives a frame and sends what sockets have to send; when there is nothing to do, sleeps once, until something
    /// comes, a timer of the network or of a server ends, or the clock's `idle` returns for reasons of its own.
    ///
    /// It is the beginning of the loop of a firmware that serves: then every server looks for calls.
    pub fn turn(&self) {
        self.turn_until(Time::NEVER);
    }

    /// The same, sleeping until `deadline` at most.
    pub fn turn_until(&self, deadline: Time) {
        self.poll();
        if !self.take_news() {
            let alarm = self.stack.try_borrow_mut().map(|mut stack| core::mem::replace(&mut stack.alarm, Time::NEVER));
            self.sleep(deadline.min(alarm.unwrap_or(Time::NEVER)));
            self.poll();
            // The servers look now.
            self.take_news();
        }
    }

    /// What a client does until `deadline` at most: a turn of which the servers do not know. Their next one does not sleep if
    /// anything has happened in this.
    pub(crate) fn wait(&self, deadline: Time) {
        if !self.poll() {
            self.sleep(deadline);
            self.poll();
        }
    }

    /// Receives a frame and sends, without waiting. Returns whether anything happened, so that there may be more to do.
    pub fn poll(&self) -> bool {
        let now = self.now();
        self.stack.try_borrow_mut().is_ok_and(|mut stack| stack.poll(now))
    }

    /// Sleeps once, until `until` or a timer of the network ends.
    fn sleep(&self, until: Time) {
        let now = self.now();
        let timer = self.stack.try_borrow_mut().map_or(Time::NEVER, |mut stack| stack.timer(now));
        if let Ok(mut clock) = self.clock.try_borrow_mut() {
            clock.idle(until.min(timer));
        }
    }

    /// Whether anything has happened since this was last asked.
    fn take_news(&self) -> bool {
        self.stack.try_borrow_mut().is_ok_and(|mut stack| core::mem::take(&mut stack.news))
    }

    /// Adds a socket, if there is room.
    pub(crate) fn add<T: AnySocket<'a>>(&self, socket: T) -> Option<SocketHandle> {
        let mut stack = self.stack.try_borrow_mut().ok()?;
        (stack.sockets.iter().count() < stack.capacity).then(|| stack.sockets.add(socket))
    }

    /// Does something with a socket on TCP. `None` if it is gone: somebody has removed it by [`with`](Self::with).
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

    /// The same on UDP.
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

    /// The most bytes of a datagram to or from `peer`: what fits in a frame.
    pub(crate) fn datagram_max(&self, peer: IpEndpoint) -> usize {
        let frame = self.stack.try_borrow().map_or(0, |stack| stack.device.capabilities().max_transmission_unit);
        frame.saturating_sub(match peer.addr {
            IpAddress::Ipv4(_) => 14 + 20 + 8,
            #[allow(unreachable_patterns, reason = "there is another with smoltcp's feature proto-ipv6")]
            _ => 14 + 40 + 8,
        })
    }

    /// Ends a [`turn`](Self::turn) at `time`, once.
    pub(crate) fn wake_by(&self, time: Time) {
        if let Ok(mut stack) = self.stack.try_borrow_mut() {
            stack.alarm = stack.alarm.min(time);
        }
    }

    /// A port from which to connect, another each time.
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
        // One frame at a time: when it ends a connection, a server listens again before the next frame asks for another.
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

    /// When the network has something to do though nothing comes.
    fn timer(&mut self, now: Time) -> Time {
        let timer = self.interface.poll_at(instant(now), &self.sockets);
        timer.map_or(Time::NEVER, |timer| Time::from_micros(timer.total_micros().try_into().unwrap_or(0)))
    }
}

fn find<'s, 'a>(sockets: &'s mut SocketSet<'a>, handle: SocketHandle) -> Option<&'s mut Socket<'a>> {
    sockets.iter_mut().find(|(other, _)| *other == handle).map(|(_, socket)| socket)
}

/// An instant of smoltcp's.
fn instant(time: Time) -> Instant {
    Instant::from_micros(i64::try_from(time.as_micros()).unwrap_or(i64::MAX))
}

/// An address as the rest of the world has it.
pub(crate) fn address(endpoint: IpEndpoint) -> SocketAddr {
    endpoint.into()
}
