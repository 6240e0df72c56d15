//! The phone page, embedded in the program.

use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, web};
use rust_embed::RustEmbed;

/// Only our own files, nothing inline, nothing from elsewhere.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

#[derive(RustEmbed)]
#[folder = "page/"]
struct Files;

pub(crate) fn configure(scope: &mut web::ServiceConfig) {
    scope
        .route("", web::get().to(add_slash))
        .route("/{file:[a-z0-9./-]*}", web::get().to(file));
}

/// The page's addresses are relative to the folder.
async fn add_slash() -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((LOCATION, "/simulator/"))
        .finish()
}

async fn file(name: web::Path<String>) -> HttpResponse {
    let name = if name.is_empty() {
        "index.html"
    } else {
        name.as_str()
    };
    let Some(file) = Files::get(name) else {
        return HttpResponse::NotFound().finish();
    };
    HttpResponse::Ok()
        .content_type(content_type(name))
        .insert_header(("Content-Security-Policy", CONTENT_SECURITY_POLICY))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .insert_header(("Referrer-Policy", "no-referrer"))
        .insert_header(("Cache-Control", "no-cache"))
        .body(file.data.into_owned())
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
