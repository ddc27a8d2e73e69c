//! Servers: threads that receive calls, and pass them to a thread of Python, which calls methods.
//!
//! No method runs on a thread of Rust: when Python ends during a method, it ends the thread, and must find no frame of
//! Rust on its stack.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use oncilla::message::{Call, REPLY_HEADER};
use oncilla::{Handled, Handler, Needs, ProcedureId, Refusal};
use oncilla_device::connect::read_pem;
use oncilla_device::dispatch::{Called as Found, Dispatch};
use oncilla_device::failure::{Done, Failure};
use oncilla_device::listen::{Limits, Listening, Place, Until};
use oncilla_device::refusal;
use oncilla_device::settings::{LinkKey, Settings, Suite};
use oncilla_host::TlsServer;
use oncilla_host::keys::KeyServer;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use serde_json::Value;

use crate::errors::{Class, failed, in_python};
use crate::interface::{Interface, Loaded};
use crate::plan::Room;

/// The largest message that fits a datagram with its seal.
const DATAGRAM_MAX: usize = 65_507 - 22;

/// How long a call waits for its method before it looks whether the server has given up.
const LOOK: Duration = Duration::from_millis(50);

/// How often a stop looks whether the server has ended.
const PAUSE: Duration = Duration::from_millis(5);

/// How long the server may take to end after it has given up its calls.
const GIVE_UP: Duration = Duration::from_secs(3);

/// The end of a server. Clones share it.
#[derive(Clone, Default)]
struct End(Arc<(Mutex<bool>, Condvar)>);

impl Until for End {
    fn has_come(&self) -> bool {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, time: Duration) -> bool {
        let guard = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        // It fails if a thread has panicked with the lock, which changes nothing.
        let waited = self.0.1.wait_timeout_while(guard, time, |ended| !*ended);
        waited.map_or_else(|_| true, |(ended, _)| *ended)
    }

    fn end(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }
}

/// What all handlers of a server share.
struct Shared {
    dispatch: Dispatch,
    loaded: Arc<Loaded>,
    /// Where the thread of Python takes calls, one at a time.
    calls: Sender<Job>,
    /// Set when the calls that run are given up.
    given_up: Arc<AtomicBool>,
}

/// A call that a method answers.
struct Job {
    index: usize,
    id: ProcedureId,
    arguments: Value,
    /// The size of the largest results in bytes.
    results_max: usize,
    outcome: SyncSender<Outcome>,
}

#[derive(Clone)]
struct Answering {
    shared: Arc<Shared>,
    reply_max: usize,
}

/// The outcome of a method.
enum Outcome {
    Results(Value),
    /// Without a reply, as of a one-way procedure.
    Silent,
    Refused(Refusal),
}

impl Handler for Answering {
    fn reply_max(&self) -> usize {
        self.reply_max
    }

    fn needs(&self, _: ProcedureId) -> Needs {
        Needs { results_max: self.reply_max.saturating_sub(REPLY_HEADER), idempotent: false }
    }

    fn handle(&mut self, call: &Call<'_>, results: &mut [u8]) -> Handled {
        self.shared.handle(call, results).unwrap_or_else(Handled::Refused)
    }
}

impl Shared {
    fn handle(&self, call: &Call<'_>, results: &mut [u8]) -> Result<Handled, Refusal> {
        call.check_credential().map_err(Refusal::Authentication)?;
        let id = call.id();
        let bytes = match self.dispatch.find(id)? {
            Found::Null if call.arguments().is_empty() => Vec::new(),
            Found::Null => return Err(Refusal::GarbageArguments),
            Found::Description => self.dispatch.describe(id, call.arguments())?,
            Found::Procedure(procedure) => {
                let arguments = procedure.decode_arguments(call.arguments()).map_err(|_| Refusal::GarbageArguments)?;
                let value = match self.run(id, arguments, results.len()) {
                    Outcome::Results(value) => value,
                    Outcome::Silent => return Ok(Handled::Silent),
                    Outcome::Refused(refusal) => return Err(refusal),
                };
                procedure.encode_results(&value).map_err(|error| {
                    self.report(id, &format!("the results do not fit the interface: {error}"));
                    Refusal::SystemError
                })?
            }
        };
        let Some(room) = results.get_mut(..bytes.len()) else {
            self.report(id, &format!("the results take {} bytes; a reply has room for {}", bytes.len(), results.len()));
            return Err(Refusal::SystemError);
        };
        room.copy_from_slice(&bytes);
        Ok(Handled::Results(bytes.len()))
    }

