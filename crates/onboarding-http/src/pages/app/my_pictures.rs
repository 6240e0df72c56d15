//! The user's own code, as pages show it and hand it on.

use actix_web::{
    HttpRequest, HttpResponse,
    http::Method,
    web::{self, Query},
};
use onboarding_core::access::Action;

use crate::{
    api::{Answer, Endpoint, Policy},
    pages::visit::Visit,
    pictures::{self, Kind, Look},
};

pub(super) fn endpoints(base: &str) -> Vec<Endpoint> {
    let see = Policy::May(Action::SeeSelf);
    let at = |file: &str| format!("{base}/{file}");
    vec![
        Endpoint::page(Method::GET, &at("qr.svg"), see, || web::route().to(svg)),
        Endpoint::page(Method::GET, &at("qr.png"), see, || web::route().to(png)),
        Endpoint::page(Method::GET, &at("qr-card.png"), see, || web::route().to(card)),
        Endpoint::page(Method::GET, &at("contact.vcf"), see, || web::route().to(contact)),
        Endpoint::page(Method::GET, &at("signature.html"), see, || {
            web::route().to(signature)
        }),
    ]
}

async fn svg(request: HttpRequest, visit: Visit, look: Query<Look>) -> Answer<HttpResponse> {
    own(&request, visit, look, Kind::Svg).await
}

async fn png(request: HttpRequest, visit: Visit, look: Query<Look>) -> Answer<HttpResponse> {
    own(&request, visit, look, Kind::Png).await
}

async fn card(request: HttpRequest, visit: Visit, look: Query<Look>) -> Answer<HttpResponse> {
    own(&request, visit, look, Kind::Card).await
}

async fn contact(request: HttpRequest, visit: Visit, look: Query<Look>) -> Answer<HttpResponse> {
    own(&request, visit, look, Kind::Vcard).await
}

async fn signature(request: HttpRequest, visit: Visit, look: Query<Look>) -> Answer<HttpResponse> {
    own(&request, visit, look, Kind::Signature).await
}

async fn own(request: &HttpRequest, visit: Visit, look: Query<Look>, kind: Kind) -> Answer<HttpResponse> {
    pictures::answer(request, &visit.company, visit.user, kind, look.into_inner()).await
}
