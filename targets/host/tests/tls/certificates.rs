//! Certificates that are made for one run of the tests.

use std::path::{Path, PathBuf};
use std::sync::{LazyLock, atomic::AtomicU32, atomic::Ordering};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};

/// The name of the server.
pub const SERVER: &str = "plant.example";

/// The name in the certificate of the client.
pub const CLIENT: &str = "meter-7.plant.example";

/// A certificate, and its key.
pub struct Pair {
    pub certificate: String,
    pub key: String,
}

pub struct Certificates {
    /// The authority of servers and clients.
    pub authority: String,
    /// An authority that nobody trusts.
    pub other_authority: String,
    pub server: Pair,
    pub client: Pair,
    /// A certificate that the other authority signed.
    pub stranger: Pair,
    /// A certificate that the authority signed, and that has expired.
    pub old: Pair,
}

pub static CERTIFICATES: LazyLock<Certificates> = LazyLock::new(|| {
    let (authority, other) = (authority("Authority"), authority("Other authority"));
    Certificates {
        server: signed(&authority, &[SERVER, "127.0.0.1"], |_| {}),
        client: signed(&authority, &[CLIENT], |_| {}),
        stranger: signed(&other, &[CLIENT], |_| {}),
        old: signed(&authority, &[SERVER], |params| {
            params.not_before = rcgen::date_time_ymd(2001, 1, 1);
            params.not_after = rcgen::date_time_ymd(2002, 1, 1);
        }),
        authority: authority.pem(),
        other_authority: other.pem(),
    }
});

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn signed(
    authority: &CertifiedIssuer<'static, KeyPair>,
    names: &[&str],
    change: impl FnOnce(&mut CertificateParams),
) -> Pair {
    let mut params = CertificateParams::new(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()).unwrap();
    params.use_authority_key_identifier_extension = true;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    Pair { certificate: certificate.pem(), key: key.serialize_pem() }
}

/// A folder with one file for each text, removed at the end.
pub struct Files(PathBuf);

impl Files {
    pub fn new(texts: &[(&str, &str)]) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("oncilla-tls-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in texts {
            std::fs::write(folder.join(name), text).unwrap();
        }
        Self(folder)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
