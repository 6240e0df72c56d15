//! `Idempotency-Key`: a repeated creation creates nothing and is answered as the first was.
//!
//! The answer is kept for 24 hours, sealed with a key that follows from the caller's own: what is stored tells nobody
//! anything, not even the secret of a token that was created. A key is bound to caller, method, address and body.

use std::time::Duration;

use actix_web::{
    Error, HttpMessage as _, HttpResponse,
    body::{BoxBody, MessageBody, to_bytes},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
    web::Bytes,
};
use onboarding_access::secret::hash_of;
use onboarding_core::{
    Draw,
    ports::{KeptAnswer, KeyReservation, ReserveOutcome},
};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Api, Caller, body};
use crate::problem::Problem;

/// The header.
const HEADER: &str = "idempotency-key";

/// How long an answer is kept.
const KEPT_FOR: Duration = Duration::from_hours(24);

/// After this time a request without an answer is taken to have died.
const BUSY_FOR: Duration = Duration::from_mins(1);

/// Headers of an answer that belong to it and not to the moment.
const KEPT_HEADERS: [header::HeaderName; 3] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG];

/// An answer as it is sealed.
#[derive(Serialize, Deserialize)]
struct Sent {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// Lets the request through unless it was answered before.
pub(super) async fn once(
    api: &Api,
    mut request: ServiceRequest,
    most_body: usize,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let key = match key_of(&request) {
        Ok(None) => return Ok(next.call(request).await?.map_into_boxed_body()),
        Ok(Some(key)) => key,
        Err(problem) => return Ok(request.into_response(problem.response())),
    };
    let reservation = match reserve(api, &mut request, most_body, &key).await {
        Ok(Reserved::Now(reservation)) => reservation,
        Ok(Reserved::Before(sent)) => return Ok(request.into_response(answer_again(&sent))),
        Err(problem) => return Ok(request.into_response(problem.response())),
    };
    let response = next.call(request).await?;
    let (request, response) = response.into_parts();
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body).await.unwrap_or_default();
    if head.status().is_success() {
        let sent = Sent {
            status: head.status().as_u16(),
            headers: kept_headers(head.headers()),
            body: bytes.to_vec(),
        };
        let kept = KeptAnswer {
            id: reservation.id,
            sealed: seal(&key, reservation.id, &sent),
        };
        if let Err(error) = api.store.keep_answer(&reservation, kept).await {
            // What was asked for is done. The same again will be told that it is under way, for a minute.
            tracing::error!(error = &error as &dyn std::error::Error, "cannot keep the answer");
        }
    } else if let Err(error) = api.store.release_key(&reservation).await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "cannot give the key back"
        );
    }
    let response = head.set_body(BoxBody::new(bytes));
    Ok(ServiceResponse::new(request, response))
}

fn key_of(request: &ServiceRequest) -> Result<Option<String>, Problem> {
    let mut given = request.headers().get_all(HEADER);
    let Some(first) = given.next() else {
        return Ok(None);
    };
    let key = first.to_str().unwrap_or_default().trim();
    let printable = key.bytes().all(|byte| byte.is_ascii_graphic());
    if given.next().is_some() || !(8..=255).contains(&key.len()) || !printable {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid-idempotency-key",
            "Idempotency-Key: send one of 8 to 255 printable characters, such as a random UUID",
        ));
    }
    Ok(Some(key.to_owned()))
}

enum Reserved {
    Now(KeyReservation),
    Before(Sent),
}

