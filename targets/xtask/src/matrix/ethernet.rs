//! The suite on TCP and UDP.

use std::{
    io,
    net::{Ipv4Addr, TcpStream, UdpSocket},
    path::Path,
};

use anyhow::Result;
use oncilla::framing::{Datagram, RecordAhead};
use oncilla_host::Socket;
use oncilla_suite::{
    Parts,
    checks::{self, Board},
};

use super::{LIMIT, entries::Reported};
use crate::{boards::Model, firmware_tests::ethernet::Forwarded};

/// The parts of the suite that the firmware serves.
const PARTS: Parts = Parts::TYPES.and(Parts::BULK).and(Parts::POSTCARD).and(Parts::REPLAY);

/// Boots a firmware and runs the checks over its Ethernet.
pub fn check(model: &Model, file: &Path) -> Result<Vec<Reported>> {
    let Forwarded { tcp, udp, board: _board } = Forwarded::boot(model, file, LIMIT)?;
    let expected = Board::new(PARTS);
    let connection = || -> io::Result<Socket<RecordAhead>> {
        let stream = TcpStream::connect(tcp)?;
        stream.set_nodelay(true)?;
        Ok(stream.into())
    };
    let datagrams = || -> io::Result<Socket<Datagram>> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.connect(udp)?;
        Ok(socket.into())
    };
    Ok(vec![
        Reported { carrier: "TCP", report: checks::run(&expected, connection) },
        Reported { carrier: "UDP", report: checks::run(&expected, datagrams) },
    ])
}
