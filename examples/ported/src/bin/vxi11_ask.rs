//! Sends a command to a VXI-11 instrument and prints the response.

use std::error::Error;
use std::time::Duration;

use oncilla::rpcbind::{self, PortMapper, Transport};

include!(concat!(env!("OUT_DIR"), "/vxi11.rs"));
use device_core_version as core_channel;

/// The time-out of the instrument in milliseconds. The call has one second more.
const IO_TIMEOUT: u32 = 3000;
const FLAG_END: DeviceFlags = 8;
const REASON_END: i32 = 4;

/// An instrument reports its own errors in the results.
fn check(error: DeviceErrorCode) -> Result<(), Box<dyn Error>> {
    if error == 0 { Ok(()) } else { Err(format!("the instrument reports error {error}").into()) }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, host, command] = &arguments[..] else { return Err("usage: ask HOST COMMAND".into()) };

    let mut mapper = oncilla_host::udp((host.as_str(), rpcbind::PORT))?;
    let tcp = Transport::Tcp.protocol();
    let port = PortMapper::new(&mut mapper).get_port(core_channel::PROGRAM, core_channel::VERSION, tcp)?;
    let port = port.ok_or("the host has no VXI-11 instrument")?;

    let mut client = oncilla_host::tcp((host.as_str(), port))?;
    client.set_timeout(Duration::from_millis(u64::from(IO_TIMEOUT) + 1000));
    let mut instrument = core_channel::Client::new(&mut client);
    let link = CreateLinkParms { client_id: 1, lock_device: false, lock_timeout: 0, device: "inst0" };
    let link = instrument.create_link(link)?;
    check(link.error)?;

    let lid = link.lid;
    let data = command.as_bytes();
    let write = DeviceWriteParms { lid, io_timeout: IO_TIMEOUT, lock_timeout: 0, flags: FLAG_END, data };
    check(instrument.device_write(write)?.error)?;

    let read = DeviceReadParms {
        lid,
        request_size: UNBOUNDED_BYTES as u32,
        io_timeout: IO_TIMEOUT,
        lock_timeout: 0,
        flags: 0,
        term_char: 0,
    };
    let mut response = Vec::new();
    loop {
        let piece = instrument.device_read(read.clone())?;
        check(piece.error)?;
        response.extend_from_slice(piece.data);
        if piece.reason & REASON_END != 0 {
            break;
        }
    }
    print!("{}", String::from_utf8_lossy(&response));
    check(instrument.destroy_link(lid)?.error)
}
