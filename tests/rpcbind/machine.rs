//! A machine with a list of services.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use oncilla::message::{CallHeader, OpaqueAuth};
use oncilla::rpcbind::{self, Directory, Service, Transport};
use oncilla::{ProcedureId, Refusal, Table, answer};

pub struct Machine {
    pub services: Vec<Service>,
    pub address: IpAddr,
    pub address_6: IpAddr,
    pub time: u32,
    pub asked_over: Option<Transport>,
}

impl Machine {
    pub fn new(services: impl IntoIterator<Item = Service>) -> Self {
        let (address, address_6) = (Ipv4Addr::new(192, 0, 2, 7).into(), Ipv6Addr::LOCALHOST.into());
        Self { services: services.into_iter().collect(), address, address_6, time: 0, asked_over: None }
    }

    /// Returns the answer to a call: the results, the refusal, or no reply.
    pub fn ask(&mut self, version: u32, procedure: u32, arguments: &[u8]) -> Option<Result<Vec<u8>, Refusal>> {
        let id = ProcedureId { program: rpcbind::PROGRAM, version, procedure };
        let header = CallHeader { xid: 7, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
        let mut call = vec![0; header.size()];
        header.write(&mut call).unwrap();
        call.extend(arguments);
        let mut reply = vec![0xc5; TABLE.reply_max()];
        let length = answer(&TABLE, self, &call, &mut reply)?;
        let reply = oncilla::message::Reply::parse(&reply[..length]).unwrap();
        assert_eq!(reply.xid, 7);
        Some(reply.outcome.map(<[u8]>::to_vec))
    }

    /// Returns the results of a call that must have results.
    pub fn results(&mut self, version: u32, procedure: u32, arguments: &[u8]) -> Vec<u8> {
        self.ask(version, procedure, arguments).expect("a reply").expect("results")
    }
}

impl Directory for Machine {
    fn services(&self) -> &[Service] {
        &self.services
    }
    fn address(&self, transport: Transport) -> IpAddr {
        if transport.is_ipv6() { self.address_6 } else { self.address }
    }
    fn asked_over(&self) -> Option<Transport> {
        self.asked_over
    }
    fn time(&self) -> u32 {
        self.time
    }
}

pub static TABLE: Table<Machine> = oncilla::table![rpcbind::version_2(), rpcbind::version_3(), rpcbind::version_4()];
