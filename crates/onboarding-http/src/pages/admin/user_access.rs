//! How a user comes in: a link to set a password up, and the end of all their sessions.

use actix_web::{HttpResponse, http::Method, http::header, web};
use onboarding_core::access::Action;
use onboarding_pages::admin::{Cell, EditWords, MadeLinkPage, Section, SurePage};

use super::{edit::place_of, see, shell, time};
use crate::{
    api::{
        Answer, Api, Endpoint, Policy,
        access::{active, end_all, new_link},
    },
    pages::{WaysIn, visit::Visit},
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let may = Policy::May(Action::ManageAccess);
    let (link, sessions) = ("/admin/users/{key}/set-up-link", "/admin/users/{key}/sessions");
    vec![
        Endpoint::page(Method::GET, link, may, || web::route().to(ask_for_link)),
        Endpoint::page(Method::POST, link, may, || web::route().to(make_link)),
        Endpoint::page(Method::GET, sessions, may, || web::route().to(ask_to_end)),
        Endpoint::page(Method::POST, sessions, may, || web::route().to(end)),
    ]
}

/// What the reader may do about how the user comes in.
pub(super) async fn ways(
    api: &Api,
    ways: &WaysIn,
    visit: &Visit,
    username: &str,
) -> Answer<Vec<(String, &'static str)>> {
    if visit.caller.principal.may(Action::ManageAccess).is_err() {
        return Ok(Vec::new());
    }
    let e = shell(visit).tongue.edit_words();
    let mut all = vec![(place(username, "sessions"), e.end_sessions)];
    if ways.local && api.has_local_accounts(&visit.company.id).await? {
        all.insert(0, (place(username, "set-up-link"), e.set_up_link));
    }
    Ok(all)
}

fn place(username: &str, what: &str) -> String {
    format!("{}/{what}", place_of(Section::Users, username))
}

type Question = fn(&EditWords) -> (&'static str, &'static str);

async fn ask(
    (api, visit, username): (&Api, &Visit, &str),
    what: &str,
    question: Question,
) -> Answer<HttpResponse> {
    let user = active(api, &visit.caller, username).await?;
    let shell = shell(visit);
    let (title, meaning) = question(shell.tongue.edit_words());
    visit.page(&SurePage {
        shell,
        section: Section::Users,
        title,
        meaning,
        subject: &format!("{} ({})", user.name, user.username),
        action: &place(&user.username, what),
    })
}

async fn ask_for_link(api: web::Data<Api>, visit: Visit, key: web::Path<String>) -> Answer<HttpResponse> {
    let question: Question = |e| (e.set_up_link, e.set_up_link_sure);
    ask((&api, &visit, &key), "set-up-link", question).await
}

async fn ask_to_end(api: web::Data<Api>, visit: Visit, key: web::Path<String>) -> Answer<HttpResponse> {
    let question: Question = |e| (e.end_sessions, e.end_sessions_sure);
    ask((&api, &visit, &key), "sessions", question).await
}

/// Makes the link and shows it, this once.
async fn make_link(
    api: web::Data<Api>,
    ways: web::Data<WaysIn>,
    visit: Visit,
    key: web::Path<String>,
) -> Answer<HttpResponse> {
    let made = new_link(&api, &ways, &visit.caller, &key).await?;
    let shell = shell(&visit);
    let Cell::Time(at, shown) = time(made.expires_at) else {
        return Ok(see(place_of(Section::Users, &key)));
    };
    let mut answer = visit.page(&MadeLinkPage {
        shell,
        name: &key,
        link: &made.url,
        until: (&at, &shown),
    })?;
    let headers = answer.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("no-store"),
    );
    Ok(answer)
}

async fn end(api: web::Data<Api>, visit: Visit, key: web::Path<String>) -> Answer<HttpResponse> {
    end_all(&api, &visit.caller, &key).await?;
    Ok(see("/admin/users?said=sessions_ended".to_owned()))
}
