//! API tokens: list, make, revoke.

use std::{collections::HashMap, time::Duration};

use actix_web::{HttpResponse, http::StatusCode, web};
use onboarding_core::{
    Timestamp,
    access::{ApiToken, ApiTokenId, TokenMistake, TokenScope, TokenWish},
};
use onboarding_pages::admin::{
    AdminWords, Cell, Choice, Filter, ListPage, MadeTokenPage, Mark, NewTokenPage, Row, Section, SurePage,
    TOKEN_DAYS,
};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use uuid::Uuid;

use super::{in_query, see, seek::seek, shell, time};
use crate::{
    api::{Answer, Api},
    pages::visit::Visit,
    problem::Problem,
};

/// The days that the form proposes.
const USUAL_DAYS: u16 = 90;

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
    /// Only those behind this one.
    after: Option<Uuid>,
    #[serde(default)]
    said: String,
}

pub(super) async fn list(
    api: web::Data<Api>,
    visit: Visit,
    wanted: web::Query<Wanted>,
) -> Answer<HttpResponse> {
    let shell = shell(&visit);
    let words = shell.tongue.admin_words();
    let searched = wanted.q.trim().to_lowercase();
    let holds = |text: &str| text.to_lowercase().contains(&searched);
    let fits = |token: &ApiToken| {
        (wanted.state.is_empty() || state_of(token, visit.now) == wanted.state)
            && (holds(&token.name) || holds(&token.created_by))
    };
    let company = &visit.company.id;
    let ask = async |after, limit| Ok(api.store.tokens(company, after, limit).await?);
    let after = wanted.after.map(ApiTokenId::from_uuid);
    let sought = seek(after, ask, |token| token.id, fits).await?;
    let rows: Vec<_> = sought
        .shown
        .iter()
        .map(|token| row(token, visit.now, words))
        .collect();
    let next = sought.next.map(|after| {
        let (q, state) = (in_query(&wanted.q), in_query(&wanted.state));
        format!("/admin/tokens?q={q}&state={state}&after={after}")
    });
    let labels = [words.token_holds, words.token_expired, words.token_revoked];
    let choices = [HOLDS, EXPIRED, REVOKED]
        .iter()
        .zip(labels)
        .map(|(value, label)| Choice {
            value: (*value).to_owned(),
            label: label.to_owned(),
        });
    let filter = Filter {
        name: "state",
        label: words.state,
        choices: choices.collect(),
        chosen: wanted.state.clone(),
    };
    visit.page(&ListPage {
        shell,
        section: Section::Tokens,
        search: Some(&wanted.q),
        filters: std::slice::from_ref(&filter),
        columns: &[
            words.name,
            words.state,
            words.token_scopes,
            words.token_expires,
            words.token_used,
            words.token_created,
            words.revoke,
        ],
        rows: &rows,
        next: next.as_deref(),
        next_words: words.next_page,
        said: (wanted.said == "revoked").then_some((true, words.revoked)),
        footnote: sought.looks_on.then_some(words.looks_on),
        acts: &[("/admin/tokens/new", words.token_new)],
        remark: None,
    })
}

/// The states of tokens, as the filter sends them.
const HOLDS: &str = "holds";
const EXPIRED: &str = "expired";
const REVOKED: &str = "revoked";

fn state_of(token: &ApiToken, now: Timestamp) -> &'static str {
    if token.revoked_at.is_some() {
        REVOKED
    } else if token.expires_at > now {
        HOLDS
    } else {
        EXPIRED
    }
}

fn row(token: &ApiToken, now: Timestamp, words: &AdminWords) -> Row {
    let (mark, state) = match state_of(token, now) {
        HOLDS => (Mark::Good, words.token_holds),
        EXPIRED => (Mark::Quiet, words.token_expired),
        _ => (Mark::Quiet, words.token_revoked),
    };
    let scopes: Vec<_> = token.scopes.iter().map(|scope| scope.as_str()).collect();
    let revoke = if state_of(token, now) == HOLDS {
        Cell::Link(
            format!("/admin/tokens/{}/revocation", token.id),
            words.revoke.to_owned(),
        )
    } else {
        Cell::Text(words.none.to_owned())
    };
    Row {
        cells: vec![
            Cell::Text(token.name.clone()),
            Cell::Mark(mark, state.to_owned()),
            Cell::Code(scopes.join(" ")),
            time(token.expires_at),
            token
                .last_used_at
                .map_or_else(|| Cell::Text(words.v_never.to_owned()), time),
            Cell::Code(token.created_by.clone()),
            revoke,
        ],
    }
}

pub(super) async fn form(visit: Visit) -> Answer<HttpResponse> {
    visit.page(&NewTokenPage {
        shell: shell(&visit),
        name: "",
        scopes: &[],
        days: USUAL_DAYS,
        error: None,
    })
}

/// Makes the token and shows its secret, this once.
pub(super) async fn make(
    api: web::Data<Api>,
    visit: Visit,
    form: web::Form<HashMap<String, String>>,
) -> Answer<HttpResponse> {
    let shell = shell(&visit);
    let name = form.get("name").map(String::as_str).unwrap_or_default();
    let chosen = TokenScope::ALL
        .iter()
        .filter(|scope| form.contains_key(scope.as_str()));
    let scopes: Vec<_> = chosen.copied().collect();
    let days = form.get("days").and_then(|days| days.parse().ok());
    let days = days.filter(|days| TOKEN_DAYS.contains(days)).unwrap_or(0);
    let expires_at = visit.now + Duration::from_hours(24 * u64::from(days));
    let wish = match TokenWish::new(name, scopes.clone(), expires_at, visit.now) {
        Ok(wish) => wish,
        Err(mistake) => {
            let words = shell.tongue.admin_words();
            let mut answer = visit.page(&NewTokenPage {
                shell,
                name,
                scopes: &scopes,
                days: if days == 0 { USUAL_DAYS } else { days },
                error: Some(told(&mistake, words)),
            })?;
            *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(answer);
        }
    };
    let by = visit.caller.origin();
    let created = api.access.create_token(&visit.company.id, wish, &by).await?;
    visit.page(&MadeTokenPage {
        shell,
        name: &created.of.name,
        secret: created.secret.expose_secret(),
    })
}

fn told(mistake: &TokenMistake, words: &AdminWords) -> &'static str {
    match mistake {
        TokenMistake::Name => words.token_name_wrong,
        TokenMistake::NoScope => words.token_scope_wrong,
        TokenMistake::Expiry => words.token_days_wrong,
    }
}

pub(super) async fn ask(api: web::Data<Api>, visit: Visit, id: web::Path<Uuid>) -> Answer<HttpResponse> {
    let token = api.store.token(ApiTokenId::from_uuid(*id)).await?;
    let token = token.filter(|token| token.company == visit.company.id);
    let token = token.ok_or_else(Problem::not_found)?;
    let shell = shell(&visit);
    let words = shell.tongue.admin_words();
    visit.page(&SurePage {
        shell,
        section: Section::Tokens,
        title: words.revoke,
        meaning: words.revoke_sure,
        subject: &token.name,
        action: &format!("/admin/tokens/{}/revocation", token.id),
    })
}

pub(super) async fn revoke(api: web::Data<Api>, visit: Visit, id: web::Path<Uuid>) -> Answer<HttpResponse> {
    let (company, id) = (&visit.company.id, ApiTokenId::from_uuid(*id));
    let by = visit.caller.origin();
    let revoked = api.store.revoke_token(company, id, &by, visit.now).await?;
    revoked.ok_or_else(Problem::not_found)?;
    Ok(see("/admin/tokens?said=revoked".to_owned()))
}
