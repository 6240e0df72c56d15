//! JSON bodies: of a type, of a size, each key once, nothing unknown.

use std::{collections::HashSet, fmt};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{StatusCode, header},
    web::BytesMut,
};
use futures_util::{StreamExt as _, future::LocalBoxFuture};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, SeqAccess, Visitor},
};

use crate::problem::Problem;

/// The largest JSON body that is taken, in bytes.
pub const MAX_JSON: usize = 64 * 1024;

/// A JSON body, as an argument of handlers. `T` must refuse what it does not know (`deny_unknown_fields`); a test
/// looks at every schema of the table.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let typed = is_json(request);
        let payload = payload.take();
        Box::pin(async move {
            typed?;
            let bytes = read(payload, MAX_JSON).await?;
            parse(&bytes).map(Self)
        })
    }
}

fn is_json(request: &HttpRequest) -> Result<(), Problem> {
    if is_of(request, "application/json") {
        Ok(())
    } else {
        Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "wrong-content-type",
            "send the body as UTF-8 with `Content-Type: application/json`",
        ))
    }
}

/// Whether the body is announced as of this type, in UTF-8.
pub(super) fn is_of(request: &HttpRequest, kind: &str) -> bool {
    let given = request.headers().get(header::CONTENT_TYPE);
    let text = given.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = text.split(';').map(str::trim);
    let is_kind = parts.next().is_some_and(|given| given.eq_ignore_ascii_case(kind));
    let utf8 = parts.all(|part| {
        part.split_once('=').is_none_or(|(name, value)| {
            !name.eq_ignore_ascii_case("charset") || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
    });
    is_kind && utf8
}

/// The whole body, up to `limit` bytes.
pub(crate) async fn read(mut payload: Payload, limit: usize) -> Result<BytesMut, Problem> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "body-unreadable",
                "the body ended before its announced length",
            )
        })?;
        if body.len() + chunk.len() > limit {
            let detail = format!("a body has {limit} bytes at the most");
            return Err(Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "body-too-large",
                detail,
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Reads a body of ours. What is no JSON is 400; JSON that says something impossible is 422 and names the field.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let unique = Unique::deserialize(&mut reader).and_then(|_| reader.end());
    unique.map_err(|error| {
        let kind = if error.is_data() {
            "duplicate-key"
        } else {
            "invalid-json"
        };
        let detail = format!("the body is no JSON that can be taken: {error}");
        Problem::new(StatusCode::BAD_REQUEST, kind, detail)
    })?;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let field = pointer(error.path());
        // What serde says of a wrong value may repeat it; what is sent goes back to its sender only.
        Problem::field(&field, without_position(&error.inner().to_string()))
    })
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        pointer.push('/');
        match segment {
            Segment::Seq { index } => pointer.push_str(&index.to_string()),
            Segment::Map { key } => pointer.push_str(&key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => pointer.push_str(variant),
            Segment::Unknown => pointer.push('?'),
        }
    }
    pointer
}

/// `… at line 1 column 9` helps nobody whose program wrote the line.
fn without_position(text: &str) -> &str {
    text.rsplit_once(" at line ").map_or(text, |(text, _)| text)
}

/// Any JSON in which no object has a key twice.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self, A::Error> {
        let mut keys = HashSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            if keys.contains(&key) {
                let shown: String = key.chars().take(60).collect();
                return Err(serde::de::Error::custom(format!(
                    "the key `{shown}` stands twice"
                )));
            }
            keys.insert(key);
            entries.next_value::<Self>()?;
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it can be read counts")]
    struct Pet {
        name: String,
        #[serde(default)]
        friends: Vec<Pet>,
    }

    fn refusal(body: &str) -> (u16, &'static str, String) {
        let problem = parse::<Pet>(body.as_bytes()).expect_err("refused");
        (problem.status().as_u16(), problem.kind(), problem.to_string())
    }

    #[test]
    fn each_mistake_has_its_kind_and_names_the_field() {
        assert!(parse::<Pet>(br#"{"name": "Rex", "friends": [{"name": "Tom"}]}"#).is_ok());
        for (body, status, kind, words) in [
            ("", 400, "invalid-json", "EOF"),
            (r#"{"name": "Rex""#, 400, "invalid-json", "EOF"),
            (r#"{"name": "Rex"} x"#, 400, "invalid-json", "trailing"),
            (
                r#"{"name": "a", "name": "b"}"#,
                400,
                "duplicate-key",
                "`name` stands twice",
            ),
            (
                r#"{"name": "a", "friends": [{"name": "b", "x": 1, "x": 2}]}"#,
                400,
                "duplicate-key",
                "`x`",
            ),
            (
                r#"{"name": "a", "owner": 1}"#,
                422,
                "invalid-field",
                "unknown field `owner`",
            ),
            (r#"{"name": 1}"#, 422, "invalid-field", "/name: invalid type"),
            (
                r#"{"name": "a", "friends": [{"name": 1}]}"#,
                422,
                "invalid-field",
                "/friends/0/name:",
            ),
            ("{}", 422, "invalid-field", "missing field `name`"),
        ] {
            let (got, named, text) = refusal(body);
            assert_eq!((got, named), (status, kind), "{body}: {text}");
            assert!(text.contains(words), "{body}: {text}");
        }
    }

    #[test]
    fn what_is_nested_without_end_is_refused() {
        let deep = "[".repeat(100_000);
        assert_eq!(refusal(&deep).1, "invalid-json");
    }
}
