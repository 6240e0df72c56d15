//! A simulator that serves alone, for tests.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::ops::Deref;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, rt};

use crate::Simulator;

/// A simulator with its own server on a thread of its own. Dropping it stops both.
#[derive(Debug)]
pub struct RunningSimulator {
    /// The root of the server, for example `http://127.0.0.1:40123`, without a slash at the end.
    pub base_url: String,
    simulator: Simulator,
    server: ServerHandle,
}

impl RunningSimulator {
    pub(crate) fn start(simulator: Simulator, address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let (started, start) = std::sync::mpsc::channel();
        let mounted = simulator.clone();
        std::thread::Builder::new()
            .name("whatsapp-simulator-http".to_owned())
            .spawn(move || {
                rt::System::new().block_on(async move {
                    let server = HttpServer::new(move || {
                        let simulator = mounted.clone();
                        App::new().configure(move |app| simulator.configure(app))
                    })
                    .workers(2)
                    .disable_signals()
                    .shutdown_timeout(0)
                    .listen(listener)
                    .map(HttpServer::run);
                    match server {
                        Ok(server) => {
                            let _ = started.send(Ok(server.handle()));
                            if let Err(error) = server.await {
                                tracing::error!(%error, "the simulator's server ended");
                            }
                        }
                        Err(error) => drop(started.send(Err(error))),
                    }
                });
            })?;
        let server = start.recv().map_err(io::Error::other)??;
        Ok(Self {
            base_url,
            simulator,
            server,
        })
    }

    /// Where a service finds its Graph API: the value for its Graph base address, without a version.
    pub fn graph_url(&self) -> String {
        format!("{}/simulator/graph", self.base_url)
    }

    /// The simulator, to keep or clone.
    pub fn simulator(&self) -> &Simulator {
        &self.simulator
    }
}

impl Deref for RunningSimulator {
    type Target = Simulator;

    fn deref(&self) -> &Simulator {
        &self.simulator
    }
}

impl Drop for RunningSimulator {
    fn drop(&mut self) {
        self.simulator.stop();
        // The command is sent when `stop` is called; its future would only wait for the end.
        drop(self.server.stop(false));
    }
}
