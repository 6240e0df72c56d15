//! Company Settings, Feature Configurations.

use actix_web::{HttpResponse, web};
use onboarding_pages::admin::{FeaturesPage, feature_groups};

use super::{Wanted, edit::may_edit, shell};
use crate::{api::Answer, pages::visit::Visit};

pub(super) async fn show(visit: Visit, wanted: web::Query<Wanted>) -> Answer<HttpResponse> {
    let shell = shell(&visit);
    let groups = feature_groups(&visit.company.settings.features, &wanted.q, shell.tongue);
    visit.page(&FeaturesPage {
        shell,
        search: &wanted.q,
        groups: &groups,
        may_edit: may_edit(&visit),
        saved: wanted.said == "saved",
    })
}