    /// Waits for what the method of a procedure returns.
    fn run(&self, id: ProcedureId, arguments: Value, results_max: usize) -> Outcome {
        let failed = Outcome::Refused(Refusal::SystemError);
        let Some(index) = self.loaded.index(id) else { return failed };
        let (outcome, returned) = mpsc::sync_channel(1);
        if self.calls.send(Job { index, id, arguments, results_max, outcome }).is_err() {
            return failed;
        }
        loop {
            match returned.recv_timeout(LOOK) {
                Ok(outcome) => return outcome,
                Err(RecvTimeoutError::Timeout) if !self.given_up.load(Ordering::Acquire) => {}
                Err(_) => return failed,
            }
        }
    }

    /// Logs why a call was refused.
    fn report(&self, id: ProcedureId, why: &str) {
        let name = self.loaded.index(id).and_then(|index| self.loaded.procedures.get(index));
        let name = name.map_or("", |planned| planned.whole.as_str());
        // Python may be ending.
        let _ = Python::try_attach(|py| log(py, &format!("{name}: {why}")));
    }
}

fn log(py: Python<'_>, line: &str) {
    let logged = py
        .import("logging")
        .and_then(|logging| logging.call_method1("getLogger", ("oncilla_rpc.server",)))
        .and_then(|logger| logger.call_method1("error", ("%s", line)));
    if let Err(error) = logged {
        error.write_unraisable(py, None);
    }
}

/// A call that a method answers.
#[pyclass(frozen, module = "oncilla_rpc._native")]
pub struct Called {
    loaded: Arc<Loaded>,
    index: usize,
    results_max: usize,
    outcome: SyncSender<Outcome>,
    /// The name of the procedure with that of its program, such as `oven.read`.
    #[pyo3(get)]
    name: String,
    /// The numbers of program, version and procedure.
    #[pyo3(get)]
    numbers: (u32, u32, u32),
    /// The arguments.
    #[pyo3(get)]
    arguments: Py<PyTuple>,
}

#[pymethods]
impl Called {
    /// Answers the call: with results, a refusal by its name, or no reply.
    fn answer(
        &self,
        py: Python<'_>,
        results: &Bound<'_, PyAny>,
        refusal: Option<&str>,
        is_silent: bool,
    ) -> PyResult<()> {
        let outcome = match refusal {
            _ if is_silent => Outcome::Silent,
            Some(name) => Outcome::Refused(refusal::named(name).unwrap_or(Refusal::SystemError)),
            None => {
                let planned = self.loaded.procedures.get(self.index);
                // XDR has no element of an array below 4 bytes.
                let room = Room::of_message(self.results_max, 4, "Server");
                match self.loaded.plan.returned(planned.and_then(|planned| planned.result), results, &room) {
                    Ok(value) => Outcome::Results(value),
                    Err(misfit) => {
                        let error = misfit.error(py);
                        let why = error.value(py);
                        log(py, &format!("{}: the results do not fit the interface: {why}", self.name));
                        Outcome::Refused(Refusal::SystemError)
                    }
                }
            }
        };
        // It fails if the server has given up the call.
        let _ = self.outcome.try_send(outcome);
        Ok(())
    }
}

/// The arguments of `oncilla_rpc.Server`.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Options {
    key: Option<PathBuf>,
    suite: Option<String>,
    cert: Option<PathBuf>,
    cert_key: Option<PathBuf>,
    ca: Option<PathBuf>,
    message_max: usize,
    connections: usize,
}

impl Options {
    fn check(&self, py: Python<'_>) -> PyResult<()> {
        let wrong =
            |name: &str, what: &str| Err(Class::BadValue.error(py, &format!("`{name}`: {what}"), &[], Some(name)));
        if !(64..=1 << 28).contains(&self.message_max) {
            return wrong("message_max", "expected a number from 64 to 268435456");
        }
        if !(1..=1 << 16).contains(&self.connections) {
            return wrong("connections", "expected a number from 1 to 65536");
        }
        if self.suite.is_some() && self.key.is_none() {
            return wrong("suite", "it belongs to a key, and none is given");
        }
        match (&self.cert, &self.cert_key, &self.ca) {
            (Some(_), Some(_), _) | (None, None, None) => Ok(()),
            (None, None, Some(_)) => wrong("ca", "it belongs to `cert` and `cert_key`, and none is given"),
            _ => wrong("cert", "TLS needs both `cert` and `cert_key`"),
        }
    }

