//! The units of the company's tree.

use actix_web::{HttpResponse, web};
use onboarding_core::{OrgUnit, config::CompanyConfig};
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
    let texts = |unit: &OrgUnit| vec![unit.id.to_string(), unit.name.clone()];
    let all = config.org_units.clone();
    let Found { shown, next } = found(Section::OrgUnits, &wanted, all, texts);
    let row = |unit: &OrgUnit| Row {
        cells: vec![
            named(&visit, Section::OrgUnits, unit.id.as_str(), &unit.name),
            Cell::Code(unit.id.to_string()),
            Cell::Text(above(&config, unit).unwrap_or_else(|| a.none.to_owned())),
            Cell::Code(users_in(&config, unit).to_string()),
        ],
    };
    let rows: Vec<_> = shown.iter().map(row).collect();
    visit.page(&ListPage {
        shell,
        section: Section::OrgUnits,
        search: Some(&wanted.q),
        filters: &[],
        columns: &[a.name, e.id, e.unit_above, e.users_in],
        rows: &rows,
        next: next.as_deref(),
        next_words: a.next_page,
        said: said(&wanted, e),
        footnote: (!may_edit(&visit)).then_some(e.only_admins),
        acts: may_edit(&visit)
            .then_some(("/admin/new/org-units", e.unit_new))
            .as_slice(),
        remark: None,
    })
}

fn above(config: &CompanyConfig, unit: &OrgUnit) -> Option<String> {
    let parent = unit.parent.as_ref()?;
    let mut units = config.org_units.iter();
    let found = units.find(|one| one.id == *parent);
    Some(found.map_or_else(|| parent.to_string(), |unit| unit.name.clone()))
}

fn users_in(config: &CompanyConfig, unit: &OrgUnit) -> usize {
    let users = config.users.iter();
    users.filter(|user| user.org_unit == unit.id).count()
}
