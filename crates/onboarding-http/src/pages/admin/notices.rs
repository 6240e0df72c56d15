//! What the service tells the admins.

use actix_web::{HttpResponse, web};
use onboarding_core::{Audience, Notice, NoticeId, access::Action, ports::NoticeFilter};
use onboarding_pages::admin::{Cell, Choice, Filter, ListPage, Row, Section};
use serde::Deserialize;
use uuid::Uuid;

use super::{ON_A_PAGE, in_query, see, shell, time};
use crate::{
    api::{Answer, Api},
    pages::visit::Visit,
    problem::Problem,
};

/// The state of those that nobody saw.
const UNSEEN: &str = "unseen";

#[derive(Deserialize)]
pub(super) struct Wanted {
    after: Option<Uuid>,
    #[serde(default)]
    state: String,
}

pub(super) async fn list(
    api: web::Data<Api>,
    visit: Visit,
    wanted: web::Query<Wanted>,
) -> Answer<HttpResponse> {
    let shell = shell(&visit);
    let words = shell.tongue.admin_words();
    let filter = NoticeFilter {
        after: wanted.after.map(NoticeId::from_uuid),
        unseen: wanted.state == UNSEEN,
        ..NoticeFilter::from(Audience::Admins)
    };
    let limit = u32::try_from(ON_A_PAGE).unwrap_or(u32::MAX);
    let mut notices = api.store.notices(&visit.company.id, filter, limit + 1).await?;
    let more = notices.len() > ON_A_PAGE;
    notices.truncate(ON_A_PAGE);
    let may_see = visit.caller.principal.may(Action::ChangeConfig).is_ok();
    let token = visit.caller.form_token();
    let rows: Vec<_> = notices
        .iter()
        .map(|one| Row {
            cells: vec![
                time(one.at),
                Cell::Text(one.notice.text.clone()),
                seen(one, may_see.then_some(token), words.seen),
            ],
        })
        .collect();
    let last = notices.last().filter(|_| more);
    let state = in_query(&wanted.state);
    let next = last.map(|last| format!("/admin/notices?state={state}&after={}", last.notice.id));
    let filter = Filter {
        name: "state",
        label: words.seen,
        choices: vec![Choice {
            value: UNSEEN.to_owned(),
            label: shell.tongue.edit_words().unseen.to_owned(),
        }],
        chosen: wanted.state.clone(),
    };
    visit.page(&ListPage {
        shell,
        section: Section::Notices,
        search: None,
        filter: Some(&filter),
        columns: &[words.when, words.notice, words.seen],
        rows: &rows,
        next: next.as_deref(),
        next_words: words.next_page,
        said: None,
        footnote: None,
        act: None,
    })
}

/// When it was seen, or a button for who may say so.
fn seen(one: &Notice, token: Option<&str>, words: &str) -> Cell {
    match (one.seen_at, token) {
        (Some(at), _) => time(at),
        (None, None) => Cell::Text("–".to_owned()),
        (None, Some(token)) => {
            let to = format!("/admin/notices/{}/seen", one.notice.id);
            Cell::Button(to, words.to_owned(), token.to_owned())
        }
    }
}

pub(super) async fn mark(api: web::Data<Api>, visit: Visit, id: web::Path<Uuid>) -> Answer<HttpResponse> {
    let notice = NoticeId::from_uuid(*id);
    let seen = api
        .store
        .see(&visit.company.id, Audience::Admins, notice, visit.now)
        .await?;
    seen.ok_or_else(Problem::not_found)?;
    Ok(see("/admin/notices".to_owned()))
}
