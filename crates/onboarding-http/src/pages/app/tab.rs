//! What Microsoft Teams loads before there is a token.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header},
};
use onboarding_pages::{Area, Place, Shell, TEAMS_CONTENT_POLICY, app::TabPage};

use crate::{
    api::Answer,
    pages::{refusal::wants_page, rendered, tongue::Chosen, visit::area_of},
};

/// Whether a tab opens: somebody's browser goes to a page below `/teams` and shows no token, as browsers cannot.
pub(crate) fn opens(request: &HttpRequest) -> bool {
    request.method() == Method::GET
        && area_of(request.path()) == Area::Teams
        && !request.headers().contains_key(header::AUTHORIZATION)
        && wants_page(request)
}

/// The page that fetches the others with the tab's token. It is the same for everybody, whatever cookies they show.
pub(crate) fn page(request: &HttpRequest) -> Answer<HttpResponse> {
    let tongue = Chosen::of(request).tongue;
    let page = TabPage {
        shell: Shell {
            area: Area::Teams,
            place: Place::Other,
            tongue,
            company: tongue.words().leap_work,
            signed: None,
            demo: false,
        },
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, TEAMS_CONTENT_POLICY))
        .content_type("text/html; charset=utf-8")
        .body(rendered(&page)?))
}
