//! Live updates as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::{HttpResponse, web};
use bytes::Bytes;
use futures_util::stream;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;

use crate::Simulator;
use crate::events::Event;

/// Longer silences make proxies and browsers give up.
const HEARTBEAT: Duration = Duration::from_secs(15);

pub(super) async fn events(simulator: web::Data<Simulator>) -> HttpResponse {
    let receiver = simulator.inner.announcer.subscribe();
    // Said at once, so that a page knows from when on it misses nothing.
    let hello = Bytes::from_static(b"retry: 1000\nevent: hello\ndata: {}\n\n");
    let updates = stream::unfold((receiver, Some(hello)), |(mut receiver, first)| async move {
        let chunk = match first {
            Some(hello) => hello,
            None => match timeout(HEARTBEAT, receiver.recv()).await {
                Err(_) => Bytes::from_static(b": still here\n\n"),
                Ok(Ok(event)) => written(&event),
                Ok(Err(RecvError::Lagged(_))) => written(&Event::Reload),
                Ok(Err(RecvError::Closed)) => return None,
            },
        };
        Some((Ok::<_, Infallible>(chunk), (receiver, None)))
    });
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        // A compressing middleware of the host would hold events back.
        .insert_header(("Content-Encoding", "identity"))
        .streaming(updates)
}

fn written(event: &Event) -> Bytes {
    let data = serde_json::to_string(event).expect("events are plain data with string keys");
    Bytes::from(format!("event: {}\ndata: {data}\n\n", event.name()))
}
