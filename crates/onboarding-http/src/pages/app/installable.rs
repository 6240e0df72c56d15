//! What a phone needs to keep the site as an app.

use actix_web::{HttpResponse, http::Method, web};
use onboarding_pages::assets::address;
use serde_json::json;

use crate::api::{Endpoint, Policy};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let everybody =
        Policy::Open("browsers ask for the manifest without a session, and it is the same for everybody");
    vec![Endpoint::page(
        Method::GET,
        "/app/manifest.webmanifest",
        everybody,
        || web::route().to(manifest),
    )]
}

async fn manifest() -> HttpResponse {
    let icon = |name: &str, size: &str, kind: &str, purpose: &str| json!({ "src": address(name), "sizes": size, "type": kind, "purpose": purpose });
    let manifest = json!({
        "id": "/app",
        "name": "Leap Work",
        "short_name": "Leap Work",
        "description": "Your QR code, and your chats with clients on WhatsApp.",
        "start_url": "/app/chats",
        "scope": "/",
        "display": "standalone",
        "background_color": "#05101d",
        "theme_color": "#151f2d",
        "icons": [
            icon("icon.svg", "any", "image/svg+xml", "any"),
            icon("icon-192.png", "192x192", "image/png", "any"),
            icon("icon-512.png", "512x512", "image/png", "any"),
            icon("icon-maskable-512.png", "512x512", "image/png", "maskable"),
        ],
        "shortcuts": [{ "name": "My QR Code", "url": "/app/code" }],
    });
    HttpResponse::Ok()
        .content_type("application/manifest+json")
        .body(manifest.to_string())
}
