//! TLS on a connection: answers the probe, then begins the handshake.

use std::sync::Arc;
use std::time::Instant;

use oncilla::framing::{Framing, RecordAhead};
use oncilla::message::write_reply;
use rustls::ServerConfig;

use super::{Connection, Step};
use crate::TlsServer;
use crate::server::hooks::Closed;
use crate::server::secure::Secure;
use crate::tls::{Answer, answer};

/// Whether the client can begin TLS.
#[derive(Debug)]
pub(super) enum Offer {
    /// It cannot: the server has no certificate, or it is a Unix socket.
    None,
    /// It can, and must if the flag is set.
    Open(Arc<ServerConfig>, bool),
    /// It has probed. TLS begins when the reply has been sent.
    Accepted(Arc<ServerConfig>),
    /// TLS has begun.
    Begun,
}

impl Offer {
    /// Returns whether calls are refused now, because they are in the clear.
    pub(super) const fn is_refused(&self) -> bool {
        matches!(self, Self::Open(_, true))
    }
}

impl Connection {
    /// Lets the client begin TLS.
    pub(in crate::server) fn offer(&mut self, tls: &TlsServer) {
        self.offer = Offer::Open(Arc::clone(&tls.config), tls.required);
    }

    /// Answers the call that has arrived if its credential is AUTH_TLS. Returns whether it was.
    pub(super) fn answer_probe(&mut self) -> bool {
        let inside = match self.offer {
            Offer::None => return false,
            Offer::Open(..) => false,
            Offer::Accepted(_) | Offer::Begun => true,
        };
        let Some(answer) = answer(self.received(), inside) else { return false };
        let place = self.call.take().unwrap_or_default();
        let message = self.buffers.rx.get(place).unwrap_or_default();
        let room = RecordAhead::room(&mut self.buffers.tx);
        let length = match answer {
            Answer::Refuse(xid, refusal) => {
                let length = write_reply(xid, Err(refusal), room);
                self.visit.refused(message, length, refusal);
                length
            }
            // The smallest buffer has room for every refusal, and a refusal can be as long as this reply.
            Answer::Start(reply) => room.get_mut(..reply.len()).map(|room| {
                room.copy_from_slice(&reply);
                self.visit.probed(message, reply.len());
                self.offer = match std::mem::replace(&mut self.offer, Offer::None) {
                    Offer::Open(config, _) => Offer::Accepted(config),
                    offer => offer,
                };
                reply.len()
            }),
        };
        self.reply(length);
        true
    }

    /// Begins TLS if the client has probed. Call it when the reply has been sent.
    pub(super) fn start_tls(&mut self) -> Option<Step> {
        let Offer::Accepted(config) = &self.offer else { return None };
        // Bytes that came before the reply are not from inside TLS. They are never read as if they were.
        if self.framing.is_amid() {
            self.visit
                .not_secured("bytes came after the probe and before its reply; the client must wait for the reply");
            return Some(Step::Over(Closed::TlsFailed));
        }
        match Secure::new(config) {
            Ok(secure) => *self.stream.secure() = Some(Box::new(secure)),
            Err(error) => {
                self.visit.not_secured(&error.to_string());
                return Some(Step::Over(Closed::TlsFailed));
            }
        }
        self.offer = Offer::Begun;
        self.framing = self.sizes.framing();
        // The handshake has the time of a message.
        self.busy_since = Some(Instant::now());
        Some(Step::Again)
    }

    /// Reports the end of the handshake, or of the session. Call it after each read.
    pub(super) fn look_at_tls(&mut self) -> Option<Step> {
        let secure = self.stream.secure().as_mut()?;
        if let Some(problem) = secure.take_failure() {
            self.visit.not_secured(&problem);
            return Some(Step::Over(Closed::TlsFailed));
        }
        if let Some(certificate) = secure.take_client() {
            self.busy_since = None;
            self.known |= certificate.is_some();
            self.visit.secured(certificate);
        }
        None
    }
}
