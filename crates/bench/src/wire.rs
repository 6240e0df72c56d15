//! One HTTP/1.1 connection that posts and waits for the answer. It knows no more of HTTP than that needs, so that it takes
//! little of the machine that it shares with the service.

use std::io::Write as _;

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// A webhook, ready to be sent.
pub(crate) struct Webhook {
    pub(crate) body: Vec<u8>,
    pub(crate) signature: String,
}

pub(crate) struct Wire {
    stream: BufReader<TcpStream>,
    host: String,
    out: Vec<u8>,
    line: String,
    rest: Vec<u8>,
}

impl Wire {
    /// Connects to an address such as `127.0.0.1:8080`.
    pub(crate) async fn connect(host: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(host)
            .await
            .context("cannot reach the service")?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::new(stream),
            host: host.to_owned(),
            out: Vec::new(),
            line: String::new(),
            rest: Vec::new(),
        })
    }

    /// Posts a webhook; the status of the answer.
    pub(crate) async fn post(&mut self, webhook: &Webhook) -> anyhow::Result<u16> {
        self.out.clear();
        write!(
            self.out,
            "POST /webhooks/whatsapp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             X-Hub-Signature-256: {}\r\nContent-Length: {}\r\n\r\n",
            self.host,
            webhook.signature,
            webhook.body.len(),
        )?;
        self.out.extend_from_slice(&webhook.body);
        self.stream.get_mut().write_all(&self.out).await?;
        self.answer().await
    }

    async fn answer(&mut self) -> anyhow::Result<u16> {
        let mut status = None;
        let mut length = 0;
        loop {
            self.line.clear();
            if self.stream.read_line(&mut self.line).await? == 0 {
                bail!("the service closed a connection before it answered");
            }
            let line = self.line.trim_end();
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(": ") {
                if name.eq_ignore_ascii_case("content-length") {
                    length = value.parse().context("the length of an answer")?;
                }
            } else if status.is_none() {
                status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
            }
        }
        self.rest.resize(length, 0);
        self.stream.read_exact(&mut self.rest).await?;
        status.context("an answer without a status")
    }
}
