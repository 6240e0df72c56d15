//! Company Settings, Feature Configurations.

use actix_web::{HttpResponse, web};
use onboarding_pages::admin::{FeaturesPage, feature_groups};
use serde::Deserialize;

use super::shell;
use crate::{api::Answer, pages::visit::Visit};

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    q: String,
}

pub(super) async fn show(visit: Visit, wanted: web::Query<Wanted>) -> Answer<HttpResponse> {
    let shell = shell(&visit);
    let words = shell.tongue.admin_words();
    let groups = feature_groups(&visit.company.settings.features, &wanted.q, words);
    visit.page(&FeaturesPage {
        shell,
        search: &wanted.q,
        groups: &groups,
    })
}
