//! Outside firms.

use actix_web::{HttpResponse, web};
use onboarding_core::ExternalCompany;
use onboarding_pages::admin::{Cell, ListPage, Row, Section};

use super::{
    Found, Wanted,
    edit::{config_of, may_edit},
    found, named, said, shell,
};
use crate::{
    api::{Answer, Api},
    pages::visit::Visit,
};

pub(super) async fn list(
    api: web::Data<Api>,
    visit: Visit,
    wanted: web::Query<Wanted>,
) -> Answer<HttpResponse> {
    let shell = shell(&visit);
    let (a, e) = (shell.tongue.admin_words(), shell.tongue.edit_words());
    let config = config_of(&api, &visit).await?;
    let texts = |firm: &ExternalCompany| vec![firm.id.to_string(), firm.name.clone()];
    let all = config.external_companies.clone();
    let Found { shown, next } = found(Section::ExternalCompanies, &wanted, all, texts);
    let row = |firm: &ExternalCompany| {
        let users = config.users.iter();
        let users = users.filter(|user| user.external_companies.contains(&firm.id));
        Row {
            cells: vec![
                named(&visit, Section::ExternalCompanies, firm.id.as_str(), &firm.name),
                Cell::Code(firm.id.to_string()),
                Cell::Code(users.count().to_string()),
            ],
        }
    };
    let rows: Vec<_> = shown.iter().map(row).collect();
    visit.page(&ListPage {
        shell,
        section: Section::ExternalCompanies,
        search: Some(&wanted.q),
        filters: &[],
        columns: &[a.name, e.id, e.users_in],
        rows: &rows,
        next: next.as_deref(),
        next_words: a.next_page,
        said: said(&wanted, e),
        footnote: (!may_edit(&visit)).then_some(e.only_admins),
        acts: may_edit(&visit)
            .then_some(("/admin/new/external-companies", e.firm_new))
            .as_slice(),
        remark: None,
    })
}
