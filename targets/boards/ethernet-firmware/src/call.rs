//! A client of a host, on UDP and on TCP.

use core::net::SocketAddrV4;
use core::time::Duration;

use oncilla::framing::{Datagram, Record};
use oncilla::rpcbind::{PORT as RPCBIND_PORT, PortMapper, Transport};
use oncilla::{CallError, Caller, Client, Clock, Link, Retry};
use oncilla_bare::Print;
use oncilla_ethernet::{Sockets, TcpClient, TcpMemory, UdpClient, UdpMemory, smoltcp::phy::Device};
use oncilla_suite::host_1;

use crate::site::{HOST, network};

/// Bytes of the largest call and reply, including those of the port mapper.
const CALL: usize = if host_1::CALL_MAX > 128 { host_1::CALL_MAX } else { 128 };
const REPLY: usize = if host_1::REPLY_MAX > 128 { host_1::REPLY_MAX } else { 128 };

/// Bytes that smoltcp keeps of a connection, in each direction.
const WINDOW: usize = 512;

/// The total time-out of a call, and the pause between transmissions on UDP.
const TIMEOUT: Duration = Duration::from_secs(1);
const RETRY: Duration = Duration::from_millis(200);

/// The memory of [`call`], for a `static`.
pub struct CallMemory {
    sockets: Sockets<'static, 2>,
    connection: TcpMemory<0, 0, WINDOW>,
    datagrams: UdpMemory<REPLY, CALL, 2>,
    records: [[u8; Record::buffer(if CALL > REPLY { CALL } else { REPLY })]; 2],
    messages: [[u8; Datagram::buffer(if CALL > REPLY { CALL } else { REPLY })]; 2],
}

impl CallMemory {
    /// Creates empty memory.
    #[expect(clippy::new_without_default, reason = "memory is a static, which a default cannot make")]
    #[must_use]
    pub const fn new() -> Self {
        Self {
            sockets: Sockets::new(),
            connection: TcpMemory::new(),
            datagrams: UdpMemory::new(),
            records: [[0; Record::buffer(if CALL > REPLY { CALL } else { REPLY })]; 2],
            messages: [[0; _]; 2],
        }
    }
}

/// Calls a program of the host for ever, and writes the outcome to `log`.
///
/// It asks the host's port mapper for the port of the program on UDP, then calls the program on UDP and on TCP. It
/// returns only if the device is not an Ethernet device.
pub fn call<D: Device, C: Clock>(
    driver: D,
    clock: C,
    memory: &'static mut CallMemory,
    mut log: impl Print,
) -> Option<()> {
    let CallMemory { sockets, connection, datagrams, records: [record_rx, record_tx], messages: [rx, tx] } = memory;
    let network = network(driver, clock, sockets)?;
    let mut udp = UdpClient::new(&network, SocketAddrV4::new(HOST, RPCBIND_PORT), datagrams)?;
    let mut tcp = TcpClient::new(&network, connection)?;
    // The xids of each client follow those of the previous one.
    let mut xid: u32 = 0x5eed_0000;
    loop {
        for transport in [Transport::Udp, Transport::Tcp] {
            xid = xid.wrapping_add(0x1000);
            log.text(transport.netid());
            udp.set_host(SocketAddrV4::new(HOST, RPCBIND_PORT));
            let mut client = Client::new(Link::new(&mut udp, &mut rx[..], &mut tx[..]), xid);
            client.set_timeout(TIMEOUT);
            client.set_retry(Retry::every(RETRY));
            let found = PortMapper::new(&mut client).get_port(host_1::PROGRAM, host_1::VERSION, transport.protocol());
            let port = match found {
                Ok(Some(port)) => port,
                Ok(None) => {
                    log.text(": not there\n");
                    continue;
                }
                Err(error) => {
                    failed(&mut log, &error);
                    continue;
                }
            };
            let host = SocketAddrV4::new(HOST, port);
            if transport == Transport::Udp {
                udp.set_host(host);
                let mut client = Client::new(Link::new(&mut udp, &mut rx[..], &mut tx[..]), xid);
                client.set_timeout(TIMEOUT);
                client.set_retry(Retry::every(RETRY));
                double(&mut log, &mut client);
            } else if tcp.connect(host, network.now().after(TIMEOUT)).is_ok() {
                let mut client = Client::new(Link::new(&mut tcp, &mut record_rx[..], &mut record_tx[..]), xid);
                client.set_timeout(TIMEOUT);
                double(&mut log, &mut client);
                tcp.end();
            } else {
                log.text(": no connection\n");
            }
        }
    }
}

/// Calls the procedure that doubles a number.
fn double<T: Caller>(log: &mut impl Print, client: &mut T) {
    let mut host = host_1::Client::new(client);
    match host.double(21) {
        Ok(number) => log.figure(" double", number),
        Err(error) => failed(log, &error),
    }
}

fn failed<E>(log: &mut impl Print, error: &CallError<E>) {
    log.text(match error {
        CallError::TimedOut { .. } => ": timed out\n",
        CallError::Refused(_) => ": refused\n",
        _ => ": failed\n",
    });
}
