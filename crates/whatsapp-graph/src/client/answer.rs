//! Reading an answer of limited size.

use super::outcome::UnknownOutcome;

/// Longest answer read, in bytes. Answers to sends have a few hundred, listings some tens of thousands.
pub(super) const MAX_ANSWER: usize = 1024 * 1024;

/// An answer read to its end.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

pub(super) async fn read_answer(mut response: reqwest::Response) -> Result<Answer, UnknownOutcome> {
    let status = response.status().as_u16();
    let mut body = Vec::new();
    let broke = |error: reqwest::Error| UnknownOutcome::Transport(error.without_url());
    while let Some(chunk) = response.chunk().await.map_err(broke)? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(UnknownOutcome::TooLarge(status));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, body })
}
