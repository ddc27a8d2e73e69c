//! Serving a table, in one thread or with workers.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use oncilla::message::{CREDENTIALS_MAX, REFUSAL_MAX};
use oncilla::{Handler, Table};

use super::buffers::Sizes;
use super::calls::Calls;
use super::connections::Connections;
use super::executor::{Executor, Here};
use super::hooks::Hooks;
use super::mailbox::{MESSAGE_MAX, Pool};
use super::programs::{ByHandler, Programs};
use super::running::Running;
use super::source::Source;
use super::workers::{Alarm, Workers};
use super::{SOURCES, Server};
use crate::{Error, Registration};

/// The largest number of workers.
const WORKERS_MAX: usize = 1024;

impl Server {
    /// Serves `table` until a [`Stopper`](crate::Stopper) or a [signal](Self::stop_on_signals) stops the server. Blocks
    /// without limit.
    ///
    /// Procedures run one at a time in this thread. A procedure that panics ends `serve` with that panic.
    ///
    /// Stopping takes at most one second, or the [limit](Self::stop_limit), beside the procedure that is running. In
    /// that time, calls that were received are answered and the replies are sent. Then all connections are closed, and
    /// further calls are not executed. A client whose call is in progress at that moment cannot know whether it was
    /// executed.
    ///
    /// A failure of one connection closes that connection and is not an error.
    ///
    /// # Errors
    /// [`Error::Nowhere`] when the server has no address. [`Error::Size`] when a limit is too large. [`Error::Watch`]
    /// when the system fails to wait. [`Error::Register`] when the programs could not be
    /// [registered](Self::register); then no client was served.
    pub fn serve<S>(&mut self, table: &Table<S>, state: &mut S) -> Result<(), Error> {
        let _registration = self.prepare(table)?;
        let hooks = self.hooks.serving(table);
        self.run(table, 1, &hooks, Here { hooks: &hooks, programs: table, state })
    }

    /// Serves `table` with `workers` threads that execute procedures. Otherwise like [`serve`](Self::serve).
    ///
    /// For procedures that wait, for example for a disk, a device or another server. Each worker has a clone of
    /// `state`, so the state is a handle of what the workers share. This thread receives calls and sends replies. The
    /// workers end when this function returns.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use std::sync::Arc;
    ///
    /// oncilla::program! { pub mod counter = 0x2000_0002, version 1 { fn next() -> u64 = 1; } }
    ///
    /// #[derive(Clone, Default)]
    /// struct Counter(Arc<AtomicU64>);
    ///
    /// impl counter::Service for Counter {
    ///     fn next(&mut self) -> u64 {
    ///         self.0.fetch_add(1, Ordering::Relaxed)
    ///     }
    /// }
    ///
    /// static TABLE: oncilla::Table<Counter> = oncilla::table![counter::program()];
    ///
    /// let mut server = oncilla_host::Server::new()?.tcp("127.0.0.1:0")?;
    /// let (address, stopper) = (server.tcp_addresses()[0], server.stopper());
    /// let serving = std::thread::spawn(move || server.serve_with_workers(4, &TABLE, Counter::default()));
    ///
    /// let mut client = oncilla_host::tcp(address)?;
    /// let mut counter = counter::Client::new(&mut client);
    /// assert_eq!((counter.next()?, counter.next()?), (0, 1));
    ///
    /// stopper.stop();
    /// serving.join().unwrap()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// **Order.** The calls of one connection run one after another, in their order. Calls of different connections,
    /// and datagrams, run in any order and at the same time.
    ///
    /// **Memory.** No call is stored beside those in the buffers of connections: while all workers are busy, a
    /// connection keeps its next call, and datagrams wait in the socket.
    ///
    /// **Stopping.** The limit of a stop holds beside all procedures that run. Replies of procedures that end after the
    /// limit are sent if the socket takes them at once.
    ///
    /// **Panics.** A procedure that panics ends the server with that panic, as in one thread. The other workers end
    /// their procedures first.
    ///
    /// **Cost.** Handing a call to another thread and back takes some microseconds. For procedures that only compute
    /// for a moment, [`serve`](Self::serve) is faster.
    ///
    /// # Errors
    /// As [`serve`](Self::serve). [`Error::Size`] also when `workers` is more than 1024.
    pub fn serve_with_workers<S: Clone + Send>(
        &mut self,
        workers: usize,
        table: &Table<S>,
        state: S,
    ) -> Result<(), Error> {
        self.serve_programs(workers, table, state)
    }

