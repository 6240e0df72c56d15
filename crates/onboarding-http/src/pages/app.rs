//! `/app` and `/teams`: what users see of themselves and of their clients.
//!
//! Both are the same pages; the address decides what is around them.

mod chat;
mod chats;
mod deeds;
mod events;
mod installable;
mod live;
mod me;
mod my_pictures;
mod profile;
mod rows;
pub(crate) mod tab;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header},
    web,
};
use onboarding_core::access::Action;
use onboarding_pages::Area;

use crate::api::{Answer, Endpoint, Policy};

pub use live::Live;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let areas = [Area::App, Area::Teams].into_iter();
    let both = areas.flat_map(|area| [of_area(area), my_pictures::endpoints(area.base())].concat());
    both.chain(installable::endpoints()).collect()
}

fn of_area(area: Area) -> Vec<Endpoint> {
    let at = |rest: &str| format!("{}{rest}", area.base());
    let (see, rooms) = (Policy::May(Action::SeeSelf), Policy::May(Action::SeeRooms));
    let change = Policy::May(Action::ChangeRooms);
    vec![
        Endpoint::page(Method::GET, &at(""), see, || web::route().to(home)),
        Endpoint::page(Method::GET, &at("/profile"), see, || {
            web::route().to(profile::profile)
        }),
        Endpoint::page(Method::GET, &at("/code"), see, || web::route().to(profile::code)),
        Endpoint::page(Method::GET, &at("/events"), see, || {
            web::route().to(events::events)
        }),
        Endpoint::page(Method::GET, &at("/chats"), rooms, || {
            web::route().to(chats::chats)
        }),
        Endpoint::page(
            Method::GET,
            &at("/chats/{room}"),
            Policy::May(Action::ReadMessages),
            || web::route().to(chat::chat),
        ),
        Endpoint::page(Method::GET, &at("/chats/{room}/closing"), change, || {
            web::route().to(chat::closing)
        }),
        Endpoint::page(Method::POST, &at("/chats/{room}/closing"), change, || {
            web::route().to(deeds::close)
        }),
        Endpoint::page(Method::POST, &at("/notices/{notice}/seen"), change, || {
            web::route().to(deeds::see_notice)
        }),
        Endpoint::page(
            Method::POST,
            &at("/prospects/{prospect}/promotion"),
            change,
            || web::route().to(deeds::promote),
        ),
        Endpoint::page(
            Method::POST,
            &at("/prospects/{prospect}/rejection"),
            change,
            || web::route().to(deeds::reject),
        ),
    ]
}

/// The first page is the profile: it is there for everybody.
async fn home(request: HttpRequest) -> Answer<HttpResponse> {
    let to = format!("{}/profile", super::visit::area_of(request.path()).base());
    Ok(see(to))
}

/// Sends the browser to another page.
fn see(path: String) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .finish()
}
