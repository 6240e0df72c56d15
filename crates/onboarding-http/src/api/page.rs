//! Lists, page by page.

use actix_web::http::StatusCode;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};

use crate::problem::Problem;

/// Items on a page unless the caller says otherwise.
const USUAL: u32 = 50;

/// Items on a page at the most.
const MOST: u32 = 200;

/// Which page is wanted; take it with `web::Query`.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Items on the page, 1 to 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next_cursor` of the page before; without it, the first page.
    cursor: Option<String>,
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Asks for the next page; none on the last.
    pub next_cursor: Option<String>,
}

impl PageQuery {
    /// For lists whose query has more than this.
    pub fn new(limit: Option<u32>, cursor: Option<String>) -> Self {
        Self { limit, cursor }
    }

    /// How many to ask the store for: one more than are shown, which tells whether there is another page.
    pub fn to_fetch(&self) -> Result<u32, Problem> {
        Ok(self.limit()? + 1)
    }

    /// What stands in the cursor: the key of the last item of the page before.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, Problem> {
        let Some(cursor) = &self.cursor else {
            return Ok(None);
        };
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok();
        let key = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        key.map(Some).ok_or_else(|| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "invalid-cursor",
                "cursor: take it from next_cursor of the page before, from the same list",
            )
            .about("cursor")
        })
    }

    /// The page of these items, of which there is one too many if there is another page.
    pub fn page<T, K: Serialize>(
        &self,
        mut items: Vec<T>,
        key_of: impl Fn(&T) -> K,
    ) -> Result<Page<T>, Problem> {
        let limit = usize::try_from(self.limit()?).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let key = last.and_then(|last| serde_json::to_vec(&key_of(last)).ok());
        Ok(Page {
            items,
            next_cursor: key.map(|key| BASE64_URL_SAFE_NO_PAD.encode(key)),
        })
    }

    fn limit(&self) -> Result<u32, Problem> {
        match self.limit {
            None => Ok(USUAL),
            Some(limit) if (1..=MOST).contains(&limit) => Ok(limit),
            Some(_) => Err(invalid_parameter("limit", "write a number from 1 to 200")),
        }
    }
}

impl<T> Page<T> {
    /// The same page of something else.
    pub fn map<U>(self, form: impl Fn(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(form).collect(),
            next_cursor: self.next_cursor,
        }
    }
}

/// The refusal of a parameter after `?`.
pub(super) fn invalid_parameter(name: &'static str, mend: &str) -> Problem {
    let detail = format!("{name}: {mend}");
    Problem::new(StatusCode::BAD_REQUEST, "invalid-parameter", detail).about(name)
}
