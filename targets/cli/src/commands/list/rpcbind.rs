//! The programs that an rpcbind knows: version 4, or 3, or the port mapper.

use std::io;

use oncilla::CallError;
use oncilla::rpcbind::{Binding, Mapping, PortMapper, RpcBind, Transport, universal};

use super::table::Found;
use crate::connect::Device;
use crate::failure::Done;

/// Returns the programs that the device's rpcbind knows.
pub fn dump(device: &mut Device) -> Done<Vec<Found>> {
    Ok(dump_by_version(device)?)
}

/// Returns the programs that the device's rpcbind knows. `None` if there is no rpcbind.
pub fn dump_if_served(device: &mut Device) -> Done<Option<Vec<Found>>> {
    match dump_by_version(device) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_unserved() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn dump_by_version(device: &mut Device) -> Result<Vec<Found>, CallError<io::Error>> {
    let mut found = Vec::new();
    match RpcBind::version_4(&mut *device).dump(|binding| found.push(of_binding(&binding))) {
        Err(error) if error.is_unserved() => {}
        done => return done.map(|()| found),
    }
    match RpcBind::version_3(&mut *device).dump(|binding| found.push(of_binding(&binding))) {
        Err(error) if error.is_unserved() => {}
        done => return done.map(|()| found),
    }
    PortMapper::new(device).dump(|mapping| found.push(of_mapping(mapping)))?;
    Ok(found)
}

fn of_binding(binding: &Binding<'_>) -> Found {
    Found {
        transport: Some(binding.netid.to_owned()),
        address: Some(binding.address.to_owned()),
        owner: Some(binding.owner.to_owned()),
        ..Found::new(binding.program, Some(binding.version), "rpcbind")
    }
}

fn of_mapping(mapping: Mapping) -> Found {
    let transport = Transport::ALL.into_iter().find(|transport| transport.protocol() == mapping.protocol);
    let netid = transport.map_or_else(|| format!("protocol {}", mapping.protocol), |one| one.netid().to_owned());
    // The port mapper knows no addresses, only ports.
    let address = u16::try_from(mapping.port).ok().map(|port| universal(([0, 0, 0, 0], port).into()).to_string());
    Found { transport: Some(netid), address, ..Found::new(mapping.program, Some(mapping.version), "port mapper") }
}
