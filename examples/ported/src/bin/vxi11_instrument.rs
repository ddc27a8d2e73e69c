//! A VXI-11 instrument.

use std::net::{IpAddr, Ipv4Addr};

use oncilla::rpcbind::{self, Directory, Transport};

include!(concat!(env!("OUT_DIR"), "/vxi11.rs"));
use device_core_version as core_channel;

const NO_ERROR: DeviceErrorCode = 0;
const INVALID_LINK: DeviceErrorCode = 4;
const NOT_SUPPORTED: DeviceErrorCode = 8;
const IO_TIMEOUT: DeviceErrorCode = 15;
const REASON_END: i32 = 4;

const ADDRESS: Ipv4Addr = Ipv4Addr::LOCALHOST;
const PORT: u16 = 1024;

/// An instrument with one link at a time, and what is left of its last response.
#[derive(Default)]
struct Instrument {
    lid: DeviceLink,
    response: &'static [u8],
}

impl Instrument {
    fn check(&self, lid: DeviceLink) -> DeviceErrorCode {
        if lid == self.lid { NO_ERROR } else { INVALID_LINK }
    }
}

const UNSUPPORTED: DeviceError = DeviceError { error: NOT_SUPPORTED };

impl core_channel::Service for Instrument {
    fn create_link(&mut self, _: CreateLinkParms<'_>) -> CreateLinkResp {
        self.lid = self.lid.wrapping_add(1);
        CreateLinkResp { error: NO_ERROR, lid: self.lid, abort_port: 0, max_recv_size: UNBOUNDED_BYTES as u32 }
    }

    fn device_write(&mut self, arg: DeviceWriteParms<'_>) -> DeviceWriteResp {
        let error = self.check(arg.lid);
        if error != NO_ERROR {
            return DeviceWriteResp { error, size: 0 };
        }
        self.response = match arg.data.trim_ascii() {
            b"*IDN?" => b"ONCILLA,EXAMPLE,0,1\n",
            b"MEAS?" => b"21.5\n",
            _ => b"",
        };
        DeviceWriteResp { error, size: arg.data.len() as u32 }
    }

    fn device_read(&mut self, arg: DeviceReadParms) -> DeviceReadResp<'_> {
        let error = self.check(arg.lid);
        if error != NO_ERROR || self.response.is_empty() {
            return DeviceReadResp { error: if error == NO_ERROR { IO_TIMEOUT } else { error }, reason: 0, data: b"" };
        }
        let length = self.response.len().min(arg.request_size as usize);
        let (data, rest) = self.response.split_at(length);
        self.response = rest;
        DeviceReadResp { error, reason: if rest.is_empty() { REASON_END } else { 0 }, data }
    }

    fn device_readstb(&mut self, arg: DeviceGenericParms) -> DeviceReadStbResp {
        DeviceReadStbResp { error: self.check(arg.lid), stb: 0 }
    }

    fn device_clear(&mut self, arg: DeviceGenericParms) -> DeviceError {
        self.response = b"";
        DeviceError { error: self.check(arg.lid) }
    }

    fn destroy_link(&mut self, arg: DeviceLink) -> DeviceError {
        DeviceError { error: self.check(arg) }
    }

    // This instrument has no triggers, locks, local mode, service requests and bus commands.
    fn device_trigger(&mut self, _: DeviceGenericParms) -> DeviceError {
        UNSUPPORTED
    }
    fn device_remote(&mut self, _: DeviceGenericParms) -> DeviceError {
        UNSUPPORTED
    }
    fn device_local(&mut self, _: DeviceGenericParms) -> DeviceError {
        UNSUPPORTED
    }
    fn device_lock(&mut self, _: DeviceLockParms) -> DeviceError {
        UNSUPPORTED
    }
    fn device_unlock(&mut self, _: DeviceLink) -> DeviceError {
        UNSUPPORTED
    }
    fn device_enable_srq(&mut self, _: DeviceEnableSrqParms<'_>) -> DeviceError {
        UNSUPPORTED
    }
    fn device_docmd(&mut self, _: DeviceDocmdParms<'_>) -> DeviceDocmdResp<'_> {
        DeviceDocmdResp { error: NOT_SUPPORTED, data_out: b"" }
    }
    fn create_intr_chan(&mut self, _: DeviceRemoteFunc) -> DeviceError {
        UNSUPPORTED
    }
    fn destroy_intr_chan(&mut self) -> DeviceError {
        UNSUPPORTED
    }
}

impl Directory for Instrument {
    fn services(&self) -> &[rpcbind::Service] {
        const PROGRAM: u32 = core_channel::PROGRAM;
        const { &[rpcbind::Service { program: PROGRAM, version: 1, transport: Transport::Tcp, port: PORT }] }
    }

    fn address(&self, _: Transport) -> IpAddr {
        ADDRESS.into()
    }
}

static TABLE: oncilla::Table<Instrument> = oncilla::table![core_channel::program(), rpcbind::version_2()];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = oncilla_host::Server::new()?.call_max(core_channel::CALL_MAX).stop_on_signals()?;
    let server = server.tcp((ADDRESS, rpcbind::PORT))?.udp((ADDRESS, rpcbind::PORT))?;
    server.tcp((ADDRESS, PORT))?.serve(&TABLE, &mut Instrument::default())?;
    Ok(())
}
