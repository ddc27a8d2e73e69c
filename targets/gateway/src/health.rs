//! Health and metrics on a local address: `GET /health`, `GET /metrics`.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
#[cfg(unix)]
use std::os::unix::{
    fs::FileTypeExt,
    net::{UnixListener, UnixStream},
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::metrics::Metrics;
use crate::settings::Listen;

/// The largest header of a request in bytes.
const REQUEST_MAX: usize = 8 << 10;

/// How long a request and its reply may take.
const LIMIT: Duration = Duration::from_secs(2);

/// What health states.
#[derive(Debug, Default)]
pub(crate) struct Status {
    pub(crate) connected: AtomicBool,
    pub(crate) stopping: AtomicBool,
    pub(crate) configured: AtomicUsize,
    pub(crate) held: AtomicUsize,
    pub(crate) online: AtomicUsize,
}

impl Status {
    /// Returns whether the gateway works, and its state in JSON.
    fn report(&self) -> (bool, String) {
        let connected = self.connected.load(Ordering::Relaxed);
        let stopping = self.stopping.load(Ordering::Relaxed);
        let number = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        let devices =
            json!({"configured": number(&self.configured), "held": number(&self.held), "online": number(&self.online)});
        let healthy = connected && !stopping;
        let report = json!({"healthy": healthy, "broker": connected, "stopping": stopping, "devices": devices});
        (healthy, format!("{report}\n"))
    }
}

/// A thread that answers. It ends with this value.
#[derive(Debug)]
pub(crate) struct Health {
    at: Listen,
    done: Arc<AtomicBool>,
}

impl Drop for Health {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Release);
        // The thread waits for a connection.
        match &self.at {
            Listen::Tcp(address) => drop(TcpStream::connect_timeout(address, Duration::from_millis(200))),
            #[cfg(unix)]
            Listen::Unix(path) => {
                drop(UnixStream::connect(path));
                let _ = std::fs::remove_file(path);
            }
            #[cfg(not(unix))]
            Listen::Unix(_) => {}
        }
    }
}

/// Answers on a local address from now on.
///
/// # Errors
/// The address is in use, or may not be used.
pub(crate) fn serve(at: &Listen, status: Arc<Status>, metrics: Metrics) -> io::Result<Health> {
    let done = Arc::new(AtomicBool::new(false));
    let (at, until) = match at {
        Listen::Tcp(address) => {
            let listener = TcpListener::bind(address)?;
            let at = Listen::Tcp(listener.local_addr()?);
            let until = Arc::clone(&done);
            let answer = move || accept(&until, || listener.accept().map(|(stream, _)| stream), &status, &metrics);
            thread::Builder::new().name("health".to_owned()).spawn(answer)?;
            (at, done)
        }
        #[cfg(unix)]
        Listen::Unix(path) => {
            // The socket of a gateway that was killed is in the way.
            let old = std::fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket());
            if old && UnixStream::connect(path).is_err() {
                std::fs::remove_file(path)?;
            }
            let listener = UnixListener::bind(path)?;
            let until = Arc::clone(&done);
            let answer = move || accept(&until, || listener.accept().map(|(stream, _)| stream), &status, &metrics);
            thread::Builder::new().name("health".to_owned()).spawn(answer)?;
            (at.clone(), done)
        }
        #[cfg(not(unix))]
        Listen::Unix(_) => return Err(io::ErrorKind::Unsupported.into()),
    };
    Ok(Health { at, done: until })
}

impl Health {
    /// Returns where it answers. A port 0 of the settings is the port that the system chose.
    pub(crate) const fn address(&self) -> &Listen {
        &self.at
    }
}

/// A connection with time-outs.
trait Timed: Read + Write {
    fn limit(&self, left: Duration) -> io::Result<()>;
}

impl Timed for TcpStream {
    fn limit(&self, left: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(left))?;
        self.set_write_timeout(Some(left))
    }
}

#[cfg(unix)]
impl Timed for UnixStream {
    fn limit(&self, left: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(left))?;
        self.set_write_timeout(Some(left))
    }
}

fn accept<S: Timed>(done: &AtomicBool, mut next: impl FnMut() -> io::Result<S>, status: &Status, metrics: &Metrics) {
    while !done.load(Ordering::Acquire) {
        match next() {
            // Who asks sees a failure, and asks again.
            Ok(mut stream) => drop(reply(&mut stream, status, metrics)),
            // Too many files are open, perhaps.
            Err(_) => thread::sleep(Duration::from_millis(100)),
        }
    }
}

