//! Connections as the store wants them.

use std::{error::Error as _, fmt::Write as _, future::poll_fn, str::FromStr as _, time::Duration};

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};
use tokio::{sync::mpsc, time::timeout};
use tokio_postgres::{
    AsyncMessage, Client, Config, Connection, NoTls, Notification, Socket, config::Host, tls::TlsStream,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{open::OpenError, tls};

/// The whole way to a connection that answers: name, network, TLS, password.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The time limits end what a broken client or a forgotten lock would hold for ever; nothing of ours takes long. The
/// role is the one that the policies bind; a login that is no member works under its own name.
const SET_UP: &str = "
    SET statement_timeout = '15s';
    SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '15s';
    SELECT set_config('role', rolname, false) FROM pg_roles
        WHERE rolname = 'onboarding_app' AND pg_has_role(oid, 'MEMBER')";

/// Where the server is, and how to reach it.
pub(crate) struct Address {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

impl Address {
    /// Reads a URL as libpq does. `sslmode` of `require` and stricter means TLS with a certificate that is checked
    /// against `sslrootcert` or the system's roots, and against the name of the host; anything else means no TLS.
    pub(crate) fn parse(url: &str) -> Result<Self, OpenError> {
        let parts = tls::split(url);
        let mut config = Config::from_str(&parts.url).map_err(|_| OpenError::Address)?;
        if config.get_application_name().is_none() {
            config.application_name("onboarding");
        }
        config.connect_timeout(CONNECT_TIMEOUT);
        let tls = parts
            .secure
            .then(|| tls::connector(parts.root_certificates.as_deref()));
        Ok(Self {
            config,
            tls: tls.transpose()?,
        })
    }

    /// For people to read, without the password.
    pub(crate) fn shown(&self) -> String {
        let mut shown = String::new();
        for (place, host) in self.config.get_hosts().iter().enumerate() {
            let host = match host {
                Host::Tcp(name) => name.clone(),
                #[cfg(unix)]
                Host::Unix(path) => path.display().to_string(),
            };
            let ports = self.config.get_ports();
            let port = ports.get(place).or(ports.first()).copied().unwrap_or(5432);
            let comma = if place == 0 { "" } else { "," };
            // Writing into a string cannot fail.
            let _ = write!(shown, "{comma}{host}:{port}");
        }
        let _ = write!(shown, "/{}", self.config.get_dbname().unwrap_or_default());
        shown
    }

    /// A bare connection under the login's own name.
    pub(crate) async fn connect(&self) -> ConnectionResult<AsyncPgConnection> {
        let connecting = async {
            if let Some(tls) = &self.tls {
                let (client, connection) = self
                    .config
                    .connect(tls.clone())
                    .await
                    .map_err(|error| told(&error))?;
                AsyncPgConnection::try_from_client_and_connection(client, connection).await
            } else {
                let (client, connection) = self.config.connect(NoTls).await.map_err(|error| told(&error))?;
                AsyncPgConnection::try_from_client_and_connection(client, connection).await
            }
        };
        in_time(connecting).await
    }

    /// A connection that hears what other replicas announce. Its receiver ends with it.
    pub(crate) async fn connect_to_listen(
        &self,
    ) -> ConnectionResult<(Client, mpsc::UnboundedReceiver<Notification>)> {
        let connecting = async {
            if let Some(tls) = &self.tls {
                let (client, connection) = self
                    .config
                    .connect(tls.clone())
                    .await
                    .map_err(|error| told(&error))?;
                Ok((client, drive(connection)))
            } else {
                let (client, connection) = self.config.connect(NoTls).await.map_err(|error| told(&error))?;
                Ok((client, drive(connection)))
            }
        };
        in_time(connecting).await
    }

    /// A connection for the pool.
    pub(crate) async fn connect_to_work(&self) -> ConnectionResult<AsyncPgConnection> {
        let mut connection = self.connect().await?;
        connection
            .batch_execute(SET_UP)
            .await
            .map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(connection)
    }
}

async fn in_time<T>(connecting: impl Future<Output = ConnectionResult<T>>) -> ConnectionResult<T> {
    let connected = timeout(CONNECT_TIMEOUT, connecting).await;
    connected.unwrap_or_else(|_| Err(ConnectionError::BadConnection("no answer within 5 s".to_owned())))
}

/// Drives the connection until it ends, and hands on what the server announces.
fn drive<S>(mut connection: Connection<Socket, S>) -> mpsc::UnboundedReceiver<Notification>
where
    S: TlsStream + Unpin + Send + 'static,
{
    let (announce, announced) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(notification) = message
                && announce.send(notification).is_err()
            {
                break;
            }
        }
    });
    announced
}

/// With its causes, of which the driver shows only the first. None of them quotes the password.
fn told(error: &tokio_postgres::Error) -> ConnectionError {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        // Writing into a string cannot fail.
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    ConnectionError::BadConnection(text)
}
