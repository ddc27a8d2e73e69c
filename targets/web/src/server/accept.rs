//! Accepts connections, and serves each in a task.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

/// The most connections at a time. Further ones wait.
const CONNECTIONS: usize = 64;

/// How long a TLS handshake may take, and the head of a request.
const PATIENCE: Duration = Duration::from_secs(10);

/// The most bytes of the head of a request.
const HEAD_MAX: usize = 16 << 10;

/// The pause after a connection that could not be accepted, for example because files are used up.
const PAUSE: Duration = Duration::from_millis(100);

/// Returns the settings of TLS for a certificate and its key, both as PEM.
///
/// # Errors
/// They are no PEM, or do not belong together.
pub fn tls(certificate: &[u8], key: &[u8]) -> Result<Arc<ServerConfig>, Box<dyn std::error::Error + Send + Sync>> {
    let chain = CertificateDer::pem_slice_iter(certificate).collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(key)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_protocol_versions(&[&rustls::version::TLS13])?;
    let mut config = config.with_no_client_auth().with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Accepts connections for ever.
pub async fn all(listener: TcpListener, router: Router, tls: Option<Arc<ServerConfig>>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let acceptor = tls.map(TlsAcceptor::from);
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(_) => {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        // Small messages are sent at once. A connection that is lost already fails when it is read.
        let _ = stream.set_nodelay(true);
        let (router, acceptor) = (router.clone(), acceptor.clone());
        tokio::spawn(async move {
            let _place = place;
            // Why a browser's connection has failed interests nobody but the browser.
            let _ = match acceptor {
                None => serve(stream, router).await,
                Some(acceptor) => match tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await {
                    Ok(Ok(stream)) => serve(stream, router).await,
                    Ok(Err(error)) => Err(error),
                    Err(late) => Err(late.into()),
                },
            };
        });
    }
}

/// Serves the requests of one connection.
async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, router: Router) -> io::Result<()> {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(PATIENCE).max_buf_size(HEAD_MAX);
    let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    connection.with_upgrades().await.map_err(io::Error::other)
}
