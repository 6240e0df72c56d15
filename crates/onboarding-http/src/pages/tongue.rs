//! In which language a page is shown.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
    http::header,
    web,
};
use onboarding_pages::Tongue;
use serde::Deserialize;

/// Remembers the language that somebody chose. It names nobody.
const COOKIE: &str = "lang";

#[derive(Deserialize)]
struct Asked {
    lang: Option<String>,
}

/// A language, and whether this request chose it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chosen {
    pub(super) tongue: Tongue,
    now: bool,
}

impl Chosen {
    /// What the address asks for with `?lang=`, else what was chosen before, else what the browser likes best.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let asked = web::Query::<Asked>::from_query(request.query_string()).ok();
        let asked = asked.and_then(|asked| asked.into_inner().lang);
        if let Some(tongue) = asked.and_then(|tag| Tongue::from_tag(&tag)) {
            return Self { tongue, now: true };
        }
        let before = request.cookie(COOKIE);
        let before = before.and_then(|cookie| Tongue::from_tag(cookie.value()));
        let liked = request.headers().get(header::ACCEPT_LANGUAGE);
        let liked = liked.and_then(|value| value.to_str().ok()).map(Tongue::accepted);
        Self {
            tongue: before.or(liked).unwrap_or_default(),
            now: false,
        }
    }

    /// What makes the browser remember it, if it was chosen now.
    pub(super) fn cookie(self, https: bool) -> Option<Cookie<'static>> {
        self.now.then(|| {
            Cookie::build(COOKIE, self.tongue.tag())
                .path("/")
                .http_only(true)
                .secure(https)
                .same_site(SameSite::Lax)
                .max_age(Duration::days(365))
                .finish()
        })
    }
}
