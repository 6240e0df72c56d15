//! `ETag` and `If-Match`: nobody overwrites what they have not seen.

use std::{
    fmt,
    future::{Ready, ready},
};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{StatusCode, header},
};
use onboarding_access::secret::hash_of;

use crate::problem::Problem;

/// The tag of one state of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// Of a state that has a number.
    pub fn of_revision(revision: u64) -> Self {
        Self(format!("\"r{revision}\""))
    }

    /// Of a state that has none: of everything that is shown of it.
    pub fn of_content(content: &[u8]) -> Self {
        let hash = hash_of(&[content]);
        let hash = hash.as_bytes().iter().take(16).map(|byte| format!("{byte:02x}"));
        Self(format!("\"{}\"", hash.collect::<String>()))
    }

    /// As a header.
    pub fn header(&self) -> (header::HeaderName, String) {
        (header::ETAG, self.0.clone())
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the caller has seen, as an argument of handlers that change something which has an [`ETag`].
#[derive(Debug, Clone)]
pub struct IfMatch(Option<String>);

impl IfMatch {
    /// What a form of a page carries: the tag of what its reader saw.
    pub(crate) fn of_form(tag: &str) -> Self {
        Self(Some(tag.to_owned()))
    }

    /// Refuses a change of what the caller has not seen: without the header (428), and with another tag (412).
    pub fn require(&self, current: &ETag) -> Result<(), Problem> {
        let Some(seen) = &self.0 else {
            return Err(Problem::new(
                StatusCode::PRECONDITION_REQUIRED,
                "if-match-needed",
                "send the ETag of what you change in the header If-Match",
            ));
        };
        // A weak tag never matches here (RFC 9110, 13.1.1), nor does `*`: it says nothing of what was seen.
        if seen.split(',').any(|tag| tag.trim() == current.0) {
            Ok(())
        } else {
            Err(Self::stale())
        }
    }

    /// Refuses a change of what the caller has seen otherwise; who says nothing of what they saw is let through. For
    /// what removes.
    pub fn agree(&self, current: &ETag) -> Result<(), Problem> {
        if self.0.is_some() {
            self.require(current)
        } else {
            Ok(())
        }
    }

    /// The refusal of a change of what has changed meanwhile; also for a store that finds it out.
    pub fn stale() -> Problem {
        Problem::new(
            StatusCode::PRECONDITION_FAILED,
            "stale",
            "it was changed meanwhile; get it again and repeat the change on that",
        )
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let given: Vec<_> = request
            .headers()
            .get_all(header::IF_MATCH)
            .map(|value| value.to_str().unwrap_or_default())
            .collect();
        ready(Ok(Self((!given.is_empty()).then(|| given.join(",")))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_present_tag_lets_a_change_through() {
        let current = ETag::of_revision(7);
        let status = |seen: Option<&str>| {
            let judged = IfMatch(seen.map(str::to_owned)).require(&current);
            judged.map_err(|problem| problem.status().as_u16())
        };
        assert_eq!(status(Some("\"r7\"")), Ok(()));
        assert_eq!(status(Some("\"r1\", \"r7\"")), Ok(()));
        assert_eq!(status(None), Err(428));
        for stale in ["\"r6\"", "r7", "W/\"r7\"", "*", ""] {
            assert_eq!(status(Some(stale)), Err(412), "{stale}");
        }
    }
}
