//! Queued elements without a wire format.

use std::sync::{Mutex, MutexGuard, PoisonError};

use onboarding_core::{
    InboundEvent,
    ports::{DecodeError, InboundDecoder},
};

/// Hands events out as payloads and knows them again: no wire format comes between a test and the service.
#[derive(Debug, Default)]
pub struct LiteralDecoder(Mutex<Vec<InboundEvent>>);

impl LiteralDecoder {
    /// The payload that stands for the event; equal events have equal payloads.
    pub fn encode(&self, event: InboundEvent) -> Vec<u8> {
        let mut known = self.known();
        let place = known.iter().position(|one| *one == event).unwrap_or_else(|| {
            known.push(event);
            known.len() - 1
        });
        format!("event {place}").into_bytes()
    }

    fn known(&self) -> MutexGuard<'_, Vec<InboundEvent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl InboundDecoder for LiteralDecoder {
    fn decode(&self, payload: &[u8]) -> Result<InboundEvent, DecodeError> {
        let text = String::from_utf8_lossy(payload);
        let place = text
            .strip_prefix("event ")
            .and_then(|place| place.parse::<usize>().ok());
        let event = place.and_then(|place| self.known().get(place).cloned());
        event.ok_or_else(|| DecodeError(format!("`{text}` was never encoded")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_knows_what_it_encoded_and_nothing_else() {
        let decoder = LiteralDecoder::default();
        let event = |name: &str| InboundEvent::Other(name.to_owned());
        let (one, two) = (decoder.encode(event("one")), decoder.encode(event("two")));
        assert_eq!(decoder.encode(event("one")), one, "equal events, equal payloads");
        assert_eq!(decoder.decode(&two).unwrap(), event("two"));
        assert!(decoder.decode(b"event 9").is_err() && decoder.decode(b"\xff").is_err());
    }
}
