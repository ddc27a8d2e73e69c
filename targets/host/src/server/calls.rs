//! Begins and ends calls: access rules, the replay caches, then the procedures.

use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::sync::Arc;

use oncilla::__private::Identity;
use oncilla::{Remembers, SharedReplayMemory};

use super::executor::{Executor, Needs};
use super::hooks::{Hooks, Origin, Sender};
use super::job::{Destination, Job};

/// A replay cache of a server.
pub(super) type Cache = SharedReplayMemory<Box<[u8]>>;

/// What decides about calls, and where procedures run.
pub(super) struct Calls<'a, X> {
    pub(super) executor: X,
    pub(super) hooks: Arc<Hooks>,
    pub(super) datagrams: Option<&'a mut Cache>,
    pub(super) connections: Option<&'a mut Cache>,
    /// The keys of the calls that run in other threads. As many at most as there are workers.
    pub(super) running: Vec<Identity>,
}

/// How far a call is after `begin`.
#[derive(Debug)]
pub(super) enum Begun {
    /// It has been executed or refused, or its reply was remembered.
    Ended(Job),
    /// It runs in another thread.
    Runs,
    /// It repeats a call that still runs.
    Repeats(Job),
}

impl<X: Executor> Calls<'_, X> {
    /// Begins a call that has the given needs.
    pub(super) fn begin(&mut self, mut job: Job, needs: Needs) -> Begun {
        if job.refuse(&self.hooks) {
            return Begun::Ended(job);
        }
        if let Some(xid) = needs.remembered
            && let Some(cache) = cache(&job, &mut self.datagrams, &mut self.connections)
        {
            if job.recall(cache, xid, &self.hooks) {
                return Begun::Ended(job);
            }
            if job.identity.is_some_and(|identity| self.running.contains(&identity)) {
                return Begun::Repeats(job);
            }
            if X::CONCURRENT {
                self.running.extend(job.identity);
            }
        }
        match self.executor.execute(job) {
            Some(job) => Begun::Ended(self.remember(job)),
            None => Begun::Runs,
        }
    }

    /// Returns a call that has ended in another thread.
    pub(super) fn ended(&mut self) -> Option<Job> {
        self.executor.ended().map(|job| self.remember(job))
    }

    /// Waits until a call has ended in another thread. Returns `None` when none runs.
    pub(super) fn wait(&mut self) -> Option<Job> {
        self.executor.wait().map(|job| self.remember(job))
    }

    /// Stores the reply to a call that has ended.
    fn remember(&mut self, job: Job) -> Job {
        let Some(identity) = job.identity else { return job };
        self.running.retain(|running| *running != identity);
        if job.ran
            && let Some(cache) = cache(&job, &mut self.datagrams, &mut self.connections)
        {
            cache.remember(&identity, job.reply());
        }
        job
    }
}

/// Returns the replay cache for a call.
fn cache<'c>(
    job: &Job,
    datagrams: &'c mut Option<&mut Cache>,
    connections: &'c mut Option<&mut Cache>,
) -> Option<&'c mut Cache> {
    match job.destination {
        Destination::Datagram { .. } => datagrams.as_deref_mut(),
        Destination::Connection(_) => connections.as_deref_mut(),
    }
}

/// Returns the address that a replay cache compares. Under a key it is that key: a client may call from another address, and
/// the cache also compares its boot number.
///
/// A client that connects again has another port. On Unix sockets the user counts: as the scope of no address. Inside
/// TLS the certificate counts, so that no other client gets a reply that is remembered for it.
pub(super) fn key_peer(sender: &Sender) -> Option<SocketAddr> {
    #[cfg(feature = "keys")]
    if let Some(sender) = sender.key {
        return Some(SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, 3, 0, sender.key.0.into()).into());
    }
    #[cfg(feature = "tls")]
    if let Some(certificate) = &sender.certificate {
        let (address, rest) = certificate.fingerprint().split_first_chunk::<16>()?;
        let scope = u32::from_be_bytes(*rest.first_chunk()?);
        return Some(SocketAddrV6::new(Ipv6Addr::from(*address), 2, 0, scope).into());
    }
    match sender.origin {
        Origin::Udp(peer) => Some(peer),
        Origin::Tcp(mut peer) => {
            peer.set_port(0);
            Some(peer)
        }
        Origin::Tls(mut peer) => {
            peer.set_port(1);
            Some(peer)
        }
        Origin::Unix { uid: Some(uid) } => Some(SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, 0, 0, uid).into()),
        Origin::Unix { uid: None } => Some(SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 1)),
    }
}
