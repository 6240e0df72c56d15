//! The WhatsApp numbers of the company, what each is for, and how it is.

use actix_web::{HttpResponse, web};
use onboarding_core::{Company, Health, OfficialAccount};
use onboarding_pages::admin::{Cell, Choice, Filter, ListPage, Row, Section};

use super::{
    Found, Wanted,
    edit::may_edit,
    found, named,
    pools::{health, member_state},
    said, shell,
};
use crate::{api::Answer, pages::visit::Visit};

pub(super) async fn list(visit: Visit, wanted: web::Query<Wanted>) -> Answer<HttpResponse> {
    let (shell, company) = (shell(&visit), &*visit.company);
    let (a, e) = (shell.tongue.admin_words(), shell.tongue.edit_words());
    let is_wanted = |account: &&OfficialAccount| {
        let health = company.state_of(account, visit.now).health;
        wanted.state.is_empty() || name_of(health) == wanted.state
    };
    let in_use = company.accounts.iter().filter(|account| !account.retired);
    let all = in_use.filter(is_wanted).collect();
    let texts = |account: &&OfficialAccount| {
        vec![
            account.phone_number.to_string(),
            account.waba_id.clone(),
            place_in_pools(company, account, "", ""),
        ]
    };
    let Found { shown, next } = found(Section::Accounts, &wanted, all, texts);
    let row = |account: &&OfficialAccount| {
        let number = account.phone_number.to_string();
        let place = place_in_pools(company, account, a.primary, a.secondary);
        let place = if place.is_empty() {
            e.in_no_pool.to_owned()
        } else {
            place
        };
        let state = company.state_of(account, visit.now);
        let pool = company
            .pools
            .iter()
            .find(|pool| pool.draining.contains(&account.id));
        let (mark, said) = member_state(&state, account, pool.is_some(), a);
        let findings = state.findings.into_iter().map(|finding| match finding.remedy {
            Some(remedy) => format!("{}. {remedy}", finding.reason.trim_end_matches('.')),
            None => finding.reason,
        });
        Row {
            cells: vec![
                named(&visit, Section::Accounts, &number, &number),
                Cell::Text(place),
                Cell::Mark(mark, said.to_owned()),
                Cell::Text(findings.collect::<Vec<_>>().join(" · ")),
                Cell::Code(account.waba_id.clone()),
            ],
        }
    };
    let rows: Vec<_> = shown.iter().map(row).collect();
    let choices = [Health::Unknown, Health::Healthy, Health::Limited, Health::Blocked];
    let choices = choices.map(|one| Choice {
        value: name_of(one).to_owned(),
        label: health(one, a).1.to_owned(),
    });
    let filter = Filter {
        name: "state",
        label: a.state,
        choices: choices.to_vec(),
        chosen: wanted.state.clone(),
    };
    visit.page(&ListPage {
        shell,
        section: Section::Accounts,
        search: Some(&wanted.q),
        filters: std::slice::from_ref(&filter),
        columns: &[a.number, e.pool_one, a.state, a.details, e.waba_id],
        rows: &rows,
        next: next.as_deref(),
        next_words: a.next_page,
        said: said(&wanted, e),
        footnote: (!may_edit(&visit)).then_some(e.only_admins),
        acts: may_edit(&visit)
            .then_some(("/admin/new/official-accounts", e.account_new))
            .as_slice(),
        remark: None,
    })
}

pub(super) fn name_of(health: Health) -> &'static str {
    match health {
        Health::Unknown => "unknown",
        Health::Healthy => "healthy",
        Health::Limited => "limited",
        Health::Blocked => "blocked",
    }
}

/// The pools that hold the number, and as what.
fn place_in_pools(company: &Company, account: &OfficialAccount, primary: &str, secondary: &str) -> String {
    let held = company.pools.iter().filter_map(|pool| {
        if pool.primary == account.id {
            Some(format!("{}: {primary}", pool.id))
        } else if pool.secondaries.contains(&account.id) {
            Some(format!("{}: {secondary}", pool.id))
        } else {
            None
        }
    });
    held.collect::<Vec<_>>().join(", ")
}