async fn reserve(
    api: &Api,
    request: &mut ServiceRequest,
    most_body: usize,
    key: &str,
) -> Result<Reserved, Problem> {
    let caller = request.extensions().get::<Caller>().cloned();
    let Some(caller) = caller else {
        return Err(Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the endpoint has no caller",
        ));
    };
    let body = body::read(request.take_payload(), most_body).await?.freeze();
    let now = api.clock.now();
    let reservation = KeyReservation {
        company: caller.principal.company.clone(),
        caller: caller.principal.key(),
        key: hash_of(&[b"idempotency key", key.as_bytes()]),
        id: Draw::from_seed(api.entropy.seed()).uuid(now),
        fingerprint: fingerprint(request, &body),
        now,
        busy_until: now + BUSY_FOR,
        expires_at: now + KEPT_FOR,
    };
    request.set_payload(Payload::from(body));
    match api.store.reserve_key(reservation.clone()).await? {
        ReserveOutcome::Reserved => Ok(Reserved::Now(reservation)),
        ReserveOutcome::Busy => Err(Problem::new(
            StatusCode::CONFLICT,
            "request-under-way",
            "the same request is under way; send it again in a moment",
        )
        .retry_after(1)),
        ReserveOutcome::OtherRequest => Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency-key-reused",
            "Idempotency-Key: it was used for another request; a new request needs a new key",
        )),
        ReserveOutcome::Answered(kept) => open(key, &kept).map(Reserved::Before).ok_or_else(|| {
            tracing::error!("a kept answer cannot be opened");
            Problem::new(
                StatusCode::CONFLICT,
                "answer-lost",
                "the request was done before, and its answer cannot be read any more; look for what it made",
            )
        }),
    }
}

fn fingerprint(request: &ServiceRequest, body: &Bytes) -> onboarding_core::access::SecretHash {
    let (method, path) = (request.method().as_str(), request.uri().to_string());
    hash_of(&[method.as_bytes(), path.as_bytes(), body])
}

fn kept_headers(headers: &header::HeaderMap) -> Vec<(String, String)> {
    let kept = KEPT_HEADERS.iter().filter_map(|name| {
        let value = headers.get(name)?.to_str().ok()?;
        Some((name.to_string(), value.to_owned()))
    });
    kept.collect()
}

fn answer_again(sent: &Sent) -> HttpResponse {
    let status = StatusCode::from_u16(sent.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    for (name, value) in &sent.headers {
        response.insert_header((name.as_str(), value.as_str()));
    }
    response.insert_header(("Idempotency-Replayed", "true"));
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    response.body(sent.body.clone())
}

/// Each answer has a key of its own, by the id of its request; so the nonce may be the same.
fn cipher(key: &str, id: Uuid) -> Option<LessSafeKey> {
    let derived = hash_of(&[b"seal of an answer", key.as_bytes(), id.as_bytes()]);
    let key = UnboundKey::new(&CHACHA20_POLY1305, derived.as_bytes()).ok()?;
    Some(LessSafeKey::new(key))
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

fn seal(key: &str, id: Uuid, sent: &Sent) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(sent).unwrap_or_default();
    let sealed = cipher(key, id).and_then(|cipher| {
        cipher
            .seal_in_place_append_tag(nonce(), Aad::empty(), &mut bytes)
            .ok()
    });
    if sealed.is_some() { bytes } else { Vec::new() }
}

fn open(key: &str, kept: &KeptAnswer) -> Option<Sent> {
    let mut bytes = kept.sealed.clone();
    let opened = cipher(key, kept.id)?
        .open_in_place(nonce(), Aad::empty(), &mut bytes)
        .ok()?;
    serde_json::from_slice(opened).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_callers_key_opens_the_answer() {
        let id = Uuid::from_u128(7);
        let sent = Sent {
            status: 201,
            headers: Vec::new(),
            body: b"lxo_secret".to_vec(),
        };
        let sealed = seal("a key of mine", id, &sent);
        assert!(!sealed.windows(4).any(|part| part == b"lxo_"));
        let kept = KeptAnswer { id, sealed };
        assert_eq!(
            open("a key of mine", &kept).map(|sent| sent.body),
            Some(sent.body)
        );
        assert!(open("a key of yours", &kept).is_none());
        let other = KeptAnswer {
            id: Uuid::from_u128(8),
            ..kept
        };
        assert!(open("a key of mine", &other).is_none());
    }
}
