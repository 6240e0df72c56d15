//! The user's own code, as pages show it and hand it on.

use actix_web::{
    HttpRequest, HttpResponse,
    http::Method,
    web::{self, Query},
};
use onboarding_core::access::Action;

use crate::{
    api::{Answer, Api, Endpoint, Policy},
    marks::mark_of,
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

async fn svg(
    api: web::Data<Api>,
    request: HttpRequest,
    visit: Visit,
    look: Query<Look>,
) -> Answer<HttpResponse> {
    own(&api, &request, visit, look, Kind::Svg).await
}

async fn png(
    api: web::Data<Api>,
    request: HttpRequest,
    visit: Visit,
    look: Query<Look>,
) -> Answer<HttpResponse> {
    own(&api, &request, visit, look, Kind::Png).await
}

async fn card(
    api: web::Data<Api>,
    request: HttpRequest,
    visit: Visit,
    look: Query<Look>,
) -> Answer<HttpResponse> {
    own(&api, &request, visit, look, Kind::Card).await
}

async fn contact(
    api: web::Data<Api>,
    request: HttpRequest,
    visit: Visit,
    look: Query<Look>,
) -> Answer<HttpResponse> {
    own(&api, &request, visit, look, Kind::Vcard).await
}

async fn signature(
    api: web::Data<Api>,
    request: HttpRequest,
    visit: Visit,
    look: Query<Look>,
) -> Answer<HttpResponse> {
    own(&api, &request, visit, look, Kind::Signature).await
}

async fn own(
    api: &Api,
    request: &HttpRequest,
    visit: Visit,
    look: Query<Look>,
    kind: Kind,
) -> Answer<HttpResponse> {
    let mark = mark_of(api.store.as_ref(), &visit.company).await?;
    pictures::answer(
        request,
        (&visit.company, mark),
        visit.user,
        kind,
        look.into_inner(),
    )
    .await
}