    /// Returns the keys, of which clients need one.
    fn keys(&self) -> Done<Option<KeyServer>> {
        let Some(file) = &self.key else { return Ok(None) };
        // The choices of a key belong to settings, which have a target; this one is not used.
        let target = "tcp://127.0.0.1:1".parse().map_err(|what: String| Failure::usage(what))?;
        let mut settings = Settings::of(target);
        if let Some(name) = &self.suite {
            let expected = || Failure::usage("`suite`: expected \"light\" or \"forward-secret\"");
            settings.suite.value = Suite::named(name).ok_or_else(expected)?;
        }
        LinkKey::read(file)?.server(&settings).map(Some)
    }

    /// Reads the files of TLS.
    fn tls(&self) -> Done<Option<TlsServer>> {
        let (Some(cert), Some(key)) = (&self.cert, &self.cert_key) else { return Ok(None) };
        let wrong = |error| Failure::usage(format_args!("{} with the key {}: {error}", cert.display(), key.display()));
        let tls = TlsServer::new(read_pem(cert)?, read_pem(key)?).map_err(wrong)?;
        let Some(ca) = &self.ca else { return Ok(Some(tls)) };
        let wrong = |error| Failure::usage(format_args!("{}: {error}", ca.display()));
        tls.require_client_certificates(read_pem(ca)?).map(Some).map_err(wrong)
    }
}

/// A running server.
#[pyclass(frozen, module = "oncilla_rpc._native")]
pub struct Serving {
    targets: Vec<String>,
    end: End,
    loaded: Arc<Loaded>,
    /// What the thread of Python takes.
    calls: Mutex<Option<Receiver<Job>>>,
    given_up: Arc<AtomicBool>,
    threads: Mutex<Vec<JoinHandle<Result<(), String>>>>,
    /// The process that has started the threads. A child of it has none.
    process: u32,
}

#[pymethods]
impl Serving {
    /// Starts to serve an interface at places. `options` are the keyword arguments of `oncilla_rpc.Server`.
    #[staticmethod]
    fn start(py: Python<'_>, interface: &Interface, places: Vec<String>, options: Options) -> PyResult<Self> {
        options.check(py)?;
        let loaded = Arc::clone(&interface.loaded);
        let dispatch =
            Dispatch::new(loaded.dynamic.clone(), loaded.text.clone()).map_err(|error| failed(py, &error))?;
        let parse = |place: &String| {
            place.parse::<Place>().map_err(|what| Class::BadValue.error(py, &in_python(&what), &[], Some("listen")))
        };
        let places = places.iter().map(parse).collect::<PyResult<Vec<_>>>()?;
        if places.is_empty() {
            let what = "`listen`: expected at least one place, such as \"tcp://127.0.0.1:0\"";
            return Err(Class::BadValue.error(py, what, &[], Some("listen")));
        }
        let opened = open(&places, &options).map_err(|failure| failed(py, &failure))?;
        let mut targets: Vec<_> = opened.iter().flat_map(|(listening, _)| listening.targets()).collect();
        let kinds = ["tcp", "udp", "unix"];
        targets.sort_by_key(|target| kinds.iter().position(|kind| target.starts_with(kind)).unwrap_or(kinds.len()));
        let (sender, receiver) = mpsc::channel();
        let given_up = Arc::new(AtomicBool::new(false));
        let shared =
            Arc::new(Shared { dispatch, loaded: Arc::clone(&loaded), calls: sender, given_up: Arc::clone(&given_up) });
        let end = End::default();
        let mut threads = Vec::new();
        for (listening, reply_max) in opened {
            let (until, shared) = (end.clone(), Arc::clone(&shared));
            let serve = move || {
                let handler = |_: Option<&str>| Answering { shared: Arc::clone(&shared), reply_max };
                listening.serve(handler, &|_| (), &until).map_err(|failure| failure.to_string())
            };
            threads.push(thread::Builder::new().name("oncilla server".to_owned()).spawn(serve)?);
        }
        let (calls, threads) = (Mutex::new(Some(receiver)), Mutex::new(threads));
        Ok(Self { targets, end, loaded, calls, given_up, threads, process: std::process::id() })
    }

    /// Returns what waits for the calls of the server, for one thread of Python.
    fn calls(&self) -> Calls {
        let receiver = self.calls.lock().unwrap_or_else(PoisonError::into_inner).take();
        Calls { loaded: Arc::clone(&self.loaded), receiver: Mutex::new(receiver) }
    }