    /// Serves the calls that `handler` executes, in `workers` threads. For programs that are known only at run time.
    ///
    /// All limits, access rules, observers and replay caches hold, as with
    /// [`serve_with_workers`](Self::serve_with_workers). Each worker has a clone of `handler`, so the handler is a
    /// handle of what the workers share. [`register_programs`](Self::register_programs) registers programs with
    /// rpcbind.
    ///
    /// ```
    /// use oncilla::message::Call;
    /// use oncilla::{Handled, Handler, Needs, ProcedureId, Refusal};
    ///
    /// /// Answers NULL of any program.
    /// #[derive(Clone)]
    /// struct Nothing;
    ///
    /// impl Handler for Nothing {
    ///     fn reply_max(&self) -> usize {
    ///         32
    ///     }
    ///     fn needs(&self, _: ProcedureId) -> Needs {
    ///         Needs { results_max: 0, idempotent: true }
    ///     }
    ///     fn handle(&mut self, call: &Call<'_>, _: &mut [u8]) -> Handled {
    ///         match call.id().procedure {
    ///             0 => Handled::Results(0),
    ///             _ => Handled::Refused(Refusal::ProcedureUnavailable),
    ///         }
    ///     }
    /// }
    ///
    /// let mut server = oncilla_host::Server::new()?.tcp("127.0.0.1:0")?;
    /// let (address, stopper) = (server.tcp_addresses()[0], server.stopper());
    /// let serving = std::thread::spawn(move || server.serve_by(1, Nothing));
    ///
    /// # use oncilla::Caller;
    /// let mut client = oncilla_host::tcp(address)?;
    /// let null = ProcedureId { program: 0x2000_0001, version: 1, procedure: 0 };
    /// client.call(null, |_| Ok(()), |_| Ok(()))?;
    ///
    /// stopper.stop();
    /// serving.join().unwrap()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`serve_with_workers`](Self::serve_with_workers).
    pub fn serve_by<H: Handler + Clone + Send + Sync>(&mut self, workers: usize, handler: H) -> Result<(), Error> {
        self.serve_programs(workers, &ByHandler(handler.clone()), handler)
    }

    fn serve_programs<P: Programs<State: Clone + Send> + Sync>(
        &mut self,
        workers: usize,
        programs: &P,
        state: P::State,
    ) -> Result<(), Error> {
        if workers > WORKERS_MAX {
            return Err(Error::Size { what: "number of workers", size: workers, largest: WORKERS_MAX });
        }
        let _registration = self.prepare(programs)?;
        let hooks = self.hooks.serving(programs);
        let states = vec![state; workers.max(1)];
        let alarm = Alarm::new(self.stopper());
        thread::scope(|scope| {
            let (workers, threads) = Workers::start(scope, &hooks, programs, states, &alarm);
            let served = self.run(programs, threads.len(), &hooks, workers);
            for thread in threads {
                if let Err(panic) = thread.join() {
                    resume_unwind(panic);
                }
            }
            served
        })
    }

    /// Checks the settings. Returns the registration with rpcbind.
    fn prepare(&mut self, programs: &impl Programs) -> Result<Option<Registration>, Error> {
        if !self.has_addresses() {
            return Err(Error::Nowhere);
        }
        self.limits.check(programs.remembered_max())?;
        self.take_registration()
    }

    /// Serves until the server is stopped. At most `threads` calls run at a time.
    fn run<X: Executor>(
        &mut self,
        programs: &impl Programs,
        threads: usize,
        hooks: &Arc<Hooks>,
        executor: X,
    ) -> Result<(), Error> {
        #[cfg(feature = "keys")]
        self.lock()?;
        let Self { poll, stopper, signals, sources, limits, datagrams, connections, .. } = self;
        let call = limits.call_max.saturating_add(CREDENTIALS_MAX);
        let reply = programs.reply_max().min(limits.reply_max.max(REFUSAL_MAX));
        #[cfg(feature = "keys")]
        let (call, reply) = match self.keys {
            Some(_) => (super::lock::sealed_call(call), super::lock::sealed_reply(reply)),
            None => (call, reply),
        };
        let any_datagrams = sources.iter().any(|source| matches!(source, Source::Mailbox(_)));
        let datagrams = if any_datagrams { datagrams.of(limits.datagram_replies, programs, MESSAGE_MAX) } else { None };
        let remembered = connections.of(limits.connection_replies, programs, usize::MAX);
        let slots = Connections::new(*limits, Arc::clone(hooks), SOURCES + sources.len(), Sizes::new(call, reply));
        #[cfg(feature = "tls")]
        let slots = slots.with_tls(self.tls.clone());
        #[cfg(feature = "keys")]
        let slots = slots.with_keys(self.keys.clone());
        let running = Running {
            calls: Calls {
                executor,
                hooks: Arc::clone(hooks),
                datagrams,
                connections: remembered,
                running: Vec::new(),
            },
            pool: Pool::new(if any_datagrams { threads } else { 0 }, call, reply),
            connections: slots,
            poll,
            stopper,
            signals,
            sources,
            stop_limit: limits.stop_limit,
            #[cfg(all(feature = "systemd", target_os = "linux"))]
            manager: &mut self.manager,
            stopping: false,
        };
        running.serve().map_err(Error::Watch)
    }
}
