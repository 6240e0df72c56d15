//! What WhatsApp tells: of the templates, of how much may be sent, of the numbers.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, web};
use onboarding_core::{
    Company, FactName, OfficialAccount, TemplatePurpose, Timestamp, access::Action, service::messaging_left,
};
use onboarding_pages::admin::{AdminWords, Cell, Choice, Filter, ListPage, Mark, Row, Section};

use super::{Found, Wanted, found, pools::health, shell, texts_of};
use crate::{
    api::{Answer, Api},
    pages::visit::Visit,
};

pub(super) async fn show(
    api: web::Data<Api>,
    visit: Visit,
    wanted: web::Query<Wanted>,
) -> Answer<HttpResponse> {
    let (shell, company, now) = (shell(&visit), &visit.company, visit.now);
    let words = shell.tongue.admin_words();
    let may_connect = visit.caller.principal.may(Action::ChangeConfig).is_ok();
    let left = messaging_left(api.store.as_ref(), company, now).await?;
    let accounts = business_accounts(company);
    let templates = company.settings.templates.keys().flat_map(|purpose| {
        accounts
            .iter()
            .map(move |account| template(company, account, *purpose, now, words))
    });
    let limits = accounts.iter().map(|account| {
        let known = left.iter().find(|(waba, ..)| *waba == account.waba_id);
        limit(
            &account.waba_id,
            known.map(|(_, limit, left)| (*limit, *left)),
            words,
        )
    });
    let numbers = company
        .accounts
        .iter()
        .map(|account| number(company, account, now, words));
    let mut all: Vec<_> = templates.chain(limits).chain(numbers).collect();
    all.retain(|row| wanted.state.is_empty() || mark_of(row).class() == wanted.state);
    let Found { shown: rows, next } = found(Section::WhatsApp, &wanted, all, texts_of);
    let choices = [Mark::Good, Mark::Waiting, Mark::Bad, Mark::Quiet]
        .into_iter()
        .zip([
            words.account_healthy,
            words.account_limited,
            words.account_blocked,
            words.account_unknown,
        ]);
    let filter = Filter {
        name: "state",
        label: words.state,
        choices: choices
            .map(|(mark, label)| Choice {
                value: mark.class().to_owned(),
                label: label.to_owned(),
            })
            .collect(),
        chosen: wanted.state.clone(),
    };
    visit.page(&ListPage {
        shell,
        section: Section::WhatsApp,
        search: Some(&wanted.q),
        filters: std::slice::from_ref(&filter),
        columns: &[words.kind, words.name, words.state, words.details],
        rows: &rows,
        next: next.as_deref(),
        next_words: words.next_page,
        said: None,
        footnote: None,
        acts: may_connect
            .then_some(("/admin/whatsapp/connect", words.connect))
            .as_slice(),
        remark: None,
    })
}

fn mark_of(row: &Row) -> Mark {
    let mark = row.cells.iter().find_map(|cell| match cell {
        Cell::Mark(mark, _) => Some(*mark),
        _ => None,
    });
    mark.unwrap_or(Mark::Quiet)
}

/// One number of each WhatsApp Business Account: templates and limits are the account's.
fn business_accounts(company: &Company) -> Vec<&OfficialAccount> {
    let mut seen = BTreeSet::new();
    let first = |account: &&OfficialAccount| seen.insert(account.waba_id.clone());
    company.accounts.iter().filter(first).collect()
}

fn template(
    company: &Company,
    account: &OfficialAccount,
    purpose: TemplatePurpose,
    now: Timestamp,
    words: &AdminWords,
) -> Row {
    let ours = company.settings.templates.get(&purpose);
    let name = ours.map(|ours| format!("{purpose}: {} ({})", ours.name, ours.language));
    let told: Vec<_> = company
        .facts_of_template(&account.waba_id, purpose)
        .into_iter()
        .flatten()
        .filter(|fact| fact.holds_at(now))
        .collect();
    let (mark, state) = match company.template_trouble(account, purpose, now) {
        Some(trouble) if trouble.unusable => (Mark::Bad, words.template_refused),
        Some(_) => (Mark::Waiting, words.template_worse),
        None if told.iter().any(|fact| fact.name == FactName::Status) => (Mark::Good, words.template_ready),
        None => (Mark::Quiet, words.account_unknown),
    };
    let values = told.iter().map(|fact| format!("{}: {}", fact.name, fact.value));
    let reasons = told.iter().filter(|fact| !fact.reason.is_empty());
    let reasons = reasons.map(|fact| match &fact.remedy {
        Some(remedy) => format!("{}. {remedy}", fact.reason.trim_end_matches('.')),
        None => fact.reason.clone(),
    });
    row(
        words.a_template,
        name.unwrap_or_default(),
        (mark, state.to_owned()),
        std::iter::once(format!("account {}", account.waba_id))
            .chain(values)
            .chain(reasons),
    )
}

fn limit(waba: &str, known: Option<(u32, u32)>, words: &AdminWords) -> Row {
    let state = match known {
        None => (Mark::Quiet, words.limit_unknown.to_owned()),
        Some((limit, left)) => {
            let mark = match left {
                0 => Mark::Bad,
                // The last tenth.
                left if left < limit / 10 => Mark::Waiting,
                _ => Mark::Good,
            };
            (mark, format!("{left} / {limit} {}", words.limit_left))
        }
    };
    row(words.a_limit, format!("account {waba}"), state, [])
}

fn number(company: &Company, account: &OfficialAccount, now: Timestamp, words: &AdminWords) -> Row {
    let state = company.state_of(account, now);
    let (mark, said) = health(state.health, words);
    let findings = state.findings.into_iter().map(|finding| match finding.remedy {
        Some(remedy) => format!("{}. {remedy}", finding.reason.trim_end_matches('.')),
        None => finding.reason,
    });
    row(
        words.number,
        account.phone_number.to_string(),
        (mark, said.to_owned()),
        findings,
    )
}

/// What WhatsApp says stands there in its own words, left to right in every language.
fn row(
    kind: &str,
    name: String,
    (mark, state): (Mark, String),
    details: impl IntoIterator<Item = String>,
) -> Row {
    let details: Vec<_> = details.into_iter().collect();
    Row {
        cells: vec![
            Cell::Text(kind.to_owned()),
            Cell::Code(name),
            Cell::Mark(mark, state),
            Cell::Text(details.join(" · ")),
        ],
    }
}