    /// The targets by which the server is called.
    #[getter]
    fn targets(&self) -> Vec<String> {
        self.targets.clone()
    }

    /// Whether the server was stopped.
    #[getter]
    fn stopped(&self) -> bool {
        self.end.has_come()
    }

    /// Stops the server, and waits for the method that runs, for at most `timeout` seconds. Returns whether it has ended.
    ///
    /// Without `timeout` it does not wait.
    #[pyo3(signature = (timeout = None))]
    fn stop(&self, py: Python<'_>, timeout: Option<f64>) -> PyResult<bool> {
        if self.process != std::process::id() {
            return Ok(true);
        }
        self.end.end();
        let Some(timeout) = timeout else { return Ok(false) };
        let deadline = Instant::now() + Duration::try_from_secs_f64(timeout).unwrap_or_default();
        let mut is_in_time = self.wait(py, deadline)?;
        if !is_in_time {
            self.given_up.store(true, Ordering::Release);
            self.wait(py, Instant::now() + GIVE_UP)?;
        } else if self.given_up.load(Ordering::Acquire) {
            is_in_time = false;
        }
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        for thread in threads.extract_if(.., |thread| thread.is_finished()) {
            match thread.join() {
                Ok(Ok(())) => {}
                Ok(Err(what)) => return Err(Class::Disconnected.error(py, &what, &[], None)),
                Err(_) => {
                    let what = "the thread of the server has panicked";
                    return Err(pyo3::exceptions::PyRuntimeError::new_err(what));
                }
            }
        }
        Ok(is_in_time)
    }
}

impl Serving {
    /// Waits until all threads have ended. Returns whether they have.
    fn wait(&self, py: Python<'_>, deadline: Instant) -> PyResult<bool> {
        loop {
            py.check_signals()?;
            let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
            if threads.iter().all(JoinHandle::is_finished) {
                return Ok(true);
            }
            drop(threads);
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            py.detach(|| thread::sleep(left.min(PAUSE)));
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.end.end();
    }
}

/// Opens places. Returns them with their largest replies: those on UDP must fit datagrams.
fn open(places: &[Place], options: &Options) -> Done<Vec<(Listening, usize)>> {
    let (udp, others): (Vec<_>, Vec<_>) = places.iter().cloned().partition(|place| matches!(place, Place::Udp(_)));
    let (keys, tls) = (options.keys()?, options.tls()?);
    if let (Some(Place::Udp(address)), true) = (udp.first(), tls.is_some()) {
        return Err(Failure::usage(format_args!("udp://{address} cannot be served inside TLS"))
            .help("serve it by another server, or use a key, which applies to every place"));
    }
    let limits = Limits { connections: options.connections, idle: None, workers: 4, call_max: options.message_max };
    let mut opened = Vec::new();
    for (places, most) in [(others, options.message_max), (udp, options.message_max.min(DATAGRAM_MAX))] {
        if !places.is_empty() {
            opened.push((Listening::open(&places, limits, tls.clone(), keys.clone())?, most));
        }
    }
    Ok(opened)
}

/// Waits for the calls of a server.
#[pyclass(frozen, module = "oncilla_rpc._native")]
pub struct Calls {
    loaded: Arc<Loaded>,
    receiver: Mutex<Option<Receiver<Job>>>,
}

#[pymethods]
impl Calls {
    /// Waits for a call. Returns `None` when the server has ended.
    fn next(&self, py: Python<'_>) -> PyResult<Option<Called>> {
        loop {
            let received = py.detach(|| {
                self.receiver
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .as_ref()
                    .and_then(|calls| calls.recv().ok())
            });
            let Some(Job { index, id, arguments, results_max, outcome }) = received else { return Ok(None) };
            let Some(planned) = self.loaded.procedures.get(index) else { continue };
            match self.loaded.plan.taken_arguments(py, &planned.arguments, arguments) {
                Ok(arguments) => {
                    let numbers = (id.program, id.version, id.procedure);
                    let (loaded, name) = (Arc::clone(&self.loaded), planned.whole.clone());
                    let arguments = arguments.unbind();
                    return Ok(Some(Called { loaded, index, results_max, outcome, name, numbers, arguments }));
                }
                Err(error) => {
                    log(py, &format!("{}: the arguments have no values in Python: {}", planned.whole, error.value(py)));
                    let _ = outcome.try_send(Outcome::Refused(Refusal::SystemError));
                }
            }
        }
    }
}