/// Replies to one request.
fn reply(stream: &mut impl Timed, status: &Status, metrics: &Metrics) -> io::Result<()> {
    let until = Instant::now() + LIMIT;
    let mut request = Vec::new();
    let mut part = [0; 1024];
    // The header of a request ends with an empty line.
    while !request.windows(4).any(|end| end == b"\r\n\r\n") && request.len() < REQUEST_MAX {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.limit(left)?;
        match stream.read(&mut part)? {
            0 => break,
            length => request.extend_from_slice(part.get(..length).unwrap_or_default()),
        }
    }
    stream.limit(LIMIT)?;
    let path = path(&request);
    let (code, kind, text) = match path {
        Some("/health") => {
            let (healthy, report) = status.report();
            (if healthy { "200 OK" } else { "503 Service Unavailable" }, "application/json", report)
        }
        Some("/metrics") => ("200 OK", Metrics::CONTENT_TYPE, metrics.text()),
        Some(_) => ("404 Not Found", "text/plain", "there are /health and /metrics\n".to_owned()),
        None => ("400 Bad Request", "text/plain", "ask by GET /health or GET /metrics\n".to_owned()),
    };
    let length = text.len();
    write!(
        stream,
        "HTTP/1.1 {code}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
    )
}

/// Returns the path of a request, without its query.
fn path(request: &[u8]) -> Option<&str> {
    let line = request.split(|byte| *byte == b'\r').next()?;
    let mut words = std::str::from_utf8(line).ok()?.split(' ');
    let (method, path) = (words.next()?, words.next()?);
    (method == "GET").then(|| path.split('?').next().unwrap_or(path))
}

/// Asks a gateway for its health. Returns whether it is healthy, and what it reports.
///
/// # Errors
/// Nothing answers at the address.
pub fn ask(at: &Listen) -> io::Result<(bool, String)> {
    match at {
        Listen::Tcp(address) => exchange(&mut TcpStream::connect_timeout(address, LIMIT)?),
        #[cfg(unix)]
        Listen::Unix(path) => exchange(&mut UnixStream::connect(path)?),
        #[cfg(not(unix))]
        Listen::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
    }
}

fn exchange(stream: &mut impl Timed) -> io::Result<(bool, String)> {
    stream.limit(LIMIT)?;
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: gateway\r\n\r\n")?;
    let mut reply = Vec::new();
    stream.take(64 << 10).read_to_end(&mut reply)?;
    let reply = String::from_utf8_lossy(&reply);
    let (head, body) = reply.split_once("\r\n\r\n").ok_or(io::ErrorKind::InvalidData)?;
    Ok((head.starts_with("HTTP/1.1 200 "), body.trim_end().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read() {
        assert_eq!(path(b"GET /health HTTP/1.1\r\n\r\n"), Some("/health"));
        assert_eq!(path(b"GET /metrics?x=1 HTTP/1.1\r\n"), Some("/metrics"));
        for wrong in [&b""[..], b"POST /health HTTP/1.1\r\n", b"GET", b"\xff\xff \xff"] {
            assert_eq!(path(wrong), None);
        }
    }

    #[test]
    fn health_and_metrics_are_answered_and_nothing_else() {
        let status = Arc::new(Status::default());
        let at = Listen::Tcp(([127, 0, 0, 1], 0).into());
        let health = serve(&at, Arc::clone(&status), Metrics::default()).unwrap();
        let at = health.address().clone();
        assert!(!ask(&at).unwrap().0);
        status.connected.store(true, Ordering::Relaxed);
        let (healthy, report) = ask(&at).unwrap();
        assert!(healthy && report.contains("\"online\":0"), "{report}");
        let Listen::Tcp(address) = at else { panic!() };
        // A stranger that sends nothing of use costs one connection.
        let mut stranger = TcpStream::connect(address).unwrap();
        stranger.write_all(&[b'x'; REQUEST_MAX + 1]).unwrap();
        let mut answer = String::new();
        let _ = stranger.read_to_string(&mut answer);
        assert!(ask(&Listen::Tcp(address)).unwrap().0);
        drop(health);
        assert!(ask(&Listen::Tcp(address)).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn the_socket_of_a_killed_gateway_is_replaced_and_that_of_a_running_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = Listen::Unix(folder.path().join("health.sock"));
        let Listen::Unix(path) = &at else { panic!() };
        drop(UnixListener::bind(path).unwrap());
        let health = serve(&at, Arc::default(), Metrics::default()).unwrap();
        assert!(serve(&at, Arc::default(), Metrics::default()).is_err());
        assert!(!ask(&at).unwrap().0);
        drop(health);
        assert!(!path.exists());
    }
}
