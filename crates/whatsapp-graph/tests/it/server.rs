//! A server that answers one connection with bytes of the test's choosing.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the server saw.
pub(crate) struct Seen {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn request_line(&self) -> &str {
        self.head.lines().next().unwrap()
    }
}

/// What happens once the request has been read.
pub(crate) enum Then {
    /// These bytes are written and the connection is closed.
    Answer(Vec<u8>),
    /// The connection is closed without a word.
    Close,
    /// Nothing, for as long as the client stays.
    Hang,
}

pub(crate) fn answer(status: &str, headers: &str, body: &str) -> Then {
    let length = body.len();
    Then::Answer(format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n{body}").into_bytes())
}

/// Serves one connection; returns the base address and what will have been seen.
pub(crate) async fn serve(then: Then) -> (String, JoinHandle<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let seen = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let seen = read_request(&mut stream).await;
        match then {
            // The client may hang up on an answer that is too large.
            Then::Answer(bytes) => drop(stream.write_all(&bytes).await),
            Then::Close => {}
            Then::Hang => drop(stream.read(&mut [0; 64]).await),
        }
        seen
    });
    (base, seen)
}

async fn read_request(stream: &mut TcpStream) -> Seen {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_owned();
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase()
                        .strip_prefix("content-length:")?
                        .trim()
                        .parse()
                        .ok()
                })
                .unwrap_or(0);
            if body.len() >= length {
                return Seen {
                    head,
                    body: body.to_owned(),
                };
            }
        }
        assert!(
            stream.read_buf(&mut bytes).await.unwrap() > 0,
            "client hung up: {text}"
        );
    }
}
