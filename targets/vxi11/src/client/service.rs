//! Service requests: the instrument calls this machine.

use std::fmt;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use oncilla::message::Call;
use oncilla::{Handled, Handler, Needs, ProcedureId, Reader, Refusal, Xdr};
use oncilla_host::{Server, Stopper};

use super::{Client, Error, check};
use crate::interface::{DeviceEnableSrqParms, DeviceRemoteFunc, DeviceSrqParms, device_intr_version as channel};

/// Requests that are kept. More of them are one: the instrument wants service.
const KEPT: usize = 16;

/// `device_intr_srq`.
const REQUEST: u32 = 30;

/// The service requests of an instrument. Made by [`Client::service_requests`].
///
/// Dropping it closes the socket on which the instrument calls.
pub struct ServiceRequests {
    requests: Receiver<()>,
    stopper: Stopper,
    thread: Option<JoinHandle<()>>,
}

impl ServiceRequests {
    /// Waits for the next request. Returns `false` if none came within `timeout`.
    ///
    /// The instrument sends the next one when its [status byte](Client::status_byte) was read.
    #[must_use]
    pub fn wait(&self, timeout: Duration) -> bool {
        match self.requests.recv_timeout(timeout) {
            Ok(()) => true,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => false,
        }
    }
}

impl Drop for ServiceRequests {
    fn drop(&mut self) {
        self.stopper.stop();
        if let Some(thread) = self.thread.take() {
            // A panic was reported by its thread.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for ServiceRequests {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ServiceRequests").finish_non_exhaustive()
    }
}

impl Client {
    /// Lets the instrument call this machine when it requests service.
    ///
    /// Listens on a TCP port that the system chooses, and accepts calls of the instrument only. What requests service
    /// is set in the instrument, for instance by `*SRE 16`.
    ///
    /// # Errors
    /// [`Error::Instrument`]: the instrument cannot connect, or has no service requests; or a call failed.
    pub fn service_requests(&mut self) -> Result<ServiceRequests, Error> {
        let (own, instrument) = self.addresses()?;
        let IpAddr::V4(address) = own else {
            return Err(Error::Instrument { operation: "create_intr_chan", code: crate::ErrorCode::INVALID_ADDRESS });
        };
        let handle = self.link.lid.to_be_bytes();
        let mut server = Server::new().and_then(|server| server.tcp((own, 0))).map_err(Error::Connect)?;
        let port = server.tcp_addresses().first().map_or(0, SocketAddr::port);
        let stopper = server.stopper();
        let (sender, requests) = sync_channel(KEPT);
        let handler = Requests { sender, instrument, handle };
        let serve = move || {
            // It ends when it is stopped.
            let _ = server.serve_by(1, handler);
        };
        let failed = |source| Error::Connect(oncilla_host::Error::Watch(source));
        let thread = std::thread::Builder::new().name("vxi11-requests".into()).spawn(serve).map_err(failed)?;
        let requests = ServiceRequests { requests, stopper, thread: Some(thread) };

        let parameters = DeviceRemoteFunc {
            host_addr: address.to_bits(),
            host_port: port,
            prog_num: channel::PROGRAM,
            prog_vers: channel::VERSION,
            prog_family: 0,
        };
        let made = self.core().create_intr_chan(parameters).map_err(Error::call("create_intr_chan"))?;
        check("create_intr_chan", made.error)?;
        self.enable(true, &handle)?;
        Ok(requests)
    }

    /// Ends service requests: the instrument closes its connection.
    ///
    /// # Errors
    /// [`Error::Instrument`], or a call failed.
    pub fn end_service_requests(&mut self, requests: ServiceRequests) -> Result<(), Error> {
        self.enable(false, b"")?;
        let ended = self.core().destroy_intr_chan().map_err(Error::call("destroy_intr_chan"))?;
        drop(requests);
        check("destroy_intr_chan", ended.error)
    }

    fn enable(&mut self, enable: bool, handle: &[u8]) -> Result<(), Error> {
        let parameters = DeviceEnableSrqParms { lid: self.link.lid, enable, handle };
        let done = self.core().device_enable_srq(parameters).map_err(Error::call("device_enable_srq"))?;
        check("device_enable_srq", done.error)
    }

    /// Returns the address of this machine by which it reaches the instrument, and that of the instrument.
    fn addresses(&self) -> Result<(IpAddr, IpAddr), Error> {
        let at = (self.host.as_str(), self.link.core_port);
        let failed = |source| Error::Connect(oncilla_host::Error::Resolve { address: self.host.clone(), source });
        let instrument = at.to_socket_addrs().map_err(failed)?.find(SocketAddr::is_ipv4);
        let instrument = instrument.ok_or_else(|| failed(std::io::ErrorKind::Unsupported.into()))?;
        // Sends nothing: the system only looks up the route.
        let socket = UdpSocket::bind("0.0.0.0:0").and_then(|socket| socket.connect(instrument).map(|()| socket));
        let own = socket.and_then(|socket| socket.local_addr()).map_err(failed)?;
        Ok((own.ip(), instrument.ip()))
    }
}

/// The program that the instrument calls.
#[derive(Clone)]
struct Requests {
    sender: SyncSender<()>,
    instrument: IpAddr,
    handle: [u8; 4],
}

impl Handler for Requests {
    fn reply_max(&self) -> usize {
        64
    }

    fn needs(&self, _: ProcedureId) -> Needs {
        Needs { results_max: 0, idempotent: true }
    }

    fn handle(&mut self, call: &Call<'_>, _: &mut [u8]) -> Handled {
        if call.peer().map(|peer| peer.ip().to_canonical()) != Some(self.instrument) {
            return Handled::Dropped;
        }
        let ProcedureId { program, version, procedure } = call.id();
        match (program, version, procedure) {
            (channel::PROGRAM, channel::VERSION, 0) => Handled::Results(0),
            (channel::PROGRAM, channel::VERSION, REQUEST) => {
                let mut arguments = Reader::new(call.arguments());
                match arguments.take::<Xdr, DeviceSrqParms<'_>>() {
                    Ok(request) if request.handle == self.handle => {
                        // If as many are kept already, one more would say nothing new.
                        let _ = self.sender.try_send(());
                        Handled::Results(0)
                    }
                    // Of a link that is closed by now.
                    Ok(_) => Handled::Results(0),
                    Err(_) => Handled::Refused(Refusal::GarbageArguments),
                }
            }
            (channel::PROGRAM, channel::VERSION, _) => Handled::Refused(Refusal::ProcedureUnavailable),
            (channel::PROGRAM, ..) => Handled::Refused(Refusal::ProgramMismatch { low: 1, high: 1 }),
            _ => Handled::Refused(Refusal::ProgramUnavailable),
        }
    }
}
