//! TLS to the server: rustls with ring, never OpenSSL.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::open::OpenError;

/// What a URL says, with what the driver does not know taken out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    /// For the driver.
    pub(crate) url: String,
    /// Whether TLS is asked for.
    pub(crate) secure: bool,
    /// The file of `sslrootcert`.
    pub(crate) root_certificates: Option<String>,
}

/// Splits a URL. The driver knows the modes `disable`, `prefer` and `require` only, and no `sslrootcert`.
pub(crate) fn split(url: &str) -> Parts {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let mut parts = Parts {
        url: String::new(),
        secure: false,
        root_certificates: None,
    };
    let mut rest = Vec::new();
    for option in query.split('&').filter(|option| !option.is_empty()) {
        match option.split_once('=') {
            Some(("sslmode", mode)) => parts.secure = matches!(mode, "require" | "verify-ca" | "verify-full"),
            Some(("sslrootcert", file)) => parts.root_certificates = Some(file.replace("%2F", "/")),
            _ => rest.push(option),
        }
    }
    rest.push(if parts.secure {
        "sslmode=require"
    } else {
        "sslmode=disable"
    });
    parts.url = format!("{address}?{}", rest.join("&"));
    parts
}

/// What speaks TLS on a connection. The certificate is always checked: a mode that only encrypts would trust whoever
/// sits in between.
pub(crate) fn connector(root_certificates: Option<&str>) -> Result<MakeRustlsConnect, OpenError> {
    let mut roots = RootCertStore::empty();
    if let Some(file) = root_certificates {
        let unreadable = |_| OpenError::RootCertificates(file.to_owned());
        let certificates = CertificateDer::pem_file_iter(Path::new(file)).map_err(unreadable)?;
        for certificate in certificates {
            let added = roots.add(certificate.map_err(unreadable)?);
            added.map_err(|_| OpenError::RootCertificates(file.to_owned()))?;
        }
    } else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| OpenError::Tls(error.into()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strict_modes_ask_for_tls_and_the_others_do_not() {
        for (mode, secure) in [
            ("disable", false),
            ("prefer", false),
            ("require", true),
            ("verify-ca", true),
            ("verify-full", true),
        ] {
            let parts = split(&format!("postgres://a:b@c/d?connect_timeout=3&sslmode={mode}"));
            let mode = if secure { "require" } else { "disable" };
            assert_eq!(
                parts.url,
                format!("postgres://a:b@c/d?connect_timeout=3&sslmode={mode}")
            );
            assert_eq!(parts.secure, secure);
        }
        assert!(!split("postgres://a:b@c/d").secure);
    }

    #[test]
    fn a_file_of_roots_is_ours_to_read() {
        let parts = split("postgres://c/d?sslmode=verify-full&sslrootcert=/etc/roots.pem");
        assert_eq!(parts.url, "postgres://c/d?sslmode=require");
        assert_eq!(parts.root_certificates.as_deref(), Some("/etc/roots.pem"));
    }
}
