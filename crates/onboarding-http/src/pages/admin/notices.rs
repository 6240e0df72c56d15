//! What the service tells the admins.

use actix_web::{HttpResponse, web};
use onboarding_core::{Audience, Notice, NoticeId, access::Action, ports::NoticeFilter};
use onboarding_pages::admin::{Cell, Choice, Filter, ListPage, Row, Section};
use serde::Deserialize;
use uuid::Uuid;

use super::{in_query, see, seek::seek, shell, time};
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
    q: String,
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
    let ask = async |after, limit| {
        let filter = NoticeFilter {
            after,
            unseen: wanted.state == UNSEEN,
            ..NoticeFilter::from(Audience::Admins)
        };
        Ok(api.store.notices(&visit.company.id, filter, limit).await?)
    };
    let searched = wanted.q.trim().to_lowercase();
    let fits = |one: &Notice| one.notice.text.to_lowercase().contains(&searched);
    let after = wanted.after.map(NoticeId::from_uuid);
    let sought = seek(after, ask, |one| one.notice.id, fits).await?;
    let may_see = visit.caller.principal.may(Action::ChangeConfig).is_ok();
    let token = visit.caller.form_token();
    let rows: Vec<_> = sought
        .shown
        .iter()
        .map(|one| Row {
            cells: vec![
                time(one.at),
                Cell::Text(one.notice.text.clone()),
                seen(one, may_see.then_some(token), words.seen),
            ],
        })
        .collect();
    let next = sought.next.map(|after| {
        let (q, state) = (in_query(&wanted.q), in_query(&wanted.state));
        format!("/admin/notices?q={q}&state={state}&after={after}")
    });
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
        search: Some(&wanted.q),
        filters: std::slice::from_ref(&filter),
        columns: &[words.when, words.notice, words.seen],
        rows: &rows,
        next: next.as_deref(),
        next_words: words.next_page,
        said: None,
        footnote: sought.looks_on.then_some(words.looks_on),
        acts: &[],
        remark: None,
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
