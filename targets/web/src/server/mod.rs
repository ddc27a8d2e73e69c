//! The page on HTTP, and calls of devices for it on a WebSocket.
//!
//! Each device has a thread, which makes its calls one after another. Browsers are served by an event loop. The protocol of the
//! WebSocket is that of `page/socket.js`: texts with JSON.

mod accept;
mod device;
mod guard;
mod pages;
mod session;
mod token;
mod worker;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use oncilla_device::connect::How;
use oncilla_device::settings::Settings;
use oncilla_dynamic::Interface;

use crate::panels::Panels;

pub use accept::tls;
pub use token::Token;

use device::Devices;
use guard::Names;

/// A device that the page shows.
pub struct Device {
    /// Its name on the page.
    pub name: String,
    /// How it is reached.
    pub settings: Settings,
    /// What sees the connection. Its `reconnect`, `show` and `again` are set here.
    pub how: How,
    /// Its interface. Without one, the device is asked for it.
    pub interface: Option<Interface>,
    /// The panels of its maker.
    pub panels: Option<Arc<Panels>>,
}

/// Which procedures the page may call.
#[derive(Clone, Debug, Default)]
pub enum Allowed {
    /// All.
    #[default]
    All,
    /// Those of these names, such as `sensor.read`, and procedure 0 of each program, which does nothing.
    These(Vec<String>),
}

/// What a server serves.
pub struct Options {
    /// The devices, in the order of the page.
    pub devices: Vec<Device>,
    /// The procedures that the page may call.
    pub allowed: Allowed,
    /// What a page must present. `None` serves everybody who can connect.
    pub token: Option<Token>,
    /// Under which names browsers reach the server, besides its address.
    pub names: Vec<String>,
    /// Serves inside TLS.
    pub tls: Option<Arc<rustls::ServerConfig>>,
}

/// What all connections share.
struct Shared {
    devices: Devices,
    token: Option<Token>,
    names: Names,
    is_tls: bool,
}

/// A server of the page.
pub struct Server {
    listener: TcpListener,
    options: Options,
}

impl Server {
    /// Listens at an address.
    ///
    /// # Errors
    /// The system's error: another program listens at the address, or this machine does not have it.
    pub fn bind(address: SocketAddr, options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener, options })
    }

    /// Returns the address, with the port that the system has chosen.
    ///
    /// # Errors
    /// The system does not state it.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `is_over` returns `true`, which is asked several times a second.
    ///
    /// # Errors
    /// No threads can be started.
    pub fn serve(self, is_over: impl Fn() -> bool) -> io::Result<()> {
        let Options { devices, allowed, token, names, tls } = self.options;
        let names = Names::new(self.listener.local_addr()?, &names);
        let is_tls = tls.is_some();
        let devices = Devices::start(devices, allowed)?;
        let shared = Arc::new(Shared { devices, token, names, is_tls });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(self.listener)?;
            let accepting = tokio::spawn(accept::all(listener, pages::router(shared), tls));
            while !is_over() {
                tokio::time::sleep(MOMENT).await;
            }
            accepting.abort();
            io::Result::Ok(())
        })?;
        // Calls that are under way are not waited for.
        runtime.shutdown_background();
        Ok(())
    }
}

/// How often the end is checked.
const MOMENT: Duration = Duration::from_millis(100);
