//! A server that speaks TLS.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::{PermissionsExt as _, chown},
};

use crate::{Cluster, FAST, Own, other_user};

/// A server that shows a certificate, reached by TCP: there is no TLS on sockets of the file system. Gone when it is
/// dropped.
pub struct Secure {
    // Stops with it.
    _server: Own,
    port: u16,
}

impl Secure {
    /// One with this certificate and its key, both as PEM.
    pub fn new(certificate: &str, key: &str) -> Self {
        let cluster = Cluster::for_one_test();
        let file = |name: &str, text: &str| {
            let path = cluster.folder.join(name);
            fs::write(&path, text).expect("a file for the server");
            // The server refuses a key that others may read.
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("our own file");
            if let Some((user, group)) = other_user() {
                chown(&path, Some(user), Some(group)).expect("the right to give the file away");
            }
            path.display().to_string()
        };
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.expect("a free port").port();
        let own = [
            "ssl=on".to_owned(),
            format!("ssl_cert_file={}", file("server.crt", certificate)),
            format!("ssl_key_file={}", file("server.key", key)),
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={port}"),
        ];
        let settings: Vec<&str> = FAST
            .iter()
            .copied()
            .chain(own.iter().map(String::as_str))
            .collect();
        cluster.start(&settings);
        Self {
            _server: Own(cluster),
            port,
        }
    }

    /// Where a database of this server is, under a name of this machine.
    pub fn url(&self, host: &str, database: &str) -> String {
        format!("postgres://postgres@{host}:{}/{database}", self.port)
    }
}
